/** Deno's flags for our bundle: nothing of the user's project is to be read or fetched. */
export const ISOLATION_FLAGS = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
];
