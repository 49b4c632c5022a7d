import { BackendError, describeCause, VaultError } from "../src/errors.ts";
import { joinPath } from "../src/paths.ts";
import type { SecretBackend } from "../src/types.ts";
import { chooseDefault, findAbsence, findCandidates, NO_SERVICE, whyNeverHere } from "./choose.ts";
import { openFile } from "./file.ts";
import type { IsSession } from "./split.ts";
import type { ChangeOutcome } from "./file/change_passphrase.ts";
import { standsForItem } from "./file/kinds.ts";
import { encodeName } from "./file/names.ts";
import {
  askNewPassphrase,
  hasPassphrase,
  readGivenPassphrase,
  readPassphrase,
} from "./file/passphrase.ts";
import {
  type BackendContext,
  type BackendSettings,
  fileDirectory,
  fileRounds,
  passDirectory,
  readSetting,
} from "./settings.ts";

export type { BackendSettings } from "./settings.ts";
export { type Candidate, findCandidates, findObstacle } from "./choose.ts";
export { CHANGE_RECORD } from "./file/change_record.ts";
export { findOpenness } from "./file/modes.ts";
export { decodeName, encodeName, isTemporary } from "./file/names.ts";

/** `unlock: false` = look at what shows without unlocking; nobody is asked for anything. */
type Opener = (
  settings: BackendSettings,
  ctx: BackendContext,
  options?: { unlock?: boolean },
) => SecretBackend | Promise<SecretBackend>;

/** Each name loads its module when it is opened; `file`, the most frequent, is there at once. */
const OPENERS: Readonly<Record<string, Opener>> = {
  keychain: async (settings, ctx) =>
    (await import("./keychain.ts")).openKeychain({
      keychain: readSetting("keychain", settings, ctx.env) ?? "aws-vault",
    }, ctx),
  wincred: async (_settings, ctx) => {
    const { openCredentialManager } = await import("./wincred_api.ts");
    const root = ctx.env.get("SystemRoot") ?? "C:\\Windows";
    return (await import("./wincred.ts")).openWincred(openCredentialManager(root));
  },
  "secret-service": async (settings, ctx, options) =>
    (await import("./secret_service.ts")).openSecretService({
      collection: readSetting("secretServiceCollection", settings, ctx.env),
      unlock: options?.unlock,
    }, ctx),
  pass: async (settings, ctx) =>
    (await import("./pass.ts")).openPass({
      directory: passDirectory(settings, ctx.env),
      command: readSetting("passCmd", settings, ctx.env) ?? "pass",
      prefix: readSetting("passPrefix", settings, ctx.env) ?? "",
    }, ctx),
  file: (settings, ctx) => {
    const directory = fileDirectory(settings, ctx.env);
    return openFile({
      directory,
      p2c: fileRounds(ctx.env),
      passphrase: (options) => readPassphrase(directory, ctx, options),
      opened: ctx.passphrases?.opened,
      onUnlock: (passphrase) => ctx.passphrases?.keep(directory, passphrase),
    }, ctx);
  },
  helper: async (settings, ctx) =>
    (await import("./helper.ts")).openHelper(
      { helper: readSetting("helper", settings, ctx.env) },
      ctx,
    ),
};

/** Refuses a backend that can never be used on a platform. */
function refuseElsewhere(
  name: string,
  option: string,
  platform: BackendContext["platform"],
): void {
  const why = whyNeverHere(name, platform);
  if (why === undefined) return;
  throw new BackendError(name, `the backend ${name} cannot be used here: ${why}`, [
    `name another with ${option}`,
  ]);
}

/** What `--backend` takes. */
export const BACKEND_NAMES: readonly string[] = Object.keys(OPENERS);

/**
 * Opens the keyring that flags and environment name, or the platform's first usable one.
 * `only` names another instead, as `option` says. Nothing is unlocked or asked before an item is.
 *
 * Throws `VaultError("usage")` for a name that is no backend's.
 */
export async function openBackend(
  settings: BackendSettings,
  ctx: BackendContext,
  only?: string,
  option?: string,
): Promise<SecretBackend> {
  return await open(only ?? backendName(settings, ctx), settings, ctx, { option });
}

async function open(
  name: string,
  settings: BackendSettings,
  ctx: BackendContext,
  options: { readonly unlock?: boolean; readonly option?: string } = {},
): Promise<SecretBackend> {
  const { option = "--backend (AWS_VAULT_BACKEND)" } = options;
  if (!Object.hasOwn(OPENERS, name)) throw noBackend(name, option);
  refuseElsewhere(name, option, ctx.platform);
  if (name !== "file") ctx.remote?.noteUntold();
  return await OPENERS[name]!(settings, ctx, options);
}

/** @param option that has the name, with its variable */
function noBackend(name: string, option: string, purpose = ""): VaultError {
  return new VaultError("usage", `there is no backend \`${name}\`${purpose}`, [
    `${option} takes one of: ${BACKEND_NAMES.join(", ")}`,
    ...KEEP_KEYS.test(option) ? hintAtKeysOf(name) : [],
  ]);
}

/** Options that name where keys are already; shells' startup files have them for the Go tool. */
const KEEP_KEYS = /^--(backend|from)\b/;

const ONLY_IN_GO_TOOL = /^(kwallet|keyctl|passage|op|op-connect|op-desktop|proton-pass|winhello)$/;

/** How keys come out of a backend that only the Go tool has; nothing for any other name. */
export function hintAtKeysOf(name: string): readonly string[] {
  if (!ONLY_IN_GO_TOOL.test(name)) return [];
  return [
    "only the Go tool has that one, and hands its keys over, a profile at a time: " +
    "go-aws-vault exec --no-session PROFILE -- aws-vault --backend=file add PROFILE --env",
  ];
}

/**
 * The whole keyring: that backend, or with a second one for sessions (`--session-backend`).
 *
 * Throws `VaultError("usage")` for a name that is no backend's.
 */
export async function openKeyring(
  settings: BackendSettings,
  ctx: BackendContext,
  isSession: IsSession,
): Promise<SecretBackend> {
  const keys = await openBackend(settings, ctx);
  const other = sessionBackendName(settings, ctx);
  if (other === undefined || other === keys.name) return keys;
  const { SplitBackend } = await import("./split.ts");
  return new SplitBackend(keys, await openBackend(settings, ctx, other, OF_SESSIONS), isSession);
}

const OF_SESSIONS = "--session-backend (AWS_VAULT_SESSION_BACKEND)";

function sessionBackendName(settings: BackendSettings, ctx: BackendContext): string | undefined {
  const name = readSetting("sessionBackend", settings, ctx.env);
  if (name === undefined || BACKEND_NAMES.includes(name)) return name;
  throw noBackend(name, OF_SESSIONS, " for sessions");
}

function backendName(settings: BackendSettings, ctx: BackendContext): string {
  const named = readSetting("backend", settings, ctx.env);
  if (named === undefined) return chooseDefault(settings, ctx);
  ctx.debug(`backend ${named}: ${settings.backend ? "--backend" : "AWS_VAULT_BACKEND"} says so`);
  return named;
}

export interface ChangeResult {
  readonly directory: string;
  readonly outcome: ChangeOutcome;
  /** An agent has held the old one, and holds none now. */
  readonly isAgentLocked: boolean;
}

/**
 * Gives the file keyring that flags and environment name another passphrase.
 *
 * Throws `VaultError("usage")` where they name another backend.
 */
export async function changePassphrase(
  settings: BackendSettings,
  ctx: BackendContext,
): Promise<ChangeResult> {
  const name = backendName(settings, ctx);
  if (name !== "file") {
    throw new VaultError("usage", `the ${name} keyring has no passphrase that is ours to change`, [
      "that of the file keyring is changed with --backend=file",
    ]);
  }
  const { changePassphrase } = await import("./file/change_passphrase.ts");
  const directory = fileDirectory(settings, ctx.env);
  // Whoever sits at a terminal where an agent is unlocked need not know it.
  const asking = { ...ctx, passphrases: undefined };
  const outcome = await changePassphrase({
    directory,
    p2c: fileRounds(ctx.env),
    passphrase: (options) => readPassphrase(directory, asking, options),
    given: readGivenPassphrase(ctx.env),
    choose: () => askNewPassphrase(directory, ctx),
  }, ctx);
  const isOld = outcome.state === "finished" || outcome.state === "changed" && outcome.isAnother;
  const isAgentLocked = isOld && await ctx.passphrases?.forget(directory) === true;
  return { directory, outcome, isAgentLocked };
}

/** The keyring that flags and environment name, without a look into it. */
export interface KeyringDescription {
  readonly name: string;
  /** The backend of sessions, where that is another. */
  readonly sessions?: string;
  /** Who unlocks it. */
  readonly passphrase: "AWS_VAULT_FILE_PASSPHRASE" | "asked on the terminal" | "the backend's own";
  /** Of the `file` backend. */
  readonly directory?: string;
}

/** Throws `VaultError("usage")` for a name that is no backend's. */
export function describeKeyring(
  settings: BackendSettings,
  ctx: BackendContext,
): KeyringDescription {
  const name = backendName(settings, ctx);
  const other = sessionBackendName(settings, ctx);
  const sessions = other === undefined || other === name ? {} : { sessions: other };
  if (name !== "file" && other !== "file") {
    return { name, ...sessions, passphrase: "the backend's own" };
  }
  const directory = fileDirectory(settings, ctx.env);
  const isGiven = hasPassphrase(ctx.env);
  const passphrase = isGiven ? "AWS_VAULT_FILE_PASSPHRASE" : "asked on the terminal";
  return { name, ...sessions, passphrase, directory };
}

/**
 * The names in the keyring that flags and environment name, as far as they show without unlocking
 * it. `undefined` where that takes a program and `programs` wants none started, or one that might
 * ask for a passphrase.
 *
 * @param isSession with it, the names in the backend for sessions are among them
 */
export async function listKeys(
  settings: BackendSettings,
  ctx: BackendContext,
  { programs, isSession }: { readonly programs: boolean; readonly isSession?: IsSession },
): Promise<string[] | undefined> {
  const name = backendName(settings, ctx);
  const keys = await listNames(name, settings, ctx, programs);
  const other = isSession && sessionBackendName(settings, ctx);
  if (keys === undefined || !other || other === name) return keys;
  const sessions = await listNames(other, settings, ctx, programs);
  const { joinNames } = await import("./split.ts");
  return sessions && joinNames(keys, sessions, isSession!);
}

async function listNames(
  name: string,
  settings: BackendSettings,
  ctx: BackendContext,
  programs: boolean,
): Promise<string[] | undefined> {
  const isDirectory = name === "file" || name === "pass";
  // docker's helper for the secret service unlocks it to list.
  if (name === "helper" || (!programs && !isDirectory && name !== "wincred")) return undefined;
  return await (await open(name, settings, ctx, { unlock: false })).keys();
}

/** That the keyring in use is not all there, and why it may therefore be empty. */
export function describeAbsence(
  settings: BackendSettings,
  ctx: BackendContext,
): string | undefined {
  return describeAbsenceOf(backendName(settings, { ...ctx, debug: () => {} }), settings, ctx);
}

function describeAbsenceOf(
  chosen: string,
  settings: BackendSettings,
  ctx: BackendContext,
): string | undefined {
  const absence = findAbsence(chosen, settings, ctx);
  return absence && `the ${chosen} keyring is used, and ${absence}`;
}

/**
 * What an error about missing credentials can point to: that the keyring in use is not all there,
 * and the other usable backends whose keys include this one. Nothing is unlocked for it; a backend
 * that cannot tell is left out.
 */
export async function findElsewhere(
  key: string,
  settings: BackendSettings,
  ctx: BackendContext,
): Promise<string[]> {
  const chosen = backendName(settings, { ...ctx, debug: () => {} });
  const absence = describeAbsenceOf(chosen, settings, ctx);
  const found = absence === undefined ? [] : [absence];
  if (chosen === "file") {
    const path = joinPath(fileDirectory(settings, ctx.env), encodeName(key));
    if (standsForItem(path)) {
      found.push(`${path} is there, and no item: put it back from a backup, if it was one`);
    }
  }
  for (const { name, obstacle } of findCandidates(settings, ctx)) {
    const isUsable = obstacle === undefined || obstacle === NO_SERVICE; // one may run
    if (name === chosen || !isUsable) continue;
    try {
      const backend = await open(name, settings, ctx, { unlock: false });
      if ((await backend.keys()).includes(key)) {
        found.push(`the ${name} keyring has keys for ${key}: --backend=${name}`);
      }
    } catch (error) {
      ctx.debug(`backend ${name} was not searched: ${describeCause(error)}`);
    }
  }
  return found;
}
