import { CommanderError } from "@commander-js/extra-typings";
import { explainGone, VaultError } from "../errors.ts";
import type { Exit, World } from "../types.ts";
import { Redirect } from "./app.ts";
import { moveHelp, positionAfter, type SplitArguments, splitChild } from "./arguments.ts";
import * as exec from "./commands/exec.ts";
import { buildProgram, buildWhole, type Program, type Table } from "./program.ts";
import { reportError } from "./report.ts";
import { isSet } from "./variables.ts";

/** The command table; but for `exec`, a command's module is loaded when it is called. */
export const COMMANDS: Table = {
  add: {
    summary: "Add credentials to the secure keystore",
    load: () => import("./commands/add.ts"),
  },
  agent: {
    summary: "Hold the keyring's passphrase in memory, and answer at once",
    examples: [
      ["aws-vault agent start", "Once a day: asks for the passphrase."],
      ["aws-vault agent lock", "When you leave: the next `agent start` asks again."],
    ],
    commands: {
      start: {
        summary: "Start the agent, or unlock it",
        load: async () => (await import("./commands/agent_start.ts")).answeringBy(run),
      },
      stop: {
        summary: "Stop the agent",
        load: () => import("./commands/agent_stop.ts"),
      },
      lock: {
        summary: "Have the agent forget the passphrase",
        load: () => import("./commands/agent_lock.ts"),
      },
      status: {
        summary: "Tell whether an agent is running, and what it has done",
        load: () => import("./commands/agent_status.ts"),
      },
    },
  },
  "change-passphrase": {
    summary: "Change the passphrase of the file keyring",
    load: () => import("./commands/change_passphrase.ts"),
  },
  clear: {
    summary: "Clear temporary credentials from the secure keystore",
    load: () => import("./commands/clear.ts"),
  },
  completion: {
    summary: "Print what makes a shell complete the command line",
    load: () => import("./commands/completion.ts"),
  },
  configure: {
    summary: "Ask what a profile needs, and write it",
    load: () => import("./commands/configure.ts"),
  },
  doctor: {
    summary: "Look for what is wrong with the config file, the keyring and this machine",
    load: () => import("./commands/doctor.ts"),
  },
  exec: {
    summary: "Execute a command with AWS credentials",
    load: () => Promise.resolve(exec),
  },
  explain: {
    summary: "Explain where a profile's credentials come from, and ask nobody for them",
    load: () => import("./commands/explain.ts"),
  },
  export: {
    summary: "Export AWS credentials",
    load: () => import("./commands/export.ts"),
  },
  help: {
    summary: "Show the help of a command",
    load: () => import("./commands/help.ts"),
  },
  import: {
    summary: "Store the keys of a credentials file, or of a CSV of the AWS console",
    load: () => import("./commands/import.ts"),
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
    profiles: "stored",
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
    profiles: "stored",
    load: () => import("./commands/remove.ts"),
  },
  rotate: {
    summary: "Replace the stored credentials of a profile by new ones",
    profiles: "stored",
    load: () => import("./commands/rotate.ts"),
  },
  signin: {
    summary: "Sign in to the AWS console for a profile's credentials",
    load: () => import("./commands/signin.ts"),
  },
  sso: {
    summary: "Sign in to IAM Identity Center and out of it, and see what it gives",
    examples: [
      ["aws-vault sso login", "Signs in, where there is one place to do so."],
      ["aws-vault sso profiles --write", "Makes a profile of each account and role it gives."],
    ],
    commands: {
      login: {
        summary: "Sign in to IAM Identity Center",
        load: () => import("./commands/sso_login.ts"),
      },
      logout: {
        summary: "Sign out of IAM Identity Center",
        load: () => import("./commands/sso_logout.ts"),
      },
      list: {
        summary: "List the accounts and roles that a sign-in gives",
        load: () => import("./commands/sso_list.ts"),
      },
      profiles: {
        summary: "Make profiles for the roles that a sign-in gives",
        load: () => import("./commands/sso_profiles.ts"),
      },
    },
  },
  version: {
    summary: "Show the version",
    load: () => import("./commands/version.ts"),
  },
};

/** Runs one command line and says how to end. */
export async function run(args: readonly string[], world: World): Promise<Exit> {
  let program: Program | undefined;
  const line = splitChild(args, { hasProfile: isSet(world.env, "AWS_PROFILE") });
  try {
    if (args[0]?.startsWith("--completion-")) {
      return await (await import("./completion/mod.ts")).answerShell(args, world);
    }
    const table = selectCommands(line.command);
    const own = findUnknown(line, table) ?? moveHelp(line.own);
    const start = async (isWhole: boolean) => {
      program = buildProgram(table, world, line, isWhole);
      program.command.on("option:help-long", () => {
        throw new HelpLong();
      });
      await program.command.parseAsync(own, { from: "user" });
      return program.exit();
    };
    return await start(asksForHelp(own, table)).catch((error) => {
      if (error.code !== "commander.unknownOption") throw error;
      return start(true); // nothing is done yet: it may be one that was left out, or like one
    });
  } catch (error) {
    if (error instanceof HelpLong) {
      const { printLongHelp } = await import("./manual.ts");
      printLongHelp(await buildWhole(COMMANDS, world), world);
      return { code: 0 };
    }
    if (error instanceof Redirect) return await run(error.args, world);
    return await report(error, line, program, world);
  }
}

/** Whether help may be printed, which shows every option: it is asked for, or no command is named. */
function asksForHelp(own: readonly string[], table: Table): boolean {
  return own.some((word) => /^-([^-]*h|-help)/.test(word)) ||
    Object.values(table).some((entry) => "commands" in entry);
}

/**
 * A word that is no command is told as that, whatever stands behind it, `--help` too; an option
 * before it that there is not (`--profile work exec`) is told first: the word may be its value.
 */
function findUnknown({ own, command, next }: SplitArguments, table: Table): string[] | undefined {
  if (command === undefined || command === "--") return undefined;
  if (table === COMMANDS) {
    const words = moveHelp(own);
    return words.slice(0, positionAfter(words, 0) + 1);
  }
  const [entry] = Object.values(table);
  if (!("commands" in entry!) || next === undefined || next === "--") return undefined;
  return Object.hasOwn(entry.commands, next) ? undefined : [command, next];
}

/** The commands a program is built with: the one that is called, or all, for help and mistakes. */
function selectCommands(called: string | undefined): Table {
  const found = Object.entries(COMMANDS)
    .find(([name, { alias }]) => called !== undefined && (name === called || alias === called));
  return found === undefined ? COMMANDS : { [found[0]]: found[1] };
}

/** `--help-long` was asked for: help needs every command's module, which takes an await. */
class HelpLong extends Error {}

async function report(
  error: unknown,
  line: SplitArguments,
  program: Program | undefined,
  world: World,
): Promise<Exit> {
  let told = explainGone(error);
  if (told instanceof CommanderError) {
    if (told.exitCode === 0 || told.code === "commander.help") return { code: told.exitCode };
    const mistake = told;
    told = await import("./mistakes.ts")
      .then(({ describeMistake }) => describeMistake(mistake), explainGone);
  } else if (line.isBehind && told instanceof VaultError && told.code === "profile") {
    const misplaced = told;
    told = await import("./mistakes.ts")
      .then(({ explainPlace }) => explainPlace(misplaced), () => misplaced);
  }
  return reportError(told, world, program?.command.opts() ?? {}, program?.path());
}
