import { VERSION } from "../src/cli/version.ts";
import { ISOLATION_FLAGS } from "../src/runtime/deno_flags.ts";
import { build } from "./build.ts";
import { FIXED_FLAGS, NET_HOSTS } from "./permissions.ts";

/**
 * `deno task compile`: dist/aws-vault-standalone, one program with Deno in it, from the bundle and
 * with its permissions. What the launcher takes from the environment at every start is fixed here:
 * hosts beside AWS's own are those of AWS_VAULT_ALLOW_NET now, and it may write anywhere, for the
 * user's home is not known yet.
 *
 * The base program is what DENORT_BIN names, or else Deno downloads it.
 */
const root = import.meta.dirname!.replace(/[/\\]scripts$/, "");
const output = `${root}/dist/aws-vault-standalone`;
await build(root);
const more = (Deno.env.get("AWS_VAULT_ALLOW_NET") ?? "").split(",").filter((host) => host !== "");
const compiled = await new Deno.Command(Deno.execPath(), {
  cwd: root,
  args: [
    "compile",
    ...ISOLATION_FLAGS,
    // A compiled program reads its code cache from the temporary directory, whoever wrote it there.
    "--no-code-cache",
    ...FIXED_FLAGS,
    `--allow-net=${[NET_HOSTS, ...more].join(",")}`,
    "--allow-write",
    "--include=dist/lib/chunks",
    `--output=${output}`,
    "dist/lib/main.js",
  ],
  stderr: "piped",
}).output();
const fault = compiled.success ? await findFault() : new TextDecoder().decode(compiled.stderr);
if (fault !== undefined) {
  await Deno.remove(output).catch(() => {});
  const base = Deno.env.get("DENORT_BIN");
  console.error(fault.split("\n\nStack backtrace")[0]!.trim());
  console.error(
    "\naws-vault was not compiled: Deno's base program (denort) could not be " +
      (base === undefined
        ? "downloaded. Where dl.deno.land is not reached, name one in DENORT_BIN."
        : `taken from DENORT_BIN (${base}). It has to be denort of Deno ${Deno.version.deno}.`),
  );
  Deno.exit(1);
}
console.log(output);

/** What comes out has to be our program: with another base than denort it is something else. */
async function findFault(): Promise<string | undefined> {
  const { stdout } = await new Deno.Command(output, { args: ["--version"] }).output();
  const answer = new TextDecoder().decode(stdout).trim();
  return answer === VERSION ? undefined : `the program answers \`${answer}\` for its version`;
}
