import { describeLoop, Inheritance } from "../config/inheritance.ts";
import type { SectionKind } from "../config/ini.ts";
import { hintAtNearest } from "../config/nearest.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { settingsOf } from "./lines.ts";
import { type Profiles, UNUSABLE } from "./profiles.ts";

/** Names of profiles and sections that lead nowhere, or back to where they began. */
export function checkNames(view: ConfigView, profiles: Profiles): Finding[] {
  return [
    ...checkTargets(view, profiles),
    ...checkLoops(view, profiles, "include_profile"),
    ...checkLoops(view, profiles, "source_profile"),
  ];
}

function checkTargets({ file, lines, keys }: ConfigView, profiles: Profiles): Finding[] {
  const known: Record<Target["kind"], ReadonlySet<string> | undefined> = {
    source: keys && new Set([...profiles.keys(), ...keys]), // keys that are not known may be meant
    profile: new Set([...profiles.keys(), "default"]),
    "sso-session": new Set(file.readableNames("sso-session")),
    services: new Set(file.readableNames("services")),
  };
  // Thousands of profiles may name one that is nowhere: what is near it is looked for once. Where
  // they name a hundred, those are no slips of the fingers.
  const hints = new Map<string, readonly string[]>();
  return settingsOf(lines).flatMap((entry): Finding[] => {
    const target = TARGETS.get(entry.key);
    if (target === undefined || !entry.section.id.startsWith("profile ")) return [];
    const { kind, id, effect, what } = target;
    const names = known[kind];
    if (entry.value === "" || names === undefined || names.has(entry.value)) return [];
    const asked = `${kind} ${entry.value}`;
    const hint = hints.get(asked) ??
      (hints.size < MOST_HINTS ? hintAtNearest(entry.value, [...names]) : []);
    hints.set(asked, hint);
    return [{
      id,
      severity: "error",
      file: file.path,
      line: entry.number,
      message: `${entry.key} names \`${entry.value}\`, which is nowhere`,
      effect,
      wayOut: [...hint, `write the name of a ${what}`].join(" else "),
    }];
  });
}

/** Each is a comparison with all names that are there. */
const MOST_HINTS = 100;

interface Target {
  readonly id: string;
  /** A source profile may be one whose keys alone are stored. */
  readonly kind: SectionKind | "source";
  readonly what: string;
  readonly effect: string;
}

const INCLUDE = {
  id: "config.missing-include",
  kind: "profile",
  what: "profile",
  effect: UNUSABLE,
} as const;
const TARGETS: ReadonlyMap<string, Target> = new Map(Object.entries<Target>({
  source_profile: {
    id: "config.missing-source",
    kind: "source",
    what: "profile, or store keys under this one with aws-vault add",
    effect: UNUSABLE,
  },
  include_profile: INCLUDE,
  parent_profile: INCLUDE,
  sso_session: {
    id: "config.missing-sso-session",
    kind: "sso-session",
    what: "section [sso-session NAME]",
    effect: "nobody can sign in for the profile",
  },
  services: {
    id: "config.missing-services",
    kind: "services",
    what: "section [services NAME]",
    effect: "the profile cannot be used, here and by the AWS CLI, unless AWS_ENDPOINT_URL is set",
  },
}));

/** What leads from a profile to the next one, and the line that says so. */
interface Lead {
  readonly to: string;
  readonly line: number;
}

/** Each line of a loop is named: any of them can be the one that is wrong. */
function checkLoops(
  view: ConfigView,
  profiles: Profiles,
  key: "include_profile" | "source_profile",
): Finding[] {
  const next = key === "include_profile" ? readIncludes(profiles) : readSources(view);
  const findings = new Map<number, Finding>();
  for (const loop of findLoops(profiles.keys(), next)) {
    for (const [index, name] of loop.entries()) {
      const { line } = next(name)!;
      if (findings.has(line)) continue; // several inherit it
      const path = [...loop.slice(index), ...loop.slice(0, index)];
      findings.set(line, {
        id: "config.loop",
        severity: "error",
        file: view.file.path,
        line,
        message: `${key} is a loop: ${describeLoop(path, name)}`,
        effect: "none of these profiles can be used",
        wayOut: `take one of these ${key} settings out, or name another profile in it`,
      });
    }
  }
  return [...findings.values()];
}

/** Each loop once; each profile is gone over once, however long the chains are. */
function* findLoops(
  names: Iterable<string>,
  next: (name: string) => Lead | undefined,
): Generator<readonly string[]> {
  const done = new Set<string>();
  for (const name of names) {
    const path = new Set<string>();
    let at: string | undefined = name;
    while (at !== undefined && !path.has(at) && !done.has(at)) {
      path.add(at);
      at = next(at)?.to;
    }
    for (const passed of path) done.add(passed);
    const passed = [...path];
    if (at !== undefined && path.has(at)) yield passed.slice(passed.indexOf(at));
  }
}

function readIncludes(profiles: Profiles): (name: string) => Lead | undefined {
  return (name) => {
    const entry = profiles.get(name)?.get("include_profile");
    return entry && { to: entry.value, line: entry.number };
  };
}

/** A source profile may be inherited. */
function readSources({ file }: ConfigView): (name: string) => Lead | undefined {
  const inheritance = new Inheritance(file);
  return (name) => {
    const found = unlessFaulty(() => inheritance.findSource(name));
    return found?.source.from === "file" ? { to: found.value, line: found.source.line } : undefined;
  };
}
