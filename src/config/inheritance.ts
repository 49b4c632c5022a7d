import { VaultError } from "../errors.ts";
import type { Entry, IniFile, Section } from "./ini.ts";
import { REPLACED } from "./ini_text.ts";
import type { Setting } from "./profile.ts";

/** A profile and its section. */
interface Own {
  readonly profile: string;
  section?: Section;
}

/** The same with the profile it includes. */
interface Link extends Readonly<Own> {
  readonly include?: Link;
  /** What was found from here on, so that a long chain is gone over once for each setting. */
  readonly found: Map<string, Setting | undefined>;
}

/**
 * The settings of the file's profiles with what they inherit: a profile's own, those of its
 * `include_profile` and that one's, and at the end `[default]`'s.
 */
export class Inheritance {
  readonly file: IniFile;
  readonly #hintsFor: (profile: string) => readonly string[];
  readonly #links = new Map<string, Link>();
  readonly #faults = new Map<string, unknown>();

  /** @param hintsFor what may have been meant by the name of a profile that is not there */
  constructor(file: IniFile, hintsFor: (profile: string) => readonly string[] = () => []) {
    this.file = file;
    this.#hintsFor = hintsFor;
  }

  /** The nearest value that is not empty. Throws for a loop, or an included profile that is none. */
  find(profile: string, key: string): Setting | undefined {
    // `[default]` may be in the chain already: what is not there is not there a second time.
    return this.#search(this.#link(profile), key) ?? this.#search(this.#link("default"), key);
  }

  /** The profile whose credentials this one's are made from; one that names itself names none. */
  findSource(profile: string): Setting | undefined {
    const named = this.find(profile, "source_profile");
    return named?.value === profile ? undefined : named;
  }

  /**
   * The profiles by which the values of a section come to `profile`, the nearest first: those it
   * includes, `default` at the end. None where the section is its own; `undefined` where it
   * inherits nothing from that section.
   */
  listPath(profile: string, section: string): readonly string[] | undefined {
    const path: string[] = [];
    for (const first of [profile, "default"]) {
      for (let link: Link | undefined = this.#link(first); link; link = link.include) {
        if (link.profile !== profile) path.push(link.profile);
        if (section === `[profile ${link.profile}]`) return path;
      }
    }
    return undefined;
  }

  #search(first: Link, key: string): Setting | undefined {
    const passed: Link[] = [];
    let setting: Setting | undefined;
    for (let link: Link | undefined = first; link !== undefined; link = link.include) {
      passed.push(link);
      setting = link.found.get(key) ??
        readSetting(this.file, link.section, `[profile ${link.profile}]`, key);
      if (setting !== undefined || link.found.has(key)) break;
    }
    for (const link of passed) link.found.set(key, setting);
    return setting;
  }

  #link(profile: string): Link {
    const path: Own[] = [];
    try {
      let include = this.#walk(profile, path);
      for (const own of path.reverse()) {
        include = { ...own, include, found: new Map() };
        this.#links.set(own.profile, include);
      }
      return include!;
    } catch (error) {
      // Whoever includes them meets the same fault, which is found once.
      for (const { profile } of path) this.#faults.set(profile, error);
      throw error;
    }
  }

  /** Puts the profiles from here on that have no link yet into `path`; the link they lead to. */
  #walk(profile: string, path: Own[]): Link | undefined {
    const seen = new Set<string>();
    for (let next: string | undefined = profile; next !== undefined;) {
      const known = this.#links.get(next);
      if (known !== undefined) return known;
      if (this.#faults.has(next)) throw this.#faults.get(next);
      if (seen.has(next)) throw this.#loop(profile, [...seen], next, path.at(-1)!);
      seen.add(next);
      const own: Own = { profile: next };
      path.push(own);
      own.section = this.file.section("profile", next);
      next = this.#findIncluded(next, own.section);
    }
    return undefined;
  }

  #findIncluded(profile: string, section: Section | undefined): string | undefined {
    const { value, line } = readInclude(section) ?? { value: "" };
    if (value === "") return undefined;
    if (value === "default" || this.file.has("profile", value)) return value;
    throw new VaultError(
      "config",
      `profile ${profile}: include_profile names \`${value}\`, which ${this.file.path} does not have`,
      [...this.#hintsFor(value), `see ${this.file.path}, line ${line}`],
    );
  }

  #loop(profile: string, path: readonly string[], again: string, last: Own): VaultError {
    const line = readInclude(last.section)?.line;
    return new VaultError(
      "config",
      `profile ${profile}: include_profile is a loop: ${describeLoop(path, again)}`,
      [
        "remove one of these include_profile settings",
        `the loop closes at ${this.file.path}, line ${line}, of [profile ${last.profile}]`,
      ],
    );
  }
}

function readInclude(section: Section | undefined): Entry | undefined {
  return section?.get("include_profile") ?? section?.get("parent_profile");
}

/** A section's value of a key; an empty one is none. `shown` is the section's header. */
export function readSetting(
  file: IniFile,
  section: Section | undefined,
  shown: string,
  key: string,
): Setting | undefined {
  const entry = section?.get(key);
  if (entry === undefined || entry.value === "") return undefined;
  const { value, line } = entry;
  const isBroken = (text: string) => !file.isUtf8 && text.includes(REPLACED);
  if (isBroken(shown)) throw notUtf8(file, line, `the name in ${shown}`); // another's may be the same
  if (isBroken(value)) throw notUtf8(file, line, `the value of ${key}`);
  return { value, source: { from: "file", path: file.path, line, section: shown, key } };
}

function notUtf8({ path }: IniFile, line: number, what: string): VaultError {
  return new VaultError("config", `${path}, line ${line}: ${what} is not UTF-8`, [
    "save the file as UTF-8",
  ]);
}

/** `a → b → a`: the part of a path that `again` closes, its middle left out where it is long. */
export function describeLoop(path: readonly string[], again: string): string {
  const loop = path.slice(path.indexOf(again));
  const shown = loop.length <= MAX_SHOWN
    ? loop
    : [...loop.slice(0, MAX_SHOWN - 1), `… ${loop.length - MAX_SHOWN} more …`, loop.at(-1)];
  return [...shown, again].join(" → ");
}

const MAX_SHOWN = 8;
