import type { IniFile, Section, SectionKind } from "../config/ini.ts";
import { VaultError } from "../errors.ts";

/** A section for who looks at many: one that cannot be read is not theirs to judge. */
export function readSection(file: IniFile, kind: SectionKind, name: string): Section | undefined {
  try {
    return file.section(kind, name);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
