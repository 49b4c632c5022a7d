import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import { parseDuration, type parseLongDuration } from "./duration.ts";
import { type Inheritance, readSetting } from "./inheritance.ts";
import type { SectionKind } from "./ini.ts";
import { hintAtNearest } from "./nearest.ts";
import { type ConfigFlags, describeSource, type Setting } from "./profile.ts";
import { parseBoolean } from "./values.ts";

/** Where the values of a chain of profiles are looked up. */
export interface Scope {
  readonly profiles: Inheritance;
  readonly env: Env;
  readonly flags: ConfigFlags;
  /** The profile on the command line: a role in the environment is meant for it alone. */
  readonly target: string;
}

/** Finds one profile's values: a function for each place that they may stand in. */
export class Lookup {
  readonly #profile: string;
  readonly #scope: Scope;

  constructor(profile: string, scope: Scope) {
    this.#profile = profile;
    this.#scope = scope;
  }

  flag(key: Exclude<keyof ConfigFlags, "hasDuration">, shown: string): Setting | undefined {
    const value = this.#scope.flags[key];
    return value ? { value, source: { from: "flag", name: shown } } : undefined;
  }

  /** `--duration`, or what stands for it. */
  duration(): Setting | undefined {
    const { hasDuration } = this.#scope.flags;
    return this.flag("duration", "--duration") ??
      (hasDuration ? this.env("AWS_VAULT_DURATION") : undefined);
  }

  /** A length; what is wrong with one is told with who wants it. */
  seconds(
    setting: Setting | undefined,
    parse: typeof parseLongDuration = parseDuration,
  ): Setting<number> | undefined {
    const whose = `profile ${this.#scope.target}: `;
    return mapSetting(setting, (text, where) => parse(text, whose + where));
  }

  env(name: string): Setting | undefined {
    const value = this.#scope.env.get(name);
    return value ? { value, source: { from: "environment", name } } : undefined;
  }

  file(key: string): Setting | undefined {
    return this.#scope.profiles.find(this.#profile, key);
  }

  /** Of the profile on the command line. */
  ofTarget(key: string): Setting | undefined {
    return this.#scope.profiles.find(this.#scope.target, key);
  }

  /** An sso-session's values stand before the profile's own. */
  sso(key: string): Setting | undefined {
    const session = this.file("sso_session");
    return (session && this.session(session.value, key)) ?? this.file(key);
  }

  session(name: string, key: string): Setting | undefined {
    return this.#shared("sso-session", name, key);
  }

  /** The `endpoint_url` a `[services NAME]` section gives one service. */
  service(key: string): Setting | undefined {
    const services = this.file("services");
    return services && this.#shared("services", services.value, "endpoint_url", key);
  }

  ignoresEndpoints(): Setting<boolean> | undefined {
    return mapSetting(
      this.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ??
        this.file("ignore_configured_endpoint_urls"),
      parseBoolean,
    );
  }

  /** What is wrong with a setting that names a section, where the file has none of that name. */
  findMissing(key: string, kind: SectionKind): VaultError | undefined {
    const named = this.file(key);
    const { file } = this.#scope.profiles;
    if (named === undefined || file.has(kind, named.value)) return undefined;
    return new VaultError(
      "config",
      `profile ${this.#profile}: ${key} names \`${named.value}\`, which ${file.path} does not have`,
      [
        ...hintAtNearest(named.value, file.readableNames(kind)),
        `see ${describeSource(named.source)}, and [${kind} NAME] sections`,
      ],
    );
  }

  /** A value of a section that profiles name, or of a block in it. */
  #shared(kind: SectionKind, name: string, key: string, block?: string): Setting | undefined {
    const { file } = this.#scope.profiles;
    const section = file.section(kind, name);
    const entries = block === undefined ? section : section?.get(block)?.nested;
    return readSetting(file, entries, `[${kind} ${name}]`, key);
  }
}

/** A value read by `parse`, which is told where it stands for its errors. */
export function mapSetting<T>(
  setting: Setting | undefined,
  parse: (text: string, where: string) => T,
): Setting<T> | undefined {
  if (setting === undefined) return undefined;
  return { value: parse(setting.value, describeSource(setting.source)), source: setting.source };
}
