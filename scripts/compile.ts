import type { Metafile } from "esbuild";
import { VERSION } from "../src/cli/version.ts";
import { ISOLATION_FLAGS } from "../src/runtime/deno_flags.ts";
import { bundle } from "./build.ts";
import { writeChecksums } from "./checksums.ts";
import { FIXED_FLAGS, WINDOWS_FLAGS, windowsLibraries } from "./permissions.ts";
import { chooseTargets, type Target } from "./targets.ts";
import { ROOT, runTask } from "./task.ts";

/**
 * `deno task compile [--target NAME | --all]`: dist/bin/aws-vault-VERSION-PLATFORM, one program with
 * Deno in it, and the list of their SHA-256. It is compiled with the permissions any run may need:
 * what the launcher decides at every start it decides from inside (compiled.ts, src/permissions.ts).
 *
 * The base program, denort, is DENORT_BIN for one target; DENORT_DIR/denort-PLATFORM for each; or
 * else Deno downloads it.
 *
 * Throws an error that says which base could not be had.
 */
export async function compile(targets: readonly Target[]): Promise<string[]> {
  const lib = `${ROOT}/dist/compiled`;
  await forgetTimes(await bundle(ROOT, lib, "compiled.ts"));
  const made: string[] = [];
  try {
    for (const target of targets) made.push(await compileFor(lib, target));
  } finally {
    await Deno.remove(lib, { recursive: true });
  }
  await writeChecksums(`${ROOT}/dist/bin`);
  return made;
}

/** Deno keeps when files were changed: without that two builds are the same, byte for byte. */
async function forgetTimes({ outputs }: Metafile): Promise<void> {
  for (const path of Object.keys(outputs)) await Deno.utime(`${ROOT}/${path}`, 0, 0);
}

/** The permissions that a compiled program asks of Deno; those of Windows where it most often lies. */
export function flagsFor({ name }: Target): string[] {
  const own = name.startsWith("windows")
    ? [...WINDOWS_FLAGS, `--allow-ffi=${windowsLibraries("C:\\Windows")}`]
    : FIXED_FLAGS;
  return [
    ...ISOLATION_FLAGS,
    // A compiled program reads its code cache from the temporary directory, whoever wrote it there.
    "--no-code-cache",
    ...own,
    "--allow-net",
    "--allow-write",
  ];
}

async function compileFor(lib: string, target: Target): Promise<string> {
  const suffix = target.name.startsWith("windows") ? ".exe" : "";
  const output = `${ROOT}/dist/bin/aws-vault-${VERSION}-${target.name}${suffix}`;
  const base = findBase(target);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: lib, // Deno keeps the paths of what it embeds: none of this machine's are to be in it
    args: [
      "compile",
      ...flagsFor(target),
      `--target=${target.triple}`,
      "--include=chunks",
      `--output=${output}`,
      "compiled.js",
    ],
    env: { NO_COLOR: "1", ...(base === undefined ? {} : { DENORT_BIN: base }) },
    stderr: "piped",
  }).output();
  const fault = success ? await findFault(output, target) : new TextDecoder().decode(stderr);
  if (fault === undefined) return output;
  await Deno.remove(output).catch(() => {}); // it was not even written
  throw new Error(`${explain(target, base)}\n  ${lastCause(fault)}`);
}

function findBase({ name }: Target): string | undefined {
  const directory = Deno.env.get("DENORT_DIR");
  return directory === undefined ? Deno.env.get("DENORT_BIN") : `${directory}/denort-${name}`;
}

/** What runs here has to be our program: with another base than denort it is something else. */
async function findFault(output: string, { triple }: Target): Promise<string | undefined> {
  if (triple !== Deno.build.target) return undefined;
  const { stdout } = await new Deno.Command(output, { args: ["--version"] }).output();
  const answer = new TextDecoder().decode(stdout).trim().split("\n")[0];
  return answer === VERSION ? undefined : `the program answers \`${answer}\` for its version`;
}

/** What a chain of causes begins with, which Deno writes last. */
function lastCause(fault: string): string {
  return fault.split("\n\nStack backtrace")[0]!.trim().split("\n").at(-1)!.replace(/^\s*\d+: /, "");
}

function explain({ name }: Target, base: string | undefined): string {
  const why = base === undefined
    ? "downloaded. Where dl.deno.land is not reached, name one in DENORT_BIN, " +
      "or a directory of them (denort-PLATFORM) in DENORT_DIR."
    : `taken from ${base}. It has to be denort of Deno ${Deno.version.deno} for ${name}.`;
  return `aws-vault was not compiled for ${name}: Deno's base program (denort) could not be ${why}`;
}

if (import.meta.main) {
  await runTask(() => compile(chooseTargets(Deno.args, Deno.build.target)));
}
