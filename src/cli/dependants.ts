import { Inheritance } from "../config/inheritance.ts";
import type { IniFile } from "../config/ini.ts";
import { resolveProfile } from "../config/resolve.ts";
import { planCredentials } from "../credentials/plan.ts";
import { parseSessionKey } from "../credentials/session_key.ts";
import type { App } from "./app.ts";

/**
 * The profiles whose credentials begin with `holder`'s keys, itself the first: sessions kept for
 * them go with those. `keys` are the names in the keyring.
 */
export function listDependants(holder: string, app: App, keys: readonly string[]): string[] {
  const beginnings = new Beginnings(app.config(), new Set([...keys, holder]));
  const others = app.config().readableNames("profile").filter((name) =>
    name !== holder && beginnings.find(name) === holder
  );
  return [holder, ...others];
}

/**
 * The profiles with kept sessions whose credentials begin with a sign-in to a start URL. `keys` are
 * the names in the keyring.
 */
export function listSignedIn(startUrl: string, app: App, keys: readonly string[]): string[] {
  const stored = new Set(keys);
  const profiles = new Set(keys.flatMap((key) => parseSessionKey(key)?.profile ?? []));
  return [...profiles].filter((profile) => {
    try {
      const config = resolveProfile(profile, app.config(), app.ctx.env, {});
      const [first] = planCredentials(config, stored, { sessions: true, renews: true }).steps;
      return first?.kind === "sso" && first.startUrl === startUrl;
    } catch {
      return false; // nor are its sessions handed out
    }
  });
}

/** Where the chains of source profiles begin: at the first that has keys of its own. */
class Beginnings {
  readonly #profiles: Inheritance;
  readonly #stored: ReadonlySet<string>;
  readonly #found = new Map<string, string | undefined>();

  constructor(file: IniFile, stored: ReadonlySet<string>) {
    this.#profiles = new Inheritance(file);
    this.#stored = stored;
  }

  find(profile: string): string | undefined {
    const passed: string[] = [];
    let beginning: string | undefined;
    for (let next: string | undefined = profile; next !== undefined;) {
      if (this.#found.has(next)) {
        beginning = this.#found.get(next);
        break;
      }
      passed.push(next);
      this.#found.set(next, undefined); // a loop begins nowhere
      beginning = this.#stored.has(next) ? next : undefined;
      next = beginning === undefined ? this.#findSource(next) : undefined;
    }
    for (const name of passed) this.#found.set(name, beginning);
    return beginning;
  }

  #findSource(profile: string): string | undefined {
    try {
      return this.#profiles.findSource(profile)?.value;
    } catch {
      return undefined; // a fault in some other profile's settings is none of this one's
    }
  }
}
