import { type PlainKeys, TEMPORARY } from "../config/found_keys.ts";
import { maskKeyId, readStoredKeys } from "../credentials/stored_keys.ts";
import { VaultError } from "../errors.ts";
import type { Credentials, SecretBackend } from "../types.ts";
import type { App } from "./app.ts";
import { checkTarget } from "./store_keys.ts";

/** Keys that go into the keyring, or are there already. */
export interface Import extends Pick<Credentials, "accessKeyId" | "secretAccessKey"> {
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

/** Decides of each keys in a file what is done with them. A dry run unlocks no keyring. */
export async function planImports(
  found: readonly PlainKeys[],
  backend: SecretBackend,
  app: App,
  options: PlanOptions,
): Promise<Planned[]> {
  const names = new Set(await backend.keys());
  const chosen = choose(nameAll(found, options), names, options);
  const planned: Planned[] = [];
  const seen = new Set<string>();
  for (const keys of chosen) {
    if (typeof keys === "string") {
      const says = "not in the file; the keyring has keys for it";
      planned.push({ profile: keys, says, isFailure: false });
    } else if (seen.has(keys.profile)) {
      const says = "left: the file has other keys for it before these";
      planned.push({ profile: keys.profile, line: keys.line, says, isFailure: true });
    } else planned.push(await planOne(keys, names, backend, app, options));
    seen.add(planned.at(-1)!.profile);
  }
  return planned;
}

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

async function planOne(
  keys: Named,
  names: ReadonlySet<string>,
  backend: SecretBackend,
  app: App,
  { profile: asked, overwrite, dryRun }: PlanOptions,
): Promise<Planned> {
  const { profile, inFile, line, accessKeyId, secretAccessKey } = keys;
  const base = { profile, line };
  const isAsked = asked !== undefined;
  const obstacle = keys.obstacle ?? whyNotTarget(profile, app);
  if (obstacle !== undefined) {
    const isFailure = isAsked || obstacle !== TEMPORARY;
    return { ...base, says: `left: ${obstacle}`, isFailure };
  }
  const own = { profile, inFile, accessKeyId, secretAccessKey };
  const shown = maskKeyId(accessKeyId);
  const store = (says: string): Planned => ({
    ...base,
    says: `${shown} ${dryRun ? "would be" : "will be"} ${says}`,
    import: { ...own, isStored: false },
    isFailure: false,
  });
  if (!names.has(profile)) return store("stored");
  if (dryRun) {
    if (overwrite) return store("compared with those in the keyring, and stored");
    const says = "the keyring has keys for it: would be compared, and left where they are others";
    return { ...base, says, isFailure: false };
  }
  const stored = await readStoredKeys(backend, profile);
  const isStored = stored?.accessKeyId === accessKeyId &&
    stored.secretAccessKey === secretAccessKey;
  if (isStored) {
    const says = `${shown} is in the keyring already`;
    return { ...base, says, import: { ...own, isStored }, isFailure: false };
  }
  if (overwrite) return store("stored in place of others");
  const says = "left: the keyring has other keys for it (--overwrite replaces them)";
  return { ...base, says, isFailure: isAsked };
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
