import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import { VaultError } from "../errors.ts";
import { giveUpPermissions } from "../permissions.ts";
import type { Context, Exit } from "../types.ts";
import { App, type GlobalOptions } from "./app.ts";
import { splitChild } from "./arguments.ts";
import { VERSION } from "./version.ts";

/** A command's module: its arguments, options and action. */
export interface CommandModule {
  define(command: Command, app: App): void;
}

interface Entry {
  readonly summary: string;
  readonly alias?: string;
  readonly hidden?: boolean;
  load(): Promise<CommandModule>;
}

/** The command table; a command's module is loaded when it is called. */
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
    load: () => import("./commands/exec.ts"),
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
  addGlobals(command, world);
  for (const name of names) {
    const { summary, alias, hidden } = COMMANDS[name]!;
    const sub = command.command(name, { hidden }).summary(summary).description(summary + ".");
    if (alias !== undefined) sub.alias(alias);
  }
  command.hook("preSubcommand", async (program, sub) => {
    const globals = program.opts() as GlobalOptions;
    world.setDebug(globals.debug ?? false);
    giveUpPermissions(sub.name());
    app = new App(createContext(world, globals), globals, child);
    if (globals.prompt !== undefined) await app.ctx.prompt(); // a driver that is none is told now
    (await COMMANDS[sub.name()]!.load()).define(sub as Command, app);
  });
  return { command, exit: () => app?.exit ?? { code: 0 } };
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
  for (const sub of command.commands as Command[]) {
    const entry = COMMANDS[sub.name()]!;
    if (entry.hidden) continue;
    (await entry.load()).define(sub, app);
    world.out("\n" + sub.helpInformation());
  }
  return { code: 0 };
}
