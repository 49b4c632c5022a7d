import { SEPARATOR } from "../src/agent/protocol.ts";
import { VARIABLES } from "../src/agent/variables.ts";
import { quoteForSh } from "../src/quoting.ts";
import { HOST_VARIABLES } from "../src/runtime/hosts.ts";
import { ISOLATION_FLAGS } from "../src/runtime/deno_flags.ts";
import { FIXED_FLAGS, NET_HOSTS } from "./permissions.ts";
import { ROOT } from "./task.ts";

/**
 * With --no-lazy V8 compiles whole files at once, and Deno keeps all of it in its code cache: what
 * would be compiled anew at every start is then read (1.5 ms for a cached `exec`, 9 ms for a call).
 * Runs are too short for compilers to pay: its interpreter alone is 2 ms quicker for an `exec`, 10
 * for a `list` of 5,000 profiles, and a fifth slower for a config file of 200,000 lines.
 */
const COMPILERS = ["--no-lazy", "--no-opt", "--no-sparkplug", "--no-maglev"];

/**
 * The memory that objects begin in, in MiB, from the start to the end: a `list` of 5,000 profiles is
 * spared two collections of 1 MiB (2.5 ms), and `sso profiles` of as many roles grows to 68 MiB and
 * not to 81.
 */
const YOUNG = ["--min-semi-space-size=2", "--max-semi-space-size=2"];

export const RUN_FLAGS = [...ISOLATION_FLAGS, `--v8-flags=${[...COMPILERS, ...YOUNG].join(",")}`];

/**
 * Writes the launcher, and its second half into `lib` beside it.
 *
 * @param lib where it finds its bundle when that is not beside it, to be run by this Deno; empty for
 * a package, which finds both where it is
 */
export async function writeLauncher(path: string, lib: string): Promise<void> {
  const values = await findValues(lib);
  const write = async (template: string, to: string, mode: number) => {
    const text = await Deno.readTextFile(`${ROOT}/scripts/${template}`);
    const filled = text.replace(/@([A-Z]+)@/g, (mark, name) => values[name] ?? mark);
    await Deno.writeTextFile(to, filled, { mode });
  };
  await write("launcher_start.sh", path.replace(/[^/\\]+$/, "lib/start.sh"), 0o644);
  await write("launcher.sh", path, 0o755);
}

/** What stands in the templates between `@` and `@`. */
async function findValues(lib: string): Promise<Readonly<Record<string, string>>> {
  const [major, minor] = Deno.version.deno.split(".");
  const isHere = lib !== ""; // a package is tried where it is
  return {
    SELF: quoteForSh(lib.replace(/[^/\\]+$/, "aws-vault")), // it lies beside its bundle
    LIB: quoteForSh(lib),
    DENO: quoteForSh(isHere ? Deno.execPath() : ""),
    VERSION: Deno.version.deno,
    MAJOR: major!,
    MINOR: minor!,
    NET: quoteForSh(NET_HOSTS),
    HOSTS: HOST_VARIABLES.map((name) => `"\${${name}-}"`).join(" "),
    ENV: quoteForSh(isHere && await findProgram("env") || ""),
    BLOCK: isHere && await canBlockSignals() ? "--block-signal=USR1" : "",
    VARIABLES: [...VARIABLES].map((name) => `\${${name}+${name}=$${name}$IFS}`).join(""),
    SEPARATOR,
    NC: quoteForSh(isHere && await findTalker() || ""),
    FLAGS: [...RUN_FLAGS, ...FIXED_FLAGS].map((flag) => quoteForSh(flag)).join(" "),
  };
}

/** The full path of a program in PATH. */
async function findProgram(name: string): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] })
      .output();
    return /^(\/.*)\n$/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch {
    return undefined; // Windows
  }
}

/** Whether `env` knows --block-signal, as that of GNU does. */
async function canBlockSignals(): Promise<boolean> {
  try {
    const args = ["--block-signal=USR1", "true"];
    const probe = new Deno.Command("env", { args, stdout: "null", stderr: "null" });
    return (await probe.output()).success;
  } catch {
    return false;
  }
}

/** The full path of an `nc` that talks to sockets in the file system, as not every one does. */
async function findTalker(): Promise<string | undefined> {
  const directory = await Deno.makeTempDir({ prefix: "vault-build-" });
  try {
    using listener = Deno.listen({ transport: "unix", path: `${directory}/socket` });
    void greet(listener);
    const script = 'nc=$(command -v nc) && echo | "$nc" -w 2 -U "$0" && echo "$nc"';
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", script, `${directory}/socket`],
      stderr: "null",
    }).output();
    return /^hello\n(\/.*)\n$/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch {
    return undefined; // Windows
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function greet(listener: Deno.Listener): Promise<void> {
  try {
    using connection = await listener.accept();
    await connection.write(new TextEncoder().encode("hello\n"));
  } catch { /* nobody came */ }
}
