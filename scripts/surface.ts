import type { Argument, Command, Option } from "@commander-js/extra-typings";
import { BACKENDS, DRIVERS } from "../src/cli/globals.ts";
import { type Example, examplesOf } from "../src/cli/help.ts";
import { COMMANDS } from "../src/cli/mod.ts";
import { buildWhole, type Table } from "../src/cli/program.ts";
import { createRuntime } from "../src/runtime.ts";

/** What the command line takes, as plain data: what completions and the man page are made of. */
export interface Surface {
  readonly description: string;
  readonly options: readonly OptionShape[];
  readonly commands: readonly CommandShape[];
}

export interface CommandShape {
  readonly name: string;
  /** With the group's name before it: `sso login`. */
  readonly path: string;
  readonly alias?: string;
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly operands: readonly OperandShape[];
  readonly options: readonly OptionShape[];
  readonly examples: readonly Example[];
  /** Those of a group; the hidden ones are left out. */
  readonly commands: readonly CommandShape[];
}

export interface OperandShape {
  readonly name: string;
  readonly description: string;
  readonly value: Value;
}

export interface OptionShape {
  /** `-d`. */
  readonly short?: string;
  /** `--duration`. */
  readonly long: string;
  /** `-d, --duration <duration>`. */
  readonly flags: string;
  readonly description: string;
  /** The description as help has it, with choices and default. */
  readonly help: string;
  /** Left out of help and completions; what it takes has to be known all the same. */
  readonly isHidden: boolean;
  /** Absent for a switch. */
  readonly value?: Value;
}

/** What a value is completed by: one of the choices, or names that are looked up. */
export type Value =
  | { readonly choices: readonly string[] }
  | "profiles"
  | "stored"
  | "sessions"
  | "targets"
  | "directory"
  | "file"
  | "program"
  | "none";

/** What a value is, by the name that help shows for it: `<backend>`, `[profile]`. */
const VALUES: Readonly<Record<string, Value>> = {
  backend: { choices: BACKENDS },
  driver: { choices: DRIVERS },
  profile: "profiles",
  session: "sessions",
  "session|profile|start-url": "targets",
  dir: "directory",
  file: "file",
  program: "program",
};

/** Reads the command table with all that its modules define. */
export async function describeSurface(): Promise<Surface> {
  const whole = await buildWhole(COMMANDS, createRuntime());
  return {
    description: whole.description(),
    options: describeOptions(whole),
    commands: describeCommands(whole, COMMANDS, ""),
  };
}

function describeCommands(parent: Command, table: Table, above: string): CommandShape[] {
  const commands = (parent.commands as Command[]).filter((sub) => !table[sub.name()]!.hidden);
  return commands.map((sub) => {
    const name = sub.name();
    const entry = table[name]!;
    const stored = "load" in entry && entry.profiles === "stored";
    return {
      name,
      path: above + name,
      alias: sub.alias(),
      usage: sub.usage(),
      summary: sub.summary(),
      description: sub.description(),
      operands: sub.registeredArguments.map((argument) => describeOperand(argument, stored)),
      // Help stands among the global options.
      options: describeOptions(sub).filter(({ long }) => long !== "--help")
        .map((option) => narrow(option, stored)),
      examples: examplesOf(sub),
      commands: "commands" in entry ? describeCommands(sub, entry.commands, `${name} `) : [],
    };
  });
}

function describeOptions(command: Command): OptionShape[] {
  const helper = command.createHelp();
  const options = helper.visibleOptions(command);
  const hidden = (command.options as Option[]).filter(({ hidden, long }) => hidden && long);
  return [...options, ...hidden].map((option) => {
    const placeholder = /[<[]([^>\].]+)/.exec(option.flags)?.[1];
    return {
      ...(option.short === undefined ? {} : { short: option.short }),
      long: option.long!,
      flags: option.flags,
      description: option.description,
      help: helper.optionDescription(option),
      isHidden: option.hidden,
      ...(placeholder === undefined ? {} : { value: findValue(placeholder, option.argChoices) }),
    };
  });
}

function describeOperand(argument: Argument, stored: boolean): OperandShape {
  const value = findValue(argument.name(), argument.argChoices);
  return {
    name: argument.name(),
    description: argument.description,
    value: stored && value === "profiles" ? "stored" : value,
  };
}

function narrow(option: OptionShape, stored: boolean): OptionShape {
  return stored && option.value === "profiles" ? { ...option, value: "stored" } : option;
}

function findValue(placeholder: string, choices?: readonly string[]): Value {
  if (choices !== undefined) return { choices };
  return Object.hasOwn(VALUES, placeholder) ? VALUES[placeholder]! : "none";
}

/** Commands and those of groups, in the order of the table. */
export function* eachCommand(commands: readonly CommandShape[]): Generator<CommandShape> {
  for (const command of commands) {
    yield command;
    yield* eachCommand(command.commands);
  }
}

/** The options that help shows. */
export function visible(options: readonly OptionShape[]): OptionShape[] {
  return options.filter(({ isHidden }) => !isHidden);
}
