import type { Env } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";

/** What looking a program up came to. */
export type Found =
  | { readonly path: string; readonly refused?: undefined }
  | { readonly refused: "missing" }
  /** Deno does not let us look. */
  | { readonly refused: "not permitted" }
  /** There is such a file, and it cannot be run. */
  | { readonly refused: "not executable"; readonly path: string };

/**
 * Looks a program up as a shell does: a name with a slash is a path, others are searched for in
 * PATH, where a file that cannot be run is passed over while another may follow.
 *
 * @param path the value of PATH
 * @param pathext that of PATHEXT, on Windows alone
 */
export function findProgram(name: string, path: string, pathext?: string): Found {
  if (name === "") return { refused: "missing" };
  const windows = pathext !== undefined;
  let refused: Found = { refused: "missing" };
  for (const candidate of candidates(name, path, windows)) {
    for (const extension of windows ? listExtensions(name, pathext) : [""]) {
      const full = candidate + extension;
      const kind = inspect(full, windows ? isRunnable : undefined);
      if (kind === "executable") return { path: full };
      if (kind === "hidden" && refused.refused === "missing") {
        refused = { refused: "not permitted" };
      }
      if (kind === "other") refused = { refused: "not executable", path: full };
    }
  }
  return refused;
}

/**
 * PATH without the entries that mean another directory wherever one stands: a helper program, or a
 * helper's own, is not to be what lies in a directory one happens to be in.
 */
export function absoluteEntries(path: string, windows = false): string {
  const absolute = windows ? /^([A-Za-z]:[\\/]|[\\/]{2})/ : /^\//;
  const entries = listEntries(path, windows).filter((entry) => absolute.test(entry));
  if (!windows) return entries.join(":");
  return entries.map((entry) => entry.includes(";") ? `"${entry}"` : entry).join(";");
}

/** PATH as helper programs are looked for in it, and look for others. */
export function helperPath(env: Env, windows: boolean): string | undefined {
  const path = env.get("PATH");
  return path === undefined ? undefined : absoluteEntries(path, windows);
}

/** Looks a helper program up in the absolute entries of PATH. */
export function lookUpHelper(name: string, env: Env, platform: string): Found {
  const path = helperPath(env, platform === "windows") ?? "";
  return findProgram(name, path, readPathext(env, platform));
}

/** The path of a helper program; undefined where it cannot be run. */
export function findHelper(name: string, env: Env, platform: string): string | undefined {
  const found = lookUpHelper(name, env, platform);
  return found.refused === undefined ? found.path : undefined;
}

/** What PATHEXT is on Windows, where it is not set; undefined elsewhere. */
export function readPathext(env: Env, platform: string): string | undefined {
  return platform === "windows" ? env.get("PATHEXT") || RUNNABLE.join(";") : undefined;
}

/** What Windows starts without another program for it. */
const RUNNABLE = [".com", ".exe", ".bat", ".cmd"];

function isRunnable(path: string): boolean {
  return RUNNABLE.some((each) => path.toLowerCase().endsWith(each));
}

/**
 * Of PATHEXT, those first that Windows starts by itself: what needs another program (`.js`) is no
 * reason to look no further. In full comes first what is a program's name in full.
 */
function listExtensions(name: string, pathext: string): string[] {
  const wanted = pathext.toLowerCase().split(";").map((each) => each.trim()).filter(Boolean);
  const sorted = [...wanted.filter(isRunnable), ...wanted.filter((each) => !isRunnable(each))];
  return isRunnable(name) ? ["", ...sorted] : [...sorted, ""];
}

/** An empty entry is the current directory by POSIX, and none on Windows, where some stand in quotes. */
function listEntries(path: string, windows: boolean): string[] {
  if (!windows) return path.split(":").map((entry) => entry || ".");
  const entries = path.match(/(?:"[^"]*"?|[^;"])+/g) ?? [];
  return entries.map((entry) => entry.replaceAll('"', "")).filter((entry) => entry !== "");
}

/** Whether that is a file's own path, which PATH is not looked in for. */
export function isPath(name: string, windows: boolean): boolean {
  return windows ? /[\\/:]/.test(name) : name.includes("/");
}

function candidates(name: string, path: string, windows: boolean): string[] {
  if (isPath(name, windows)) return [name];
  const separator = windows ? "\\" : "/";
  return listEntries(path, windows).map((directory) => `${directory}${separator}${name}`);
}

const X_OK = 1;

/** Whether it is a program to us: of one that is some users' alone the system says whose. */
function mayRun(path: string, mode: number): boolean {
  const rights = mode & 0o111;
  if (rights === 0 || rights === 0o111) return rights !== 0;
  const libc = openLibc({ access: { parameters: ["buffer", "i32"], result: "i32" } });
  return libc === undefined || libc.access(toCString(path), X_OK) === 0;
}

/** @param runs tells programs by their names, on Windows; elsewhere files have modes */
function inspect(
  path: string,
  runs: ((path: string) => boolean) | undefined,
): "executable" | "other" | "hidden" | "absent" {
  try {
    const { isFile, mode } = Deno.statSync(path);
    const isProgram = runs === undefined ? mayRun(path, mode ?? 0) : runs(path);
    return isFile && isProgram ? "executable" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "hidden";
    // An alias of Microsoft's store (`python.exe`): Windows starts it, and lets nobody follow it.
    return runs?.(path) && /error 1920\b/.test(String(error)) ? "executable" : "absent";
  }
}
