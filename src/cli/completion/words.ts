import words from "../../../completions/words.json" with { type: "json" };

/**
 * What a command takes, made by `deno task completions`. A value's kind is `profiles`, `stored`,
 * `none` …, or `=` and its choices, parted by commas.
 */
interface Taken {
  readonly commands?: readonly string[];
  /** The kinds of those that take a value, by every name, with what help leaves out. */
  readonly options: Readonly<Record<string, string>>;
  /** The long options that help shows. */
  readonly shown: readonly string[];
  readonly operands?: readonly string[];
}

/** By the command's path (`sso login`, `rm`); the global ones under the empty one. */
const TAKEN: Readonly<Record<string, Taken>> = words;

/** What may stand at the end of a command line: a kind of value, or these words. */
export type Expected = { readonly kind: string } | { readonly words: readonly string[] };

/**
 * What the last of these words, which may be empty or half typed, can be. As in the Go tool's
 * protocol a last word that is a whole command or option is taken as done: its script for fish
 * asks for the word behind it in that way.
 */
export function expectWord(line: readonly string[]): Expected {
  const typed = line.at(-1) ?? "";
  const place = parse(line.slice(0, -1));
  if (place === undefined) return { words: [] };
  if (place.kind !== "") return { kind: place.kind };
  const { path, count } = place;
  const kind = kindOf(path, typed.split("=")[0]!);
  if (kind) return { kind };
  if (typed.startsWith("-")) {
    const words = path === "" ? TAKEN[""]!.shown : [...TAKEN[path]!.shown, ...TAKEN[""]!.shown];
    const isWhole = /^-\w/.test(typed) || words.includes(typed);
    return isWhole ? expectWord([...line, ""]) : { words };
  }
  const { commands, operands = [] } = TAKEN[path]!;
  const next = join(path, typed);
  if (commands !== undefined && Object.hasOwn(TAKEN, next) && typed !== "") {
    return expectWord([...line, ""]);
  }
  return commands !== undefined ? { words: commands } : { kind: operands[count] ?? "none" };
}

interface Place {
  readonly path: string;
  /** Operands so far. */
  readonly count: number;
  /** What the option before the place wants; empty where there is none. */
  readonly kind: string;
}

/** Where a command line has got to; `undefined` within the program that `exec` starts. */
function parse(words: readonly string[]): Place | undefined {
  let path = "";
  let count = 0;
  let kind = "";
  for (const word of words) {
    if (kind !== "") kind = "";
    else if (word === "--") {
      if (path === "exec") return undefined;
    } else if (word.startsWith("-")) kind = kindOf(path, word);
    else if (TAKEN[path]!.commands !== undefined) {
      path = join(path, word);
      if (!Object.hasOwn(TAKEN, path)) return undefined;
    } else count++;
  }
  return path === "exec" && count > 1 ? undefined : { path, count, kind };
}

/** The kind of value an option takes; of letters together the last one may take one. */
function kindOf(path: string, word: string): string {
  const option = word.startsWith("--") ? word : `-${word.at(-1)}`;
  if (!word.startsWith("-")) return "";
  return TAKEN[path]!.options[option] ?? TAKEN[""]!.options[option] ?? "";
}

function join(path: string, word: string): string {
  return path === "" ? word : `${path} ${word}`;
}

/** The values that a line gives to the global options, by their names: `--file-dir` → `fileDir`. */
export function readSettings(line: readonly string[]): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [index, word] of line.entries()) {
    const [option, inline] = word.split(/=(.*)/s) as [string, string?];
    const value = inline ?? line[index + 1];
    if (!TAKEN[""]!.options[option] || value === undefined) continue;
    settings[option.slice(2).replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = value;
  }
  return settings;
}
