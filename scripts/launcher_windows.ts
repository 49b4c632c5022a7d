import { ISOLATION_FLAGS } from "../src/runtime/deno_flags.ts";
import { FIXED_FLAGS } from "./permissions.ts";

/** Where npm puts the Deno of a package, seen from the package. */
const DENO_PATHS = ["node_modules\\deno", "..\\deno"].flatMap((directory) =>
  ["x64", "arm64"].flatMap((cpu) => [
    `${directory}\\node_modules\\@deno\\win32-${cpu}\\deno.exe`,
    `${directory}\\..\\@deno\\win32-${cpu}\\deno.exe`,
  ])
);

/**
 * Writes the start of the package for Windows: `aws-vault.cmd`, which npm's own start calls. What
 * the launcher decides by `sh` the program decides from inside here, as when it is compiled.
 */
export async function writeWindowsLauncher(path: string): Promise<void> {
  const flags = [
    ...ISOLATION_FLAGS,
    ...FIXED_FLAGS,
    "--allow-net",
    "--allow-write",
  ];
  const lines = [
    "@echo off",
    "setlocal",
    'set "deno=%DENO%"',
    ...DENO_PATHS.map((path) =>
      `if not defined deno if exist "%~dp0${path}" set "deno=%~dp0${path}"`
    ),
    "if not defined deno (",
    "  echo aws-vault: error: there is no Deno beside %~dp0 1>&2",
    "  echo   install the package anew, or name deno.exe in DENO 1>&2",
    "  exit /b 1",
    ")",
    `"%deno%" run ${flags.join(" ")} "%~dp0lib\\compiled.js" %*`,
  ];
  await Deno.writeTextFile(path, lines.join("\r\n") + "\r\n");
}
