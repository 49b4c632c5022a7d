/**
 * Whether tests that need something can run. Without it they are skipped by name, or fail where
 * nothing may be skipped (VAULT_TEST_REQUIRE=1, as in CI).
 *
 * @param lack what is to be said where it is not there
 */
export function requireThat(isThere: boolean, lack: string): boolean {
  if (isThere || Deno.env.get("VAULT_TEST_REQUIRE") !== "1") return isThere;
  throw new Error(`${lack}, and VAULT_TEST_REQUIRE=1 lets no test be skipped`);
}

/** That an external program is in PATH. */
export function requireProgram(name: string): boolean {
  const found = (Deno.env.get("PATH") ?? "").split(":").some((directory) => {
    try {
      return ((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o111) !== 0;
    } catch {
      return false;
    }
  });
  return requireThat(found, `${name} is not installed`);
}

/** That one is there and may do this. */
export function requireRight(name: string, args: readonly string[]): boolean {
  return requireProgram(name) && requireThat(succeeds(name, args), `${name} is not permitted`);
}

/** That Python has a module. */
export function requirePython(module: string): boolean {
  return requireProgram("python3") &&
    requireThat(succeeds("python3", ["-c", `import ${module}`]), `${module} is not installed`);
}

function succeeds(program: string, args: readonly string[]): boolean {
  const tried = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" });
  return tried.outputSync().success;
}
