import { describeCause, VaultError } from "../../errors.ts";
import type { BrowserAnswer, CallbackServer } from "../../server/callback.ts";
import type { Context } from "../../types.ts";
import type { SignInWay } from "../run.ts";
import { printable, refusedInBrowser } from "./outcome.ts";

const ANSWER_MINUTES = 10;

/** Whom a browser is waited for, and what is to be done where nothing comes of it. */
export interface Waiting {
  /** In messages: `profile dev`. */
  readonly subject: string;
  /** Where the person signs in. */
  readonly place: string;
  /** Ways out where the browser shows an error, or failed. */
  readonly ifStuck: readonly string[];
}

/**
 * Where a person's browser may bring a code for `state`; `undefined`, and said by `tell`, where there
 * is no port to listen on.
 */
export async function listenForBrowser(
  state: string,
  tell: (text: string) => void,
): Promise<CallbackServer | undefined> {
  const { listenForCallback } = await import("../../server/callback.ts");
  try {
    return listenForCallback(state);
  } catch (error) {
    tell(`Cannot listen on 127.0.0.1 for the browser: ${describeCause(error)}`);
    return undefined;
  }
}

/** Sends a person's browser to a link that leads back to this machine; one is opened unless told. */
export async function sendToBrowser(link: string, what: string, run: SignInWay): Promise<void> {
  const { ctx, useStdout } = run;
  ctx.tell(`${what} in your browser.`);
  ctx.tell("Where none opens, open this link on this machine (Ctrl-C gives up):");
  ctx.tell(link);
  if (useStdout) return;
  const { openBrowser } = await import("../../prompt/browser.ts");
  await openBrowser(link, ctx);
}

/** The code that a browser brings. One that was closed never answers: there is an end to waiting. */
export async function waitForCode(
  server: CallbackServer,
  waiting: Waiting,
  ctx: Pick<Context, "clock">,
): Promise<string> {
  const answered = new AbortController();
  const tooLate = ctx.clock.sleep(ANSWER_MINUTES * 60_000, answered.signal).then(() => {
    throw new VaultError(
      "credentials",
      `${waiting.subject}: no sign-in came from the browser in ${ANSWER_MINUTES} minutes`,
      [
        "run the command again and finish the sign-in in the browser it opens",
        ...waiting.ifStuck,
      ],
    );
  });
  try {
    return readCode(await Promise.race([server.answer, tooLate]), waiting);
  } finally {
    answered.abort();
  }
}

function readCode(answer: BrowserAnswer, { subject, place, ifStuck }: Waiting): string {
  if (answer.kind === "code") return answer.code;
  if (answer.kind === "wrong state") throw wrongState(subject);
  const { error, description } = answer;
  const said = [error, ...description === undefined ? [] : [description]].map(printable).join(": ");
  if (error === "access_denied") throw refusedInBrowser(subject, place, said);
  throw new VaultError(
    "credentials",
    `${subject}: the sign-in failed in the browser: ${said}`,
    ["run the command again", ...ifStuck],
  );
}

/** What came belongs to another link than the one that was shown here. */
export function wrongState(subject: string): VaultError {
  return new VaultError(
    "credentials",
    `${subject}: the browser brought the answer to another sign-in (wrong state)`,
    ["run the command again, and use its link, no older page"],
  );
}
