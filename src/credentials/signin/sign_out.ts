import { AwsRefusal, VaultError } from "../../errors.ts";
import type { Context, SecretBackend } from "../../types.ts";
import { removeSsoSessions } from "../sessions.ts";
import type { SsoTarget } from "../steps.ts";
import { clearCliCache } from "./cli_cache.ts";
import { dropSsoToken, readSsoToken } from "./token.ts";

/**
 * Ends a sign-in at AWS, and takes away what is kept of it: token, sessions, the AWS CLI's copies.
 * Where AWS cannot be told, that is noted, and the rest done; a copy that cannot be removed throws
 * when all else is. False where none was kept.
 *
 * @param target its region may be unknown; then that of the sign-in counts
 * @param profiles those whose credentials begin with it
 */
export async function signOut(
  target: Omit<SsoTarget, "region"> & { readonly region?: string },
  backend: SecretBackend,
  ctx: Context,
  profiles: readonly string[],
): Promise<boolean> {
  const { startUrl } = target;
  const token = await readSsoToken(startUrl, backend, ctx);
  const region = target.region ?? token?.registration?.region;
  const canTell = token !== undefined && region !== undefined;
  if (canTell) await endAtAws({ ...target, region }, token.accessToken, ctx);
  try {
    await removeSsoSessions(backend, startUrl, profiles);
    const wasKept = await dropSsoToken(startUrl, backend);
    if (wasKept && !canTell) noteUntold(token ? "its region is not known" : NOT_READ, ctx);
    return wasKept;
  } finally {
    clearCliCache(startUrl, ctx);
  }
}

const NOT_READ = "what was kept of it could not be read";

function noteUntold(why: string, ctx: Context): void {
  ctx.note(`aws-vault: warning: AWS was not told, the sign-in lasts until it expires: ${why}`);
}

async function endAtAws(target: SsoTarget, accessToken: string, ctx: Context): Promise<void> {
  const { logOut } = await import("../../aws/sso.ts");
  try {
    await logOut(target, accessToken, ctx);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    // The portal does not know it any more: it has ended already.
    if (error instanceof AwsRefusal && error.httpStatus === 401) return;
    noteUntold(error.message, ctx);
  }
}
