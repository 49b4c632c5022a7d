import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";

/** As many as a small terminal shows at once. */
const MAX_SHOWN = 15;
const QUESTION = "Choose AWS profile (number, or part of the name): ";

/**
 * Lets the user pick one of `names` on the controlling terminal: by its number, by its name, or by
 * some letters of it in their order (`pde` finds `prod-eu`), which narrows the list until one is
 * left. The list goes to standard error. An empty line begins anew.
 *
 * Throws `VaultError("config")` when there is none to pick.
 */
export async function pickProfile(
  names: readonly string[],
  ctx: Pick<Context, "terminal" | "note">,
): Promise<string> {
  if (names.length === 0) {
    throw new VaultError("config", "no profile is given, and the config file has none to pick", [
      "store keys for a new one with: aws-vault add PROFILE",
    ]);
  }
  for (let shown = names;;) {
    ctx.note(formatChoices(shown));
    const typed = (await ctx.terminal.ask(QUESTION, { secret: false })).trim();
    const found = findMatches(typed, shown);
    if (found.length === 1 && typed !== "") return found[0]!;
    if (found.length === 0) ctx.note(`None of these has \`${typed}\` in its name.`);
    else shown = typed === "" ? names : found;
  }
}

function formatChoices(names: readonly string[]): string {
  const width = String(Math.min(names.length, MAX_SHOWN)).length;
  const lines = names.slice(0, MAX_SHOWN).map((name, index) =>
    `${String(index + 1).padStart(width + 2)}  ${name}`
  );
  const left = names.length - lines.length;
  return [...lines, ...(left > 0 ? [`${" ".repeat(width + 4)}… and ${left} more`] : [])].join("\n");
}

/**
 * The names meant by what was typed, the likeliest first: the name itself, the one of that number,
 * those that begin with it, that hold it, that hold its letters in their order.
 */
export function findMatches(typed: string, names: readonly string[]): readonly string[] {
  if (names.includes(typed)) return [typed];
  const numbered = /^\d+$/.test(typed) ? names.slice(0, MAX_SHOWN)[Number(typed) - 1] : undefined;
  if (numbered !== undefined) return [numbered];
  const wanted = typed.toLowerCase();
  return names
    .map((name) => ({ name, rank: rankMatch(name.toLowerCase(), wanted) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((a, b) => a.rank! - b.rank!)
    .map(({ name }) => name);
}

function rankMatch(name: string, wanted: string): number | undefined {
  if (name.startsWith(wanted)) return 0;
  if (name.includes(wanted)) return 1;
  let from = 0;
  for (const letter of wanted) {
    const at = name.indexOf(letter, from);
    if (at < 0) return undefined;
    from = at + letter.length;
  }
  return 2;
}
