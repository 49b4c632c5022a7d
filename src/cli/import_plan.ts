import { type PlainKeys, TEMPORARY } from "../config/found_keys.ts";
import {
  type AccessKey,
  isSameKey,
  maskKeyId,
  readStoredKeys,
} from "../credentials/stored_keys.ts";
import { VaultError } from "../errors.ts";
import type { SecretBackend } from "../types.ts";
import type { App } from "./app.ts";
import { checkTarget } from "./store_keys.ts";

/** Keys that go into the keyring, or are there already. */
export interface Import extends AccessKey {
  readonly profile: string;
  /** Whose the file says they are; absent where it does not. */
  readonly inFile?: string;
  readonly isStored: boolean;
}

/** What is to be done with some keys of a file. */
export interface Planned {
  readonly profile: string;
  /** Where they stand, from 1; absent where they are in the keyring alone. */
  readonly line?: number;
  readonly says: string;
  /** Absent where they are left. */
  readonly import?: Import;
  /** They are left, and were meant to go. */
  readonly isFailure: boolean;
}

export interface PlanOptions {
  readonly path: string;
  readonly profile?: readonly string[];
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
}

/** Decides of each keys in a file what is done with them. */
export async function planImports(
  found: readonly PlainKeys[],
  app: App,
  options: PlanOptions,
): Promise<Planned[]> {
  const backend = await app.keyring();
  const names = new Set(await backend.keys());
  const chosen = choose(nameAll(found, options), names, options);
  const grounds = { ...options, backend, names, app };
  const planned: Planned[] = [];
  const seen = new Set<string>();
  for (const keys of chosen) {
    if (typeof keys === "string") {
      planned.push({ profile: keys, ...STORED_ALONE });
      continue;
    }
    const { profile, line } = keys;
    const decision = seen.has(profile) ? GIVEN_BEFORE : await decide(keys, grounds);
    planned.push({ profile, line, ...decision });
    seen.add(profile);
  }
  return planned;
}

/** What is decided of some keys. */
type Decision = Omit<Planned, "profile" | "line">;

const STORED_ALONE: Decision = {
  says: "not in the file; the keyring has keys for it",
  isFailure: false,
};
const GIVEN_BEFORE: Decision = {
  says: "left: the file has other keys for it before these",
  isFailure: true,
};

/** What is said of keys that are not stored in place of others. */
export const HAS_OTHERS = "left: the keyring has other keys for it (--overwrite replaces them)";

type Named = PlainKeys & { readonly profile: string; readonly inFile?: string };

/** The rows of a CSV may have no name: `--profile` names the only one there is, whatever it says. */
function nameAll(
  found: readonly PlainKeys[],
  { profile = [], path }: PlanOptions,
): readonly Named[] {
  const isNamed = (keys: PlainKeys): keys is Named => keys.profile !== undefined;
  const [only, ...others] = found;
  const isSingle = only?.isRow === true && others.length === 0;
  if (isSingle && profile.length === 1) {
    return [{ ...only, inFile: only.profile, profile: profile[0]! }];
  }
  if (found.every(isNamed)) return found.map((keys) => ({ ...keys, inFile: keys.profile }));
  throw new VaultError("usage", `${path} does not say whose keys it has`, [
    isSingle
      ? "name the profile they are for: --profile NAME"
      : "give its rows a column `User name` first",
  ]);
}

/** Those that are asked for; a name alone, where the keyring has what the file has no more. */
function choose(
  found: readonly Named[],
  names: ReadonlySet<string>,
  { profile, path }: PlanOptions,
): (Named | string)[] {
  if (profile === undefined) return [...found];
  return profile.flatMap((name): (Named | string)[] => {
    const own = found.filter((keys) => keys.profile === name);
    if (own.length > 0) return own;
    if (names.has(name)) return [name];
    const known = found.map((keys) => keys.profile).join(", ");
    throw new VaultError("profile", `${path} has no keys for profile \`${name}\``, [
      known === "" ? "it has none at all" : `it has keys for ${known}`,
    ]);
  });
}

/** What the keys of a file are held against. */
interface Grounds extends PlanOptions {
  readonly backend: SecretBackend;
  readonly names: ReadonlySet<string>;
  readonly app: App;
}

async function decide(keys: Named, grounds: Grounds): Promise<Decision> {
  const { app, names, dryRun } = grounds;
  const obstacle = keys.obstacle ?? whyNotTarget(keys.profile, app);
  if (obstacle !== undefined) {
    const isFailure = grounds.profile !== undefined || obstacle !== TEMPORARY;
    return { says: `left: ${obstacle}`, isFailure };
  }
  if (!names.has(keys.profile)) return take(keys, `${dryRun ? "would" : "will"} be stored`);
  return dryRun ? decideUnseen(keys, grounds) : await compare(keys, grounds);
}

/** A dry run unlocks no keyring. */
function decideUnseen(keys: Named, { overwrite }: Grounds): Decision {
  if (overwrite) return take(keys, "would be compared with those in the keyring, and stored");
  const says = "the keyring has keys for it: would be compared, and left where they are others";
  return { says, isFailure: false };
}

async function compare(keys: Named, { backend, overwrite, profile }: Grounds): Promise<Decision> {
  const isStored = isSameKey(await readStoredKeys(backend, keys.profile), keys);
  if (isStored) return take(keys, "is in the keyring already", isStored);
  if (overwrite) return take(keys, "will be stored in place of others");
  return { says: HAS_OTHERS, isFailure: profile !== undefined };
}

function take(keys: Named, what: string, isStored = false): Decision {
  const { profile, inFile, accessKeyId, secretAccessKey } = keys;
  return {
    says: `${maskKeyId(accessKeyId)} ${what}`,
    import: { profile, inFile, accessKeyId, secretAccessKey, isStored },
    isFailure: false,
  };
}

function whyNotTarget(profile: string, app: App): string | undefined {
  try {
    checkTarget(profile, app.config());
    return undefined;
  } catch (error) {
    if (error instanceof VaultError) return error.message;
    throw error;
  }
}

/** A line for each, before anything is done. */
export function describePlan(planned: readonly Planned[], path: string): string {
  if (planned.length === 0) return `${path} has no keys.\n`;
  const lines = planned.map(({ profile, line, says }) =>
    `  ${profile}${line === undefined ? "" : ` (line ${line})`}: ${says}\n`
  );
  return `${path}:\n${lines.join("")}`;
}
