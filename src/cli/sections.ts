import type { IniFile, Section, SectionKind } from "../config/ini.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";

/** A section for who looks at many: one that cannot be read is not theirs to judge. */
export function readSection(file: IniFile, kind: SectionKind, name: string): Section | undefined {
  return unlessFaulty(() => file.section(kind, name));
}

/** The profiles a file has; as in the Go tool an empty `[default]` is none. */
export function listProfiles(file: IniFile): string[] {
  const profiles = file.names("profile");
  const isDefaultEmpty = profiles.includes("default") &&
    readSection(file, "profile", "default")?.size === 0;
  return isDefaultEmpty ? profiles.filter((name) => name !== "default") : profiles;
}
