import type { IniFile, SectionKind } from "../config/ini.ts";
import { endpointVariant, listChain } from "../config/profile.ts";
import { resolveProfile, resolveSsoSession } from "../config/resolve.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { ssoTarget } from "../credentials/targets.ts";
import { asArgument, VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import type { App } from "./app.ts";
import { checkProfile } from "./profile_names.ts";

/**
 * Where an `sso` command signs in: at a start URL, or at that of an `[sso-session]` or profile; with
 * nothing given AWS_PROFILE's, else that of the only `[sso-session]`, else the only one the config
 * file knows, else one picked from those.
 */
export async function chooseSsoTarget(name: string | undefined, app: App): Promise<SsoTarget> {
  const file = app.config();
  const { env } = app.ctx;
  if (name) return await findTarget(name, app);
  const current = findOfProfile(env.get("AWS_PROFILE") ?? "", file, env);
  if (current !== undefined) return current;
  const targets = listTargets(file, env);
  const { known } = targets;
  const [session, ...others] = [...known.values()].filter(({ session }) => session !== undefined);
  if (session !== undefined && others.length === 0) return session;
  if (known.size <= 1 || !app.ctx.terminal.available()) return theOnly(targets, file);
  const { pickProfile } = await import("../prompt/picker.ts");
  const subjects = new Map([...known.values()].map((target) => [target.subject, target]));
  return subjects.get(await pickProfile([...subjects.keys()], app.ctx))!;
}

/** Whether a word is an address: no profile and no sso-session is called so. */
export function isStartUrl(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** What there may be a sign-in of, as the config file knows it; its region may stand nowhere. */
export function describeSignIn(
  startUrl: string,
  app: App,
): Omit<SsoTarget, "region"> & { readonly region?: string } {
  const known = findKnown(startUrl, listTargets(app.config(), app.ctx.env));
  if (known !== undefined) return known;
  const config = resolveSsoSession("", app.config(), app.ctx.env);
  const portalEndpoint = config.endpoints.sso?.value;
  const variant = endpointVariant(config, undefined);
  return { subject: startUrl, startUrl, scopes: [], portalEndpoint, ...variant };
}

async function findTarget(name: string, app: App): Promise<SsoTarget> {
  const file = app.config();
  const { env } = app.ctx;
  if (isStartUrl(name)) return findByStartUrl(name, file, env);
  if (file.has("sso-session", name)) return sessionTarget(name, file, env);
  const keys = await (await app.keyring()).keys();
  checkKnown(name, file, keys);
  const found = findOfProfile(name, file, env);
  if (found !== undefined) return found;
  throw new VaultError("config", `profile ${name} has no IAM Identity Center to sign in to`, [
    resolveProfile(name, file, env, {}).loginSession === undefined
      ? "it needs sso_session, or sso_start_url and sso_region"
      : `it signs in to the AWS console: aws-vault signin ${asArgument(name)}`,
  ]);
}

/** An argument may have been meant for either. */
function checkKnown(name: string, file: IniFile, keys: readonly string[]): void {
  try {
    checkProfile(name, file, keys, file.readableNames("sso-session"));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new VaultError(error.code, error.message, [
      "nor is there an [sso-session] of that name",
      ...error.hints,
    ]);
  }
}

/** Where a profile's own role is, or that of a profile it takes its credentials from. */
function findOfProfile(name: string, file: IniFile, env: Env): SsoTarget | undefined {
  if (!file.has("profile", name)) return undefined;
  const found = listChain(resolveProfile(name, file, env, {}))
    .find(({ ssoStartUrl, ssoSession }) => ssoStartUrl ?? ssoSession);
  return found && ssoTarget(found, `profile ${found.profile}`);
}

/** The start URL's region stands in the config file, or nowhere but in AWS_REGION. */
function findByStartUrl(startUrl: string, file: IniFile, env: Env): SsoTarget {
  const targets = listTargets(file, env);
  const found = findKnown(startUrl, targets);
  if (found !== undefined) return found;
  const region = env.get("AWS_REGION") || env.get("AWS_DEFAULT_REGION");
  if (region) {
    const { ssoSession: _none, ...config } = resolveSsoSession("", file, env);
    const value = (text: string) => ({ value: text, source: { from: "default" as const } });
    const asked = trimStartUrl(startUrl);
    return ssoTarget({ ...config, ssoStartUrl: value(asked), ssoRegion: value(region) }, asked);
  }
  if (targets.fault !== undefined) throw targets.fault;
  throw new VaultError("config", `${file.path} does not know ${startUrl}, nor its region`, [
    "add an [sso-session] with sso_start_url and sso_region, or set AWS_REGION to its region",
  ]);
}

function findKnown(startUrl: string, { known }: Targets): SsoTarget | undefined {
  return known.get(startUrl) ??
    [...known.values()].find((one) => isSamePortal(one.startUrl, startUrl));
}

/** A start URL without what the portal adds to it in a browser, where people copy it: `/#/?tab=…`. */
export function trimStartUrl(startUrl: string): string {
  return startUrl.replace(/[?#].*$/s, "").replace(/\/+$/, "");
}

/** Whether both lead to the same portal. */
export function isSamePortal(startUrl: string, other: string): boolean {
  return trimStartUrl(startUrl).toLowerCase() === trimStartUrl(other).toLowerCase();
}

function sessionTarget(session: string, file: IniFile, env: Env): SsoTarget {
  return ssoTarget(resolveSsoSession(session, file, env), `sso-session ${session}`);
}

/** What the config file knows. */
interface Targets {
  /** By start URL: those of the sessions, then those that profiles name by themselves. */
  readonly known: ReadonlyMap<string, SsoTarget>;
  /** What is wrong with a section that cannot be read: the others serve all the same. */
  readonly fault?: VaultError;
}

function listTargets(file: IniFile, env: Env): Targets {
  const known = new Map<string, SsoTarget>();
  const faults: VaultError[] = [];
  const add = (read: () => SsoTarget | undefined) => {
    try {
      const target = read();
      if (target !== undefined && !known.has(target.startUrl)) known.set(target.startUrl, target);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      faults.push(error);
    }
  };
  const hasUrl = (kind: SectionKind, name: string) =>
    file.section(kind, name)!.has("sso_start_url");
  for (const session of file.readableNames("sso-session")) {
    add(() => hasUrl("sso-session", session) ? sessionTarget(session, file, env) : undefined);
  }
  for (const profile of file.readableNames("profile")) {
    add(() => hasUrl("profile", profile) ? profileTarget(profile, file, env) : undefined);
  }
  return { known, fault: faults[0] };
}

function profileTarget(profile: string, file: IniFile, env: Env): SsoTarget | undefined {
  const config = resolveProfile(profile, file, env, {});
  return config.ssoRegion && ssoTarget(config, `profile ${profile}`);
}

function theOnly({ known, fault }: Targets, file: IniFile): SsoTarget {
  const [only, ...others] = known.values();
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw fault ??
      new VaultError("config", `${file.path} names no IAM Identity Center to sign in to`, [
        "add an [sso-session NAME] with sso_start_url and sso_region,",
        "or be asked for what it takes: aws-vault configure PROFILE",
      ]);
  }
  const names = [only, ...others].map(({ subject }) => subject.replace(/^\S+ /, ""));
  throw new VaultError("usage", "there is more than one IAM Identity Center to sign in to", [
    `name one: ${names.join(", ")}`,
  ]);
}
