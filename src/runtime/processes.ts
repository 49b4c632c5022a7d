import { describeCause, VaultError } from "../errors.ts";
import type { Env, Processes, ProcessRequest, ProcessResult } from "../types.ts";
import { exchangeVariables } from "./env.ts";
import { findHelper, helperPath, isPath, lookUpHelper } from "./find_program.ts";
import { connect, INHERITANCE, type Invocation, type OwnStreams } from "./inheritance.ts";
import type { InheritedEnvironment } from "./inherited_environment.ts";
import { collect, MAX_OUTPUT_BYTES, relayLines } from "./program_output.ts";
import { withCallersMask } from "./signal_mask.ts";
import { spawnAnywhere } from "./spawn_anywhere.ts";
import { after, waitAtMost } from "./timer.ts";

/** From SIGTERM to SIGKILL; also how long a program's descendants may hold its output after its end. */
const GRACE_MS = 1000;

/** What Windows programs cannot start without, whatever else they are to see of the environment. */
const WINDOWS_ESSENTIALS = [
  ...["SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "USERNAME"],
  ...["APPDATA", "LOCALAPPDATA", "ProgramData"],
];

/** What helper programs share with the rest of a run. */
export interface Surroundings extends OwnStreams {
  readonly inherited: Pick<InheritedEnvironment, "lend">;
  /** Shows the user a line. */
  note(text: string): void;
}

/**
 * Runs helper programs and collects what they write. They are looked for, and look for others, in
 * PATH's absolute entries alone.
 */
export function createProcesses(env: Env, platform: string, own: Surroundings): Processes {
  const windows = platform === "windows";
  return {
    find: (name) => findHelper(name, env, platform),
    async run(request) {
      const inheritance = INHERITANCE[request.kind];
      const given = request.stdin === undefined
        ? inheritance
        : { ...inheritance, input: "none" as const };
      const found = lookUpHelper(request.command, env, platform);
      if (found.refused === "missing") throw notInstalled(request.command, windows);
      // Where looking it up is not permitted, starting it may be.
      const path = found.refused === "not permitted" ? request.command : found.path;
      const invocation = connect(path, request.args, given, own);
      const show = inheritance.errors === "captured" ? undefined : own.note;
      const all = inheritance.variables === "all";
      const variables = pick(env, all ? ["PATH"] : inheritance.variables, windows);
      const putBack = all ? lend(own.inherited, inheritance.withheld) : () => {};
      const environment = { clearEnv: !all, env: variables };
      const ended = request.mayStay
        ? runOn(request, invocation, environment)
        : run(request, invocation, environment, show);
      putBack(); // it has been started
      return await ended;
    },
  };
}

/** The variables that are set of those named. */
function pick(env: Env, names: readonly string[], windows: boolean): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of windows ? [...WINDOWS_ESSENTIALS, ...names] : names) {
    const value = name === "PATH" ? helperPath(env, windows) : env.get(name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Makes our own environment what our caller gave us, but for these; the answer puts it back. */
function lend(inherited: Surroundings["inherited"], withheld: readonly string[] = []): () => void {
  const putKeptBack = inherited.lend();
  const putBack = exchangeVariables(withheld.map((name) => [name, undefined]));
  return () => {
    putBack();
    putKeptBack();
  };
}

type Environment = Required<Pick<Deno.CommandOptions, "clearEnv" | "env">>;

async function run(
  request: ProcessRequest,
  invocation: Invocation,
  environment: Environment,
  show: ((line: string) => void) | undefined,
): Promise<ProcessResult> {
  const child = start(request, invocation, environment);
  const limit = limitTime(child, request);
  if (request.stdin !== undefined) void writeInput(child, request.stdin);
  const tooMuch = () => limit.stop(tooLong(request));
  const stdout = collect(child.stdout, tooMuch);
  const relay = show && relayLines(show);
  const stderr = invocation.stderr === "piped"
    ? collect(child.stderr, tooMuch, relay?.take)
    : undefined;
  try {
    const { code, signal } = await Promise.race([child.status, limit.expired]);
    limit.check();
    // Not for long: a program may leave a daemon behind that holds them open (`pass` starts
    // gpg-agent), and its own answer is complete when it ends.
    await waitAtMost(GRACE_MS, Promise.all([stdout.ended, stderr?.ended]));
    limit.check(); // only now it may be seen that it wrote too much
    return {
      code,
      signal: signal ?? undefined,
      stdout: stdout.bytes(),
      stderr: stderr === undefined || show ? "" : new TextDecoder().decode(stderr.bytes()),
    };
  } finally {
    limit.cancel();
    stdout.cancel();
    stderr?.cancel();
    relay?.flush();
  }
}

/** Apart from us: Windows ends all other children together with their parent. */
async function runOn(
  request: ProcessRequest,
  invocation: Invocation,
  environment: Environment,
): Promise<ProcessResult> {
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = start(request, invocation, environment, { ...streams, detached: true });
  child.unref();
  let code = 0;
  const ended = child.status.then((status) => void (code = status.code));
  await waitAtMost(request.timeoutSeconds * 1000, ended);
  return { code, stdout: new Uint8Array(), stderr: "" };
}

function start(
  request: ProcessRequest,
  { path, args, stdin, stderr }: Invocation,
  environment: Environment,
  more: Deno.CommandOptions = {},
): Deno.ChildProcess {
  try {
    const options: Deno.CommandOptions = {
      args: [...args],
      stdin: request.stdin === undefined ? stdin : "piped",
      stdout: "piped",
      stderr,
      ...more,
      clearEnv: environment.clearEnv,
      env: { ...environment.env, ...request.extraEnvironment },
      windowsRawArguments: request.rawArguments ?? false,
    };
    return withCallersMask(() => spawnAnywhere(path, options));
  } catch (error) {
    throw cannotStart(request.command, path, error);
  }
}

function notInstalled(command: string, windows: boolean): VaultError {
  if (isPath(command, windows)) return new VaultError("process", `there is no program ${command}`);
  return new VaultError("process", `the program ${command} is not installed, or not in PATH`, [
    `install ${command}, or put the directory it lies in into PATH, by its full path`,
  ]);
}

function cannotStart(command: string, path: string, error: unknown): VaultError {
  const why = describeCause(error);
  return new VaultError("process", `the program ${command} cannot be started: ${why}`, [
    `see whether \`${path}\` starts by hand`,
  ], error);
}

interface Limit {
  /** Rejects once the program did not even end when it was killed. */
  readonly expired: Promise<never>;
  /** Throws when the program was ended by us. */
  check(): void;
  /** Ends the program at once, for that reason. */
  stop(reason: VaultError): void;
  cancel(): void;
}

/** Ends the program after its time, or when the request is given up: SIGTERM, then SIGKILL. */
function limitTime(child: Deno.ChildProcess, request: ProcessRequest): Limit {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  let fault: VaultError | undefined;
  const stop = (reason: VaultError) => {
    callOff();
    fault = reason;
    send(child, "SIGTERM");
    callOff = after(GRACE_MS, () => {
      send(child, "SIGKILL");
      reject(reason);
    });
  };
  let callOff = after(request.timeoutSeconds * 1000, () => stop(tooSlow(request)));
  const giveUp = () => stop(givenUp(request));
  if (request.signal?.aborted) giveUp();
  else request.signal?.addEventListener("abort", giveUp, { once: true });
  return {
    expired,
    check() {
      if (fault !== undefined) throw fault;
    },
    stop,
    cancel() {
      callOff();
      request.signal?.removeEventListener("abort", giveUp);
    },
  };
}

function tooSlow({ command, timeoutSeconds }: ProcessRequest): VaultError {
  return new VaultError(
    "process",
    `the program ${command} did not end within ${timeoutSeconds} seconds and was stopped`,
    ["it may be waiting for something: a window to unlock a store, a device, the network"],
  );
}

function tooLong({ command }: ProcessRequest): VaultError {
  const most = MAX_OUTPUT_BYTES / 1024 / 1024;
  return new VaultError(
    "process",
    `the program ${command} wrote more than ${most} MB and was stopped`,
    ["run it by hand to see what it writes"],
  );
}

function givenUp({ command }: ProcessRequest): VaultError {
  return new VaultError("process", `the program ${command} was stopped before it answered`);
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch { /* it has ended already */ }
}

/** A program that does not read its input is within its rights: what it answers counts. */
async function writeInput(child: Deno.ChildProcess, bytes: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch { /* closed by the program, or with it */ }
}
