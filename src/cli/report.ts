import { VaultError } from "../errors.ts";
import type { Exit, World } from "../types.ts";
import type { GlobalOptions } from "./app.ts";
import { repeatOptions } from "./repeat_options.ts";

/**
 * Tells what ended a run, in the one place where that is done: an error with its ways out, or a bug.
 *
 * @param path the command that was called, for its help
 */
export function reportError(
  error: unknown,
  world: World,
  globals: GlobalOptions,
  path: string | undefined,
): Exit {
  if (error instanceof VaultError) {
    world.note(`aws-vault: error: ${error.message}`);
    for (const hint of error.hints) world.note(`  ${repeatOptions(hint, globals)}`);
    if (error.code === "usage") {
      world.note(`  see ${["aws-vault", path, "--help"].filter(Boolean).join(" ")}`);
    }
    return { code: error.exitCode };
  }
  const shown = error instanceof Error ? error.stack ?? error.message : String(error);
  world.note(`aws-vault: this is a bug, please report it with what led to it:\n${shown}`);
  return { code: 1 };
}
