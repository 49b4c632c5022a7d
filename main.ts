import { run } from "./src/cli/mod.ts";
import { createRuntime } from "./src/runtime.ts";

const runtime = createRuntime();
run(runtime.args, runtime).then(runtime.finish);
