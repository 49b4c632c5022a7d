import type { Command } from "@commander-js/extra-typings";
import { formatDuration } from "../../config/duration.ts";
import type { IniFile } from "../../config/ini.ts";
import { formatExpiry } from "../../expiry.ts";
import {
  isCredentialsKey,
  isOldSessionKey,
  LOGIN_PREFIX,
  OIDC_PREFIX,
  parseSessionKey,
  type SessionKey,
} from "../../credentials/session_key.ts";
import type { Styled } from "../../types.ts";
import type { App } from "../app.ts";
import { addColourOption, type Colour, isColoured, styled } from "../colour.ts";
import { addExamples } from "../help.ts";
import { waysToFirst } from "../profile_names.ts";
import { listProfiles, readSection } from "../sections.ts";
import { describeLength } from "../spans.ts";
import { formatTable, type Row } from "../table.ts";

interface ListOptions {
  readonly profiles?: boolean;
  readonly credentials?: boolean;
  readonly sessions?: boolean;
  readonly json?: boolean;
  readonly color: Colour;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault list", "Shows profiles, whose keys are stored, and sessions with their time left."],
    ["aws-vault list --profiles", "Prints the names of profiles, one a line."],
  );
  addColourOption(command)
    .option("--profiles", "Show only the profile names")
    .option("--credentials", "Show only the names of stored credentials")
    .option("--sessions", "Show only the sessions")
    .option("--json", "Print as JSON")
    .action((options) => list(app, options as unknown as ListOptions));
}

/** What is kept: names alone are read, no item is opened. */
interface Inventory {
  readonly profiles: readonly string[];
  readonly credentials: readonly string[];
  readonly sessions: readonly SessionKey[];
  /** Start URLs of the SSO tokens. */
  readonly tokens: readonly string[];
  /** ARNs of the console sign-ins. */
  readonly logins: readonly string[];
  /** Names that versions before 6 of the Go tool gave to sessions. */
  readonly oldSessions: readonly string[];
}

async function list(app: App, options: ListOptions): Promise<void> {
  const file = app.config();
  const profilesAlone = options.profiles && !options.credentials && !options.sessions;
  const inventory = takeInventory(file, profilesAlone ? [] : await readKeys(app));
  const isForPerson = app.ctx.terminal.isOutput();
  const labels = new Labels(file, app.ctx.clock.now(), isForPerson);
  if (options.json) app.ctx.out(formatJson(inventory, file, labels, options));
  else if (options.credentials) app.ctx.out(formatLines(inventory.credentials));
  else if (options.profiles) app.ctx.out(formatLines(inventory.profiles));
  else if (options.sessions) app.ctx.out(formatLines(labels.all(inventory)));
  else {
    const rows = tableRows(inventory, labels);
    if (rows.length === 0) app.ctx.note(`Nothing yet. Begin with ${waysToFirst("NAME")}.`);
    const table = formatTable(["Profile", "Credentials", "Sessions"], rows);
    app.ctx.outStyled(isColoured(options.color, app.ctx) ? colourTable(table) : [table]);
  }
}

/** The head stands out; so does what has ended. */
function colourTable(table: string): (string | Styled)[] {
  const line = table.indexOf("\n") + 1;
  const rows = table.indexOf("\n", line) + 1;
  const shown = table.slice(rows).split(/(\bended .* ago\b)/)
    .map((part) => part.startsWith("ended ") ? styled("yellow", part) : part);
  return [styled("bold", table.slice(0, line)), styled("dim", table.slice(line, rows)), ...shown];
}

async function readKeys(app: App): Promise<string[]> {
  return await (await app.keyring()).keys();
}

function takeInventory(file: IniFile, keys: readonly string[]): Inventory {
  const sessions = keys.map(parseSessionKey).filter((session) => session !== undefined);
  return {
    profiles: listProfiles(file),
    credentials: keys.filter(isCredentialsKey),
    sessions,
    tokens: listBehind(OIDC_PREFIX, keys.filter((key) => !key.startsWith(LOGIN_PREFIX))),
    logins: listBehind(LOGIN_PREFIX, keys),
    oldSessions: keys.filter(isOldSessionKey),
  };
}

function listBehind(prefix: string, keys: readonly string[]): string[] {
  return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/**
 * The sessions column: `sts.GetSessionToken:59m30s`, `oidc:corp`, `login:ARN`; for a person
 * `sts.GetSessionToken (59 min 30 s left)`.
 */
class Labels {
  readonly #file: IniFile;
  readonly #nowMs: number;
  readonly #inWords: boolean;
  #sessionNames: ReadonlyMap<string, string> | undefined;

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

  /** The sso-session's name, or the host of an inline start URL. */
  token(startUrl: string): string {
    const host = URL.canParse(startUrl) ? new URL(startUrl).host : "";
    this.#sessionNames ??= this.#readSessionNames();
    return `oidc:${this.#sessionNames.get(startUrl) ?? (host || startUrl)}`;
  }

  login(arn: string): string {
    return `login:${arn}`;
  }

  #readSessionNames(): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const name of this.#file.names("sso-session")) {
      const url = readSection(this.#file, "sso-session", name)?.get("sso_start_url")?.value;
      if (url) names.set(url, name);
    }
    return names;
  }

  all(inventory: Inventory): string[] {
    return [
      ...inventory.tokens.map((url) => this.token(url)),
      ...inventory.logins.map((arn) => this.login(arn)),
      ...inventory.sessions.map((session) => this.session(session, true)),
      ...this.old(inventory),
    ];
  }

  /** Other programs have never been shown them. */
  old({ oldSessions }: Inventory): readonly string[] {
    return this.#inWords ? oldSessions.map((key) => `${key} (old, never used)`) : [];
  }

  /** The start URL a profile signs in at. */
  startUrl(profile: string): string | undefined {
    const section = readSection(this.#file, "profile", profile);
    const session = section?.get("sso_session")?.value;
    const shared = session && readSection(this.#file, "sso-session", session)?.get("sso_start_url");
    return (shared || section?.get("sso_start_url"))?.value;
  }

  /** The ARN a profile signs in to the console as. */
  loginSession(profile: string): string | undefined {
    return readSection(this.#file, "profile", profile)?.get("login_session")?.value || undefined;
  }

  /** The start URL and the ARN that a profile signs in by, where such a sign-in is kept. */
  signIns(profile: string, { tokens, logins }: Inventory): string[] {
    const url = tokens.length > 0 ? this.startUrl(profile) : undefined;
    const arn = logins.length > 0 ? this.loginSession(profile) : undefined;
    return [url, arn].filter((name) => name !== undefined)
      .filter((name) => tokens.includes(name) || logins.includes(name));
  }

  signIn(name: string): string {
    return name.startsWith("arn:") ? this.login(name) : this.token(name);
  }
}

function tableRows(inventory: Inventory, labels: Labels): Row[] {
  const { profiles, credentials, sessions, tokens, logins } = inventory;
  const stored = new Set(credentials);
  const byProfile = Map.groupBy(sessions, (session) => session.profile);
  const kept = new Set([...credentials, ...byProfile.keys()]);
  const known = new Set<string>(); // those of them that the config file has
  const orphans = new Set([...tokens, ...logins]);
  const hasSignIns = orphans.size > 0; // of thousands of profiles most have nothing kept
  const rows = profiles.map((profile): Row => {
    if (!hasSignIns && !kept.has(profile)) return profile;
    known.add(profile);
    const own = hasSignIns ? labels.signIns(profile, inventory) : [];
    for (const name of own) orphans.delete(name);
    const shown = [
      ...own.map((name) => labels.signIn(name)),
      ...(byProfile.get(profile) ?? []).map((session) => labels.session(session)),
    ];
    return [profile, stored.has(profile) ? profile : "-", shown.join(", ") || "-"];
  });
  for (const name of credentials) if (!known.has(name)) rows.push(["-", name, "-"]);
  for (const name of orphans) rows.push(["-", "-", labels.signIn(name)]);
  for (const session of sessions) {
    if (!known.has(session.profile)) rows.push(["-", "-", labels.session(session, true)]);
  }
  for (const old of labels.old(inventory)) rows.push(["-", "-", old]);
  return rows;
}

function formatLines(lines: readonly string[]): string {
  return lines.length === 0 ? "" : lines.join("\n") + "\n";
}

function formatJson(
  inventory: Inventory,
  file: IniFile,
  labels: Labels,
  only: ListOptions,
): string {
  const all = !only.profiles && !only.credentials && !only.sessions;
  const stored = new Set(inventory.credentials);
  const answer = {
    ...((all || only.profiles) && {
      profiles: inventory.profiles.map((name) => ({
        name,
        ...(all && {
          credentials: stored.has(name),
          ssoStartUrl: labels.startUrl(name),
          loginSession: labels.loginSession(name),
        }),
      })),
    }),
    ...((all || only.credentials) && { credentials: inventory.credentials }),
    ...((all || only.sessions) && {
      sessions: inventory.sessions.map(({ type, profile, serial, expiresAtMs }) => ({
        type,
        profile,
        ...(serial && (type.startsWith("sso.") ? { startUrl: serial } : { mfaSerial: serial })),
        expiration: formatExpiry(expiresAtMs),
      })),
      tokens: [
        ...inventory.tokens.map((startUrl) => ({ startUrl })),
        ...inventory.logins.map((loginSession) => ({ loginSession })),
      ],
      oldSessions: inventory.oldSessions,
    }),
    config: file.path,
  };
  return JSON.stringify(answer, null, 2) + "\n";
}
