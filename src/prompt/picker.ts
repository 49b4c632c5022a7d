import { displayWidth } from "../runtime/plain_text.ts";
import type { Context } from "../types.ts";

/** As many as a small terminal shows at once. */
const MAX_SHOWN = 15;
const QUESTION = "Choose AWS profile (number, or part of the name; Esc leaves): ";

/**
 * Lets the user pick one of `names` on the controlling terminal: by its number, by its name, or by
 * some letters of it in their order (`pde` finds `prod-eu`), which narrows the list until one is
 * left. The list goes to standard error, and to the terminal. An empty line begins anew.
 *
 * Throws `ChoiceLeftError` at the Escape key.
 *
 * @param kinds what each is, shown beside its name
 */
export async function pickProfile(
  names: readonly string[],
  ctx: Pick<Context, "terminal" | "tell">,
  kinds: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  for (let shown = names;;) {
    ctx.tell(formatChoices(shown, kinds));
    const typed = (await ctx.terminal.ask(QUESTION, { secret: false, escape: LEFT })).trim();
    const found = findMatches(typed, shown);
    if (found.length === 1 && typed !== "") return found[0]!;
    if (found.length === 0) ctx.tell(`None of these has \`${typed}\` in its name.`);
    else shown = typed === "" ? names : found;
  }
}

const LEFT = "nothing was chosen";

function formatChoices(names: readonly string[], kinds: ReadonlyMap<string, string>): string {
  const first = names.slice(0, MAX_SHOWN);
  const width = String(first.length).length;
  const nameWidth = Math.max(...first.map(displayWidth));
  const lines = first.map((name, index) => {
    const kind = kinds.get(name);
    const padding = " ".repeat(nameWidth - displayWidth(name) + 2);
    return `${String(index + 1).padStart(width + 2)}  ${name}${kind ? padding + kind : ""}`;
  });
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
