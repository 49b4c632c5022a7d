/**
 * Deno's flags for our bundle: nothing of the user's project is to be read or fetched, and what an
 * `import()` names is read when it is called, or else all of it, AWS' client included, at every start.
 */
export const ISOLATION_FLAGS = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--unstable-lazy-dynamic-imports",
];
