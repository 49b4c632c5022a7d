import type { IniFile } from "../config/ini.ts";
import type { ProfileConfig } from "../config/profile.ts";
import { resolveProfile, resolveSsoSession } from "../config/resolve.ts";
import { ssoTarget } from "../credentials/plan_steps.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import type { App } from "./app.ts";
import { checkProfile } from "./profile_names.ts";

/**
 * Where an `sso` command signs in: at a start URL, or at that of an `[sso-session]` or profile; with
 * nothing given AWS_PROFILE's, else the only one the config file knows, else one picked from those.
 */
export async function chooseSsoTarget(name: string | undefined, app: App): Promise<SsoTarget> {
  const file = app.config();
  const { env } = app.ctx;
  if (name) return await findTarget(name, app);
  const current = findOfProfile(env.get("AWS_PROFILE") ?? "", file, env);
  if (current !== undefined) return current;
  const targets = listTargets(file, env);
  if (targets.size <= 1 || !app.ctx.terminal.available()) return theOnly(targets, file);
  const { pickProfile } = await import("../prompt/picker.ts");
  const subjects = new Map([...targets.values()].map((target) => [target.subject, target]));
  return subjects.get(await pickProfile([...subjects.keys()], app.ctx))!;
}

/** A sign-in that is kept, as the config file knows it; its region may stand nowhere. */
export function describeSignIn(
  startUrl: string,
  app: App,
): Omit<SsoTarget, "region"> & { readonly region?: string } {
  const known = listTargets(app.config(), app.ctx.env).get(startUrl);
  if (known !== undefined) return known;
  const { endpoints } = resolveSsoSession("", app.config(), app.ctx.env);
  return { subject: startUrl, startUrl, scopes: [], portalEndpoint: endpoints.sso?.value };
}

async function findTarget(name: string, app: App): Promise<SsoTarget> {
  const file = app.config();
  const { env } = app.ctx;
  if (/^https?:\/\//.test(name)) return findByStartUrl(name, file, env);
  if (file.has("sso-session", name)) return sessionTarget(name, file, env);
  const keys = await (await app.keyring()).keys();
  checkProfile(name, file, keys, file.readableNames("sso-session"));
  const found = findOfProfile(name, file, env);
  if (found !== undefined) return found;
  throw new VaultError("config", `profile ${name} has no IAM Identity Center to sign in to`, [
    "it needs sso_session, or sso_start_url and sso_region",
  ]);
}

/** Where a profile's own role is, or that of a profile it takes its credentials from. */
function findOfProfile(name: string, file: IniFile, env: Env): SsoTarget | undefined {
  if (!file.has("profile", name)) return undefined;
  let config: ProfileConfig | undefined = resolveProfile(name, file, env, {});
  for (; config !== undefined; config = config.sourceProfile) {
    if (config.ssoStartUrl ?? config.ssoSession) {
      return ssoTarget(config, `profile ${config.profile}`);
    }
  }
  return undefined;
}

/** The start URL's region stands in the config file, or nowhere but in AWS_REGION. */
function findByStartUrl(startUrl: string, file: IniFile, env: Env): SsoTarget {
  const known = listTargets(file, env).get(startUrl);
  if (known !== undefined) return known;
  const region = env.get("AWS_REGION") ?? env.get("AWS_DEFAULT_REGION");
  if (region) {
    const config = resolveSsoSession("", file, env);
    const value = (text: string) => ({ value: text, source: { from: "default" as const } });
    return ssoTarget(
      { endpoints: config.endpoints, ssoStartUrl: value(startUrl), ssoRegion: value(region) },
      startUrl,
    );
  }
  throw new VaultError("config", `${file.path} does not know ${startUrl}, nor its region`, [
    "add an [sso-session] with sso_start_url and sso_region, or set AWS_REGION to its region",
  ]);
}

function sessionTarget(session: string, file: IniFile, env: Env): SsoTarget {
  return ssoTarget(resolveSsoSession(session, file, env), `sso-session ${session}`);
}

/** By start URL: those of the sessions, then those that profiles name by themselves. */
function listTargets(file: IniFile, env: Env): Map<string, SsoTarget> {
  const targets = new Map<string, SsoTarget>();
  const add = (target: SsoTarget) =>
    targets.has(target.startUrl) || targets.set(target.startUrl, target);
  for (const session of file.names("sso-session")) {
    if (file.section("sso-session", session)!.has("sso_start_url")) {
      add(sessionTarget(session, file, env));
    }
  }
  for (const profile of file.names("profile")) {
    if (!file.section("profile", profile)!.has("sso_start_url")) continue;
    const config = resolveProfile(profile, file, env, {});
    if (config.ssoRegion !== undefined) add(ssoTarget(config, `profile ${profile}`));
  }
  return targets;
}

function theOnly(targets: ReadonlyMap<string, SsoTarget>, file: IniFile): SsoTarget {
  const [only, ...others] = targets.values();
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new VaultError("config", `${file.path} names no IAM Identity Center to sign in to`, [
      "add an [sso-session NAME] with sso_start_url and sso_region",
    ]);
  }
  const names = [only, ...others].map(({ subject }) => subject.split(" ").at(-1));
  throw new VaultError("usage", "there is more than one IAM Identity Center to sign in to", [
    `name one: ${names.join(", ")}`,
  ]);
}
