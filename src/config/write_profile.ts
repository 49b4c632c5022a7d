import type { Context } from "../types.ts";
import { fromMarks, toMarks } from "./bytes.ts";
import { editConfig } from "./edit.ts";
import { append, listSections, type NewProfile } from "./edit_profiles.ts";
import { IniFile } from "./ini.ts";
import { configPath, decodeConfig } from "./load.ts";

/**
 * Sets some of a profile's settings, each where it stands, else behind the section's last one, or
 * in a section of its own; one that is empty is taken out. And appends an `[sso-session]` that is
 * not there yet. No other byte changes, and all of it is done or nothing.
 */
export async function writeProfile(
  ctx: Pick<Context, "env" | "clock">,
  { name, settings }: NewProfile,
  session?: NewProfile,
): Promise<void> {
  const path = configPath(ctx.env);
  await editConfig(ctx, (bytes) => {
    const { text, isUtf8 } = decodeConfig(bytes);
    const file = new IniFile(path, text, isUtf8);
    const hasSession = session === undefined || file.has("sso-session", session.name);
    const begun = hasSession ? bytes : append(bytes, [{ ...session, kind: "sso-session" }]);
    if (!file.has("profile", name)) return append(begun, [{ name, settings: present(settings) }]);
    return Object.entries(settings).reduce(
      (changed, [key, value]) => setOne(changed, { path, profile: name, key, value }),
      begun,
    );
  });
}

interface Assignment {
  readonly path: string;
  readonly profile: string;
  readonly key: string;
  readonly value: string;
}

function setOne(bytes: Uint8Array, { path, profile, key, value }: Assignment): Uint8Array {
  const { text, isUtf8 } = decodeConfig(bytes);
  const entry = new IniFile(path, text, isUtf8).section("profile", profile)?.get(key);
  const marks = toMarks(bytes);
  if (value === "") {
    // An earlier line of the key would count in place of the last.
    return entry === undefined ? bytes : setOne(
      fromMarks(removeLine(marks, entry.line)),
      { path, profile, key, value },
    );
  }
  const mark = toMarks(new TextEncoder().encode(value));
  if (entry !== undefined) return fromMarks(replaceValue(marks, entry.line, mark));
  const { end } = [...listSections(marks, new Set([profile]))].at(-1)!;
  return fromMarks(insertLine(marks, end, `${key}=${mark}`));
}

/** Without what was left out. */
export function present(settings: NewProfile["settings"]): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
}

/** @param line from 1 */
function removeLine(text: string, line: number): string {
  const lines = text.split("\n");
  const isLast = line === lines.length;
  lines.splice(line - 1, 1, ...isLast ? [""] : []);
  return lines.join("\n");
}

/** @param line from 1; what stands around the value stays, a comment too */
function replaceValue(text: string, line: number, value: string): string {
  const lines = text.split("\n");
  lines[line - 1] = lines[line - 1]!.replace(
    /^([^=:]*[=:][ \t]*).*?((?:[ \t]+[#;].*)?\r?)$/s,
    (_line, before: string, behind: string) => before + value + behind,
  );
  return lines.join("\n");
}

function insertLine(text: string, at: number, line: string): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text.slice(0, at).endsWith("\n") ? "" : end;
  return text.slice(0, at) + gap + line + end + text.slice(at);
}
