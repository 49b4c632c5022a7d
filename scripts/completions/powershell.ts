import { quoteForPowerShell as quote } from "../../src/quoting.ts";
import {
  type CommandShape,
  eachCommand,
  type OptionShape,
  type Surface,
  visible,
} from "../surface.ts";
import { fill, kindOf, listWords, optionNames, paths } from "./fill.ts";

/** The script for PowerShell 5.1 and later. */
export async function writePowershell(surface: Surface): Promise<string> {
  const root = { options: surface.options, operands: [], commands: surface.commands };
  return await fill("template.ps1", {
    TABLE: [
      writeRow("", root),
      ...[...eachCommand(surface.commands)].flatMap((command) =>
        paths(command).map((path) => writeRow(path, command))
      ),
    ].join(""),
  });
}

function writeRow(
  path: string,
  { options, operands, commands }: Pick<CommandShape, "options" | "operands" | "commands">,
): string {
  const described = visible(options).flatMap((option) =>
    optionNames(option).map((name) => [name, option.description] as const)
  );
  return [
    `    ${quote(path)} = @{`,
    `      Commands = ${table(listWords(commands))}`,
    `      Options = ${table(described)}`,
    `      Values = ${table(options.flatMap(values))}`,
    `      Operands = @(${operands.map(({ value }) => quote(kindOf(value))).join(", ")})`,
    "    }\n",
  ].join("\n");
}

function values(option: OptionShape): (readonly [string, string])[] {
  const { value } = option;
  if (value === undefined) return [];
  return optionNames(option).map((name) => [name, kindOf(value)] as const);
}

/** Pairs, in the order of help: the keys of a hashtable have no order and no letter case. */
function table(entries: readonly (readonly [string, string])[]): string {
  if (entries.length === 0) return "@()";
  const lines = entries.map(([key, text]) => `        , @(${quote(key)}, ${quote(text)})\n`);
  return `@(\n${lines.join("")}      )`;
}
