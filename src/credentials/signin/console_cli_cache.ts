import type { SigninAnswer } from "../../aws/signin_oauth.ts";
import { hash } from "../../digest.ts";
import { describeCause } from "../../errors.ts";
import { formatExpiry, parseExpiry } from "../../expiry.ts";
import { exists, isLink, readPlainFile, replaceFile, sweepTemporary } from "../../files.ts";
import { joinPath, parentOf } from "../../paths.ts";
import type { Context, Credentials } from "../../types.ts";
import { isCacheTemporary, loginCacheDirectory } from "./cli_places.ts";
import type { ConsoleSession } from "./console_session.ts";
import { requireText } from "./kept_item.ts";

/** A session of `aws login` in the AWS CLI's own cache. */
export interface CliSession {
  readonly path: string;
  readonly session: ConsoleSession;
  readonly credentials?: Credentials & { readonly expiresAtMs: number };
}

type CacheContext = Pick<Context, "env" | "debug">;
type Fields = Readonly<Record<string, unknown>>;

/**
 * The AWS CLI's session of an ARN, where it has one; a file that cannot be read, or is none, is as
 * good as none, which `--debug` tells.
 */
export async function readCliSession(
  arn: string,
  ctx: CacheContext,
): Promise<CliSession | undefined> {
  const path = await cachePath(arn, ctx);
  if (path === undefined) return undefined;
  try {
    const fields = readFields(path);
    return fields && { path, ...await parse(fields) };
  } catch (error) {
    ctx.debug(`${path} not used: ${describeCause(error)}`);
    return undefined;
  }
}

/** Whether the AWS CLI has a session of an ARN, by its file's name: that is not read. */
export async function hasCliSession(arn: string, ctx: Pick<Context, "env">): Promise<boolean> {
  const path = await cachePath(arn, ctx);
  return path !== undefined && exists(path);
}

/**
 * Renews a session where it lies, so that the AWS CLI goes on with it: in one piece, mode 0600, and
 * all that is not renewed stays as it was. One that is gone stays gone, that was `aws logout`, and one
 * that is another by now is the newer one. False where it cannot be written.
 */
export function renewCliSession(
  { path, session }: CliSession,
  answer: SigninAnswer,
  ctx: Pick<Context, "clock" | "note">,
): boolean {
  try {
    const fields = readFields(path);
    if (fields?.refreshToken !== session.refreshToken) return true;
    const place = isLink(path) ? Deno.realPathSync(path) : path;
    sweepTemporary(parentOf(place), isCacheTemporary, ctx.clock.now());
    replaceFile(place, JSON.stringify(renew(fields, answer), null, 2));
    return true;
  } catch (error) {
    ctx.note(
      `aws-vault: warning: the AWS CLI's session in ${path} could not be renewed, the keyring has ` +
        `it now: ${describeCause(error)}`,
    );
    return false;
  }
}

function renew(fields: Fields, { credentials, refreshToken }: SigninAnswer): Fields {
  const accessToken = {
    ...fields.accessToken as Fields,
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    sessionToken: credentials.sessionToken,
    expiresAt: formatExpiry(credentials.expiresAtMs),
  };
  return { ...fields, accessToken, tokenType: "aws_sigv4", refreshToken };
}

/** `AWS_LOGIN_CACHE_DIRECTORY/SHA256(ARN).json`, as the AWS CLI and the SDKs find it. */
async function cachePath(arn: string, { env }: Pick<Context, "env">): Promise<string | undefined> {
  const directory = loginCacheDirectory(env);
  return directory && joinPath(directory, `${await hash(arn)}.json`);
}

function readFields(path: string): Fields | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(readPlainFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error instanceof SyntaxError ? new Error("it is not JSON") : error;
  }
}

async function parse(fields: Fields): Promise<Omit<CliSession, "path">> {
  const { parseDpopKey } = await import("../../aws/dpop.ts");
  return {
    session: {
      clientId: requireText(fields.clientId, "clientId"),
      refreshToken: requireText(fields.refreshToken, "refreshToken"),
      key: await parseDpopKey(requireText(fields.dpopKey, "dpopKey")),
      region: typeof fields.signInRegion === "string" && fields.signInRegion
        ? fields.signInRegion
        : undefined,
    },
    credentials: parseCredentials((fields.accessToken ?? {}) as Fields),
  };
}

/** `undefined` where they are not whole: a refresh brings others. */
function parseCredentials(fields: Fields): CliSession["credentials"] {
  try {
    return {
      accessKeyId: requireText(fields.accessKeyId, "accessKeyId"),
      secretAccessKey: requireText(fields.secretAccessKey, "secretAccessKey"),
      sessionToken: requireText(fields.sessionToken, "sessionToken"),
      expiresAtMs: parseExpiry(requireText(fields.expiresAt, "expiresAt")),
    };
  } catch {
    return undefined;
  }
}
