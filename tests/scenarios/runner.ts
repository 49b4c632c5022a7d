import { FIXED_FLAGS } from "../../scripts/permissions.ts";

/** Starts child_runner.ts with the permissions the command itself runs with. */
export const RUNNER: readonly string[] = [
  ...[Deno.execPath(), "run", "--no-config", "--no-lock", ...FIXED_FLAGS],
  new URL("child_runner.ts", import.meta.url).pathname,
];
