import { type CommandShape, eachCommand, type Surface, type Value } from "../surface.ts";
import { fill, kindOf, optionNames, paths, visibleNames } from "./fill.ts";

/** The script for bash, 3.2 (macOS') and later. */
export async function writeBash(surface: Surface): Promise<string> {
  const commands = [...eachCommand(surface.commands)];
  return await fill("template.bash", {
    OPTIONS: visibleNames(surface.options).join(" "),
    COMMANDS: names(surface.commands),
    TABLE: commands.map(writeRow).join(""),
    VALUES: [
      ...surface.options.flatMap((option) => writeValue(optionNames(option), "*", option.value)),
      ...commands.flatMap((command) =>
        command.options.flatMap((option) =>
          paths(command).flatMap((path) => writeValue(optionNames(option), path, option.value))
        )
      ),
    ].join(""),
  });
}

function names(commands: readonly CommandShape[]): string {
  return commands.map(({ name }) => name).join(" ");
}

function writeRow(command: CommandShape): string {
  const { options, operands, commands } = command;
  const lines = [
    ...(commands.length > 0 ? [`commands='${names(commands)}'`] : []),
    `options="$options ${visibleNames(options).join(" ")}"`,
    ...(operands.length > 0
      ? [`operands=(${operands.map((o) => quote(kindOf(o.value))).join(" ")})`]
      : []),
  ];
  const patterns = paths(command).map((path) => `'${path}'`).join(" | ");
  return `    ${patterns})\n${lines.map((line) => `      ${line}\n`).join("")}      ;;\n`;
}

function writeValue(options: readonly string[], path: string, value: Value | undefined): string[] {
  if (value === undefined) return [];
  const patterns = options.map((name) => path === "*" ? `*' ${name}'` : `'${path} ${name}'`);
  return [`    ${patterns.join(" | ")}) kind=${quote(kindOf(value))} ;;\n`];
}

function quote(text: string): string {
  return `'${text}'`;
}
