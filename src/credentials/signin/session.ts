import { AwsRefusal, VaultError } from "../../errors.ts";
import { type SignInRun, unlockKeyring } from "../run.ts";
import { OIDC_PREFIX } from "../session_key.ts";
import { isRemoved } from "./kept_item.ts";
import { refreshToken, signIn } from "./sign_in.ts";
import { signInTogether } from "./together.ts";
import { keepSsoToken, readSsoToken, type SsoToken } from "./token.ts";
import type { SsoTarget } from "../steps.ts";

/** A token about to expire would be refused on its way. */
const TOKEN_MARGIN_SECONDS = 60;

/** A kept token, a refreshed one, that of a new sign-in; each may be refused once. */
const MAX_TOKENS = 3;

/** How a token was come by: the less was done for it, the more can be done when it is refused. */
export interface SsoSession {
  readonly token: SsoToken;
  readonly origin: "kept" | "refreshed" | "signed in";
}

/** The sign-in to the step's start URL: the kept one, refreshed where it can be, or a new one. */
export async function openSsoSession(target: SsoTarget, run: SignInRun): Promise<SsoSession> {
  const kept = await readSsoToken(target.startUrl, run.backend, run.ctx);
  if (isFresh(kept, run)) return { token: kept, origin: "kept" };
  return await renewSsoSession(target, run);
}

/**
 * Another sign-in in place of one that has expired, or whose token the portal `refused` before its
 * time.
 */
export async function renewSsoSession(
  target: SsoTarget,
  run: SignInRun,
  refused?: SsoSession,
): Promise<SsoSession> {
  return await replaceSession(target, run, refused?.token, (kept) => {
    const old = kept ?? refused?.token;
    return makeSession(old, target, run, refused);
  });
}

/** What `work` does with an access token; one that the portal refuses is replaced. */
export async function withSsoToken<T>(
  target: SsoTarget,
  run: SignInRun,
  work: (accessToken: string) => Promise<T>,
): Promise<T> {
  let session = await openSsoSession(target, run);
  for (let refusals = 1;; refusals++) {
    try {
      return await work(session.token.accessToken);
    } catch (error) {
      if (!isReplaceable(session, error, refusals)) throw error;
      run.ctx.debug(`the portal refused the ${session.origin} SSO token of ${target.startUrl}`);
      session = await renewSsoSession(target, run, session);
    }
  }
}

/** Whether another token may be taken where the portal refused this one: for the nth time. */
export function isReplaceable(session: SsoSession, error: unknown, refusals: number): boolean {
  const isUnauthorized = error instanceof AwsRefusal && error.httpStatus === 401;
  return isUnauthorized && session.origin !== "signed in" && refusals < MAX_TOKENS;
}

/** A person's new sign-in, however fresh the kept one is: `sso login`. */
export async function signInAnew(target: SsoTarget, run: SignInRun): Promise<SsoSession> {
  const before = await readSsoToken(target.startUrl, run.backend, run.ctx);
  return await replaceSession(target, run, before, async (kept) => {
    return { token: await signIn(kept, target, run), origin: "signed in" };
  });
}

/**
 * Keeps what `make` brings in place of `unwanted`. One process does the work, the others of the
 * start URL wait and read what it kept. What is stored stays until there is something better.
 */
async function replaceSession(
  target: SsoTarget,
  run: SignInRun,
  unwanted: SsoToken | undefined,
  make: (kept: SsoToken | undefined) => Promise<SsoSession>,
): Promise<SsoSession> {
  if (!run.isUnattended) await unlockKeyring(run);
  const { startUrl } = target;
  const lock = { name: OIDC_PREFIX + startUrl, doing: `signing in to ${startUrl}` };
  let kept: SsoToken | undefined;
  const find = async (): Promise<SsoSession | undefined> => {
    kept = await readSsoToken(startUrl, run.backend, run.ctx);
    const isUnwanted = kept !== undefined && kept.accessToken === unwanted?.accessToken;
    return !isUnwanted && isFresh(kept, run) ? { token: kept, origin: "kept" } : undefined;
  };
  return await signInTogether(lock, run, find, async () => {
    const made = await make(kept);
    // Whoever cleared a sign-in while it was refreshed wants none; a person who signs in does.
    const isCleared = made.origin === "refreshed" && kept !== undefined &&
      await isRemoved(lock.name, run.backend);
    if (!isCleared) await keepSsoToken(startUrl, made.token, run.backend, run.ctx);
    return made;
  });
}

async function makeSession(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
  refused: SsoSession | undefined,
): Promise<SsoSession> {
  let kept = old;
  if (old !== undefined && refused?.origin !== "refreshed") {
    const token = await refreshToken(old, target, run);
    if (token === "unknown client") kept = undefined;
    else if (token !== undefined) return { token, origin: "refreshed" };
  }
  if (run.isUnattended) {
    throw new VaultError("prompt", `a new one needs a sign-in to ${target.startUrl}`);
  }
  run.ctx.remote?.passOn("a sign-in takes a browser");
  return { token: await signIn(kept, target, run), origin: "signed in" };
}

function isFresh(token: SsoToken | undefined, run: SignInRun): token is SsoToken {
  return token !== undefined &&
    token.expiresAtMs > run.ctx.clock.now() + TOKEN_MARGIN_SECONDS * 1000;
}
