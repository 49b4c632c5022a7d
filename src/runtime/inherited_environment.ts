import { exchangeVariables, HOME_OF_DENO, readVariable } from "./env.ts";
import { openLibc, toCString } from "./libc.ts";
import { readProcFile, splitAtNul } from "./proc_file.ts";

/** The environment our caller gave us, which the programs of `exec` and of the config file get. */
export interface InheritedEnvironment {
  /** `NAME=value` each, byte for byte and in their order; undefined where nobody tells (not Linux). */
  entries(): readonly Uint8Array[] | undefined;
  /**
   * Undoes in our own environment what the launcher has changed there for Deno's sake, for a
   * program about to be started. The answer puts it back.
   */
  lend(): () => void;
}

/** Where the launcher hands the caller's environment over, as `od -tx1` prints it, in pieces. */
const PIECE = "AWS_VAULT_ENVIRON_";
/** Names of the variables that Deno would obey. The launcher has put each away as KEPT_NAME. */
const KEPT = "AWS_VAULT_KEPT";
const keptName = (name: string) => `${KEPT}_${name}`;
/** What the launcher sets for Deno alone. */
const FOR_DENO = [
  ...["DENO_CERT", "DENO_DIR", "DENO_DISABLE_NODE_SHIM", "DENO_NO_UPDATE_CHECK"],
  ...["DENO_LOG", "DENO_TLS_CA_STORE", HOME_OF_DENO],
];
/** The most that Linux lets arguments and environment take together, whatever the stack. */
const MAX_ENVIRONMENT_BYTES = 6 * 1024 * 1024;

/** Takes what the launcher has handed over out of our own environment: no helper inherits it. */
export function inheritEnvironment(): InheritedEnvironment {
  const handedOver = takePieces();
  const kept = readVariable(KEPT)?.split(" ").filter((name) => name !== "");
  // Once memory is closed to others, the kernel closes this file to us too.
  const own = Deno.build.standalone ? readOwnEnvironment() : undefined;
  return {
    entries() {
      if (handedOver !== undefined) return splitAtNul(Uint8Array.fromHex(handedOver));
      const block = own ?? readOwnEnvironment();
      return block.length === 0 ? undefined : undoKept(splitAtNul(block), kept);
    },
    lend() {
      if (kept === undefined) return () => {};
      const changed = [...new Set([...FOR_DENO, ...kept, KEPT, ...kept.map(keptName)])];
      return Deno.build.os === "windows" ? exchangeText(changed, kept) : exchange(changed, kept);
    },
  };
}

/** The name of a variable, of its `NAME=value`; a letter for each byte. */
export function nameOf(entry: Uint8Array): string {
  const end = entry.indexOf("=".charCodeAt(0));
  return new TextDecoder("latin1").decode(end < 0 ? entry : entry.subarray(0, end));
}

function takePieces(): string | undefined {
  let text: string | undefined;
  for (let number = 0;; number++) {
    const piece = readVariable(PIECE + number);
    if (piece === undefined) return text?.replaceAll(/\s/g, "");
    Deno.env.delete(PIECE + number);
    text = (text ?? "") + piece;
  }
}

/** Empty where the system does not tell. */
function readOwnEnvironment(): Uint8Array {
  if (Deno.build.os !== "linux") return new Uint8Array();
  return readProcFile("/proc/self/environ", MAX_ENVIRONMENT_BYTES);
}

function undoKept(entries: readonly Uint8Array[], kept?: readonly string[]): Uint8Array[] {
  if (kept === undefined) return [...entries];
  return entries.filter((entry) => ![...FOR_DENO, KEPT].includes(nameOf(entry)))
    .map((entry) => nameOf(entry).startsWith(`${KEPT}_`) ? entry.subarray(KEPT.length + 1) : entry);
}

/** Deno's own permission names what is put away on Windows, where values are text. */
function exchangeText(changed: readonly string[], kept: readonly string[]): () => void {
  return exchangeVariables(
    changed.map((name) => [name, kept.includes(name) ? readVariable(keptName(name)) : undefined]),
  );
}

/** By the C library: values may be no text, and Deno's own permission does not name them. */
function exchange(changed: readonly string[], kept: readonly string[]): () => void {
  const libc = openLibc({
    getenv: { parameters: ["buffer"], result: "usize" },
    strdup: { parameters: ["usize"], result: "usize" },
    setenv: { parameters: ["buffer", "usize", "i32"], result: "i32" },
    unsetenv: { parameters: ["buffer"], result: "i32" },
  });
  if (libc === undefined) { // the home is what Deno's permission names
    return exchangeVariables([[HOME_OF_DENO, readVariable(keptName(HOME_OF_DENO))]]);
  }
  const read = (name: string) => {
    const value = libc.getenv(toCString(name));
    return value === 0n ? value : libc.strdup(value);
  };
  const apply = (values: readonly (readonly [name: string, value: bigint])[]) => {
    for (const [name, value] of values) {
      if (value === 0n) libc.unsetenv(toCString(name));
      else libc.setenv(toCString(name), value, 1);
    }
  };
  const ours = changed.map((name) => [name, read(name)] as const);
  const callers = changed.map((name) =>
    [name, kept.includes(name) ? read(keptName(name)) : 0n] as const
  );
  apply(callers);
  return () => apply(ours);
}
