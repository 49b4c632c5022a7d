import { Inheritance } from "../config/inheritance.ts";
import type { IniFile } from "../config/ini.ts";
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
