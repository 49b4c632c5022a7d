import type { Context } from "../types.ts";
import { fromMarks, toMarks } from "./bytes.ts";
import { editConfig } from "./edit.ts";
import type { IniFile } from "./ini.ts";
import { configPath, parseConfig } from "./load.ts";
import { appendSections, type NewSection } from "./new_sections.ts";
import { beforeEmptyLine, listSections } from "./section_places.ts";

export interface ProfileChange {
  readonly add: readonly NewSection[];
  /** Names of profiles whose sections go. */
  readonly remove: readonly string[];
}

/**
 * Takes sections of profiles out of the config file and appends others; no other byte changes.
 * Returns what was done: profiles that are there already are not added, and those that have other
 * settings by now than in `seen`, where they were chosen, not removed.
 */
export async function changeProfiles(
  ctx: Pick<Context, "env" | "clock">,
  { add, remove }: ProfileChange,
  seen?: IniFile,
): Promise<ProfileChange> {
  let done: ProfileChange = { add: [], remove: [] };
  await editConfig(ctx, (bytes) => {
    const file = parseConfig(configPath(ctx.env), bytes);
    done = {
      add: add.filter(({ name }) => !file.has("profile", name)),
      remove: remove.filter((name) => file.has("profile", name) && isAsSeen(name, file, seen)),
    };
    if (done.add.length === 0 && done.remove.length === 0) return undefined;
    return appendSections(cutSections(bytes, new Set(done.remove)), done.add);
  });
  return done;
}

function isAsSeen(name: string, file: IniFile, seen: IniFile | undefined): boolean {
  const settingsIn = (ini: IniFile) =>
    JSON.stringify([...ini.section("profile", name) ?? []].map(([key, { value }]) => [key, value]));
  return seen === undefined || settingsIn(file) === settingsIn(seen);
}

/**
 * Appends a section for a profile and changes no other byte. False where the file has one of that
 * name already, which is left as it is.
 */
export async function addProfileSection(
  ctx: Pick<Context, "env" | "clock">,
  name: string,
  settings: NewSection["settings"],
): Promise<boolean> {
  const { add } = await changeProfiles(ctx, { add: [{ name, settings }], remove: [] });
  return add.length > 0;
}

/**
 * A section goes with the empty line before it, up to its last setting: comments after that are
 * the next one's.
 */
function cutSections(bytes: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  if (names.size === 0) return bytes;
  const text = toMarks(bytes);
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of listSections(text, names)) {
    kept.push(text.slice(from, beforeEmptyLine(text, start)));
    from = end;
  }
  return fromMarks(kept.join("") + text.slice(from));
}
