import type { Command } from "@commander-js/extra-typings";
import { identifyBuild } from "../../agent/build.ts";
import {
  askAgent,
  readStatus,
  refuseSilent,
  START_ANEW,
  type Status,
  warnOfOtherBuild,
} from "../../agent/client.ts";
import { Held } from "../../agent/held.ts";
import { lockOf, makePrivate, socketPaths } from "../../agent/place.ts";
import { Agent, type AgentOptions } from "../../agent/server.ts";
import { takeTurn } from "../../agent/turn.ts";
import { parseDuration } from "../../config/duration.ts";
import { asWord, describeCause, NO_COMMA, VaultError, WRITABLE_ADVICE } from "../../errors.ts";
import { parentOf } from "../../paths.ts";
import type { Context, Exit } from "../../types.ts";
import { App } from "../app.ts";
import { addExamples } from "../help.ts";
import type { CommandModule } from "../program.ts";

interface StartOptions {
  readonly idle: string;
  readonly lifetime: string;
  readonly foreground?: boolean;
  readonly inBackground?: boolean;
  readonly confirm?: boolean;
  /** Which of these stand on the command line. */
  readonly given: readonly OptionName[];
  readonly run: RunLine;
}

const OPTION_NAMES = ["idle", "lifetime", "foreground", "confirm"] as const;
type OptionName = typeof OPTION_NAMES[number];

type RunLine = AgentOptions["run"];

/** The command; `run` is given to it, for the table beside that leads here. */
export function answeringBy(run: RunLine): CommandModule {
  return { define: (command, app) => define(command, app, run) };
}

function define(command: Command, app: App, run: RunLine): void {
  addExamples(
    command,
    ["aws-vault agent start", "Asks for the passphrase, and goes to the background."],
    [
      "aws-vault agent start --idle 15m --confirm",
      "Forgets it when unused, and asks in a window each time.",
    ],
  );
  command
    .option("--idle <duration>", "Lock when nobody has asked for this long", "1h")
    .option("--lifetime <duration>", "End after this long", "12h")
    .option("--foreground", "Stay in the foreground, for systemd, launchd and --debug")
    .option("--confirm", "Ask in a window before anything is handed out")
    .addOption(command.createOption("--in-background").hideHelp())
    .action(async (options) => {
      const given = OPTION_NAMES.filter((name) => command.getOptionValueSource(name) === "cli");
      app.exit = await start(app, { ...options as StartOptions, given, run });
    });
}

async function start(app: App, options: StartOptions): Promise<Exit> {
  const { ctx } = app;
  if (ctx.platform === "windows") {
    throw new VaultError("usage", "there is no agent on Windows", [
      "the Credential Manager needs no passphrase: --backend wincred",
    ]);
  }
  if (ctx.peers.userId() === undefined) throw libraryMissing();
  const limits = {
    idleSeconds: parseDuration(options.idle, "--idle"),
    lifetimeSeconds: parseDuration(options.lifetime, "--lifetime"),
  };
  const status = readStatus(ctx);
  if (!status.running) refuseSilent(ctx);
  if (status.running && !status.locked) return await tellRunning(app, options, status);
  if (!options.foreground && !options.inBackground) return await startInBackground(ctx);
  ctx.protectMemory();
  return await serve(app, new Held(ctx.clock, () => performance.now(), limits), options);
}

/** It tells whose a socket is and who asks; one that cannot tell answers nobody. */
function libraryMissing(): VaultError {
  return new VaultError("file", "there is no agent without the C library, and none is found here", [
    "it is looked for as libc.so.6 below /lib, /lib64 and /usr/lib, where neither NixOS nor musl has one",
    "without an agent a passphrase is taken from AWS_VAULT_FILE_PASSPHRASE",
  ]);
}

/** Nothing of what this start was to make of it is done: that is told. */
async function tellRunning(app: App, options: StartOptions, { pid }: Status): Promise<Exit> {
  const { ctx } = app;
  const { given } = options;
  ctx.note(`An agent is running already (process ${pid})`);
  const anew = [START_ANEW, ...given.map((name) => typeOption(name, options))].join(" ");
  const warn = (text: string) => ctx.note(`aws-vault: warning: ${text}\n  ${anew}`);
  const directory = app.keyringDirectory();
  if (directory !== undefined && askAgent(["holds", directory], ctx) === "no") {
    warn(`it holds no passphrase of the keyring in ${directory}`);
  }
  if (given.length > 0) {
    const names = given.map((name) => `--${name}`).join(" and ");
    warn(`it goes on as it was started: ${names} changes nothing`);
  }
  await warnOfOtherBuild(ctx);
  return { code: 0 };
}

/** An option as it was given. */
function typeOption(name: OptionName, options: StartOptions): string {
  const value = options[name];
  return typeof value === "string" ? `--${name}=${asWord(value)}` : `--${name}`;
}

/** It asks on our terminal, and lets go of us once it answers. */
async function startInBackground(ctx: Context): Promise<Exit> {
  const agent = await ctx.companions.startAgain(["--in-background"]);
  const line = await agent.readLine();
  if (line === undefined) return await agent.ended;
  ctx.note(line);
  return { code: 0 };
}

async function serve(app: App, held: Held, options: StartOptions): Promise<Exit> {
  const { ctx } = app;
  const confirm = options.confirm
    ? (await import("../../prompt/confirm.ts")).createConfirmation(ctx)
    : undefined;
  const path = choosePlace(ctx);
  const build = await identifyBuild();
  const turn = await takeTurn(lockOf(path), ctx);
  if ("pid" in turn) return await tellRunning(app, options, turn);
  using _turn = turn;
  removeSocket(path); // of one that was killed: none is there while a person is asked
  await unlock(app, held);
  await (await import("../../rest.ts")).loadRest();
  const agent = listen(
    path,
    () => new Agent({ path, ctx, held, build, run: options.run, confirm }),
  );
  ctx.keepPermissions(["net", "write", "ffi", ...confirm === undefined ? [] : ["run" as const]]);
  const stopListening = obeySignals(agent, held);
  if (options.inBackground) {
    ctx.peers.detach(() => ctx.out(`The agent is running (process ${Deno.pid})\n`));
  }
  const over = new AbortController();
  void endInTime(agent, held, ctx, over.signal);
  await agent.ended;
  over.abort();
  stopListening();
  return { code: 0 };
}

function choosePlace(ctx: Context): string {
  const paths = socketPaths(ctx);
  const found = paths.find((path) => makePrivate(parentOf(path), ctx));
  if (found !== undefined) return found;
  const directories = paths.map((path) => parentOf(path));
  throw new VaultError(
    "file",
    `there is no place for the agent's socket: ${directories.join(", ") || "no HOME"}`,
    [
      "it takes a directory of yours that can be written to, and that nobody else may look into:",
      "below the one that XDG_RUNTIME_DIR names, or your home",
      ...directories.some((directory) => directory.includes(",")) ? [NO_COMMA] : [],
    ],
  );
}

/** Takes the keyring's passphrase where it has one, and proves it. */
async function unlock({ ctx, globals, childArguments, command }: App, held: Held): Promise<void> {
  const remembering = new App({ ...ctx, passphrases: held }, globals, childArguments, command);
  const keyring = await remembering.keyring();
  if (keyring.unlock !== undefined) return await keyring.unlock("all");
  ctx.note(
    `aws-vault: warning: the keyring ${keyring.name} is unlocked by programs of its own: what needs ` +
      "one of them is passed on",
  );
}

function removeSocket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* there is none */ }
}

function listen(path: string, make: () => Agent): Agent {
  try {
    return make();
  } catch (error) {
    throw new VaultError("file", `the socket ${path} cannot be made: ${describeCause(error)}`, [
      /SUN_LEN|too long/.test(String(error))
        ? "its path is too long: 100 bytes at most; set XDG_RUNTIME_DIR to a shorter directory"
        : WRITABLE_ADVICE,
    ]);
  }
}

/** SIGHUP locks, others end it. */
function obeySignals(agent: Agent, held: Held): () => void {
  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGHUP", () => held.lock()],
    ["SIGTERM", () => agent.stop()],
    ["SIGINT", () => agent.stop()],
  ];
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

/** Sleeps until something is due: an agent that nobody asks does nothing. */
async function endInTime(
  agent: Agent,
  held: Held,
  ctx: Context,
  over: AbortSignal,
): Promise<void> {
  while (!held.isOver()) {
    held.isLocked();
    await ctx.clock.sleep(Math.max(held.msLeft(), 1), over).catch(() => {});
    if (over.aborted) return;
  }
  agent.stop();
}
