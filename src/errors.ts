import { PLAIN_WORD, quoteForSh } from "./quoting.ts";

/** What kind of failure a {@link VaultError} tells; stable, for tests and scripts. */
export type ErrorCode =
  | "usage"
  | "config"
  | "profile"
  | "credentials"
  | "backend"
  | "passphrase"
  | "prompt"
  | "aws"
  | "network"
  | "process"
  | "file";

/**
 * The one error users see. `message` is a sentence that names the file, line, setting or program;
 * `hints` are ways out, one a line. Neither ever holds a secret,
 * and of a long value they show the beginning and the end.
 */
export class VaultError extends Error {
  readonly code: ErrorCode;
  readonly hints: readonly string[];
  /** What the command exits with. */
  readonly exitCode: number = 1;

  constructor(code: ErrorCode, message: string, hints: readonly string[] = [], cause?: unknown) {
    super(shorten(hidePassword(message)), { cause });
    this.name = "VaultError";
    this.code = code;
    this.hints = hints.map((hint) => shorten(hidePassword(hint)));
  }
}

/**
 * What is longer in a message is a value gone wrong, and would fill the screen. The one that AWS
 * encodes is for the user to have decoded, whole.
 */
const LONG_VALUE = /(?<![^\s`]|authorization failure message: )[^\s`]{401,}|(?<=`)[^`]{401,}(?=`)/g;
const SHOWN_CHARACTERS = 150;
/** In longer texts V8's patterns run out of stack. */
const MAX_SEARCHED_CHARACTERS = 1_000_000;

/** A text with the middle of its long values left out. */
export function shorten(text: string): string {
  return text.length > MAX_SEARCHED_CHARACTERS ? abridge(text) : text.replace(LONG_VALUE, abridge);
}

function abridge(value: string): string {
  return `${value.slice(0, SHOWN_CHARACTERS)}… (${value.length} characters) …` +
    value.slice(-SHOWN_CHARACTERS);
}

/**
 * A text without what addresses in it have before their host; ours to fill in is NAME:PASSWORD. A URL
 * may have any number of slashes there. Each part between them is looked at once: a pattern for the
 * whole would look at the rest of a long text from every beginning of an address.
 */
export function hidePassword(text: string): string {
  return text.replace(/[^\s/?#]+/g, (part: string, begin: number) => {
    const at = part.lastIndexOf("@");
    if (at < 0) return part;
    const hidden = followsScheme(text, begin) && !/^NAME:/i.test(part)
      ? 0
      : endOf(/\bhttps?:\\*(?!NAME:|\\)/i.exec(part.slice(0, at)));
    return hidden === undefined ? part : `${part.slice(0, hidden)}…${part.slice(at)}`;
  });
}

/** Whether what begins there is the host of an address, or stands before it. */
function followsScheme(text: string, begin: number): boolean {
  let slashes = begin;
  while (slashes > 0 && "\\/".includes(text[slashes - 1]!)) slashes--;
  return text.slice(Math.max(begin - 3, 0), begin) === "://" ||
    /\bhttps?:$/i.test(text.slice(Math.max(slashes - 7, 0), slashes));
}

function endOf(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : match.index + match[0].length;
}

/** A path of Windows, whose backslashes are letters to its shells. */
const PLAIN_PATH = /^[A-Za-z]:[\w@%+=:,./\\~-]+$/;
/** What shells look for between double quotes too. */
const QUOTES_KEEP_NOT = /["$`!]|^(?![A-Za-z]:).*\\/s;

/**
 * A name or a path as it can be typed in the command line of a way out: in double quotes, which every
 * shell knows, where it has blanks and the like; in single ones where those would not do.
 */
export function asWord(text: string): string {
  if (PLAIN_WORD.test(text) || PLAIN_PATH.test(text)) return text;
  return QUOTES_KEEP_NOT.test(text) ? quoteForSh(text) : `"${text}"`;
}

/** A name as the last argument of a command of ours, where one that begins with `-` would be an option. */
export function asArgument(name: string): string {
  return name.startsWith("-") ? `-- ${asWord(name)}` : asWord(name);
}

/**
 * What starts a program with a profile's credentials, up to the program. Where AWS_PROFILE is set, the
 * word behind `exec --` is the program: a name that begins with `-` can be given by that alone.
 */
export function asExec(profile: string, flags = ""): string {
  const name = asWord(profile);
  return profile.startsWith("-")
    ? `AWS_PROFILE=${name} aws-vault exec ${flags}--`
    : `aws-vault exec ${flags}${name} --`;
}

/** A failure of a secret backend: never an absent item, which is `undefined`. */
export class BackendError extends VaultError {
  readonly backend: string;

  constructor(backend: string, message: string, hints: readonly string[] = [], cause?: unknown) {
    super("backend", message, hints, cause);
    this.name = "BackendError";
    this.backend = backend;
  }
}

/** The keyring's passphrase opens none of the items it ought to open. */
export class WrongPassphraseError extends VaultError {
  constructor(message: string, hints: readonly string[] = [], cause?: unknown) {
    super("passphrase", message, hints, cause);
    this.name = "WrongPassphraseError";
  }
}

/**
 * What is told of an error: where a module of ours could not be loaded any more, that this program
 * was replaced or removed while it ran. Any other error as it is.
 */
export function explainGone(error: unknown): unknown {
  const isGone = error instanceof TypeError && "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND";
  if (!isGone) return error;
  return new VaultError(
    "file",
    "a part of aws-vault is gone: it was replaced or removed while this ran",
    ["start it again; where that fails too, install it anew"],
    error,
  );
}

/** What went wrong, in a few words, for the tail of a message: `permission denied`, not a class. */
export function describeCause(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  if (error instanceof Deno.errors.NotCapable) return describeRefusal(error);
  if (error instanceof Error) return error.message.replace(/ \(os error \d+\).*$/s, "");
  return String(error);
}

/** The way out where a file cannot be written, whoever wants to write it. */
export const WRITABLE_ADVICE = "check the owner and mode of it and of its directory, " +
  "and that its disk is neither full nor read-only";

/** A file that cannot be written; `state` tells what it is now. */
export function unwritable(path: string, cause: unknown, state = ""): VaultError {
  const message = `${path} cannot be written${state}: ${describeCause(cause)}`;
  return new VaultError("file", message, [WRITABLE_ADVICE], cause);
}

/** What a permission lists paths with stands in none of them. */
export const NO_COMMA = "Deno can be permitted no path with a comma in it";

/** Deno 2.9 takes what begins with `\\` for more than a file: under less it but reads and writes one. */
function describeRefusal({ message }: Error): string {
  return /Requires all access to "\\\\/.test(message)
    ? "on a share Deno asks for full permissions, which are not given here: keep it on a drive (C:)"
    : /^Requires \w+ access to ".*,.*",/.test(message)
    ? `the sandbox does not allow it, as ${NO_COMMA}`
    : "the sandbox does not allow it";
}

/** Of a port that `fetch` refuses: 9, 22, 6000 and some eighty more. */
export const OTHER_PROTOCOL = "belongs to another protocol, and no web client asks it";

/** Of a host that this run was not permitted to ask: the machine and its network are well. */
export const NOT_PERMITTED = "name it in AWS_VAULT_ALLOW_NET";

/**
 * Why a request got no answer: `Connection refused` out of `fetch failed`, whose cause says
 * `error sending request … (Connect): …: Connection refused (os error 111)`.
 */
export function describeNetworkFault(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof Deno.errors.NotCapable || /Requires net access/.test(cause.message)) {
    const host = /"([^"]+)"/.exec(cause.message)?.[1] ?? "that address";
    return `the sandbox does not allow ${host}; ${NOT_PERMITTED}`;
  }
  if (cause.name === "TimeoutError") return "it has not answered in time";
  const port = /Requests to port (\d+) are blocked/.exec(cause.message)?.[1];
  if (port !== undefined) return `port ${port} ${OTHER_PROTOCOL}`;
  return describeCause(cause).split(": ").at(-1) || cause.name;
}

/** No answer came in all the time there was: another try at once would take as long. */
export class UnansweredError extends VaultError {
  constructor(message: string, hints: readonly string[] = []) {
    super("network", message, hints);
    this.name = "UnansweredError";
  }
}

/** Not even a connection came about. */
export class UnreachableError extends UnansweredError {
  constructor(message: string, hints: readonly string[] = []) {
    super(message, hints);
    this.name = "UnreachableError";
  }
}

/** A refusal by AWS, with the code and request id its support asks for. */
export class AwsRefusal extends VaultError {
  readonly awsCode: string;
  readonly httpStatus: number | undefined;

  constructor(
    awsCode: string,
    httpStatus: number | undefined,
    message: string,
    hints: readonly string[],
  ) {
    super("aws", message, hints);
    this.name = "AwsRefusal";
    this.awsCode = awsCode;
    this.httpStatus = httpStatus;
  }
}

/** Whether a server's answer of that status may be another soon: its own fault, or too many requests. */
export function isPassingStatus(status: number): boolean {
  return status >= 500 || status === 429;
}

/** The program `exec` was to start is not there (127) or no program (126), as shells tell it. */
export class ChildStartError extends VaultError {
  override readonly exitCode: 126 | 127;

  constructor(exitCode: 126 | 127, message: string, hints: readonly string[] = []) {
    super("process", message, hints);
    this.name = "ChildStartError";
    this.exitCode = exitCode;
  }
}

/** A person left a choice without choosing: 130, as shells have it for what was broken off. */
export class ChoiceLeftError extends VaultError {
  override readonly exitCode = 130;

  constructor(message: string) {
    super("prompt", message);
    this.name = "ChoiceLeftError";
  }
}
