import { ChildStartError, describeCause } from "../errors.ts";
import type { ChildRequest, Env, Exit } from "../types.ts";
import { openLibc, toCString, toPointers } from "./libc.ts";
import { restoreOpenFilesLimit } from "./open_files.ts";
import { withCallersMask } from "./signal_mask.ts";
import { readIgnored, SIG_DFL, signalName, signalNumber, signalSet } from "./signals.ts";
import { stopWithChild } from "./stop_with_child.ts";

/** A program to be started, with the bytes it gets. */
export interface Program {
  readonly path: string;
  /** The program's name first, as in C. */
  readonly argv: readonly Uint8Array[];
  /** `NAME=value` each; undefined where it inherits ours, which has been made the program's. */
  readonly environment: readonly Uint8Array[] | undefined;
}

/** A child of ours, running. */
export interface Spawned {
  /** Does nothing once it has ended. */
  kill(signal: Deno.Signal): void;
  readonly ended: Promise<Exit>;
}

/**
 * Starts the program of `exec` beside us: by the C library where the child's environment is known
 * byte for byte (Linux), else, or where that library is not found, by Deno, which takes text alone.
 */
export function spawn(program: Program, request: ChildRequest, env: Env): Spawned {
  const raiseLimit = restoreOpenFilesLimit(env);
  try {
    return spawnByC(program, request) ?? spawnByDeno(program, request);
  } finally {
    raiseLimit();
  }
}

const ENOEXEC = 8;

function spawnByC(program: Program, { command }: ChildRequest): Spawned | undefined {
  const { path, argv, environment } = program;
  const libc = openSpawn();
  if (environment === undefined || libc === undefined) return undefined;
  // Where whoever started us ignores it, no child's end could be asked for.
  if (readIgnored(["SIGCHLD"]).length > 0) libc.signal(signalNumber("SIGCHLD")!, SIG_DFL);
  const pid = new Int32Array(1);
  const start = (file: string, args: readonly Uint8Array[]) => {
    const [list, variables] = [toPointers(args), toPointers(environment)];
    return libc.posix_spawn(pid, toCString(file), 0n, signalAttributes(libc), list!, variables!);
  };
  let fault = start(path, argv);
  // A script without a first line that names its interpreter, as `execvp` takes it.
  if (fault === ENOEXEC) fault = start("/bin/sh", [argv[0]!, toCString(path), ...argv.slice(1)]);
  if (fault !== 0) {
    throw cannotStart(command, path, FAULTS[fault] ?? `error ${fault} of the system`);
  }
  return watch(pid[0]!, libc);
}

const NO_INTERPRETER = "the program that its first line names is not there";

/** Of Linux, where alone a program is started so. */
const FAULTS: Readonly<Record<number, string>> = {
  1: "the system does not permit it",
  2: NO_INTERPRETER,
  5: "its disk cannot be read",
  7: "its arguments and its environment are too long",
  8: "it is no program of this system",
  11: "there are too many processes",
  12: "there is not enough memory",
  13: "permission denied",
  20: NO_INTERPRETER,
  23: "too many files are open",
  24: "too many files are open",
  26: "it is being written to",
  40: "its links lead in a circle",
};

type Libc = NonNullable<ReturnType<typeof openSpawn>>;

function openSpawn() {
  const attributes = { parameters: ["buffer", "buffer"], result: "i32" } as const;
  return openLibc({
    posix_spawn: {
      parameters: ["buffer", "buffer", "usize", "buffer", "buffer", "buffer"],
      result: "i32",
    },
    posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
    posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
    posix_spawnattr_setsigmask: attributes,
    posix_spawnattr_setsigdefault: attributes,
    pthread_sigmask: { parameters: ["i32", "usize", "buffer"], result: "i32" },
    signal: { parameters: ["i32", "usize"], result: "usize" },
    kill: { parameters: ["i32", "i32"], result: "i32" },
    waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
  });
}

const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;

/** Our caller's mask: ours, but for SIGUSR1, which the launcher blocks. Deno ignores SIGPIPE. */
function signalAttributes(libc: Libc): Uint8Array<ArrayBuffer> {
  const attributes = new Uint8Array(512); // glibc's has 336 bytes
  const mask = new BigUint64Array(16);
  libc.pthread_sigmask(0, 0n, mask);
  mask[0]! &= ~signalSet("SIGUSR1")[0]!;
  libc.posix_spawnattr_init(attributes);
  libc.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  libc.posix_spawnattr_setsigmask(attributes, mask);
  libc.posix_spawnattr_setsigdefault(attributes, signalSet("SIGPIPE"));
  return attributes;
}

const WUNTRACED = 2;
/** Not those that a reader in the background gets: without a shell there would be no end of them. */
const STOPS = ["SIGSTOP", "SIGTSTP"];

function watch(pid: number, libc: Libc): Spawned {
  let running = true;
  const wait = async (): Promise<Exit> => {
    const status = new Int32Array(1);
    let got = await libc.waitpid(pid, status, WUNTRACED);
    for (; got === pid && isStop(status[0]!); got = await libc.waitpid(pid, status, WUNTRACED)) {
      if (STOPS.includes(signalName(status[0]! >> 8)!)) stopWithChild(pid);
    }
    running = false;
    return got === pid ? explainStatus(status[0]!) : { code: 1 }; // taken by someone else
  };
  return {
    ended: wait(),
    kill(name) {
      if (running) libc.kill(pid, signalNumber(name)!);
    },
  };
}

function isStop(status: number): boolean {
  return (status & 0xff) === 0x7f;
}

/** What `waitpid` says: the signal in the low seven bits, else the code in the next eight. */
function explainStatus(status: number): Exit {
  const number = status & 0x7f;
  if (number === 0) return { code: (status >> 8) & 0xff };
  const signal = signalName(number);
  return signal === undefined ? { code: 128 + number } : { signal };
}

function spawnByDeno(
  { path, argv, environment }: Program,
  { command, args }: ChildRequest,
): Spawned {
  refuseBrokenText(argv);
  try {
    const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    const variables = environment && { clearEnv: true, env: readTexts(environment) };
    const program = new Deno.Command(path, { args: [...args], ...streams, ...variables });
    const child = withCallersMask(() => program.spawn());
    return {
      ended: child.status.then(({ code, signal }) => signal === null ? { code } : { signal }),
      kill(name) {
        try {
          child.kill(name);
        } catch { /* it has just ended */ }
      },
    };
  } catch (error) {
    throw cannotStart(command, path, describeCause(error));
  }
}

/** The variables that are text; of a name given twice the first counts, as for `getenv`. */
function readTexts(environment: readonly Uint8Array[]): Record<string, string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return Object.fromEntries(
    environment.toReversed().flatMap((entry) => {
      try {
        const [, name, value] = /^([^=]+)=(.*)$/s.exec(decoder.decode(entry))!;
        return [[name!, value!]];
      } catch {
        return [];
      }
    }),
  );
}

/** Better none than one with other arguments. */
function refuseBrokenText(argv: readonly Uint8Array[]): void {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const broken = argv.findIndex((arg) => {
    try {
      return decoder.decode(arg) === undefined;
    } catch {
      return true;
    }
  });
  if (broken < 0) return;
  throw new ChildStartError(126, `word ${broken + 1} of the command to run is not UTF-8`, [
    "that cannot be passed on beside a credential server: rename the file, or leave the server out",
  ]);
}

function cannotStart(command: string, path: string, why: string): ChildStartError {
  return new ChildStartError(126, `${command} cannot be started: ${why}`, [
    `see whether ${path} starts by hand, and whether its first line names a program there is`,
  ]);
}
