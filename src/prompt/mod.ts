import { VaultError } from "../errors.ts";
import type { Context, PromptDriver } from "../types.ts";
import type { PromptContext } from "./context.ts";

interface Entry {
  /** The program it asks with; it is offered where that one is installed. */
  readonly program?: string;
  /** The one platform it is for, where its program alone does not say. */
  readonly platform?: Context["platform"];
  /** It opens a window, so that nobody has to look at a terminal. */
  readonly graphical: boolean;
  load(): Promise<{ createDriver(ctx: PromptContext): PromptDriver }>;
}

/** The drivers by name; of the graphical ones the first that is offered is the default. */
const DRIVERS: Readonly<Record<string, Entry>> = {
  terminal: { graphical: false, load: () => import("./terminal.ts") },
  osascript: { program: "osascript", graphical: true, load: () => import("./osascript.ts") },
  wincredui: {
    program: "powershell",
    platform: "windows",
    graphical: true,
    load: () => import("./wincredui.ts"),
  },
  zenity: { program: "zenity", graphical: true, load: () => import("./zenity.ts") },
  kdialog: { program: "kdialog", graphical: true, load: () => import("./kdialog.ts") },
  ykman: { program: "ykman", graphical: false, load: () => import("./ykman.ts") },
};

/**
 * The driver that MFA codes are asked by: the one named by `--prompt`, else by AWS_VAULT_PROMPT,
 * else the terminal while standard output is one, else the first program with a window. On Linux
 * without a display such a program is tried only where there is no terminal to ask on.
 *
 * Throws `VaultError("usage")` for a name that is unknown or not installed here. Where there is
 * no way to ask at all, the terminal's driver says so as soon as it is to ask.
 */
export async function chooseDriver(
  named: string | undefined,
  ctx: PromptContext,
): Promise<PromptDriver> {
  const wanted = named || ctx.env.get("AWS_VAULT_PROMPT");
  const name = wanted || chooseDefault(ctx);
  if (wanted) checkName(wanted, named ? "--prompt" : "AWS_VAULT_PROMPT", ctx);
  ctx.debug(`asking for MFA codes by ${name}`);
  return (await DRIVERS[name]!.load()).createDriver(ctx);
}

/** What `--prompt` takes. */
export const DRIVER_NAMES: readonly string[] = Object.keys(DRIVERS);

/** The names of the drivers that can be used here. */
export function listDrivers(ctx: PromptContext): string[] {
  return Object.keys(DRIVERS).filter((name) => isOffered(DRIVERS[name]!, ctx));
}

function isOffered({ program, platform }: Entry, ctx: PromptContext): boolean {
  if (platform !== undefined && platform !== ctx.platform) return false;
  return program === undefined || ctx.processes.find(program) !== undefined;
}

function chooseDefault(ctx: PromptContext): string {
  const { terminal } = ctx;
  if (terminal.isOutput() || (terminal.available() && !hasDisplay(ctx))) return "terminal";
  return listDrivers(ctx).find((name) => DRIVERS[name]!.graphical) ?? "terminal";
}

/** Elsewhere than on Linux, a session without windows cannot be told from here. */
function hasDisplay(ctx: PromptContext): boolean {
  if (ctx.platform !== "linux") return true;
  return Boolean(ctx.env.get("DISPLAY") || ctx.env.get("WAYLAND_DISPLAY"));
}

function checkName(name: string, setting: string, ctx: PromptContext): void {
  if (name === "pass") {
    throw new VaultError("usage", `${setting}: there is no driver \`pass\``, [
      "a second factor kept beside the first is none; where you want it all the same,",
      "set `mfa_process = pass otp …` in the profile",
    ]);
  }
  const entry = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
  if (entry !== undefined && isOffered(entry, ctx)) return;
  const message = entry === undefined
    ? `${setting}: there is no driver \`${name}\``
    : `${setting}: the driver ${name} cannot be used here: ${whyNot(entry, ctx)}`;
  throw new VaultError("usage", message, [`offered here: ${listDrivers(ctx).join(", ")}`]);
}

function whyNot({ program, platform }: Entry, ctx: PromptContext): string {
  return platform === undefined || platform === ctx.platform
    ? `the program ${program} is not installed, or not in PATH`
    : `it is for ${platform} alone`;
}
