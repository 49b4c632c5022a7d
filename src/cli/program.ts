import { Command, type Option } from "@commander-js/extra-typings";
import { neededByCommand } from "../permissions.ts";
import type { Context, Exit } from "../types.ts";
import { App, type GlobalOptions } from "./app.ts";
import { addGlobals } from "./globals.ts";
import { HELP_FORMAT } from "./help.ts";

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
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

export type Table = Readonly<Record<string, Entry>>;

/** What `main` gives a run: everything of a context that the command line does not decide. */
export type World = Omit<Context, "prompt" | "debug"> & {
  setDebug(on: boolean): void;
  debug(text: string): void;
};

export interface Program {
  readonly command: Command;
  /** The command that was called, with that of its group: `exec`, `sso login`; empty for none. */
  path(): string;
  /** How the command wants the run to end. */
  exit(): Exit;
}

/** A program of the table's commands; the one that is called loads its module then. */
export function buildProgram(table: Table, world: World, child: readonly string[]): Program {
  const command = new Command("aws-vault");
  let app: App | undefined;
  let path = "";
  addGlobals(command);
  addNegations(command);
  configure(command, world);
  addCommands(command, table, "", async (called, entry, at) => {
    path = at;
    if (!("load" in entry)) return;
    const globals = command.opts() as GlobalOptions;
    world.setDebug(globals.debug ?? false);
    world.keepPermissions(neededByCommand(path));
    app = new App(createContext(world, globals), globals, child, path);
    if (globals.prompt !== undefined) await app.ctx.prompt(); // a driver that is none is told now
    await define(called, entry, app);
  });
  return { command, path: () => path, exit: () => app?.exit ?? { code: 0 } };
}

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
    addCommands(sub.helpCommand(false) as Command, entry.commands, `${above}${name} `, start);
  }
  parent.hook(
    "preSubcommand",
    (_parent, called) => start(called as Command, table[called.name()]!, above + called.name()),
  );
}

async function define(command: Command, entry: CommandEntry, app: App): Promise<void> {
  (await entry.load()).define(command, app);
  addNegations(command);
}

/** The program with every command's arguments and options: what help and completions are made of. */
export async function buildWhole(table: Table, world: World): Promise<Command> {
  const { command } = buildProgram(table, world, []);
  const app = new App(createContext(world, {}), {}, []);
  const defineAll = async (parent: Command, table: Table): Promise<void> => {
    for (const sub of parent.commands as Command[]) {
      const entry = table[sub.name()]!;
      if ("load" in entry) await define(sub, entry, app);
      else await defineAll(sub, entry.commands);
    }
  };
  await defineAll(command, table);
  return command;
}

/** Every switch has a `--no-` form, as in the Go tool; the one given last counts. */
function addNegations(command: Command): void {
  for (const option of [...command.options] as Option[]) {
    const name = option.name();
    if (option.required || option.optional || UNDENIED.includes(name)) continue;
    addHidden(command, `--no-${name}`);
    if (!option.negate) continue;
    const positive = name.replace("no-", "");
    addHidden(command, `--${positive}`);
    command.on(`option:no-${name}`, () => command.setOptionValue(option.attributeName(), true));
  }
}

function addHidden(command: Command, flag: string): void {
  if (command.options.some(({ long }) => long === flag)) return;
  command.addOption(command.createOption(flag).hideHelp());
}

/** They end the run where they stand. */
const UNDENIED = ["version", "help-long"];

function createContext(world: World, globals: GlobalOptions): Context {
  const ctx: Context = {
    ...world,
    prompt: async () => (await import("../prompt/mod.ts")).chooseDriver(globals.prompt, ctx),
  };
  return ctx;
}
