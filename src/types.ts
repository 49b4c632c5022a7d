/** Access keys, long-term or temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since the epoch; absent for keys that do not expire. */
  readonly expiresAtMs?: number;
  /** Whose they are, where AWS said so when they were made. */
  readonly arn?: string;
  /** A role's, made just now with what came with a session token: role chaining. */
  readonly isChained?: true;
}

/** One item of the keyring: `key → bytes`, with what a person sees of it in a keyring browser. */
export interface SecretItem {
  readonly key: string;
  readonly data: Uint8Array;
  readonly label?: string;
  readonly description?: string;
}

/** Where secrets are kept. `undefined` = absent; every failure throws a `BackendError`. */
export interface SecretBackend {
  readonly name: string;
  /** The names of those it is put together of, where it is. */
  readonly stores?: readonly string[];
  get(key: string): Promise<SecretItem | undefined>;
  set(item: SecretItem): Promise<void>;
  /** True when there was such an item. */
  remove(key: string): Promise<boolean>;
  keys(): Promise<string[]>;
  /**
   * Asks for the passphrase that reading and writing would ask for, once and for all; absent where
   * that is not ours to ask.
   */
  unlock?(purpose: "keys" | "sessions" | "all"): Promise<void>;
  /**
   * Throws what `set` would throw, as far as that shows without an item: to be asked before a person
   * types one, or signs in for it. Absent where nothing shows.
   */
  checkWritable?(purpose: "keys" | "sessions"): Promise<void>;
  /**
   * What `get` would throw while it is locked, as far as that shows without unlocking it; absent
   * where that does not show.
   */
  findLock?(): Promise<Error | undefined>;
}

/** The time, and waiting. A sleep is given up by its signal, with the signal's reason. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The environment, by name; empty strings are values. */
export interface Env {
  get(name: string): string | undefined;
}

/** Kinds of helper programs, by what they inherit of us: runtime/inheritance.ts has the table. */
export type HelperKind =
  /** A command line of the config file: `credential_process`, `web_identity_token_process`. */
  | "command"
  /** `mfa_process`. */
  | "mfa_command"
  /** A program that keeps secrets for a backend. */
  | "keyring"
  /** A window that asks. */
  | "dialog"
  /** What reads a code off a device, saying when to touch it. */
  | "device"
  /** What opens a browser. */
  | "opener"
  /** What changes this machine's settings, or tells of them; what it answers is no secret. */
  | "system";

/** A helper program to be run to its end. */
export interface ProcessRequest {
  readonly kind: HelperKind;
  /** A program's name, looked up in PATH, or its path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Its arguments as they stand, without the quoting that programs of Windows undo. */
  readonly rawArguments?: boolean;
  /** Bytes for its standard input; absent: what its kind has there. */
  readonly stdin?: Uint8Array;
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** One that goes on after its time is left to itself, and counts as done; what it writes is lost. */
  readonly mayStay?: boolean;
  readonly signal?: AbortSignal;
}

/** How it ended, and what it wrote. */
export interface ProcessResult {
  readonly code: number;
  /** The signal that ended it, such as "SIGTERM". */
  readonly signal?: string;
  readonly stdout: Uint8Array;
  /** Empty where its kind's reaches the user. */
  readonly stderr: string;
}

/** Runs helper programs. A program that is missing, cannot start or is too slow throws `VaultError("process")`. */
export interface Processes {
  run(request: ProcessRequest): Promise<ProcessResult>;
  /** The absolute path of a program in PATH. */
  find(name: string): string | undefined;
}

/** How a question is asked. */
export interface AskOptions {
  /** Do not echo what is typed. */
  readonly secret: boolean;
  /** The MFA device whose code is asked for, for drivers that read it off the device. */
  readonly serial?: string;
  readonly signal?: AbortSignal;
  /** The Escape key ends the question, and the run, with this message; else it does nothing. */
  readonly escape?: string;
}

/** Asks the user something and returns the line without its end; throws when there is no way to ask. */
export interface PromptDriver {
  readonly name: string;
  ask(message: string, options: AskOptions): Promise<string>;
}

/** The controlling terminal, apart from standard input and output. */
export interface Terminal {
  /** Whether there is a controlling terminal to ask on. */
  available(): boolean;
  ask(message: string, options: AskOptions): Promise<string>;
  /** Whether standard output goes to a terminal. */
  isOutput(): boolean;
}

/** How a command ends: by an exit code, or as its child did, by a signal. */
export type Exit = { readonly code: number } | { readonly signal: string };

/** The program that `exec` starts, its environment ours with these changes. */
export interface ChildRequest {
  readonly command: string;
  /** Where that was found. */
  readonly path: string;
  readonly args: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** Stay as its parent (a credential server is running); otherwise the child may take our place. */
  readonly stay: boolean;
  /** Called once it runs, where we stay its parent. */
  readonly onStart?: () => void;
}

/** Starts the program of `exec`. */
export interface Children {
  /** Where a program is, by its path or in PATH; throws where there is none that could be started. */
  locate(command: string): Promise<string>;
  /** Never returns where the child takes our place. */
  run(request: ChildRequest): Promise<Exit>;
}

/** Another run of this program beside this one; it is to end when its standard input closes. */
export interface CompanionRequest {
  /** Its command line, without the program. */
  readonly args: readonly string[];
  /** Deno's permission flags for it; a compiled program has those it was compiled with. */
  readonly permissions: readonly string[];
}

/** A run of this program beside this one. */
export interface Companion {
  /** The next line of its standard output; undefined once that is closed, as it is at its end. */
  readLine(): Promise<string | undefined>;
  /** Closes its standard input and waits for its end, a few seconds at most. */
  end(): Promise<void>;
}

/** A run of this program that goes on when this one ends. */
export interface Successor extends Pick<Companion, "readLine"> {
  readonly ended: Promise<Exit>;
}

/** Starts such runs. Throws `VaultError("process")` where it cannot. */
export interface Companions {
  /** Through sudo where we are not root, which may ask for a password on the terminal. */
  startAsRoot(request: CompanionRequest): Promise<Companion>;
  /** This very command line once more, with more words at its end, on our own terminal. */
  startAgain(words: readonly string[]): Promise<Successor>;
}

/** Other processes of our user on this machine. */
export interface Peers {
  /**
   * Sends bytes to whoever listens at a socket, and gives back all that is answered; undefined
   * where nobody listens, or says nothing for so long.
   */
  ask(path: string, request: Uint8Array, timeoutMs: number): Uint8Array | undefined;
  /** Our user's number; undefined where there is none. */
  userId(): number | undefined;
  /** `NAME=value` each, as a process was started with them; undefined where nobody tells. */
  environmentOf(processId: number): readonly Uint8Array[] | undefined;
  /** A process's name, without its arguments; undefined where nobody tells. */
  nameOf(processId: number): string | undefined;
  /** Whether a process was stopped (SIGSTOP, Ctrl-Z); false where nobody tells. */
  isStopped(processId: number): boolean;
  /**
   * Leaves terminal, current directory and standard streams, to go on in the background. `tell` is
   * called before the streams are gone: who hears of it may close the terminal at once.
   */
  detach(tell: () => void): void;
  /** Gives back to the system what memory we do not need. */
  releaseMemory(): Promise<void>;
}

/** Passphrases that somebody has typed before. */
export interface Passphrases {
  /** That of the keyring in a directory, where it is known. */
  find(directory: string): Promise<string | undefined>;
  /** One that has just opened it, or is its first. */
  keep(directory: string, passphrase: string): void;
  /** What `find` gives does not open it, or does no more. Tells whether one was held. */
  forget(directory: string): Promise<boolean>;
  /** Whether it is known no more, as the agent has locked itself. */
  isLocked?(): boolean | Promise<boolean>;
  /** The text of items by a passphrase and the very bytes it has opened, where that is kept. */
  readonly opened?: Map<string, string>;
}

/** Whoever has asked for this run from another process, and waits for what it would write. */
export interface Remote {
  /** Why nobody can be asked here, no window opened and no program started: he does it himself. */
  passOn(why: string): never;
  /** AWS is about to be asked: what comes of it is told, not tried again. */
  noteRequest(): void;
  /** What comes of the run hangs on a file, or a directory, that is about to be read. */
  noteReading(path: string): void;
  /** It hangs on what shows no change, such as another program. */
  noteUntold(): void;
  /** What it hands out it would hand out again till then, were all that it has read the same. */
  holdsUntil(ms: number): void;
}

/** A part of what is printed that stands out. */
export interface Styled {
  readonly text: string;
  readonly style: Style;
}

/** What stands out: each has its number in ECMA-48, section 8.3.117. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** This process, and the one that started it. */
export interface Caller {
  readonly pid: number;
  readonly parent?: { readonly pid: number; readonly name?: string };
}

/** What a run may be permitted beside reading: the network, programs, writing, the C library. */
export type Permission = "net" | "run" | "write" | "ffi";

/** What a command may touch of the world; tests build one from plain objects. */
export interface Context {
  readonly platform: "linux" | "darwin" | "windows";
  readonly clock: Clock;
  readonly env: Env;
  readonly processes: Processes;
  readonly children: Children;
  readonly companions: Companions;
  readonly terminal: Terminal;
  /** For the audit trail. */
  caller(): Promise<Caller>;
  readonly peers: Peers;
  /** Absent where nobody keeps any. */
  readonly passphrases?: Passphrases;
  /** Present where the run is made for another process. */
  readonly remote?: Remote;
  /** Before long-term keys are read: keeps others of the same user from reading our memory. */
  protectMemory(): void;
  /** Gives up every permission but these for the rest of this process. */
  keepPermissions(needed: readonly Permission[]): void;
  /** The driver for MFA codes (`--prompt`, AWS_VAULT_PROMPT). */
  prompt(): Promise<PromptDriver>;
  /** Standard output: the answer and nothing else. */
  out(text: string): void;
  /** The same for a person who looks at it: with colours, and no line wider than the terminal. */
  outStyled(parts: readonly (string | Styled)[]): void;
  /** Standard error: what the user should know; a line end is added. */
  note(text: string): void;
  /**
   * What a person has to see to go on, such as a link to sign in at: a note that the controlling
   * terminal, if any, shows too where standard error goes elsewhere. The AWS CLI keeps that of a
   * `credential_process` to itself.
   */
  tell(text: string): void;
  /**
   * A line of a terminal's standard error that the next text takes the place of; the empty text
   * takes it away. Nothing where standard error is no terminal.
   */
  progress(text: string): void;
  /** Standard error under `--debug`; never a secret. */
  debug(text: string): void;
}

/** What `main` gives a run: everything of a context that the command line does not decide. */
export type World = Omit<Context, "prompt"> & {
  /** Turns `debug` on; until then it is silent. */
  setDebug(on: boolean): void;
};
