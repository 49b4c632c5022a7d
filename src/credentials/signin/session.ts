import { withLock } from "../lock.ts";
import type { Run } from "../run.ts";
import { refreshToken, signIn } from "./sign_in.ts";
import { dropSsoToken, keepSsoToken, readSsoToken, type SsoToken } from "./token.ts";
import type { SsoStep } from "../steps.ts";

/** A token about to expire would be refused on its way. */
const TOKEN_MARGIN_SECONDS = 60;

/** How a token was come by: the less was done for it, the more can be done when it is refused. */
export interface SsoSession {
  readonly token: SsoToken;
  readonly origin: "kept" | "refreshed" | "signed in";
}

/** The sign-in to the step's start URL: the kept one, refreshed where it can be, or a new one. */
export async function openSsoSession(step: SsoStep, run: Run): Promise<SsoSession> {
  const kept = await readSsoToken(step.startUrl, run.backend, run.ctx);
  if (isFresh(kept, run)) return { token: kept, origin: "kept" };
  return await renewSsoSession(step, run);
}

/**
 * Another sign-in in place of one that has expired, or whose token the portal `refused` before its
 * time. One process does the work, the others of the start URL wait and read what it kept.
 */
export async function renewSsoSession(
  step: SsoStep,
  run: Run,
  refused?: SsoSession,
): Promise<SsoSession> {
  const doing = `signing in to ${step.startUrl}`;
  return await withLock(`oidc:${step.startUrl}`, doing, run.ctx, async () => {
    const kept = await readSsoToken(step.startUrl, run.backend, run.ctx);
    const isRefused = kept !== undefined && kept.accessToken === refused?.token.accessToken;
    if (!isRefused && isFresh(kept, run)) return { token: kept, origin: "kept" };
    if (isRefused) await dropSsoToken(step.startUrl, run.backend);
    const made = await makeSession(kept, step, run, refused);
    await keepSsoToken(step.startUrl, made.token, run.backend, run.ctx);
    return made;
  });
}

async function makeSession(
  kept: SsoToken | undefined,
  step: SsoStep,
  run: Run,
  refused: SsoSession | undefined,
): Promise<SsoSession> {
  const old = kept ?? refused?.token;
  if (old !== undefined && refused?.origin !== "refreshed") {
    const token = await refreshToken(old, step, run);
    if (token !== undefined) return { token, origin: "refreshed" };
  }
  return { token: await signIn(old, step, run), origin: "signed in" };
}

function isFresh(token: SsoToken | undefined, run: Run): token is SsoToken {
  return token !== undefined &&
    token.expiresAtMs > run.ctx.clock.now() + TOKEN_MARGIN_SECONDS * 1000;
}
