import { Inheritance } from "../config/inheritance.ts";
import type { IniFile } from "../config/ini.ts";
import { parseSessionKey } from "../credentials/session_key.ts";
import { VaultError } from "../errors.ts";

/**
 * Names with those first whose kept sessions end last: what was used last, as far as the keyring's
 * names show it. The others stay in their order.
 */
export function sortByUse(names: readonly string[], keys: readonly string[]): string[] {
  const latest = new Map<string, number>();
  for (const session of keys.map(parseSessionKey)) {
    if (session === undefined) continue;
    const before = latest.get(session.profile) ?? 0;
    latest.set(session.profile, Math.max(before, session.expiresAtMs));
  }
  return names.toSorted((a, b) => (latest.get(b) ?? 0) - (latest.get(a) ?? 0));
}

/** What a profile is, in a few words: `role admin in 222222222222`, `stored keys`. */
export function describeKind(profile: string, file: IniFile, keys: readonly string[]): string {
  const inheritance = new Inheritance(file);
  const find = (key: string) => inheritance.find(profile, key)?.value;
  try {
    const [, account, role] = /^arn:[^:]+:iam::(\d+):role\/(?:.*\/)?([^/]+)$/
      .exec(find("role_arn") ?? "") ?? [];
    if (role !== undefined) return `role ${role} in ${account}`;
    if (keys.includes(profile)) return "stored keys";
    const [ssoAccount, ssoRole] = [find("sso_account_id"), find("sso_role_name")];
    if (ssoAccount && ssoRole) return `SSO, ${ssoRole} in ${ssoAccount}`;
    if (find("sso_session") ?? find("sso_start_url")) return "SSO";
    if (find("login_session")) return "console sign-in";
    if (find("credential_process")) return "credential_process";
    const source = inheritance.findSource(profile)?.value;
    return source === undefined ? "" : `from ${source}`;
  } catch (error) {
    if (error instanceof VaultError) return "faulty, see aws-vault doctor";
    throw error;
  }
}
