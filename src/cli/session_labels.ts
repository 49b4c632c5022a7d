import { formatDuration } from "../config/duration.ts";
import type { IniFile } from "../config/ini.ts";
import type { SessionKey } from "../credentials/session_key.ts";
import type { Inventory } from "./inventory.ts";
import { readSection } from "./sections.ts";
import { describeLength } from "./spans.ts";

/**
 * What `list` calls sessions and sign-ins: `sts.GetSessionToken:59m30s`, `oidc:corp`, `login:ARN`;
 * for a person `sts.GetSessionToken (59 min 30 s left)`.
 */
export class SessionLabels {
  readonly #file: IniFile;
  readonly #nowMs: number;
  readonly #inWords: boolean;

  constructor(file: IniFile, nowMs: number, inWords: boolean) {
    this.#file = file;
    this.#nowMs = nowMs;
    this.#inWords = inWords;
  }

  /** @param isAlone no name of a profile stands beside it: a person is told whose it is */
  session({ type, profile, expiresAtMs }: SessionKey, isAlone = false): string {
    const left = Math.trunc((expiresAtMs - this.#nowMs) / 1000);
    const length = Math.abs(left);
    if (!this.#inWords) return `${type}:${left < 0 ? "-" : ""}${formatDuration(length)}`;
    const words = describeLength(length);
    const whose = isAlone ? ` of ${profile}` : "";
    return `${type}${whose} (${left < 0 ? `ended ${words} ago` : `${words} left`})`;
  }

  /**
   * The sign-ins that are kept, by start URL or ARN: of a start URL the sso-session's name, or the
   * host where none has it.
   */
  signIns({ tokens, logins }: Inventory): ReadonlyMap<string, string> {
    const names = tokens.length === 0 ? undefined : this.#readSessionNames();
    return new Map([
      ...tokens.map((url) => [url, `oidc:${names?.get(url) ?? nameHost(url)}`] as const),
      ...logins.map((arn) => [arn, `login:${arn}`] as const),
    ]);
  }

  all(inventory: Inventory): string[] {
    return [
      ...this.signIns(inventory).values(),
      ...inventory.sessions.map((session) => this.session(session, true)),
      ...this.old(inventory),
    ];
  }

  /** Other programs have never been shown them. */
  old({ oldSessions }: Inventory): readonly string[] {
    return this.#inWords ? oldSessions.map((key) => `${key} (old, never used)`) : [];
  }

  #readSessionNames(): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const name of this.#file.names("sso-session")) {
      const url = readSection(this.#file, "sso-session", name)?.get("sso_start_url")?.value;
      if (url) names.set(url, name);
    }
    return names;
  }
}

function nameHost(startUrl: string): string {
  return URL.parse(startUrl)?.host || startUrl;
}
