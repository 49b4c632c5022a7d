import type { Command } from "@commander-js/extra-typings";
import { describeAbsence } from "../../../backends/mod.ts";
import type { IniFile } from "../../config/ini.ts";
import { formatExpiry } from "../../expiry.ts";
import type { Styled } from "../../types.ts";
import type { App } from "../app.ts";
import { addColourOption, type Colour, isColoured, styled } from "../colour.ts";
import { addExamples } from "../help.ts";
import { findLoginSession, findStartUrl, type Inventory, takeInventory } from "../inventory.ts";
import { waysToFirst } from "../profile_names.ts";
import { SessionLabels } from "../session_labels.ts";
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

async function list(app: App, options: ListOptions): Promise<void> {
  const file = app.config();
  const profilesAlone = options.profiles && !options.credentials && !options.sessions;
  const names = profilesAlone ? [] : await (await app.keyring()).keys();
  if (!profilesAlone && names.length === 0) warnOfAbsence(app);
  const inventory = takeInventory(file, names);
  const isForPerson = app.ctx.terminal.isOutput();
  const labels = new SessionLabels(file, app.ctx.clock.now(), isForPerson);
  if (options.json) app.ctx.out(formatJson(inventory, file, options));
  else if (options.credentials) app.ctx.out(formatLines(inventory.credentials));
  else if (options.profiles) app.ctx.out(formatLines(inventory.profiles));
  else if (options.sessions) app.ctx.out(formatLines(labels.all(inventory)));
  else {
    const rows = tableRows(inventory, file, labels);
    if (rows.length === 0) app.ctx.note(`Nothing yet. Begin with ${waysToFirst("NAME")}.`);
    const table = formatTable(["Profile", "Credentials", "Sessions"], rows);
    app.ctx.outStyled(isColoured(options.color, app.ctx) ? colourTable(table) : [table]);
  }
}

/** A keyring whose disk is not mounted or whose program is missing looks like an empty one. */
function warnOfAbsence({ globals, ctx }: App): void {
  const absence = describeAbsence(globals, ctx);
  if (absence !== undefined) ctx.note(`aws-vault: warning: ${absence}`);
}

/** The head stands out; so does what has ended. */
function colourTable(table: string): (string | Styled)[] {
  const line = table.indexOf("\n") + 1;
  const rows = table.indexOf("\n", line) + 1;
  const shown = table.slice(rows).split(/(\bended .* ago\b)/)
    .map((part) => part.startsWith("ended ") ? styled("yellow", part) : part);
  return [styled("bold", table.slice(0, line)), styled("dim", table.slice(line, rows)), ...shown];
}

function tableRows(inventory: Inventory, file: IniFile, labels: SessionLabels): Row[] {
  const { profiles, credentials, sessions } = inventory;
  const stored = new Set(credentials);
  const byProfile = Map.groupBy(sessions, (session) => session.profile);
  const kept = new Set([...credentials, ...byProfile.keys()]);
  const known = new Set<string>(); // those of them that the config file has
  const signIns = labels.signIns(inventory);
  const orphans = new Map(signIns);
  const rows = profiles.map((profile): Row => {
    // Of thousands of profiles most have nothing kept; no section is looked for in vain.
    if (signIns.size === 0 && !kept.has(profile)) return profile;
    known.add(profile);
    const own = signIns.size === 0
      ? []
      : listSignIns(profile, file).filter((name) => signIns.has(name));
    for (const name of own) orphans.delete(name);
    const shown = [
      ...own.map((name) => signIns.get(name)!),
      ...(byProfile.get(profile) ?? []).map((session) => labels.session(session)),
    ];
    return [profile, stored.has(profile) ? profile : "-", shown.join(", ") || "-"];
  });
  for (const name of credentials) if (!known.has(name)) rows.push(["-", name, "-"]);
  for (const label of orphans.values()) rows.push(["-", "-", label]);
  for (const session of sessions) {
    if (!known.has(session.profile)) rows.push(["-", "-", labels.session(session, true)]);
  }
  for (const old of labels.old(inventory)) rows.push(["-", "-", old]);
  return rows;
}

/** The start URL and the ARN that a profile signs in by. */
function listSignIns(profile: string, file: IniFile): string[] {
  return [findStartUrl(profile, file), findLoginSession(profile, file)]
    .filter((name) => name !== undefined);
}

function formatLines(lines: readonly string[]): string {
  return lines.length === 0 ? "" : lines.join("\n") + "\n";
}

function formatJson(inventory: Inventory, file: IniFile, only: ListOptions): string {
  const all = !only.profiles && !only.credentials && !only.sessions;
  const stored = new Set(inventory.credentials);
  const answer = {
    ...((all || only.profiles) && {
      profiles: inventory.profiles.map((name) => ({
        name,
        ...(all && {
          credentials: stored.has(name),
          ssoStartUrl: findStartUrl(name, file),
          loginSession: findLoginSession(name, file),
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
