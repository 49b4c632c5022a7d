import type { ConfigView } from "./finding.ts";
import { type EntryLine, settingsOf } from "./lines.ts";

/** Settings that say where a profile's credentials come from. */
export const ORIGINS = [
  ...["source_profile", "credential_source", "credential_process", "sso_session", "sso_start_url"],
  ...["web_identity_token_file", "web_identity_token_process", "login_session"],
];

/** What most faults of a profile do. */
export const UNUSABLE = "the profile cannot be used";

/** A profile's own settings, by key; the last one counts. */
export type Own = ReadonlyMap<string, EntryLine>;
export type Profiles = ReadonlyMap<string, Own>;

export function readProfiles({ lines }: ConfigView): Profiles {
  const profiles = new Map<string, Map<string, EntryLine>>();
  for (const line of lines) {
    if (line.kind !== "header" || !line.id?.startsWith("profile ") || line.isFaulty) continue;
    const name = line.id.slice("profile ".length);
    if (!profiles.has(name)) profiles.set(name, new Map());
  }
  for (const entry of settingsOf(lines)) {
    const { id } = entry.section;
    const own = id.startsWith("profile ") && profiles.get(id.slice("profile ".length));
    if (own && entry.value !== "") {
      own.set(entry.key === "parent_profile" ? "include_profile" : entry.key, entry);
    }
  }
  return profiles;
}
