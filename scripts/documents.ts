import { writeManPage } from "./man.ts";
import { ROOT } from "./task.ts";

/** What goes with the program for shells and `man`. */
export interface ProgramDocument {
  /** Its path in a package. */
  readonly path: string;
  /** Where it is looked for below a prefix such as ~/.local; absent where there is no such place. */
  readonly target?: string;
  readonly text: string;
}

/** The completions' paths in the sources, and where each shell loads them from by itself. */
const COMPLETIONS: readonly (readonly [path: string, target?: string])[] = [
  ["completions/aws-vault.bash", "share/bash-completion/completions/aws-vault"],
  ["completions/_aws-vault", "share/zsh/site-functions/_aws-vault"],
  ["completions/aws-vault.fish", "share/fish/vendor_completions.d/aws-vault.fish"],
  ["completions/aws-vault.ps1"],
];

export const MAN_PAGE = "man/aws-vault.1";

/** The completions and the man page. */
export async function readDocuments(): Promise<ProgramDocument[]> {
  const completions = COMPLETIONS.map(async ([path, target]) => ({
    path,
    target,
    text: await Deno.readTextFile(`${ROOT}/${path}`),
  }));
  const man = { path: MAN_PAGE, target: `share/man/man1/aws-vault.1`, text: await writeManPage() };
  return [...await Promise.all(completions), man];
}
