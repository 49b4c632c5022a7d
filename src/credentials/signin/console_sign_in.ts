import type { SigninClient } from "../../aws/signin_link.ts";
import type { SigninAnswer } from "../../aws/signin_oauth.ts";
import { VaultError } from "../../errors.ts";
import { loadRest } from "../../rest.ts";
import type { CallbackServer } from "../../server/callback.ts";
import type { SignInRun } from "../run.ts";
import { type LoginTarget, signinCommand } from "../steps.ts";
import { listenForBrowser, sendToBrowser, waitForCode, wrongState } from "./browser_answer.ts";
import type { ConsoleSession } from "./console_session.ts";
import { hasBrowserHere } from "./here.ts";
import { challengeOf, randomText } from "./pkce.ts";

const SAME_DEVICE: SigninClient = "arn:aws:signin:::devtools/same-device";
const CROSS_DEVICE: SigninClient = "arn:aws:signin:::devtools/cross-device";
/** How often what is pasted may be something else. */
const MAX_PASTES = 3;

/** A session, whose it is, and its first credentials. */
export interface SignedInToConsole {
  readonly arn: string;
  readonly session: ConsoleSession;
  readonly credentials: SigninAnswer["credentials"];
}

/**
 * A person's sign-in to the console for a command line: by a browser on this machine, which comes
 * back to us, or (`isRemote`, or where no browser is to be expected here) by a code that a browser
 * anywhere shows, and that is pasted into the terminal.
 *
 * Throws `VaultError("credentials")` where somebody else than the target's signed in.
 */
export async function signInToConsole(
  target: LoginTarget,
  run: SignInRun,
  isRemote = !run.useStdout && !hasBrowserHere(run.ctx),
): Promise<SignedInToConsole> {
  await loadRest();
  const { generateDpopKey } = await import("../../aws/dpop.ts");
  const key = await generateDpopKey();
  const attempt: Attempt = { target, run, state: randomText(32), codeVerifier: randomText(48) };
  const server = isRemote ? undefined : await listenForBrowser(attempt.state, run.ctx.note);
  const brought = server === undefined
    ? await bringByHand(attempt)
    : await bringByBrowser(attempt, server);
  const { SigninCalls } = await import("../../aws/signin_oauth.ts");
  const { codeVerifier } = attempt;
  const answer = await new SigninCalls(target, key, run.ctx).redeem({ ...brought, codeVerifier });
  const arn = answer.arn!;
  if (target.arn !== undefined && arn !== target.arn) throw isSomebodyElse(target, arn);
  const { clientId } = brought;
  const { refreshToken, credentials } = answer;
  return { arn, session: { clientId, region: target.region, refreshToken, key }, credentials };
}

interface Attempt {
  readonly target: LoginTarget;
  readonly run: SignInRun;
  readonly state: string;
  readonly codeVerifier: string;
}

/** A code, and what it has to be redeemed with. */
interface Brought {
  readonly clientId: SigninClient;
  readonly redirectUri: string;
  readonly code: string;
}

async function bringByBrowser(attempt: Attempt, server: CallbackServer): Promise<Brought> {
  const { target, run } = attempt;
  const { redirectUri } = server;
  try {
    const { link, base } = await makeLink(attempt, SAME_DEVICE, redirectUri);
    await sendToBrowser(link, `Sign in to the AWS console for ${describe(target)}`, run);
    const ifStuck = [`with a browser on another machine: ${signinCommand(target, "--remote")}`];
    const waiting = { subject: target.subject, place: base, ifStuck };
    const code = await waitForCode(server, waiting, run.ctx);
    return { clientId: SAME_DEVICE, redirectUri, code };
  } finally {
    await server.close();
  }
}

async function bringByHand(attempt: Attempt): Promise<Brought> {
  const { target, run } = attempt;
  const { confirmationAddress, signinBase } = await import("../../aws/signin_link.ts");
  const redirectUri = confirmationAddress(signinBase(target));
  if (!run.ctx.terminal.available()) {
    throw new VaultError("prompt", `${target.subject}: there is no terminal to paste a code into`, [
      "run it in a terminal, or sign in with a browser on this machine",
    ]);
  }
  const { link } = await makeLink(attempt, CROSS_DEVICE, redirectUri);
  run.ctx.tell(`Sign in to the AWS console for ${describe(target)}, in a browser on any machine:`);
  run.ctx.tell(link);
  return { clientId: CROSS_DEVICE, redirectUri, code: await askForCode(attempt) };
}

/** What is pasted; asked for again where it is something else. */
async function askForCode({ target, run, state }: Attempt): Promise<string> {
  for (let pastes = 0; pastes < MAX_PASTES; pastes++) {
    if (pastes > 0) {
      run.ctx.tell("That is not the code: it is one long word of letters, digits, +, / and =.");
    }
    const typed = await run.ctx.terminal.ask("Paste the code that it shows: ", { secret: false });
    const pasted = parsePaste(typed);
    if (pasted.code === undefined) continue;
    if (pasted.state !== state) throw wrongState(target.subject);
    return pasted.code;
  }
  throw new VaultError(
    "credentials",
    `${target.subject}: no code was pasted, nobody is signed in`,
    ["run the command again, and copy what the page shows as a whole"],
  );
}

/** Base64 of `state=…&code=…`; `fromBase64` passes over line ends of a narrow terminal's selection. */
function parsePaste(typed: string): { state?: string; code?: string } {
  try {
    const bytes = Uint8Array.fromBase64(typed);
    const form = new URLSearchParams(new TextDecoder().decode(bytes));
    return { state: form.get("state") ?? undefined, code: form.get("code") || undefined };
  } catch {
    return {};
  }
}

async function makeLink(
  { target, state, codeVerifier }: Attempt,
  clientId: SigninClient,
  redirectUri: string,
): Promise<{ link: string; base: string }> {
  const { authorizeLink, signinBase } = await import("../../aws/signin_link.ts");
  const base = signinBase(target);
  const codeChallenge = await challengeOf(codeVerifier);
  return { base, link: authorizeLink(base, { clientId, redirectUri, state, codeChallenge }) };
}

function describe({ subject, arn }: LoginTarget): string {
  return arn === undefined ? subject : `${subject} as ${arn}`;
}

function isSomebodyElse(target: LoginTarget, other: string): VaultError {
  const { subject, arn } = target;
  return new VaultError(
    "credentials",
    `${subject}: ${other} signed in, and its login_session is ${arn}`,
    [
      "run the command again, and choose that session in the browser;",
      `or give the profile the other one: ${signinCommand(target)}`,
    ],
  );
}
