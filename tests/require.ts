/**
 * Whether tests that need an external program can run. Without it they are skipped by name, or
 * fail where nothing may be skipped (VAULT_TEST_REQUIRE=1, as in CI).
 */
export function requireProgram(name: string): boolean {
  const found = (Deno.env.get("PATH") ?? "").split(":").some((directory) => {
    try {
      return ((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o111) !== 0;
    } catch {
      return false;
    }
  });
  if (!found && Deno.env.get("VAULT_TEST_REQUIRE") === "1") {
    throw new Error(`${name} is not installed, and VAULT_TEST_REQUIRE=1 lets no test be skipped`);
  }
  return found;
}
