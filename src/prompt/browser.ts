import { describeCause } from "../errors.ts";
import { formatPage, PAGE, preparePage } from "./secret_page.ts";
import type { Context, ProcessRequest } from "../types.ts";

type BrowserContext = Pick<Context, "platform" | "env" | "processes" | "tell" | "debug">;

/** A program and its arguments; `%s` stands for the link. */
type Command = readonly [program: string, ...args: string[]];

/** The starter is done as soon as it has handed the link on. */
const TIMEOUT_SECONDS = 10;
/** On Windows the browser itself may be what is started; what fails fails at once. */
const STARTED_SECONDS = 2;

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
 *
 * A link stands in the browser's arguments, which every user of the machine can read. One that is
 * `secret`, worth something to whoever has it, goes into a page of this user's alone that leads on
 * to it, for a few seconds. Windows has no such page: see src/cli/console_link.ts.
 */
export async function openBrowser(
  url: string,
  ctx: BrowserContext,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(url)) {
    return ctx.tell("No browser was opened: that is no http or https link.");
  }
  const commands = listCommands(ctx);
  const command = commands.find(([program]) => ctx.processes.find(program) !== undefined);
  if (command === undefined) return ctx.tell(whyNone(commands, ctx));
  try {
    if (ctx.platform === "windows") await startItself(fillIn(command, url), ctx);
    else if (secret) await startWithPage(command, url, ctx);
    else await start(fillIn(command, url), ctx);
  } catch (error) {
    ctx.tell(`No browser was opened (${describeCause(error)}): open the link by hand.`);
  }
}

function listCommands(ctx: BrowserContext): readonly Command[] {
  const wanted = ctx.env.get("BROWSER");
  if (wanted !== undefined && wanted.trim() !== "") return parseBrowser(wanted, ctx.platform);
  if (ctx.platform === "darwin") return [["open", "%s"]];
  if (ctx.platform === "windows") return [["rundll32", "url.dll,FileProtocolHandler", "%s"]];
  return listLinuxCommands(ctx);
}

function listLinuxCommands(ctx: BrowserContext): readonly Command[] {
  // The two of Windows are in the PATH under WSL alone. /proc/version, which would say so too,
  // cannot be read inside Deno's sandbox.
  const windows: Command[] = [
    ["wslview", "%s"],
    ["rundll32.exe", "url.dll,FileProtocolHandler", "%s"],
  ];
  // Without a display xdg-open falls back to browsers of the terminal, which is ours.
  const hasDisplay = Boolean(ctx.env.get("DISPLAY") || ctx.env.get("WAYLAND_DISPLAY"));
  return hasDisplay ? [...windows, ["xdg-open", "%s"]] : windows;
}

/** Paths of Windows hold colons, so that its list is separated by semicolons; and blanks, in quotes. */
function parseBrowser(text: string, platform: Context["platform"]): Command[] {
  const windows = platform === "windows";
  const entries = text.split(windows ? ";" : ":").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "").map((entry) => {
    const [program, ...args] = windows ? splitQuoted(entry) : entry.split(/\s+/);
    return [program!, ...(entry.includes("%s") ? args : [...args, "%s"])];
  });
}

/** The words between blanks; what stands in quotes is of one word. */
function splitQuoted(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}

function fillIn([program, ...args]: Command, url: string): Command {
  return [program, ...args.map((arg) => arg.replaceAll("%s", () => url))];
}

function whyNone(commands: readonly Command[], ctx: BrowserContext): string {
  if (ctx.env.get("BROWSER")?.trim()) {
    const names = commands.map(([program]) => program).join(", ");
    return `No browser was opened (BROWSER names ${names}: not found): open the link by hand.`;
  }
  return "No browser was found here: open the link by hand.";
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
  if (code !== "0") throw new Error(`${program} ended with exit code ${code}`);
}
