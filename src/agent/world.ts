import type { Caller, ChildRequest, Context, Exit, Passphrases, Remote, World } from "../types.ts";
import { showControls } from "../runtime/plain_text.ts";
import { type AgentAnswer, type AgentRequest, areShellChanges } from "./protocol.ts";
import { type Basis, Reading } from "./answers.ts";
import { VARIABLES } from "./variables.ts";

/** No error that a user sees: the run ends here, and the caller does it all itself. */
class PassedOn extends Error {}

const PASSPHRASE = "AWS_VAULT_FILE_PASSPHRASE";

/**
 * The world of a run that is made for another process: its variables and our files, clock and
 * network. What it writes is collected; where it would ask a person or start a program it ends.
 */
export class RemoteWorld {
  readonly world: World;
  readonly #request: AgentRequest;
  readonly #words: number;
  readonly #reading = new Reading();
  #output = "";
  #errors = "";
  #isDebugging = false;
  #hasAsked = false;
  #untilMs: number | undefined;
  #child: ChildRequest | undefined;
  /** Why the caller has to do it, where that is so. */
  refusal: string | undefined;

  /** @param words how many of the command line belong to the program of `exec` */
  constructor(request: AgentRequest, words: number, own: Context, held: Passphrases) {
    this.#request = request;
    this.#words = words;
    const { variables } = request;
    const note = (text: string) => this.#note(text);
    const debug = (text: string) => {
      this.#goOn();
      own.debug(text);
      if (this.#isDebugging) note(text);
    };
    this.world = {
      ...own,
      env: { get: (name) => this.#readVariable(name) },
      processes: {
        run: () => this.#refuse("a program has to be started"),
        find: (name) => {
          this.#reading.noteUntold();
          return variables.get("PATH") === own.env.get("PATH")
            ? own.processes.find(name)
            : this.#refuse("PATH is another one");
        },
      },
      companions: {
        startAsRoot: () => this.#refuse("a program has to be started"),
        startAgain: () => this.#refuse("a program has to be started"),
      },
      children: {
        locate: (command) => Promise.resolve(command), // the caller's `sh` looks for it
        run: (child) => Promise.resolve(this.#takeChild(child)),
      },
      terminal: {
        available: () => this.#refuse("a person has to be asked"),
        ask: () => this.#refuse("a person has to be asked"),
        isOutput: () => request.isOutputTerminal,
      },
      passphrases: {
        find: (directory) => this.#findPassphrase(directory, held),
        keep() {},
        forget: (directory) => held.forget(directory),
        opened: held.opened,
      },
      caller: () => {
        this.#reading.noteUntold();
        return Promise.resolve(callerOf(request, own));
      },
      remote: this.#remote(own),
      protectMemory() {}, // it is
      keepPermissions() {}, // the next request needs others
      out: (text) => this.#out(text),
      outStyled: (parts) =>
        this.#out(parts.map((part) => typeof part === "string" ? part : part.text).join("")),
      note,
      tell: note,
      progress() {},
      setDebug: (on) => void (this.#isDebugging = on),
      debug,
    };
  }

  /**
   * What the run came to. Errors that came before AWS was asked are the caller's to find: it tells
   * them on its own terminal, and may know a way that is closed to us.
   */
  answer(exit: Exit): AgentAnswer {
    const isError = !("code" in exit) || exit.code !== 0;
    if (this.refusal === undefined && isError && !this.#hasAsked) this.refusal = "it is an error";
    if (this.refusal !== undefined || !("code" in exit)) return { kind: "pass" };
    if (this.#child === undefined) {
      return { kind: "exit", code: exit.code, output: this.#output, errors: this.#errors };
    }
    const { set, unset } = this.#child;
    return { kind: "exec", words: this.#words, set, unset, errors: this.#errors };
  }

  /** What the answer was made from; undefined where it may be another the next time. */
  basis(): Basis | undefined {
    const stamps = this.#reading.stamps();
    const isForOnce = this.#hasAsked || this.#errors !== "";
    if (isForOnce || stamps === undefined || this.#untilMs === undefined) return undefined;
    return { stamps, untilMs: this.#untilMs };
  }

  #remote(own: Context): Remote {
    return {
      passOn: (why) => this.#refuse(why),
      noteRequest: () => {
        this.#goOn();
        this.#hasAsked = true;
      },
      noteReading: (path) => this.#reading.note(path, own.clock.now()),
      noteUntold: () => this.#reading.noteUntold(),
      holdsUntil: (ms) => void (this.#untilMs = ms),
    };
  }

  /** Nothing may be done any more for a run that has been passed on, whoever has caught that. */
  #goOn(): void {
    if (this.refusal !== undefined) throw new PassedOn(this.refusal);
  }

  #refuse(why: string): never {
    this.refusal ??= why;
    throw new PassedOn(this.refusal);
  }

  #readVariable(name: string): string | undefined {
    if (!VARIABLES.has(name)) return this.#refuse(`${name} is not known here`);
    return name === PASSPHRASE ? undefined : this.#request.variables.get(name);
  }

  #out(text: string): void {
    this.#output += this.#request.isOutputTerminal ? showControls(text) : text;
  }

  #note(text: string): void {
    this.#errors += showControls(text) + "\n";
  }

  /** One that the caller gave must be the right one; with another it learns that itself. */
  async #findPassphrase(directory: string, held: Passphrases): Promise<string> {
    const given = this.#request.variables.get(PASSPHRASE);
    const passphrase = await held.find(directory);
    if (passphrase === undefined) return this.#refuse(`${directory} is locked`);
    return given === undefined || given === passphrase
      ? passphrase
      : this.#refuse("it came with another passphrase");
  }

  #takeChild(child: ChildRequest): Exit {
    const { set, unset } = child;
    if (child.stay) this.#refuse("it is to stay");
    if (!areShellChanges({ kind: "exec", words: 0, set, unset, errors: "" })) {
      this.#refuse("`sh` could not set a variable");
    }
    this.#child = child;
    return { code: 0 };
  }
}

/** As it says itself. */
function callerOf({ processId, parentId }: AgentRequest, { peers }: Context): Caller {
  const name = peers.nameOf(parentId);
  return { pid: processId, parent: { pid: parentId, ...(name && { name }) } };
}
