import { type Home, type Ran, run, type RunOptions } from "./harness.ts";
import type { Vault } from "./vault.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** The built program as it is installed in a home, to be replaced there while it runs. */
export class InstalledBuild {
  readonly directory: string;
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
    this.directory = `${home.path}/installed`;
    writeBuild(this.directory, (text) => text);
  }

  get command(): string {
    return `${this.directory}/aws-vault`;
  }

  run(vault: Vault, args: readonly string[], more: Partial<RunOptions> = {}): Promise<Ran> {
    const env = { ...vault.env, ...more.env };
    return run(args, { ...more, home: this.#home, command: [this.command], env });
  }

  /** A script that puts another build in its place, or takes it away, as installers do. */
  scriptOf(how: Replacement): string {
    if (how === "removed") return `rm -rf '${this.directory}'`;
    const other = `${this.directory}.other`;
    writeBuild(other, renameChunks);
    return `rm -rf '${this.directory}' && mv '${other}' '${this.directory}'`;
  }

  replace(how: Replacement): void {
    const { success } = new Deno.Command("sh", { args: ["-c", this.scriptOf(how)] }).outputSync();
    if (!success) throw new Error("it could not be replaced");
  }
}

export const REPLACEMENTS = ["replaced", "removed"] as const;
export type Replacement = typeof REPLACEMENTS[number];

/** Another build of the same version: what it loads later has other names. */
function renameChunks(text: string): string {
  return text.replaceAll(
    /-([0-9A-Z]{8})(?=\.js)/g,
    (_, hash) => `-${[...hash].reverse().join("")}`,
  );
}

function writeBuild(to: string, change: (text: string) => string): void {
  Deno.mkdirSync(`${to}/lib/chunks`, { recursive: true });
  Deno.copyFileSync(`${ROOT}/dist/aws-vault`, `${to}/aws-vault`);
  for (const directory of ["lib", "lib/chunks"]) {
    for (const { name, isFile } of Deno.readDirSync(`${ROOT}/dist/${directory}`)) {
      if (!isFile) continue;
      const text = Deno.readTextFileSync(`${ROOT}/dist/${directory}/${name}`);
      Deno.writeTextFileSync(`${to}/${directory}/${change(name)}`, change(text));
    }
  }
}
