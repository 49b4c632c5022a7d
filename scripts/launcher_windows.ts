import { HOST_VARIABLES } from "../src/runtime/hosts.ts";
import { RUN_FLAGS } from "./launcher.ts";
import { NET_HOSTS, WINDOWS_FLAGS, windowsLibraries } from "./permissions.ts";
import { ROOT } from "./task.ts";

/** Where npm puts the Deno of a package, seen from the package. */
const DENO_PATHS = ["node_modules\\deno", "..\\deno"].flatMap((directory) =>
  ["x64", "arm64"].flatMap((cpu) => [
    `${directory}\\node_modules\\@deno\\win32-${cpu}\\deno.exe`,
    `${directory}\\..\\@deno\\win32-${cpu}\\deno.exe`,
  ])
);

/** Writes `aws-vault.cmd`, what the launcher is for `sh`; its bundle is in `lib` beside it. */
export async function writeWindowsLauncher(path: string): Promise<void> {
  const template = await Deno.readTextFile(`${ROOT}/scripts/launcher.cmd`);
  const [major, minor] = Deno.version.deno.split(".");
  const builder = Deno.build.os === "windows" ? [Deno.execPath()] : [];
  const values: Record<string, string> = {
    PACKAGED: [...DENO_PATHS.map((path) => `%here%${path}`), ...builder]
      .map((path) => `if not defined deno_ if exist "${path}" set "deno_=${path}"`).join("\n"),
    HOSTS: HOST_VARIABLES.map(addHost).join("\n"),
    VERSION: Deno.version.deno,
    MAJOR: major!,
    MINOR: minor!,
    NET: NET_HOSTS,
    FFI: windowsLibraries("%SystemRoot%"),
    FLAGS: [...RUN_FLAGS, ...WINDOWS_FLAGS].map((flag) => `"${flag}"`).join(" "),
  };
  const text = template.replace(/@([A-Z]+)@/g, (mark, name) => values[name] ?? mark);
  await Deno.writeTextFile(path, text.replaceAll(/\r?\n/g, "\r\n"));
}

/** The host and port of a variable's link, where it has one. */
function addHost(name: string): string {
  return `if defined ${name} set "address=%${name}:"=%"\nif defined ${name} call :add_host`;
}
