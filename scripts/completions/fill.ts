import { type CommandShape, type OptionShape, type Value, visible } from "../surface.ts";

/** A template beside this file, each `@NAME@` of it replaced. */
export async function fill(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const template = await Deno.readTextFile(new URL(name, import.meta.url));
  return template.replace(/@([A-Z_]+)@/g, (_, key: string) => {
    if (key in values) return values[key]!;
    throw new Error(`${name}: nothing for @${key}@`);
  });
}

/** The names an option goes by: `-d`, `--duration`. */
export function optionNames({ short, long }: OptionShape): string[] {
  return short === undefined ? [long] : [short, long];
}

/** The names of all that help shows. */
export function visibleNames(options: readonly OptionShape[]): string[] {
  return visible(options).flatMap(optionNames);
}

/** The names of those that take a value, hidden ones too. */
export function valueNames(options: readonly OptionShape[]): string {
  return options.filter(({ value }) => value !== undefined).flatMap(optionNames).join(" ");
}

/** The last words that commands are called by, each with its summary: `remove` and `rm`. */
export function listWords(
  commands: readonly CommandShape[],
): (readonly [word: string, summary: string])[] {
  return commands.flatMap(({ name, alias, summary }) =>
    [name, alias].filter((word) => word !== undefined).map((word) => [word, summary] as const)
  );
}

/** All the words a command is called by: `remove` and `rm`, `sso login`. */
export function paths({ path, name, alias }: CommandShape): string[] {
  return alias === undefined ? [path] : [path, path.slice(0, -name.length) + alias];
}

/** A value as one word: `profiles`, `none`, or `=` and its choices, parted by commas. */
export function kindOf(value: Value): string {
  return typeof value === "string" ? value : `=${value.choices.join(",")}`;
}
