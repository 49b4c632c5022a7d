import { ChoiceLeftError, describeCause, VaultError } from "../errors.ts";
import type { AskOptions } from "../types.ts";
import { LineEditor } from "./line_editor.ts";
import { listen } from "./listen.ts";
import { end } from "./signals.ts";
import { showControls } from "./plain_text.ts";
import { stopByKey } from "./stop_by_key.ts";
import type { TerminalDevice } from "./terminal_device.ts";
import { takeTurn, type TerminalTurn } from "./terminal_turn.ts";

/**
 * Asks on the terminal that `open` opens, and returns the line without its end. Throws
 * `VaultError("prompt")` where there is none to ask on, or the line is no answer.
 */
export async function ask(
  open: () => TerminalDevice,
  question: string,
  options: AskOptions,
): Promise<string> {
  const message = showControls(question); // it may hold what a config file says
  return await askOn(openOrExplain(open, question), message, options);
}

function openOrExplain(open: () => TerminalDevice, message: string): TerminalDevice {
  try {
    return open();
  } catch (error) {
    throw describeAbsence(message, error);
  }
}

function describeAbsence(message: string, error: unknown): VaultError {
  const question = message.trim().replace(/:$/, "");
  return new VaultError(
    "prompt",
    `there is no terminal to ask on (${question}): ${describeCause(error)}`,
    ["run it in a terminal, or give the answer by a flag or in the environment"],
    error,
  );
}

async function askOn(
  device: TerminalDevice,
  message: string,
  { secret, signal, escape }: AskOptions,
): Promise<string> {
  const editor = new LineEditor();
  let open = true;
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const show = (text: string) => device.write(new TextEncoder().encode(text));
  const withdraw = () => stop(withdrawn());
  using turn = await takeTurn(() => signal?.aborted ?? false);
  if (turn === undefined) throw withdrawn();
  const { release, interrupt } = takeOver(device, turn, message, {
    leave: () => show("\n"),
    redraw: () => show("\r" + message + (secret ? "" : editor.shown())), // over it, if it was never gone
  });
  signal?.addEventListener("abort", withdraw, { once: true });
  try {
    if (signal?.aborted) withdraw();
    show(message);
    const line = readLine(device, editor, secret, {
      isOpen: () => open,
      interrupt,
      escape,
    });
    return await Promise.race([line, stopped]);
  } finally {
    open = false;
    signal?.removeEventListener("abort", withdraw);
    release();
    show("\n");
  }
}

function withdrawn(): VaultError {
  return new VaultError("prompt", "the question was withdrawn");
}

async function readLine(
  device: TerminalDevice,
  editor: LineEditor,
  secret: boolean,
  question: { isOpen(): boolean; interrupt(): never; escape?: string },
): Promise<string> {
  for (;;) {
    const bytes = await device.read();
    if (!question.isOpen()) return ""; // given up meanwhile: what was read is the next question's
    if (bytes === null) {
      throw new VaultError("prompt", "the terminal was closed at the question", AGAIN);
    }
    const { state, echo, rest, isEscape } = editor.feed(bytes);
    if (!secret) device.write(echo);
    if (isEscape && question.escape !== undefined) throw new ChoiceLeftError(question.escape);
    if (state === "typing") continue;
    device.unread(rest);
    if (state === "interrupted") question.interrupt();
    if (state === "closed") throw new VaultError("prompt", "no answer was given (Ctrl-D)", AGAIN);
    return decode(editor);
  }
}

const AGAIN = ["run it again to be asked anew"];

function decode(editor: LineEditor): string {
  try {
    return editor.text();
  } catch {
    throw new VaultError("prompt", "what was typed is not UTF-8", [
      "set the terminal, and LANG or LC_ALL, to UTF-8",
    ]);
  }
}

interface Takeover {
  release(): void;
  /** What Ctrl-C does. */
  interrupt(): never;
}

/** What ends us; SIGALRM is sent by a time limit, as for the program of `exec`. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM"] as const;

/**
 * Puts the terminal into key mode, and out of it again on every way there is: by the answer's
 * `release`, by a signal that ends us, and for as long as Ctrl-Z stops us.
 *
 * Ctrl-C ends the process here, as it does where nothing is asked. An error would have to pass
 * everything that goes on without an answer it did not get, such as the cache.
 */
function takeOver(
  device: TerminalDevice,
  turn: TerminalTurn,
  message: string,
  on: { leave(): void; redraw(): void },
): Takeover {
  const endBy = (name: Deno.Signal): never => {
    giveBack(device);
    on.leave();
    return end({ signal: name });
  };
  const ignore = listen([...ENDING, "SIGTSTP"], (name) => {
    if (name !== "SIGTSTP") return endBy(name);
    giveBack(device);
    turn.leave();
    stopByKey();
    turn.retake();
    device.setKeyMode(true); // here again by `fg`, or never gone
    on.redraw();
  });
  try {
    device.setKeyMode(true);
  } catch (error) {
    ignore();
    throw describeAbsence(message, error); // ours is not the terminal's foreground, nor anybody's
  }
  const release = () => {
    giveBack(device);
    ignore();
  };
  return { release, interrupt: () => endBy("SIGINT") };
}

function giveBack(device: TerminalDevice): void {
  try {
    device.setKeyMode(false);
  } catch { /* hung up: there is nothing to restore */ }
}
