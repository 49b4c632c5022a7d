import {
  BACKEND_NAMES,
  type BackendSettings,
  CHANGE_RECORD,
  describeKeyring,
  findObstacle,
  hintAtKeysOf,
  type KeyringDescription,
  listKeys,
  openBackend,
  openKeyring,
} from "../../backends/mod.ts";
import { countOf } from "../counts.ts";
import { asArgument, describeCause, VaultError } from "../errors.ts";
import { joinPath } from "../paths.ts";
import { isOldSessionKey, isSessionItem, rotatedProfile } from "../credentials/session_key.ts";
import type { Context } from "../types.ts";
import { type Finding, joinHints } from "./finding.ts";
import { look } from "./modes.ts";
import { checkRoom } from "./room.ts";

/** What the keyring shows without being unlocked. */
export interface KeyringView {
  /** Absent where they are not known. */
  readonly keys?: readonly string[];
  readonly findings: readonly Finding[];
  /** Absent where settings are wrong. */
  readonly description?: KeyringDescription;
}

/** Names alone are read; nobody is asked to unlock anything. */
export async function lookIntoKeyring(
  settings: BackendSettings,
  ctx: Context,
): Promise<KeyringView> {
  const named = settings.backend || ctx.env.get("AWS_VAULT_BACKEND");
  const other = settings.sessionBackend || ctx.env.get("AWS_VAULT_SESSION_BACKEND");
  const misspelt = [named, other].find((name) => name && !BACKEND_NAMES.includes(name));
  if (misspelt) return { findings: [unknown(misspelt)] };
  let description: KeyringDescription | undefined;
  try {
    description = describeKeyring(settings, ctx);
    const { name, sessions, directory } = description;
    const holding = { keys: name === "file", sessions: (sessions ?? name) === "file" };
    const unfinished = directory === undefined ? [] : checkChange(directory);
    const [faulty, faultySessions] = [named, sessions].map((backend) =>
      findUnusable(backend, settings, ctx)
    );
    if (faulty) return { findings: [faulty], description };
    const isSession = faultySessions ? undefined : isSessionItem;
    const lock = faultySessions ? undefined : await findLock(description, settings, ctx);
    const keys = lock ? undefined : await listKeys(settings, ctx, { programs: true, isSession });
    const findings = [
      ...faultySessions ? [faultySessions] : await checkKeys(keys ?? [], settings, ctx),
      ...lock === undefined ? [] : [locked(lock)],
      ...unfinished,
      ...directory === undefined ? [] : await checkRoom(directory, holding, ctx),
    ];
    return { keys, findings, description };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { findings: [failing(error)], description };
  }
}

/** What a store of the keyring says while it is locked; nothing is unlocked to tell. */
async function findLock(
  { name, sessions }: KeyringDescription,
  settings: BackendSettings,
  ctx: Context,
): Promise<Error | undefined> {
  for (const store of sessions === undefined ? [name] : [name, sessions]) {
    const error = await (await openBackend(settings, ctx, store)).findLock?.();
    if (error !== undefined) return error;
  }
  return undefined;
}

function findUnusable(
  named: string | undefined,
  settings: BackendSettings,
  ctx: Context,
): Finding | undefined {
  const obstacle = named && findObstacle(named, settings, ctx);
  return obstacle ? unusable(named, obstacle) : undefined;
}

/** Between its decision and its end: see the file backend's `changeItems`. */
function checkChange(directory: string): Finding[] {
  const path = joinPath(directory, CHANGE_RECORD);
  if (look(path) === undefined) return [];
  return [{
    id: "keyring.passphrase-change",
    severity: "warning",
    file: path,
    message: "a change of the passphrase was stopped before it was done",
    effect: "the new passphrase opens all items here; the Go tool sees some with the old one yet",
    wayOut: "run aws-vault change-passphrase: it does the rest, and asks for nothing; without " +
      "this file nobody could",
  }];
}

function locked(error: Error): Finding {
  return {
    id: "backend.locked",
    severity: "note",
    message: describeCause(error),
    effect:
      "whoever needs the keyring is asked to unlock it, and fails where no desktop can ask; " +
      "names in the config file were not compared with those in it",
    wayOut: joinHints(error instanceof VaultError ? error.hints : []),
  };
}

function unknown(named: string): Finding {
  return {
    id: "backend.unknown",
    severity: "error",
    message: `there is no backend \`${named}\``,
    effect: "no command that needs the keyring works",
    wayOut: joinHints([
      "--backend (AWS_VAULT_BACKEND) and --session-backend (AWS_VAULT_SESSION_BACKEND) take one of: " +
      BACKEND_NAMES.join(", "),
      ...hintAtKeysOf(named),
    ]),
  };
}

function unusable(named: string, obstacle: string): Finding {
  return {
    id: "backend.unusable",
    severity: "error",
    message: `the backend ${named} cannot be used here: ${obstacle}`,
    effect: "no command that needs the keyring works",
    wayOut: "install what is missing, or name another backend with --backend (AWS_VAULT_BACKEND; " +
      "for sessions --session-backend, AWS_VAULT_SESSION_BACKEND)",
  };
}

function failing(error: VaultError): Finding {
  return {
    id: "backend.fails",
    severity: "error",
    message: `the keyring does not say what it holds: ${describeCause(error)}`,
    effect: "no command that needs the keyring works",
    wayOut: joinHints(error.hints) || "see what aws-vault list --debug says",
  };
}

async function checkKeys(
  keys: readonly string[],
  settings: BackendSettings,
  ctx: Context,
): Promise<Finding[]> {
  const old = keys.filter(isOldSessionKey);
  const findings: Finding[] = [];
  if (old.length > 0) {
    const sessions = countOf(old.length, "session");
    const backend = await openKeyring(settings, ctx, isSessionItem);
    findings.push({
      id: "keyring.old-sessions",
      severity: "note",
      message: `the keyring holds ${sessions} as versions before 6 of the Go tool kept them`,
      effect: "nothing uses them any more",
      wayOut: "aws-vault clear, or let doctor --fix take them away",
      mend: {
        shown: `take ${sessions} of an old version out of the keyring`,
        apply: async () => {
          for (const key of old) await backend.remove(key);
        },
      },
    });
  }
  return [...findings, ...keys.flatMap(checkRotation)];
}

/** @param key of any item */
function checkRotation(key: string): Finding[] {
  const profile = rotatedProfile(key);
  return profile === undefined ? [] : [{
    id: "keyring.rotation",
    severity: "warning",
    message: `a rotation of the keys of ${profile} was begun and not finished`,
    effect: "the user may have two keys, and the old one still works",
    wayOut: `run it again, aws-vault rotate ${asArgument(profile)} or as it was begun: ` +
      "it goes on where it was stopped",
  }];
}
