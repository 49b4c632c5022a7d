import type { Home } from "./harness.ts";

/** A Deno that does this, by default writes down its environment, where the tool would be started. */
export function fakeDeno(
  home: Home,
  version: string,
  { name = "fake/deno", does = "env" }: { name?: string; does?: string } = {},
): string {
  const path = home.write(
    name,
    `#!/bin/sh\n[ "$1" != --version ] || { echo "deno ${version} (stable)"; exit; }\n${does}\n`,
  );
  Deno.chmodSync(path, 0o755);
  return path;
}
