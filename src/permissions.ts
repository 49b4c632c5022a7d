import type { Plan, Step } from "./credentials/steps.ts";
import type { Permission, SecretBackend } from "./types.ts";

/** Everything that can be given up. */
export const ALL: readonly Permission[] = ["net", "run", "write", "ffi"];

/**
 * What each command needs beside its keyring. Those that get a profile's credentials are not here:
 * they keep everything until their plan is made, and say then what they need beside it. The C
 * library is needed to ask on the terminal, and by `exec` to let its program take our place.
 */
const COMMANDS: Readonly<Record<string, readonly Permission[]>> = {
  add: ["write", "ffi"],
  "change-passphrase": ["write", "ffi"],
  "agent lock": ["ffi"],
  "agent status": ["ffi"],
  "agent stop": ["ffi"],
  clear: ["write"],
  completion: [],
  doctor: ["net", "write", "ffi"],
  explain: [],
  help: [],
  import: ["write", "ffi"],
  list: [],
  "migrate-backend": ["write", "ffi"],
  remove: ["write", "ffi"],
  "sso logout": ["net", "write", "ffi"],
  version: [],
};

/** What starting programs takes: the C library gives them the signals as our caller has them. */
const PROGRAMS: readonly Permission[] = ["run", "ffi"];

/** What getting to an item takes; `file` asks for its passphrase on the terminal. */
const BACKENDS: Readonly<Record<string, readonly Permission[]>> = {
  file: [],
  helper: PROGRAMS,
  keychain: PROGRAMS,
  pass: PROGRAMS,
  "secret-service": PROGRAMS,
  wincred: ["ffi"],
};

/** What each step of a plan does; all of them close our memory, and may ask for a passphrase. */
const STEPS: Readonly<Record<Step["kind"], readonly Permission[]>> = {
  stored: ["ffi"],
  session_token: ["ffi", "net", "write"],
  assume_role: ["ffi", "net", "write"],
  web_identity: ["ffi", "net", "write"],
  sso: ["ffi", "net", "write", "run"],
  login: ["ffi", "net", "write", "run"],
  process: ["ffi", "run", "write"],
  environment: ["ffi"],
  instance_metadata: ["ffi", "net"],
  container: ["ffi", "net"],
};

/** What a command can need before its keyring is known. */
export function neededByCommand(command: string): readonly Permission[] {
  const own = COMMANDS[command];
  return own === undefined ? ALL : [...own, ...PROGRAMS];
}

/** What a command needs once its keyring is open. */
export function neededWithKeyring(command: string, backend: Stores): readonly Permission[] {
  const own = COMMANDS[command];
  return own === undefined ? ALL : [...own, ...neededByStores(backend)];
}

/** What a plan needs, with sessions kept in this backend. */
export function neededByPlan({ steps, account }: Plan, backend: Stores): readonly Permission[] {
  return [
    ...neededByStores(backend),
    ...account === undefined ? [] : ["ffi", "net"] as const,
    ...steps.flatMap((step) => [
      ...STEPS[step.kind],
      ...runsPrograms(step) ? ["run" as const] : [],
    ]),
  ];
}

/** A backend, or those it is put together of. */
type Stores = Pick<SecretBackend, "name" | "stores">;

function neededByStores({ name, stores = [name] }: Stores): readonly Permission[] {
  return stores.flatMap((store) => BACKENDS[store] ?? ALL);
}

/** For a code of an MFA device a prompt driver's program may run; a config file may name others. */
function runsPrograms(step: Step): boolean {
  if (step.kind === "web_identity") return step.tokenProcess !== undefined;
  const mfa = "mfa" in step ? step.mfa : undefined;
  return mfa !== undefined && mfa.token === undefined;
}
