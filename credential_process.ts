/**
 * Where the launcher starts `exec PROFILE --json`, the line that programs wait for: a bundle of its
 * own, for words that need no parser of command lines.
 */
import { runExecJson } from "./src/cli/credential_process.ts";
import { createWorld } from "./src/world.ts";

const world = createWorld();
const [, ...words] = world.args;
runExecJson(words.find((word) => word !== "--json")!, world).then(world.finish);
