/**
 * What the agent is asked and answers, as bytes: scripts/launcher.sh writes and reads the same with
 * the means of `sh`.
 *
 * A request is a list of strings, each ended by a record separator, which is in none: a header
 * `aws-vault 2 ARGS PID PPID TTY` (how many arguments follow it, the process that asks and its
 * parent, and 10 where standard output is a terminal, else 00: older agents want two digits), the
 * arguments, `NAME=value` each, and an empty one. Only line ends come behind it.
 *
 * An answer is a header line `aws-vault 2 KIND NUMBER MARK` and two texts, each ended by the mark,
 * which is in neither. Blanks before it are signs of life.
 */

/** A command line, and what its run depends on. */
export interface AgentRequest {
  readonly args: readonly string[];
  /** The caller's variables that a run reads; PWD is where it stands. */
  readonly variables: ReadonlyMap<string, string>;
  readonly processId: number;
  readonly parentId: number;
  readonly isOutputTerminal: boolean;
}

/** How the caller goes on. */
export type AgentAnswer =
  /** By writing this, and ending so. */
  | {
    readonly kind: "exit";
    readonly code: number;
    readonly output: string;
    readonly errors: string;
  }
  /** By changing its environment and starting the last `words` of its command line in its place. */
  | {
    readonly kind: "exec";
    readonly words: number;
    readonly set: Readonly<Record<string, string>>;
    readonly unset: readonly string[];
    readonly errors: string;
  }
  /** By itself, as if there were no agent. */
  | { readonly kind: "pass" };

/** ASCII's own; as a number, and as the launcher's build puts it into it. */
const SEPARATOR_BYTE = 0x1e;
export const SEPARATOR = "\x1e";
const LINE_END_BYTE = 0x0a;

const GREETING = "aws-vault 2";
/** More is no command line; Linux takes 128 kB for one argument. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

/** The bytes of a request; undefined where a string holds what ends one. */
export function formatRequest(request: AgentRequest): Uint8Array<ArrayBuffer> | undefined {
  const { args, variables, processId, parentId, isOutputTerminal } = request;
  const terminal = `${Number(isOutputTerminal)}0`;
  const header = `${GREETING} ${args.length} ${processId} ${parentId} ${terminal}`;
  const entries = [...variables].map(([name, value]) => `${name}=${value}`);
  const strings = [header, ...args, ...entries, ""];
  if (strings.some((text) => text.includes(SEPARATOR))) return undefined;
  return new TextEncoder().encode(strings.map((text) => text + SEPARATOR).join(""));
}

const HEADER = /^aws-vault 2 (\d{1,6}) (\d{1,10}) (\d{1,10}) ([01])[01]$/;
const MAX_HEADER_BYTES = 100;

/** The request these bytes are; "incomplete" where more has to come, "odd" where it is none. */
export function parseRequest(bytes: Uint8Array): AgentRequest | "incomplete" | "odd" {
  const end = bytes.indexOf(SEPARATOR_BYTE);
  if (end < 0) return bytes.length > MAX_HEADER_BYTES ? "odd" : "incomplete";
  const header = HEADER.exec(decode(bytes.subarray(0, end)) ?? "");
  if (header === null) return "odd";
  const [argCount, processId, parentId, output] = header.slice(1)
    .map(Number) as [number, number, number, number];
  const last = bytes.lastIndexOf(SEPARATOR_BYTE);
  if (bytes[last - 1] !== SEPARATOR_BYTE) return "incomplete"; // an end it has not
  const strings = decode(bytes.subarray(end + 1, last + 1))?.split(SEPARATOR);
  if (strings === undefined) return "odd";
  const rest = strings.slice(argCount, -2);
  if (strings.length < argCount + 2) return "incomplete"; // an empty argument
  if (rest.includes("") || bytes.subarray(last + 1).some((byte) => byte !== LINE_END_BYTE)) {
    return "odd";
  }
  return {
    args: strings.slice(0, argCount),
    variables: new Map(rest.map(splitVariable)),
    processId,
    parentId,
    isOutputTerminal: output === 1,
  };
}

function splitVariable(text: string): [name: string, value: string] {
  const end = text.indexOf("=");
  return [text.slice(0, Math.max(end, 0)), text.slice(end + 1)];
}

/** What is no UTF-8 would not come back as it was: the caller sees to it alone. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const CHANGE = /^(AWS_[A-Z0-9_]+=[^\n\0]*|-(AWS_[A-Z0-9_]+|OLDPWD|PWD|SHLVL))$/;

/** The text of an answer; one that a shell could not take over is "pass". */
export function formatAnswer(answer: AgentAnswer): string {
  const [number, first, second] = describe(answer);
  const isWhole = ![first, second].some((text) => text.includes("\0"));
  if (!isWhole) return formatAnswer({ kind: "pass" });
  const mark = crypto.getRandomValues(new Uint8Array(16)).toHex();
  return `${GREETING} ${answer.kind} ${number} ${mark}\n${first}${mark}${second}${mark}`;
}

function describe(answer: AgentAnswer): [number: number, first: string, second: string] {
  if (answer.kind === "pass") return [0, "", ""];
  if (answer.kind === "exit") return [answer.code, answer.output, answer.errors];
  return [answer.words, listChanges(answer).map((line) => line + "\n").join(""), answer.errors];
}

/** The lines of a change of environment. */
function listChanges({ set, unset }: Extract<AgentAnswer, { kind: "exec" }>): string[] {
  const entries = Object.entries(set);
  return [
    ...unset.filter((name) => !Object.hasOwn(set, name)).map((name) => `-${name}`),
    ...entries.map(([name, value]) => `${name}=${value}`),
  ];
}

/** Whether a shell can make these changes line by line. */
export function areShellChanges(answer: Extract<AgentAnswer, { kind: "exec" }>): boolean {
  return listChanges(answer).every((line) => CHANGE.test(line));
}

/** The output of an answer of kind "exit" with code 0; undefined for any other, or a torn one. */
export function parseOutput(text: string): string | undefined {
  const found = /^\s*aws-vault 2 exit 0 ([0-9a-f]{32})\n(.*?)\1.*\1$/s.exec(text);
  return found?.[2];
}
