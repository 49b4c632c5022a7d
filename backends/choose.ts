import { VaultError } from "../src/errors.ts";
import { exists } from "../src/files.ts";
import {
  type BackendContext,
  type BackendSettings,
  fileDirectory,
  helperProgram,
  passDirectory,
  readSetting,
  typePass,
} from "./settings.ts";

/** A backend of the platform's list, and why it cannot be used here; nothing is unlocked to tell. */
export interface Candidate {
  readonly name: string;
  /** Absent where it can be used. */
  readonly obstacle?: string;
}

const PLATFORM_LISTS: Readonly<Record<BackendContext["platform"], readonly string[]>> = {
  darwin: ["keychain", "pass", "file"],
  windows: ["wincred", "file"],
  linux: ["secret-service", "pass", "file"],
};

/** The platform's backends in order of preference, each looked at only when it is reached. */
export function* findCandidates(
  settings: BackendSettings,
  ctx: BackendContext,
): Generator<Candidate> {
  for (const name of PLATFORM_LISTS[ctx.platform]) {
    yield { name, obstacle: findObstacle(name, settings, ctx) };
  }
}

/** The first usable backend of the platform's list; `--debug` tells why. */
export function chooseDefault(settings: BackendSettings, ctx: BackendContext): string {
  for (const { name, obstacle } of findCandidates(settings, ctx)) {
    if (obstacle === undefined) {
      ctx.debug(`backend ${name}: the first of this platform's list that can be used here`);
      return name;
    }
    ctx.debug(`backend ${name} passed over: ${obstacle}`);
  }
  // `file` ends every list and needs nothing.
  return "file";
}

/**
 * Why a keyring may hold nothing: its program or its place is not there, as when a disk is not
 * mounted. The directory that `file` makes by itself is missed only where a setting names it.
 */
export function findAbsence(
  name: string,
  settings: BackendSettings,
  ctx: BackendContext,
): string | undefined {
  if (name !== "file") {
    const obstacle = findObstacle(name, settings, ctx);
    return obstacle === NO_SERVICE ? undefined : obstacle; // what has answered is there
  }
  if (readSetting("fileDir", settings, ctx.env) === undefined) return undefined;
  const directory = fileDirectory(settings, ctx.env);
  return exists(directory) ? undefined : `${directory} is not there`;
}

/** Why a backend of any platform cannot be used here; nothing is unlocked to tell. */
export function findObstacle(
  name: string,
  settings: BackendSettings,
  ctx: BackendContext,
): string | undefined {
  return whyNeverHere(name, ctx.platform) ?? findMissing(name, settings, ctx);
}

/** Why a backend can never be used on a platform. */
export function whyNeverHere(
  name: string,
  platform: BackendContext["platform"],
): string | undefined {
  if (platform === "windows") return NOT_ON_WINDOWS[name];
  return name === "wincred" ? "the Credential Manager is a part of Windows" : undefined;
}

const NOT_ON_WINDOWS: Readonly<Record<string, string>> = {
  keychain: "its keychains are a part of macOS",
  pass: "it needs a POSIX system",
  "secret-service": "it needs a POSIX system",
};

function findMissing(
  name: string,
  settings: BackendSettings,
  ctx: BackendContext,
): string | undefined {
  switch (name) {
    case "keychain":
      return missing("security", ctx);
    case "secret-service":
      return missing("secret-tool", ctx) ?? missing("gdbus", ctx) ?? missingBus(ctx) ??
        missingService(ctx);
    case "helper": {
      const named = readSetting("helper", settings, ctx.env);
      return named && missing(helperProgram(named, ctx.platform), ctx);
    }
    case "pass":
      return missing(readSetting("passCmd", settings, ctx.env) ?? "pass", ctx) ??
        missingStore(settings, ctx);
    default:
      return undefined;
  }
}

function missing(program: string, ctx: BackendContext): string | undefined {
  return ctx.processes.find(program) === undefined ? `${program} is not in PATH` : undefined;
}

function missingBus(ctx: BackendContext): string | undefined {
  if (ctx.env.get("DBUS_SESSION_BUS_ADDRESS")) return undefined;
  const runtimeDirectory = ctx.env.get("XDG_RUNTIME_DIR");
  if (runtimeDirectory && exists(`${runtimeDirectory}/bus`)) return undefined;
  return "there is no D-Bus session (DBUS_SESSION_BUS_ADDRESS)";
}

/**
 * A bus alone does not make a secret service: on servers and WSL it is there with nothing to
 * answer. D-Bus starts the service from a file of this name: its absence is seen without asking.
 */
function missingService(ctx: BackendContext): string | undefined {
  const home = ctx.env.get("XDG_DATA_HOME") || `${ctx.env.get("HOME") ?? ""}/.local/share`;
  const shared = ctx.env.get("XDG_DATA_DIRS") || "/usr/local/share:/usr/share";
  const found = [home, ...shared.split(":")].some((directory) =>
    SERVICE_FILES.some((name) => exists(`${directory}/dbus-1/services/${name}`))
  );
  return found ? undefined : NO_SERVICE;
}

/**
 * KeePassXC brings no such file, and answers all the same while it runs:
 * https://github.com/keepassxreboot/keepassxc/issues/6274
 */
export const NO_SERVICE =
  "no secret service is installed (such as gnome-keyring) that D-Bus would start; " +
  "--backend=secret-service uses one that runs";

const SERVICE_FILES = ["org.freedesktop.secrets.service", "org.kde.secretservicecompat.service"];

function missingStore(settings: BackendSettings, ctx: BackendContext): string | undefined {
  let directory: string;
  try {
    directory = passDirectory(settings, ctx.env);
  } catch (error) {
    if (error instanceof VaultError) return error.message; // there is no home that it could lie below
    throw error;
  }
  const prefix = readSetting("passPrefix", settings, ctx.env);
  const initialised = exists(`${directory}/.gpg-id`) ||
    (prefix !== undefined && exists(`${directory}/${prefix}/.gpg-id`));
  if (initialised) return undefined;
  const pass = typePass(readSetting("passCmd", settings, ctx.env) ?? "pass", directory, ctx.env);
  return `${directory} is no password store (\`${pass} init\` makes one)`;
}
