import { type CommandShape, eachCommand, type Surface, visible } from "../surface.ts";
import { kindOf, optionNames, paths } from "./fill.ts";

/** What the tool itself answers shells from (src/cli/completion/words.ts). */
export function writeWords(surface: Surface): string {
  const commands = [...eachCommand(surface.commands)];
  const words = Object.fromEntries([
    ["", describe({ ...surface, operands: [] })],
    ...commands.flatMap((command) => paths(command).map((path) => [path, describe(command)])),
  ]);
  return JSON.stringify(words, null, 2) + "\n";
}

function describe(
  { options, operands, commands }: Pick<CommandShape, "options" | "operands" | "commands">,
) {
  const pairs = options.flatMap((option) =>
    optionNames(option).map((name) =>
      [name, option.value === undefined ? "" : kindOf(option.value)] as const
    )
  );
  return {
    ...(commands.length > 0 && { commands: commands.map(({ name }) => name) }),
    options: Object.fromEntries(pairs.filter(([, kind]) => kind !== "")),
    shown: visible(options).map(({ long }) => long),
    ...(operands.length > 0 && { operands: operands.map(({ value }) => kindOf(value)) }),
  };
}
