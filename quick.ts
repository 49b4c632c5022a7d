/** Where the launcher starts what is asked at every TAB: a bundle of its own, without commander. */
import { answerShell } from "./src/cli/completion/mod.ts";
import { VERSION } from "./src/cli/version.ts";
import { createRuntime } from "./src/runtime.ts";

const isUnblocked = true;
const runtime = createRuntime(isUnblocked);
if (runtime.args[0] === "--version") {
  runtime.out(VERSION + "\n");
  runtime.finish({ code: 0 });
} else {
  answerShell(runtime.args, runtime).then(runtime.finish);
}
