import { quoteForFish as quote } from "../../src/quoting.ts";
import {
  type CommandShape,
  eachCommand,
  type OptionShape,
  type Surface,
  type Value,
  visible,
} from "../surface.ts";
import { fill, listWords, paths, valueNames } from "./fill.ts";

/** The script for fish 3 and later. */
export async function writeFish(surface: Surface): Promise<string> {
  const commands = [...eachCommand(surface.commands)];
  return await fill("template.fish", {
    VALUES: valueNames(surface.options),
    TABLE: commands.flatMap(writeCase).join(""),
    GROUPS: commands.filter(({ commands }) => commands.length > 0).flatMap(paths).map(quote).join(
      " ",
    ),
    COMPLETIONS: [
      ...visible(surface.options).map((option) => writeOption("__aws_vault_own", option)),
      ...listCommands("", surface.commands),
      ...commands.flatMap(writeCommand),
    ].map((line) => `complete -c aws-vault ${line}\n`).join(""),
  });
}

function writeCase(command: CommandShape): string[] {
  const options = valueNames(command.options);
  if (options === "") return [];
  const patterns = paths(command).map(quote).join(" ");
  return [`        case ${patterns}\n            set -a values ${options}\n`];
}

function writeCommand(command: CommandShape): string[] {
  const at = paths(command).map(quote).join(" ");
  return [
    ...visible(command.options).map((option) => writeOption(`__aws_vault_at ${at}`, option)),
    ...command.operands.map(({ value }, index) =>
      `-n ${quote(`__aws_vault_operand ${index} ${at}`)} ${answers(value)}`
    ),
    ...listCommands(command.path, command.commands),
  ];
}

function listCommands(path: string, commands: readonly CommandShape[]): string[] {
  return listWords(commands).map(([word, summary]) =>
    `-n ${quote(`__aws_vault_at ${quote(path)}`)} -a ${word} -d ${quote(summary)}`
  );
}

function writeOption(condition: string, { short, long, description, value }: OptionShape): string {
  return [
    `-n ${quote(condition)}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    // -r alone would offer files beside them, or instead of nothing
    ...(value === undefined ? [] : [value === "file" ? "-r" : "-x", answers(value)]),
    `-d ${quote(description)}`,
  ].filter((part) => part !== "").join(" ");
}

function answers(value: Value): string {
  if (typeof value === "object") return `-a ${quote(value.choices.join(" "))}`;
  return ANSWERS[value];
}

const ANSWERS: Readonly<Record<Extract<Value, string>, string>> = {
  profiles: "-a '(__aws_vault_names profiles)'",
  stored: "-a '(__aws_vault_names stored)'",
  sessions: "-a '(__aws_vault_names sessions)'",
  targets: "-a '(__aws_vault_names targets)'",
  directory: "-a '(__fish_complete_directories)'",
  file: "-F",
  program: "-a '(__fish_complete_command)'",
  none: "",
};
