import { describeCause, VaultError } from "../../errors.ts";
import { replaceFile } from "../../files.ts";
import type { Context } from "../../types.ts";
import { formatExpiry } from "../../expiry.ts";
import type { SsoToken } from "./token.ts";
import type { SsoTarget } from "../steps.ts";

/**
 * Writes a sign-in's token where the AWS CLI and the SDKs look for their own, for children that
 * get AWS_PROFILE instead of credentials (`exec --profile-env`). The file is named by the SHA-1 of
 * the sso-session's name, else of the start URL; mode 0600, in one piece.
 *
 * The refresh token stays in the keyring: it is good once, so that two tools with one copy each
 * would sign each other out, and it outlives the access token by far in a plain file.
 *
 * Throws `VaultError("file")` naming the file.
 */
export async function syncCliCache(
  step: Pick<SsoTarget, "startUrl" | "region" | "session">,
  token: SsoToken,
  ctx: Pick<Context, "env">,
): Promise<void> {
  const home = ctx.env.get("HOME") ?? ctx.env.get("USERPROFILE");
  if (home === undefined) throw new VaultError("file", "HOME is not set: no ~/.aws/sso/cache");
  const directory = `${home}/.aws/sso/cache`;
  const path = `${directory}/${await sha1(step.session ?? step.startUrl)}.json`;
  try {
    // Modes of what is there already are the AWS CLI's business.
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    replaceFile(path, formatCliToken(step, token));
  } catch (error) {
    throw new VaultError("file", `cannot write ${path}: ${describeCause(error)}`, [], error);
  }
}

function formatCliToken(step: Pick<SsoTarget, "startUrl" | "region">, token: SsoToken): string {
  return JSON.stringify({
    startUrl: step.startUrl,
    region: step.region,
    accessToken: token.accessToken,
    expiresAt: formatExpiry(token.expiresAtMs),
  });
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
