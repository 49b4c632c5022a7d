import type { SsoAccount } from "../aws/sso_accounts.ts";
import type { IniFile, Section } from "../config/ini.ts";
import { checkNewName } from "../config/names.ts";
import type { NewSection } from "../config/new_sections.ts";
import { isAboveDeeper } from "../config/section_places.ts";
import { isCredentialsKey } from "../credentials/session_key.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { VaultError } from "../errors.ts";
import { readSection } from "./sections.ts";

/** What the profiles of a sign-in's roles would change in the config file. */
export interface ProfilesPlan {
  readonly add: readonly NewSection[];
  /** Names that are taken by profiles that are something else. */
  readonly taken: readonly string[];
  /** Profiles for roles that are no longer assigned. */
  readonly vanished: readonly string[];
  /** Those of them that stay all the same, and why. */
  readonly needed: ReadonlyMap<string, string>;
}

/** A role of an account, and what its profile is called. */
interface NamedRole {
  readonly name: string;
  readonly accountId: string;
  readonly roleName: string;
}

/** Pure: it looks at the accounts and the file, and changes nothing. */
export function planProfiles(
  accounts: readonly SsoAccount[],
  target: SsoTarget,
  template: string,
  file: IniFile,
): ProfilesPlan {
  const known = readProfiles(target, file);
  const add: NewSection[] = [];
  const taken: string[] = [];
  for (const role of nameRoles(accounts, template)) {
    // One that is there and cannot be read is an error.
    const isThere = known.has(role.name) || file.section("profile", role.name) !== undefined;
    if (!isThere) add.push({ name: role.name, settings: settingsOf(role, target) });
    else if (known.get(role.name) !== idOf(role.accountId, role.roleName)) taken.push(role.name);
  }
  const vanished = findVanished(accounts, known);
  return { add, taken, vanished, needed: findNeeded(vanished, file) };
}

/** The profiles that can be read, each with the role that it has of the target, if any. */
function readProfiles(target: SsoTarget, file: IniFile): Map<string, string | undefined> {
  const known = new Map<string, string | undefined>();
  for (const [name, section] of file.readableSections("profile")) {
    const accountId = section.get("sso_account_id")?.value;
    const roleName = section.get("sso_role_name")?.value;
    const isHere = accountId && roleName && signsInAt(section, target, file);
    known.set(name, isHere ? idOf(accountId, roleName) : undefined);
  }
  return known;
}

function idOf(accountId: string, roleName: string): string {
  return `${accountId} ${roleName}`;
}

/** Names made from the template; those that would be the same have the account's id after them. */
export function nameRoles(accounts: readonly SsoAccount[], template: string): NamedRole[] {
  const roles = accounts.flatMap(({ accountId, accountName, roles }) =>
    roles.map((roleName) => ({
      name: fillIn(template, {
        // A name in a script that SDKs do not take leaves nothing.
        account: makeSafe(accountName) || accountId,
        account_id: accountId,
        role: roleName,
      }),
      accountId,
      roleName,
    }))
  );
  const counts = new Map<string, number>();
  for (const { name } of roles) counts.set(name, (counts.get(name) ?? 0) + 1);
  const named = roles.map((role) => {
    const isOwn = counts.get(role.name) === 1 && role.name !== "default" && role.name !== "";
    return isOwn ? role : { ...role, name: [role.name, role.accountId].filter(Boolean).join("-") };
  });
  checkNames(named, template);
  return named;
}

const PLACEHOLDERS = ["account", "account_id", "role"] as const;

/** Throws `VaultError("usage")` for a template that cannot be filled in. */
export function checkTemplate(template: string): void {
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ""))) {
    throw new VaultError("usage", `--template '${template}' has a brace by itself`, [
      "write {account}, {account_id} and {role}",
    ]);
  }
  for (const [, name] of template.matchAll(/\{([^}]*)\}/g)) {
    if ((PLACEHOLDERS as readonly string[]).includes(name!)) continue;
    throw new VaultError("usage", `--template knows no {${name}}`, [
      "it has {account}, {account_id} and {role}",
    ]);
  }
}

function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return makeSafe(template.replace(/\{(\w+)\}/g, (_, name: string) => makeSafe(values[name]!)));
}

/** AWS' SDKs for Java, JavaScript and Rust take no other characters in a profile's name. */
function makeSafe(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._\-/@+:]+/g, "-").replace(/-{2,}/g, "-").replace(/^-+|-+$/g, "");
}

function checkNames(named: readonly NamedRole[], template: string): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    checkNewName(name);
    if (!seen.has(name) && isCredentialsKey(name)) {
      seen.add(name);
      continue;
    }
    throw new VaultError("usage", `--template '${template}' calls more than one role ${name}`, [
      "a template with {account_id} and {role} tells all roles apart",
    ]);
  }
}

function settingsOf(
  { accountId, roleName }: NamedRole,
  { session, startUrl, region }: SsoTarget,
): Record<string, string> {
  const signIn: Record<string, string> = session === undefined
    ? { sso_start_url: startUrl, sso_region: region }
    : { sso_session: session };
  return { ...signIn, sso_account_id: accountId, sso_role_name: roleName };
}

/** Whether a profile signs in at the target, by its session's name or the address itself. */
function signsInAt(section: Section, { session, startUrl }: SsoTarget, file: IniFile): boolean {
  const named = section.get("sso_session")?.value;
  if (named && named === session) return true;
  const place = named ? readSection(file, "sso-session", named) : section;
  return place?.get("sso_start_url")?.value === startUrl;
}

function findVanished(
  accounts: readonly SsoAccount[],
  known: ReadonlyMap<string, string | undefined>,
): string[] {
  const assigned = new Set(
    accounts.flatMap(({ accountId, roles }) => roles.map((role) => idOf(accountId, role))),
  );
  return [...known].filter(([, role]) => role !== undefined && !assigned.has(role))
    .map(([name]) => name);
}

/** A profile that goes would take its settings from those that stay. */
function findNeeded(vanished: readonly string[], file: IniFile): Map<string, string> {
  const needed = new Map<string, string>();
  if (vanished.length === 0) return needed;
  if (vanished.includes("default")) needed.set("default", "other profiles inherit from it");
  for (const name of vanished.filter((name) => isAboveDeeper(file.text, name))) {
    needed.set(
      name,
      "AWS' programs would take the indented section below it for more of the one above",
    );
  }
  const going = new Set(vanished.filter((name) => !needed.has(name)));
  const staying = file.readableNames("profile").filter((name) => !going.has(name));
  for (const name of staying) {
    for (const key of ["source_profile", "include_profile", "parent_profile"]) {
      const other = readSection(file, "profile", name)?.get(key)?.value ?? "";
      if (!going.delete(other)) continue;
      needed.set(other, `the profile ${name} needs it`);
      staying.push(other);
    }
  }
  return needed;
}
