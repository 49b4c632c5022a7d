import { quoteForSh as quote } from "../../src/quoting.ts";
import {
  type CommandShape,
  eachCommand,
  type OptionShape,
  type Surface,
  type Value,
  visible,
} from "../surface.ts";
import { fill, listWords, optionNames, paths, valueNames } from "./fill.ts";

/** The script for zsh 5, to be found in `fpath` or evaluated. */
export async function writeZsh(surface: Surface): Promise<string> {
  const commands = [...eachCommand(surface.commands)];
  const groups = commands.filter(({ commands }) => commands.length > 0);
  return await fill("template.zsh", {
    OPTIONS: visible(surface.options).map((option) => `    ${writeOption(option)}\n`).join(""),
    VALUES: valueNames(surface.options),
    EXEC_VALUES: valueNames(surface.commands.find(({ path }) => path === "exec")!.options),
    COMMANDS: listCommands(surface.commands),
    GROUPS: groups.map((group) =>
      `      ${patterns(group)})\n        offered=(\n${
        listCommands(group.commands)
      }        )\n        ;;\n`
    ).join(""),
    TABLE: commands.filter(({ commands }) => commands.length === 0).map(writeRow).join(""),
  });
}

function listCommands(commands: readonly CommandShape[]): string {
  const words = listWords(commands);
  return words.map(([word, summary]) => `      ${quote(`${word}:${summary}`)}\n`).join("");
}

function writeRow(command: CommandShape): string {
  const lines = [
    ...visible(command.options).map(writeOption),
    ...command.operands.map(({ name, value }, index) =>
      quote(`${index + 1}:${name.replaceAll("|", " or ")}:${action(value)}`)
    ),
  ];
  return `    ${patterns(command)})\n      arguments=(\n${
    lines.map((line) => `        ${line}\n`).join("")
  }      )\n      ;;\n`;
}

function patterns(command: CommandShape): string {
  return paths(command).map(quote).join(" | ");
}

/** A specification for `_arguments`; `-d` and `--duration` leave each other out. */
function writeOption(option: OptionShape): string {
  const { description, value } = option;
  const text = `[${description.replace(/[[\]\\]/g, "\\$&")}]`;
  const tail = value === undefined ? text : `${text}:${label(option)}:${action(value)}`;
  const names = optionNames(option).map((name) =>
    value === undefined ? name : name.startsWith("--") ? `${name}=` : `${name}+`
  );
  if (names.length === 1) return quote(names[0] + tail);
  return `${quote(`(${optionNames(option).join(" ")})`)}{${names.join(",")}}${quote(tail)}`;
}

function label({ flags }: OptionShape): string {
  return /<([^>]+)>/.exec(flags)?.[1] ?? "value";
}

function action(value: Value): string {
  if (typeof value === "object") return `(${value.choices.join(" ")})`;
  return ACTIONS[value];
}

const ACTIONS: Readonly<Record<Extract<Value, string>, string>> = {
  profiles: "_aws-vault_names profiles",
  stored: "_aws-vault_names stored",
  sessions: "_aws-vault_names sessions",
  targets: "_aws-vault_names targets",
  directory: "_directories",
  file: "_files",
  program: "_command_names -e",
  none: "",
};
