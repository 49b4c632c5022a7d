/**
 * Where the launcher starts `exec PROFILE --json`, the line that programs wait for: a bundle of its
 * own, for words that need no parser of command lines. Such a run mostly ends before Deno listens for
 * the signal that opens a debugger, and sees to it where it does not: blocking it takes the launcher a
 * process more.
 */
import { runExecJson } from "./src/cli/credential_process.ts";
import { createWorld } from "./src/world.ts";

const isUnblocked = true;
const world = createWorld(isUnblocked);
const [, ...words] = world.args;
const hasWaited = true; // for the key that is made of the passphrase
runExecJson(words.find((word) => word !== "--json")!, world)
  .then((exit) => world.finish(exit, hasWaited));
