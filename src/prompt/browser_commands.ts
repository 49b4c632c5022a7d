import type { Context } from "../types.ts";

type Machine = Pick<Context, "platform" | "env" | "processes">;

/** A program and its arguments; `%s` stands for the link. */
export type Command = readonly [program: string, ...args: string[]];

/** What may open a link here, the first choice first; it need not be there. */
export function listCommands(machine: Machine): readonly Command[] {
  const wanted = readBrowser(machine);
  if (wanted !== undefined) return parseBrowser(wanted, machine);
  if (machine.platform === "darwin") return [["open", "%s"]];
  if (machine.platform === "windows") return [["rundll32", "url.dll,FileProtocolHandler", "%s"]];
  return listLinuxCommands(machine.env);
}

/** Why none of these commands was started. */
export function whyNone(commands: readonly Command[], machine: Machine): string {
  if (readBrowser(machine) === undefined) return "none was found here";
  const names = commands.map(([program]) => program).join(", ");
  return names === "" ? "BROWSER names no program" : `BROWSER names ${names}: not found`;
}

/** The shells of Windows, as WSL calls them, take a link's `&` for the end of their command. */
export function isShellOfWindows(program: string): boolean {
  return /(^|\/)(cmd|powershell|pwsh)\.exe$/i.test(program);
}

/** Windows' Explorer ends with 1 whatever came of it: https://github.com/microsoft/WSL/issues/6565 */
export function endsWithOne(program: string): boolean {
  return /(^|[\\/])explorer(\.exe)?$/i.test(program);
}

/**
 * What VS Code, and editors made of it, put into BROWSER on a machine they are connected to: it opens
 * links on the user's own one, which has no file of this.
 */
export function opensElsewhere(program: string): boolean {
  return program.endsWith("/bin/helpers/browser.sh");
}

function readBrowser({ env }: Machine): string | undefined {
  const text = env.get("BROWSER");
  return text?.trim() ? text : undefined;
}

function listLinuxCommands(env: Machine["env"]): readonly Command[] {
  // The two of Windows are in the PATH under WSL alone. /proc/version, which would say so too,
  // cannot be read inside Deno's sandbox.
  const windows: Command[] = [
    ["wslview", "%s"],
    ["rundll32.exe", "url.dll,FileProtocolHandler", "%s"],
  ];
  // Without a display xdg-open falls back to browsers of the terminal, which is ours.
  const hasDisplay = Boolean(env.get("DISPLAY") || env.get("WAYLAND_DISPLAY"));
  return hasDisplay ? [...windows, ["xdg-open", "%s"]] : windows;
}

/** Paths of Windows hold colons, so that its list is separated by semicolons. */
function parseBrowser(text: string, machine: Machine): Command[] {
  const windows = machine.platform === "windows";
  const entries = text.split(windows ? ";" : ":").map(windows ? splitQuoted : splitWords);
  return entries.flatMap((words): Command[] => {
    const [program, ...args] = joinProgram(words, machine);
    if (!program) return [];
    return [[program, ...args, ...(args.some((arg) => arg.includes("%s")) ? [] : ["%s"])]];
  });
}

/** Programs are often written with the blanks of their paths as they are: the longest that is there. */
function joinProgram(words: string[], { processes }: Machine): string[] {
  for (let count = words.length; count > 1; count--) {
    const program = words.slice(0, count).join(" ");
    if (processes.find(program) !== undefined) return [program, ...words.slice(count)];
  }
  return words;
}

/** The words between blanks, with a shell's quotes and backslashes. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|\S)+/g) ?? [];
  if (words.at(-1) === "&") words.pop(); // for Python: in the background, where all are started here
  return words.map((word) =>
    word.replace(
      /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped!,
    )
  );
}

/** The same where a backslash is a part of paths, and `"` the one quote. */
function splitQuoted(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}
