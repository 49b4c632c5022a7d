import { describeCause } from "../errors.ts";
import {
  type Command,
  endsWithOne,
  isShellOfWindows,
  listCommands,
  opensElsewhere,
  whyNone,
} from "./browser_commands.ts";
import { formatPage, PAGE, preparePage } from "./secret_page.ts";
import type { Context, ProcessRequest } from "../types.ts";

type BrowserContext = Pick<Context, "platform" | "env" | "processes" | "tell" | "debug">;

/** The starter is done as soon as it has handed the link on. */
const TIMEOUT_SECONDS = 10;
/** On Windows the browser itself may be what is started; what fails fails at once. */
const STARTED_SECONDS = 2;

const ELSEWHERE =
  "that in BROWSER is on another machine, which cannot read the page that leads there";

/**
 * Starts the command it is given in the background, without a terminal, and is done: the browser may
 * stay in the foreground or write a thousand warnings. Its exit code is told where it fails: to us,
 * if it does so at once, for a program's output is not waited for much longer than its end.
 */
const START = '{ "$@" </dev/null >/dev/null 2>&1 || echo "$?"; } 2>/dev/null &';

/**
 * Opens a link in the user's browser: by BROWSER where it is set (commands in the form that
 * xdg-open and Python take: separated by colons, `%s` for the link), else by the platform's opener.
 * Never blocks and never fails: the caller has printed the link, so a word is enough.
 */
export async function openBrowser(url: string, ctx: BrowserContext): Promise<void> {
  const why = await startBrowser(url, ctx);
  if (why !== undefined) ctx.tell(`No browser was opened (${why}): open the link by hand.`);
}

/**
 * As `openBrowser`, and quiet: the answer is why no browser was opened, undefined where one was.
 *
 * A link stands in the browser's arguments, which every user of the machine can read. One that is
 * `secret`, worth something to whoever has it, goes into a page of this user's alone that leads on
 * to it, for a few seconds. Windows has no such page: see src/cli/console_link.ts.
 */
export async function startBrowser(
  url: string,
  ctx: BrowserContext,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<string | undefined> {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(url)) return "that is no http or https link";
  const commands = listCommands(ctx);
  const command = commands.find(([program]) => ctx.processes.find(program) !== undefined);
  if (command === undefined) return whyNone(commands, ctx);
  if (secret && opensElsewhere(command[0])) return ELSEWHERE;
  try {
    if (ctx.platform === "windows") await startItself(fillIn(command, url), ctx);
    else if (secret || isShellOfWindows(command[0])) await startWithPage(command, url, ctx);
    else await start(fillIn(command, url), ctx);
  } catch (error) {
    return describeCause(error);
  }
}

function fillIn([program, ...args]: Command, url: string): Command {
  return [program, ...args.map((arg) => arg.replaceAll("%s", () => url))];
}

function startWithPage(command: Command, url: string, ctx: BrowserContext): Promise<void> {
  const page = new TextEncoder().encode(formatPage(url));
  return start(fillIn(command, PAGE), ctx, preparePage(ctx.platform), page);
}

async function start(
  command: Command,
  ctx: BrowserContext,
  preparation = "",
  stdin?: Uint8Array,
): Promise<void> {
  await run(command[0], {
    command: "/bin/sh",
    args: ["-c", preparation + START, "sh", ...command],
    stdin,
    timeoutSeconds: TIMEOUT_SECONDS,
  }, ctx);
}

async function startItself([program, ...args]: Command, ctx: BrowserContext): Promise<void> {
  const limits = { timeoutSeconds: STARTED_SECONDS, mayStay: true };
  await run(program, { command: program, args, ...limits }, ctx);
}

async function run(
  program: string,
  request: Omit<ProcessRequest, "kind">,
  ctx: BrowserContext,
): Promise<void> {
  ctx.debug(`opening a browser by ${program}`);
  const result = await ctx.processes.run({ kind: "opener", ...request });
  const code = new TextDecoder().decode(result.stdout).trim() || String(result.code);
  if (code !== "0" && !(code === "1" && endsWithOne(program))) {
    throw new Error(`${program} ended with exit code ${code}`);
  }
}
