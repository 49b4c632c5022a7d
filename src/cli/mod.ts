import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import { VaultError } from "../errors.ts";
import { giveUpPermissions } from "../permissions.ts";
import type { Context, Exit } from "../types.ts";
import { App, type GlobalOptions } from "./app.ts";
import { splitChild } from "./arguments.ts";
import * as exec from "./commands/exec.ts";
import { VERSION } from "./version.ts";

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
  load(): Promise<CommandModule>;
}

interface GroupEntry extends Omit<CommandEntry, "load"> {
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

/** The command table; but for `exec`, a command's module is loaded when it is called. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  add: {
    summary: "Add credentials to the secure keystore",
    load: () => import("./commands/add.ts"),
  },
  clear: {
    summary: "Clear temporary credentials from the secure keystore",
    load: () => import("./commands/clear.ts"),
  },
  exec: {
    summary: "Execute a command with AWS credentials",
    load: () => Promise.resolve(exec),
  },
  export: {
    summary: "Export AWS credentials",
    load: () => import("./commands/export.ts"),
  },
  list: {
    summary: "List profiles, along with their credentials and sessions",
    alias: "ls",
    load: () => import("./commands/list.ts"),
  },
  login: {
    summary: "Open the AWS console in a browser, signed in",
    load: () => import("./commands/login.ts"),
  },
  "migrate-backend": {
    summary: "Copy credentials from one secret backend to another",
    load: () => import("./commands/migrate_backend.ts"),
  },
  proxy: {
    summary: "Stand in for the EC2 instance metadata service, as root",
    hidden: true,
    load: () => import("./commands/proxy.ts"),
  },
  remove: {
    summary: "Remove credentials from the secure keystore",
    alias: "rm",
    load: () => import("./commands/remove.ts"),
  },
  rotate: {
    summary: "Replace the stored credentials of a profile by new ones",
    load: () => import("./commands/rotate.ts"),
  },
  sso: {
    summary: "Sign in to IAM Identity Center and out of it, and see what it gives",
    commands: {
      login: {
        summary: "Sign in to IAM Identity Center",
        load: () => import("./commands/sso_login.ts"),
      },
    },
  },
};

/** What `main` gives a run: everything of a context that the command line does not decide. */
export type World = Omit<Context, "prompt" | "debug"> & {
  setDebug(on: boolean): void;
  debug(text: string): void;
};

/** Runs one command line and says how to end. */
export async function run(args: readonly string[], world: World): Promise<Exit> {
  try {
    const { own, child, command } = splitChild(args);
    const program = buildProgram(world, namesOf(command), child);
    await program.command.parseAsync(own, { from: "user" });
    return program.exit();
  } catch (error) {
    return report(error, world);
  }
}

/** The commands a program is built with: the one that is called, or all, for help and mistakes. */
function namesOf(called: string | undefined): readonly string[] {
  const names = Object.keys(COMMANDS);
  if (called === undefined) return names;
  const name = names.find((name) => name === called || COMMANDS[name]!.alias === called);
  return name === undefined ? names : [name];
}

interface Program {
  readonly command: Command;
  exit(): Exit;
}

function buildProgram(world: World, names: readonly string[], child: readonly string[]): Program {
  const command = new Command("aws-vault");
  let app: App | undefined;
  const start = async (called: Command, { load }: CommandEntry, path: string) => {
    const globals = command.opts() as GlobalOptions;
    world.setDebug(globals.debug ?? false);
    giveUpPermissions(path);
    app = new App(createContext(world, globals), globals, child);
    if (globals.prompt !== undefined) await app.ctx.prompt(); // a driver that is none is told now
    (await load()).define(called, app);
  };
  addGlobals(command, world);
  addCommands(command, Object.fromEntries(names.map((name) => [name, COMMANDS[name]!])), start, "");
  return { command, exit: () => app?.exit ?? { code: 0 } };
}

/** Adds a table's commands to `parent`; `start` is called for the one that is run, before it is. */
function addCommands(
  parent: Command,
  table: Readonly<Record<string, Entry>>,
  start: (called: Command, entry: CommandEntry, path: string) => Promise<void>,
  above: string,
): void {
  for (const [name, entry] of Object.entries(table)) {
    const { summary, alias, hidden } = entry;
    const sub = parent.command(name, { hidden }).summary(summary).description(summary + ".");
    if (alias !== undefined) sub.alias(alias);
    if (!("commands" in entry)) continue;
    addCommands(sub.helpCommand(false) as Command, entry.commands, start, `${above}${name} `);
  }
  parent.hook("preSubcommand", async (_parent, called) => {
    const entry = table[called.name()]!;
    if ("load" in entry) await start(called as Command, entry, above + called.name());
  });
}

function addGlobals(command: Command, world: World): void {
  command
    .description("A vault for securely storing and accessing AWS credentials in development.")
    .version(VERSION, "--version", "Show the version")
    .helpOption("--help", "Show help")
    .helpCommand(false)
    .addOption(new Option("--help-long", "Show the help of every command").helpGroup("Options:"))
    .option("--debug", "Show debugging output, never a secret")
    .option("--backend <name>", "Secret backend to use (AWS_VAULT_BACKEND)")
    .option("--prompt <driver>", "Prompt driver for MFA codes (AWS_VAULT_PROMPT)")
    .option("--keychain <name>", "Name of the macOS keychain (AWS_VAULT_KEYCHAIN_NAME)")
    .option(
      "--secret-service-collection <name>",
      "Name of the secret-service collection (AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME)",
    )
    .option("--pass-dir <dir>", "Pass password store (AWS_VAULT_PASS_PASSWORD_STORE_DIR)")
    .option("--pass-cmd <program>", "Name of the pass program (AWS_VAULT_PASS_CMD)")
    .option("--pass-prefix <prefix>", "Prefix of entries in pass (AWS_VAULT_PASS_PREFIX)")
    .option("--file-dir <dir>", "Directory of the file backend (AWS_VAULT_FILE_DIR)")
    .option("--helper <name>", "Docker credential helper of the helper backend (AWS_VAULT_HELPER)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out(text),
      writeErr: (text) => world.note(text.trimEnd()),
      outputError: (text, write) => write(`aws-vault: ${text}`),
    });
  command.on("option:help-long", () => {
    throw new HelpLong();
  });
}

/** `--help-long` was asked for: help needs every command's module, which takes an await. */
class HelpLong extends Error {}

function createContext(world: World, globals: GlobalOptions): Context {
  const ctx: Context = {
    ...world,
    prompt: async () => (await import("../prompt/mod.ts")).chooseDriver(globals.prompt, ctx),
  };
  return ctx;
}

async function report(error: unknown, world: World): Promise<Exit> {
  if (error instanceof HelpLong) return await printLongHelp(world);
  if (error instanceof CommanderError) return { code: error.exitCode };
  if (error instanceof VaultError) {
    world.note(`aws-vault: error: ${error.message}`);
    for (const hint of error.hints) world.note(`  ${hint}`);
    return { code: error.exitCode };
  }
  const shown = error instanceof Error ? error.stack ?? error.message : String(error);
  world.note(`aws-vault: this is a bug, please report it with what led to it:\n${shown}`);
  return { code: 1 };
}

async function printLongHelp(world: World): Promise<Exit> {
  const { command } = buildProgram(world, namesOf(undefined), []);
  world.out(command.helpInformation());
  const app = new App(createContext(world, {}), {}, []);
  await printHelpOf(command, COMMANDS, app);
  return { code: 0 };
}

async function printHelpOf(
  parent: Command,
  table: Readonly<Record<string, Entry>>,
  app: App,
): Promise<void> {
  for (const sub of parent.commands as Command[]) {
    const entry = table[sub.name()]!;
    if (entry.hidden) continue;
    if ("load" in entry) (await entry.load()).define(sub, app);
    app.ctx.out("\n" + sub.helpInformation());
    if ("commands" in entry) await printHelpOf(sub, entry.commands, app);
  }
}
