import type { Command, Option } from "@commander-js/extra-typings";
import type { Exit, World } from "../types.ts";
import { App, type GlobalOptions } from "./app.ts";
import type { SplitArguments } from "./arguments.ts";
import { createContext, startApp } from "./context.ts";
import { addGlobals } from "./globals.ts";
import { addExamples, type Example, HELP_FORMAT } from "./help.ts";
import { LeanCommand, namesIn } from "./lean_command.ts";

/** A command's module: its arguments, options and action. */
export interface CommandModule {
  define(command: Command, app: App): void;
}

/** A command, or a group of them (`sso login`), which has `commands` in place of a module. */
export type Entry = CommandEntry | GroupEntry;

interface CommandEntry {
  readonly summary: string;
  readonly alias?: string;
  readonly hidden?: boolean;
  /** Its profiles are those with keys in the keyring, for completions; else all there are. */
  readonly profiles?: "stored";
  load(): Promise<CommandModule>;
}

interface GroupEntry extends Omit<CommandEntry, "load"> {
  readonly examples: readonly Example[];
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

/** Commands by their names, in the order of help. */
export type Table = Readonly<Record<string, Entry>>;

/** A program that is ready to parse a command line. */
export interface Program {
  readonly command: Command;
  /** The command that was called, with that of its group: `exec`, `sso login`; empty for none. */
  path(): string;
  /** How the command wants the run to end. */
  exit(): Exit;
}

/**
 * A program of the table's commands; the one that is called loads its module then.
 *
 * @param isWhole with all options, not those alone that the line may have: for help and mistakes
 */
export function buildProgram(
  table: Table,
  world: World,
  line: SplitArguments,
  isWhole: boolean,
): Program {
  const command = new LeanCommand("aws-vault", isWhole ? undefined : namesIn(line.own)) as Command;
  let app: App | undefined;
  let path = "";
  addGlobals(command);
  addNegations(command, line.own);
  configure(command, world);
  addExamples(command, ...FIRST_STEPS);
  addCommands(command, table, "", async (called, entry, at) => {
    path = at;
    if (!("load" in entry)) return;
    const globals = command.opts() as GlobalOptions;
    app = await startApp(world, globals, line.child, path);
    (await entry.load()).define(called, app);
    addNegations(called, line.own);
  });
  return { command, path: () => path, exit: () => app?.exit ?? { code: 0 } };
}

const FIRST_STEPS: readonly Example[] = [
  ["aws-vault add work", "Stores an access key for the profile work."],
  ["aws-vault exec work -- aws s3 ls", "Runs a program with credentials made from it."],
  ["aws-vault help exec", "Shows one command's options, with examples."],
];

function configure(command: Command, world: World): void {
  command.exitOverride().configureHelp(HELP_FORMAT).configureOutput({
    writeOut: (text) => world.out(text),
    writeErr: (text) => world.note(text.trimEnd()),
    outputError() {}, // told where all errors are
    getOutHelpWidth: () => 80,
    getErrHelpWidth: () => 80,
  });
}

/** Adds a table's commands to `parent`; `start` is called for the one that is run, before it is. */
function addCommands(
  parent: Command,
  table: Table,
  above: string,
  start: (called: Command, entry: Entry, path: string) => Promise<void>,
): void {
  for (const [name, entry] of Object.entries(table)) {
    const { summary, alias, hidden } = entry;
    const sub = parent.command(name, { hidden }).summary(summary).description(summary + ".");
    if (alias !== undefined) sub.alias(alias);
    if (!("commands" in entry)) continue;
    addExamples(sub, ...entry.examples);
    addCommands(sub.helpCommand(false) as Command, entry.commands, `${above}${name} `, start);
  }
  parent.hook(
    "preSubcommand",
    (_parent, called) => start(called as Command, table[called.name()]!, above + called.name()),
  );
}

/** The program with every command's arguments and options: what help and completions are made of. */
export async function buildWhole(table: Table, world: World): Promise<Command> {
  const { command } = buildProgram(table, world, { own: [], child: [] }, true);
  const app = new App(createContext(world, {}), {}, []);
  const defineAll = async (parent: Command, table: Table): Promise<void> => {
    for (const sub of parent.commands as Command[]) {
      const entry = table[sub.name()]!;
      if ("load" in entry) (await entry.load()).define(sub, app);
      else await defineAll(sub, entry.commands);
    }
  };
  await defineAll(command, table);
  return command;
}

/**
 * Every switch has a `--no-` form, as in the Go tool; the one given last counts. Those that the
 * line has are defined: all of them would cost every start half a millisecond.
 */
function addNegations(command: Command, line: readonly string[]): void {
  const given = line.filter((word) => word.startsWith("--"));
  if (given.length === 0) return;
  for (const option of [...command.options] as Option[]) {
    if (option.required || option.optional || UNDENIED.includes(option.name())) continue;
    for (const flag of listOpposites(option)) {
      const isDefined = command.options.some(({ long }) => long === flag);
      if (given.includes(flag) && !isDefined) addOpposite(command, option, flag);
    }
  }
}

/** `--no-json` of `--json`; of `--no-session` both `--session` and `--no-no-session`. */
function listOpposites(option: Option): string[] {
  const name = option.name();
  return option.negate ? [`--no-${name}`, `--${name.slice("no-".length)}`] : [`--no-${name}`];
}

function addOpposite(command: Command, option: Option, flag: string): void {
  command.addOption(command.createOption(flag).hideHelp());
  if (!option.negate) return;
  command.on(`option:${flag.slice(2)}`, () => {
    command.setOptionValue(option.attributeName(), true);
  });
}

/** They end the run where they stand. */
const UNDENIED = ["version", "help-long"];
