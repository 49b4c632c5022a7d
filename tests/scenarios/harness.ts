import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** The built command; another one by AWS_VAULT_TEST_CMD. */
export const COMMAND = Deno.env.get("AWS_VAULT_TEST_CMD") ?? `${ROOT}dist/aws-vault`;

/** Whether tests on a terminal can run. */
export const hasTerminalTests = requireProgram("python3");

/** Starts the command in a session of its own, which has no terminal. */
export const WITHOUT_TERMINAL = ["setsid", "-w", COMMAND];

/** Whether it can be started so. */
export const canLeaveTerminal = requireProgram("setsid");

/** A home directory of its own, removed when the test ends. */
export class Home implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "vault-home-" }));

  /** Writes a file below it, its directories too. */
  write(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

export interface RunOptions {
  readonly home: Home;
  /** What to start; the built command by default. */
  readonly command?: readonly string[];
  /** Changes to the clean environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  /** After this it is killed, and the test fails; 30 by default. */
  readonly timeoutSeconds?: number;
  /** Sends a signal to the started process once its standard output holds a text. */
  readonly signalAt?: { readonly text: string; readonly signal: Deno.Signal };
  /** Gets what it has written to standard error, whenever there is more of that. */
  readonly onErrors?: (text: string) => void;
}

export interface Ran {
  /** 128 + n after a signal. */
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/** Runs the command with arguments in a clean environment, without a terminal of its own. */
export async function run(args: readonly string[], options: RunOptions): Promise<Ran> {
  const [program, ...first] = options.command ?? [COMMAND];
  const child = new Deno.Command(program!, {
    args: [...first, ...args],
    clearEnv: true,
    env: cleanEnvironment(options),
    cwd: options.cwd ?? options.home.path,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (options.stdin !== undefined) void feed(child, options.stdin);
  const errors = collect(child.stderr, options.onErrors);
  const { signalAt } = options;
  const output = collect(child.stdout, signalAt && once(signalAt, (signal) => child.kill(signal)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
    output.cancel(); // what it started may hold them open
    errors.cancel();
  }, (options.timeoutSeconds ?? 30) * 1000);
  await Promise.all([output.ended, errors.ended]);
  const { code, signal } = await child.status;
  clearTimeout(timer);
  const stdout = output.text();
  if (late) throw new Error(`it did not end; it wrote:\n${stdout}${errors.text()}`);
  return { code, signal, stdout, stdoutBytes: output.bytes(), stderr: errors.text() };
}

/** Begins a run, and waits until its standard error holds a text, or it has ended. */
export async function untilSaid(
  text: string,
  begin: (options: Pick<RunOptions, "onErrors">) => Promise<Ran>,
): Promise<{ readonly ended: Promise<Ran> }> {
  const said = Promise.withResolvers<void>();
  const ended = begin({ onErrors: (errors) => errors.includes(text) && said.resolve() });
  await Promise.race([said.promise, ended]);
  return { ended };
}

interface Collected {
  readonly ended: Promise<void>;
  bytes(): Uint8Array;
  text(): string;
  cancel(): void;
}

function collect(
  stream: ReadableStream<Uint8Array>,
  onText?: (text: string) => void,
): Collected {
  const reader = stream.getReader();
  const bytes: number[] = [];
  const text = () => new TextDecoder().decode(new Uint8Array(bytes));
  const read = async () => {
    for (let { value } = await reader.read(); value; { value } = await reader.read()) {
      for (const byte of value) bytes.push(byte);
      onText?.(text());
    }
  };
  return {
    ended: read(),
    text,
    bytes: () => new Uint8Array(bytes),
    cancel: () => void reader.cancel(),
  };
}

function once(
  { text, signal }: NonNullable<RunOptions["signalAt"]>,
  send: (signal: Deno.Signal) => void,
): (output: string) => void {
  let sent = false;
  return (output) => {
    if (sent || !output.includes(text)) return;
    sent = true;
    send(signal);
  };
}

async function feed(child: Deno.ChildProcess, input: string | Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch { /* it reads no further */ }
}

/** A step on the terminal: what it has to show first, and then what happens. */
export interface Step {
  readonly expect?: string;
  /** All that was typed has to be read first: what is not would be lost at a signal, or the shell's. */
  readonly taken?: boolean;
  /** `\r` is Enter, `\x03` Ctrl-C, `\x1a` Ctrl-Z. */
  readonly type?: string;
  /** A program that gets the screen on its standard input, and whose output is typed. */
  readonly type_output?: readonly string[];
  /** Sent to the command's process alone. */
  readonly signal?: string;
  readonly resize?: readonly [rows: number, columns: number];
}

export interface TerminalOptions extends Omit<RunOptions, "stdin" | "signalAt" | "onErrors"> {
  readonly steps: readonly Step[];
  /** Piped to standard input, which otherwise is the terminal. */
  readonly stdin?: string;
  /** Standard output is a pipe, so that it can be told from what the terminal shows. */
  readonly pipeStdout?: boolean;
}

export interface TerminalRun {
  /** What the terminal showed, standard output included unless it was piped. */
  readonly screen: string;
  readonly stdout: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether the terminal echoed again at the end. */
  readonly echo: boolean;
}

/** Runs the command on a terminal of its own; throws when a step's text does not show. */
export async function runInTerminal(
  args: readonly string[],
  options: TerminalOptions,
): Promise<TerminalRun> {
  const request = {
    argv: [...(options.command ?? [COMMAND]), ...args],
    env: cleanEnvironment(options),
    cwd: options.cwd ?? options.home.path,
    stdin: options.stdin,
    pipe_stdout: options.pipeStdout ?? false,
    steps: options.steps,
    timeout_seconds: options.timeoutSeconds ?? 30,
  };
  const python = new Deno.Command("python3", {
    args: [`${ROOT}tests/scenarios/pty.py`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  void feed(python, JSON.stringify(request));
  const { stdout } = await python.output();
  const { fault, ...ran } = JSON.parse(new TextDecoder().decode(stdout));
  if (fault !== null) throw new Error(`${fault}; it showed:\n${ran.screen}`);
  return ran;
}

/** One error that says so, and nothing else: exit 1, standard output empty. */
export function assertRefused({ code, stdout, stderr }: Ran, message: RegExp): void {
  assert.deepEqual([code, stdout], [1, ""], stderr);
  assert.match(stderr, /^aws-vault: error: /);
  assert.equal(stderr.match(/^aws-vault: error: /gm)?.length, 1, stderr);
  assert.match(stderr, message);
}

/** The environment that `run` gives the command. */
export function cleanEnvironment(
  { home, env }: Pick<RunOptions, "home" | "env">,
): Record<string, string> {
  const clean: Record<string, string | undefined> = {
    PATH: Deno.env.get("PATH"),
    HOME: home.path,
    TERM: "dumb",
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    TZ: "UTC",
    NO_COLOR: "1",
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: "correct horse",
    DENO: Deno.env.get("DENO"),
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    ...env,
  };
  const set = Object.entries(clean).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as Record<string, string>;
}
