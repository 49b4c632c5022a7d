import { run } from "./src/cli/mod.ts";
import { createRuntime } from "./src/runtime.ts";

const runtime = await createRuntime();
runtime.end(await run(runtime.args, runtime));
