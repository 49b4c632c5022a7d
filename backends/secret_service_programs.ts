import { BackendError } from "../src/errors.ts";
import type { ProcessResult } from "../src/types.ts";
import { describeFailure, describeNonsense, type Program, runProgram } from "./program.ts";
import {
  type Collection,
  COLLECTIONS_PATH,
  type FoundItem,
  parseDictionary,
  parseSearch,
  parseTree,
} from "./secret_service_output.ts";
import type { BackendContext } from "./settings.ts";

/** What gnome-keyring counts items as that name no schema. */
export const GENERIC_SCHEMA = "org.freedesktop.Secret.Generic";

const OTHER_KEYRING = "or choose another keyring with --backend";
const UNLOCK_BY_HAND = [
  "over ssh, in bash or zsh (a line end would count as a part of the password):",
  `read -rs p; printf %s "$p" | gnome-keyring-daemon --replace --unlock`,
];

const WHOLE_LINE = 'IFS= read -r line && printf %s "$line" | "$@"';

/** An item that somebody else removed between being found and being removed here. */
const GONE = /does not exist|UnknownObject|No such interface .*(Secret\.Item|DBus\.Properties)/;
/** The same of `secret-tool search`. */
const NOT_FOUND = /No such secret item/;
/** `secret-tool` stops at the first item that is gone; the others are found anew. */
const MAX_TRIES = 5;

/** `secret-tool`, which reads and stores secrets, and `gdbus`, which tells what there is. */
export class SecretPrograms {
  readonly #ctx: BackendContext;
  readonly #tool: Program;
  readonly #bus: Program;

  constructor(options: { timeoutSeconds?: number }, ctx: BackendContext) {
    this.#ctx = ctx;
    const program = {
      backend: "secret-service",
      // Names that are not ASCII are lost where the locale is C; times are printed as local ones.
      extraEnvironment: { LC_ALL: "C.UTF-8", CHARSET: "UTF-8", TZ: "UTC" },
      timeoutSeconds: options.timeoutSeconds,
    };
    const hint = `it comes with libsecret (Debian: libsecret-tools), ${OTHER_KEYRING}`;
    this.#tool = { ...program, command: "secret-tool", hint };
    this.#bus = {
      ...program,
      command: "gdbus",
      hint: `it comes with GLib (Debian: libglib2.0-bin), ${OTHER_KEYRING}`,
    };
  }

  /** Every collection and the names of its items; nothing secret, nothing unlocked. */
  async readTree(): Promise<Collection[]> {
    const args = ["introspect", "--session", "--dest", "org.freedesktop.secrets"];
    args.push("--object-path", COLLECTIONS_PATH, "--recurse", "--only-properties");
    const result = await runProgram(this.#bus, args, this.#ctx);
    if (result.code !== 0) throw this.#failure(this.#bus, "introspect", result);
    const collections = parseTree(new TextDecoder().decode(result.stdout));
    if (collections === undefined) throw describeNonsense(this.#bus, "introspect");
    return collections;
  }

  /** The items that have these attributes, of all collections, unlocked; none is no failure. */
  async search(attributes: readonly string[]): Promise<FoundItem[]> {
    const args = ["search", "--all", "--unlock", "--", ...attributes];
    let result = await runProgram(this.#tool, args, this.#ctx);
    for (let tries = 1; tries < MAX_TRIES && NOT_FOUND.test(result.stderr); tries++) {
      result = await runProgram(this.#tool, args, this.#ctx);
    }
    if (result.code !== 0) throw this.#failure(this.#tool, "search", result);
    const found = parseSearch(new TextDecoder().decode(result.stdout));
    if (found === undefined) throw describeNonsense(this.#tool, "search");
    return found;
  }

  /** Searching for locked items is the one way to have the desktop ask for their password. */
  async unlock(attributes: readonly string[]): Promise<FoundItem[]> {
    this.#ctx.debug("the secret service is locked, asking it to unlock");
    return await this.search(attributes);
  }

  /** Stores an item, or replaces the one of the collection that has these attributes. */
  async store(
    collection: string | undefined,
    label: string,
    attributes: readonly string[],
    secret: string,
  ): Promise<void> {
    const where = collection === undefined ? [] : [`--collection=${collection}`];
    const args = ["store", ...where, `--label=${label}`, "--", ...attributes];
    const result = await this.#runOnWhole(args, `${secret}\n`);
    if (result.code !== 0) throw this.#failure(this.#tool, "store", result);
  }

  /**
   * Starts `secret-tool` once all of its input is there, a line: it would store what came until then
   * where we are killed, or nothing, in place of what it had.
   */
  #runOnWhole(args: readonly string[], line: string): Promise<ProcessResult> {
    const { command } = this.#tool;
    if (this.#ctx.processes.find(command) === undefined) {
      return runProgram(this.#tool, args, this.#ctx, line); // which says so
    }
    const guard = { ...this.#tool, command: "sh" };
    return runProgram(guard, ["-c", WHOLE_LINE, "sh", command, ...args], this.#ctx, line);
  }

  /** What an item has now; `undefined` where it is gone. */
  async readAttributes(path: string): Promise<ReadonlyMap<string, string> | undefined> {
    const property = ["org.freedesktop.Secret.Item", "Attributes"];
    const text = await this.#call(path, "org.freedesktop.DBus.Properties.Get", ...property);
    return text === undefined ? undefined : parseDictionary(text);
  }

  /** Removes the one item of that path; `secret-tool` would remove all of an attribute. */
  async delete(path: string): Promise<void> {
    await this.#call(path, "org.freedesktop.Secret.Item.Delete");
  }

  /** What an item's method answers; `undefined` where it is gone. */
  async #call(path: string, method: string, ...values: string[]): Promise<string | undefined> {
    const args = ["call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", path];
    args.push("--method", method, ...values);
    const result = await runProgram(this.#bus, args, this.#ctx);
    if (result.code === 0) return new TextDecoder().decode(result.stdout);
    if (GONE.test(result.stderr)) return undefined;
    throw this.#failure(this.#bus, `call ${method.split(".").at(-1)}`, result);
  }

  /** Removes every item that has these attributes; none is no failure. */
  async clear(attributes: readonly string[]): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const result = await runProgram(this.#tool, ["clear", "--", ...attributes], this.#ctx);
      if (result.code === 0 || result.stderr === "") return;
      if (!GONE.test(result.stderr)) throw this.#failure(this.#tool, "clear", result);
    }
  }

  #failure(program: Program, action: string, result: ProcessResult): BackendError {
    if (/locked/i.test(result.stderr)) return describeLocked();
    return describeFailure(program, action, result, hintsFor(result.stderr));
  }
}

function hintsFor(stderr: string): string[] {
  if (/autolaunch|connect/i.test(stderr)) {
    return [
      "there is no D-Bus session (DBUS_SESSION_BUS_ADDRESS), as in a cron job: run this where you " +
      "are logged in to the desktop, begin one with `dbus-run-session`,",
      OTHER_KEYRING,
    ];
  }
  if (/not provided by any/i.test(stderr)) {
    return [
      "no keyring answers on this D-Bus session: start one, such as gnome-keyring,",
      OTHER_KEYRING,
    ];
  }
  // As over ssh, where the service is started by being asked, and no desktop asks for a password.
  return /does not exist at path.*\/collection\//.test(stderr)
    ? [
      "the keyring was never given a password, and nobody could be asked for one: log in to the desktop;",
      ...UNLOCK_BY_HAND,
      OTHER_KEYRING,
    ]
    : ["log in to the desktop anew, which starts its keyring again,", OTHER_KEYRING];
}

/** The keyring is locked, and stayed so: whoever was asked said no, or nobody could be. */
export function describeLocked(): BackendError {
  return new BackendError("secret-service", "the secret service is locked, and was not unlocked", [
    "unlock it in your keyring program (such as Seahorse) or by logging in to the desktop;",
    ...UNLOCK_BY_HAND,
    OTHER_KEYRING,
  ]);
}
