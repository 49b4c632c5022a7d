import { openKernel, toWide } from "./runtime/kernel32.ts";
import type { Env } from "./types.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/**
 * A path of Windows as Deno's permissions know it: in full where it counts from the current directory
 * of its drive (`D:keys`), and without `\\?\`, which Deno puts before long paths by itself.
 */
export function plainPath(
  path: string,
  fullPathOf: (path: string) => string = askFullPath,
): string {
  const plain = path.replace(/^[\\/]{2}[?.][\\/](?=[A-Za-z]:[\\/])/, "");
  return /^[A-Za-z]:(?![\\/])/.test(plain) ? fullPathOf(plain) : plain;
}

/** Each drive has a directory of its own, which Windows alone knows. */
function askFullPath(path: string): string {
  const kernel = openKernel({
    GetFullPathNameW: { parameters: ["buffer", "u32", "buffer", "usize"], result: "u32" },
  });
  const units = new Uint16Array(MAX_PATH_UNITS);
  const length = kernel?.GetFullPathNameW(toWide(path), units.length, units, 0n) ?? 0;
  if (length === 0 || length >= units.length) return path;
  return new TextDecoder("utf-16le").decode(units.subarray(0, length));
}

/** The longest there is; with one unit more the count of bytes ran over (seen under Wine). */
const MAX_PATH_UNITS = 32_767;

/** A path of directories and a file's name, each as the platform separates them. */
export function joinPath(...parts: readonly string[]): string {
  return parts.join(IS_WINDOWS ? "\\" : "/");
}

/** The directory a path lies in; `.` where it names none, `C:.` on a drive of Windows. */
export function parentOf(path: string, windows: boolean = IS_WINDOWS): string {
  if (!windows) {
    const end = path.lastIndexOf("/");
    return end < 0 ? "." : path.slice(0, Math.max(end, 1));
  }
  const [, drive, directory] = /^([A-Za-z]:|)(.*?)[^\\/]*$/s.exec(path)!;
  if (directory === "") return `${drive}.`;
  return drive + (directory!.replace(/[\\/]+$/, "") || "\\");
}

/** The last part of a path. */
export function baseName(path: string, windows: boolean = IS_WINDOWS): string {
  return path.replace(windows ? /^.*[\\/:]/s : /^.*\//s, "");
}

/** The user's directory, where one is known. */
export function homeOf(env: Env): string | undefined {
  return env.get("HOME") || env.get("USERPROFILE") || undefined;
}

/**
 * A path that a person gave, with the user's directory, where it is known, in place of `~`. Windows'
 * own separator is as good as a slash there.
 */
export function expandHome(
  path: string,
  home: string | undefined,
  windows: boolean = IS_WINDOWS,
): string {
  const full = beginsAtHome(path, windows) ? (home ?? "~") + path.slice(1) : path;
  return windows ? plainPath(full) : full;
}

/** Whether a path that a person gave counts from the user's directory. */
export function beginsAtHome(path: string, windows: boolean = IS_WINDOWS): boolean {
  return path === "~" || path.startsWith("~/") || windows && path.startsWith("~\\");
}
