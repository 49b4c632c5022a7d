import {
  CHAINED_ROLE_MAX_SECONDS,
  describeSource,
  listChain,
  type ProfileConfig,
  type Setting,
} from "../config/profile.ts";
import { asArgument, VaultError } from "../errors.ts";
import {
  assumeRoleStep,
  loginArn,
  loginStep,
  mfaRequest,
  processStep,
  roleIdentity,
  roleRequest,
  sessionTokenStep,
  ssoStep,
  webIdentityStep,
} from "./plan_steps.ts";
import type { Plan, Step } from "./steps.ts";
import { stsTarget } from "./targets.ts";

export interface PlanOptions {
  /** False with `--no-session`: stored keys take no session token. */
  readonly sessions: boolean;
  /** The caller renews by itself (`exec --json`, a server): role sessions without a code are kept too. */
  readonly renews: boolean;
  /** What may have been meant by the name of a source profile that is nowhere. */
  readonly hintsFor?: (profile: string) => readonly string[];
  /** Asked for `credential_source = Environment` alone. */
  readonly environment?: () => EnvironmentKeys;
}

/** What our environment says of the keys in it. */
export interface EnvironmentKeys {
  readonly accessKeyId?: string;
  /** There is a session token, too. */
  readonly isSession: boolean;
}

/**
 * The steps from stored keys (or whatever a profile begins with) to the profile's credentials.
 * Pure: it knows the names in the keyring and nothing of their contents.
 */
export function planCredentials(
  config: ProfileConfig,
  keys: ReadonlySet<string>,
  options: PlanOptions,
): Plan {
  const planner = new Planner(config, keys, options);
  planner.addAll();
  const { expectedAccount: expected, profile } = config;
  const account = expected && { profile, expected, target: stsTarget(config) };
  return { profile, steps: planner.steps, remarks: planner.remarks, account };
}

class Planner {
  readonly steps: Step[] = [];
  readonly remarks: string[] = [];
  /** The profiles from the target inwards, to where its credentials begin. */
  readonly #chain: readonly ProfileConfig[];
  readonly #roles: readonly ProfileConfig[];
  readonly #keys: ReadonlySet<string>;
  readonly #options: PlanOptions;
  /** MFA serials that vouch for the credentials so far. */
  readonly #usedSerials = new Set<string>();
  /** What was asked for, step by step: a role session is bound to what it was made from. */
  readonly #asked: string[] = [];

  constructor(target: ProfileConfig, keys: ReadonlySet<string>, options: PlanOptions) {
    this.#keys = keys;
    this.#options = options;
    this.#chain = this.#walk(target);
    this.#roles = this.#chain.filter(({ roleArn }) => roleArn !== undefined);
  }

  addAll(): void {
    for (let index = this.#chain.length - 1; index >= 0; index--) {
      this.#add(this.#chain[index]!, this.#chain[index - 1]);
    }
  }

  /** A source profile that is nowhere is a fault, though keys nearer by stand before it. */
  #walk(target: ProfileConfig): ProfileConfig[] {
    const chain = listChain(target);
    for (const link of chain) {
      if (link.sourceProfile !== undefined) this.#checkSource(link, link.sourceProfile);
    }
    const end = chain.findIndex(({ profile }) => this.#keys.has(profile));
    return end < 0 ? chain : chain.slice(0, end + 1);
  }

  /**
   * Adds what `config` stands for; `chainedFrom` is the profile that names it as its source. Stored
   * keys that no profile further in made a session of are offered to the next one outwards.
   */
  #add(config: ProfileConfig, chainedFrom: ProfileConfig | undefined): void {
    if (this.#keys.has(config.profile)) {
      this.steps.push({ kind: "stored", profile: config.profile });
      this.#asked.push(`stored ${config.profile}`);
      this.#addSessionToken(config, chainedFrom);
      this.#addRole(config);
    } else if (config.sourceProfile !== undefined) {
      if (this.steps.at(-1)?.kind === "stored") this.#addSessionToken(config, chainedFrom);
      this.#addRole(config);
    } else {
      this.#addOwnSource(config);
    }
  }

  #checkSource(config: ProfileConfig, source: ProfileConfig): void {
    if (source.inFile || this.#keys.has(source.profile)) return;
    throw new VaultError(
      "config",
      `profile ${config.profile}: source_profile names \`${source.profile}\`, which is neither in the config file nor in the keyring`,
      [
        ...this.#options.hintsFor?.(source.profile) ?? [],
        ...(config.sourceProfileName === undefined
          ? []
          : [`see ${describeSource(config.sourceProfileName.source)}`]),
        `or add keys with: aws-vault add ${asArgument(source.profile)}`,
      ],
    );
  }

  /** SPEC §4, points 2 to 5, in the Go tool's order, and §9. */
  #addOwnSource(config: ProfileConfig): void {
    if (config.ssoStartUrl !== undefined || config.ssoSession !== undefined) {
      this.#push(ssoStep(config));
      this.#remarkOnRole(config, "IAM Identity Center gives");
    } else if (config.webIdentityTokenFile ?? config.webIdentityTokenProcess) {
      this.#push(webIdentityStep(config));
    } else if (config.loginSession !== undefined && !isOverridden(config)) {
      this.#push(loginStep(config, loginArn(config.loginSession, config.profile)));
      this.#addRole(config);
    } else if (config.credentialSource !== undefined) {
      this.#addCredentialSource(config, config.credentialSource);
      this.#addRole(config);
    } else if (config.credentialProcess !== undefined) {
      this.#push(processStep(config.profile, config.credentialProcess));
      this.#remarkOnRole(config, "credential_process gives");
    } else {
      throw missingCredentials(config, this.#chain[0]!);
    }
  }

  /** As in the Go tool. SDKs differ: some assume it, others refuse the profile. */
  #remarkOnRole({ profile, roleArn }: ProfileConfig, origin: string): void {
    if (roleArn === undefined) return;
    this.remarks.push(
      `profile ${profile}: its role is not assumed: ${origin} its credentials as they are; a role ` +
        `on them takes a profile of its own with source_profile = ${profile}`,
    );
  }

  #addCredentialSource(config: ProfileConfig, setting: Setting): void {
    const kind = SOURCES.get(setting.value.toLowerCase());
    if (kind === undefined) {
      throw new VaultError(
        "config",
        `profile ${config.profile}: credential_source is \`${setting.value}\``,
        [
          "it is one of Environment, Ec2InstanceMetadata, EcsContainer",
          `see ${describeSource(setting.source)}`,
        ],
      );
    }
    this.#push({ kind, profile: config.profile });
    const keys = kind === "environment" ? this.#options.environment?.().accessKeyId ?? "" : kind;
    this.#asked.push(keys);
  }

  #addSessionToken(config: ProfileConfig, chainedFrom: ProfileConfig | undefined): void {
    const reason = this.#whyNoSessionToken(config, chainedFrom);
    if (reason !== undefined) {
      this.remarks.push(`profile ${config.profile}: no GetSessionToken: ${reason}`);
      return;
    }
    this.#push(sessionTokenStep(config, chainedFrom !== undefined));
    if (config.mfaSerial !== undefined) this.#usedSerials.add(config.mfaSerial.value);
  }

  #whyNoSessionToken(
    config: ProfileConfig,
    chainedFrom: ProfileConfig | undefined,
  ): string | undefined {
    if (!this.#options.sessions) return "sessions are off";
    if (config.roleArn !== undefined) return "its role is assumed from the keys directly";
    if (this.#isSingleLongRole()) return "the role's length is more than 1h";
    if (chainedFrom === undefined) return undefined;
    if (chainedFrom.mfaSerial === undefined) return `${chainedFrom.profile} has no mfa_serial`;
    if (chainedFrom.mfaSerial.value !== config.mfaSerial?.value) {
      return `its mfa_serial is not that of ${chainedFrom.profile}`;
    }
    return undefined;
  }

  /** One role alone that asks for more than the cap is assumed from the keys, to get it. */
  #isSingleLongRole(): boolean {
    const [role, ...others] = this.#roles;
    return others.length === 0 && role !== undefined &&
      role.roleDurationSeconds.value > CHAINED_ROLE_MAX_SECONDS;
  }

  #addRole(config: ProfileConfig): void {
    if (config.roleArn === undefined) return;
    const serial = config.mfaSerial?.value;
    const mfa = serial === undefined || this.#usedSerials.has(serial)
      ? undefined
      : mfaRequest(config);
    const step = assumeRoleStep(config, config.roleArn.value, this.#roleSeconds(config), mfa);
    const keep = mfa !== undefined || this.#options.renews;
    const request = roleRequest(step, mfa === undefined ? serial : undefined);
    const depth = this.#asked.length;
    const beneath = () => this.#asked.slice(0, depth).join("\n");
    this.#push(keep ? { ...step, cache: roleIdentity(step, request, beneath) } : step);
    this.#asked.push(JSON.stringify(request));
    if (mfa !== undefined) this.#usedSerials.add(mfa.serial);
  }

  /** How long a profile's role may last on what is beneath it. */
  #roleSeconds({ profile, roleDurationSeconds }: ProfileConfig): number {
    const wanted = roleDurationSeconds.value;
    if (wanted <= CHAINED_ROLE_MAX_SECONDS) return wanted;
    if (this.#isChained()) {
      this.remarks.push(`profile ${profile}: role length cut to 1h, AWS's limit for role chaining`);
      return CHAINED_ROLE_MAX_SECONDS;
    }
    if (this.steps.at(-1)!.kind === "process") {
      this.remarks.push(
        `profile ${profile}: role length cut to 1h where the credential_process gives a session ` +
          "token: AWS's limit for role chaining",
      );
    }
    return wanted;
  }

  /** Whether a role assumed now is chained: from session or role credentials. */
  #isChained(): boolean {
    const last = this.steps.at(-1)!.kind;
    if (last === "environment") return this.#options.environment?.().isSession ?? false;
    return last !== "stored" && last !== "process";
  }

  #push(step: Step): void {
    this.steps.push(step);
    if (step.cache !== undefined && step.kind !== "assume_role" && step.kind !== "session_token") {
      this.#asked.push(step.cache.asked[0]!);
    }
  }
}

/** What `credential_source` may name. A map, for an object has a `constructor` of its own. */
const SOURCES: ReadonlyMap<string, "environment" | "instance_metadata" | "container"> = new Map([
  ["environment", "environment"],
  ["ec2instancemetadata", "instance_metadata"],
  ["ecscontainer", "container"],
]);

/**
 * `aws login` without a profile writes into `[default]`, which every profile inherits from: one that
 * says for itself where its credentials come from means that.
 */
function isOverridden({ loginSession, credentialSource, credentialProcess }: ProfileConfig) {
  const isInherited = (setting: Setting | undefined) =>
    setting?.source.from === "file" && setting.source.section === "[profile default]";
  return isInherited(loginSession) &&
    [credentialSource, credentialProcess].some((own) => own !== undefined && !isInherited(own));
}

function missingCredentials(config: ProfileConfig, target: ProfileConfig): VaultError {
  const hints = [`store keys with: aws-vault add ${asArgument(config.profile)}`];
  if (config.roleArn !== undefined) {
    hints.push("or give it a source_profile, whose credentials its role is assumed with");
  }
  const sso = config.ssoAccountId ?? config.ssoRoleName;
  if (sso !== undefined) {
    hints.unshift(
      "an SSO profile needs sso_session, or sso_start_url and sso_region, too: see " +
        describeSource(sso.source),
    );
  }
  if (config.profile !== target.profile) {
    hints.unshift(`${config.profile} is where the chain of ${target.profile} begins`);
  }
  return new VaultError("credentials", `profile ${config.profile}: credentials missing`, hints);
}
