import { describeCause, VaultError } from "../../errors.ts";
import { makeDirectory, readPlainFile, replaceFile, sweepTemporary } from "../../files.ts";
import { joinPath } from "../../paths.ts";
import type { Context } from "../../types.ts";
import { formatExpiry } from "../../expiry.ts";
import { isCacheTemporary, ssoCacheDirectory } from "./cli_places.ts";
import type { SsoToken } from "./token.ts";
import type { SsoTarget } from "../steps.ts";

/** What tells a file of ours from the AWS CLI's own; it and the SDKs pass over the field. */
const WRITTEN_BY = "aws-vault";

type CacheContext = Pick<Context, "env" | "clock">;

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
  target: Pick<SsoTarget, "startUrl" | "region" | "session">,
  token: SsoToken,
  ctx: CacheContext,
): Promise<void> {
  const directory = ssoCacheDirectory(ctx.env);
  if (directory === undefined) {
    throw new VaultError("file", "HOME is not set: no ~/.aws/sso/cache");
  }
  const path = joinPath(directory, `${await sha1(target.session ?? target.startUrl)}.json`);
  try {
    // Modes of what is there already are the AWS CLI's business.
    makeDirectory(directory);
    sweepTemporary(directory, isCacheTemporary, ctx.clock.now());
    replaceFile(path, formatCliToken(target, token));
  } catch (error) {
    throw new VaultError("file", `cannot write ${path}: ${describeCause(error)}`, [], error);
  }
}

/**
 * Takes away the tokens that were written for a start URL, under whatever sessions' names, or,
 * without one, all that were. A file that the AWS CLI has written since is its own and stays.
 *
 * Throws `VaultError("file")` naming the file.
 */
export function clearCliCache(startUrl: string | undefined, ctx: CacheContext): void {
  const directory = ssoCacheDirectory(ctx.env);
  if (directory === undefined) return;
  sweepTemporary(directory, isCacheTemporary, ctx.clock.now());
  for (const path of listNames(directory).map((name) => joinPath(directory, name))) {
    try {
      if (isOurs(path, startUrl)) Deno.removeSync(path);
    } catch (error) {
      throw new VaultError("file", `cannot remove ${path}: ${describeCause(error)}`, [
        "it holds an access token of the sign-in: remove it by hand",
      ], error);
    }
  }
}

function listNames(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name)
      .filter((name) => name.endsWith(".json"));
  } catch {
    return []; // there is none, or none that we could have written to
  }
}

function isOurs(path: string, startUrl: string | undefined): boolean {
  try {
    const fields = JSON.parse(new TextDecoder().decode(readPlainFile(path)));
    return fields.writtenBy === WRITTEN_BY && fields.startUrl === (startUrl ?? fields.startUrl);
  } catch {
    return false; // it is not there, or what somebody else wrote
  }
}

function formatCliToken(target: Pick<SsoTarget, "startUrl" | "region">, token: SsoToken): string {
  return JSON.stringify({
    startUrl: target.startUrl,
    region: target.region,
    accessToken: token.accessToken,
    expiresAt: formatExpiry(token.expiresAtMs),
    writtenBy: WRITTEN_BY,
  });
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
