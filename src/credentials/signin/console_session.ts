import type { DpopKey } from "../../aws/dpop.ts";
import { describeCause } from "../../errors.ts";
import type { Context, SecretBackend } from "../../types.ts";
import { LOGIN_PREFIX } from "../session_key.ts";
import { readItem, requireText } from "./kept_item.ts";

/** What a person's sign-in to the console brought: good for twelve hours, by AWS's choice. */
export interface ConsoleSession {
  /** The client it was made by, which alone may refresh it. */
  readonly clientId: string;
  /** Where it was made. */
  readonly region?: string;
  readonly refreshToken: string;
  /** What the refresh token is bound to. */
  readonly key: DpopKey;
}

/** The kept session of an ARN, alive or not; one that cannot be read is as good as none. */
export async function readConsoleSession(
  arn: string,
  backend: SecretBackend,
  ctx: Pick<Context, "debug" | "note">,
): Promise<ConsoleSession | undefined> {
  const item = {
    key: LOGIN_PREFIX + arn,
    name: `console sign-in of ${arn}`,
    parse: parseSession,
  };
  return await readItem(item, backend, ctx);
}

/** Keeps a session for all profiles of its ARN. Failing to is told and does not fail the run. */
export async function keepConsoleSession(
  arn: string,
  session: ConsoleSession,
  backend: SecretBackend,
  ctx: Pick<Context, "note">,
): Promise<boolean> {
  try {
    await backend.set({
      key: LOGIN_PREFIX + arn,
      data: formatSession(session),
      label: `aws-vault console sign-in of ${arn}`,
      description: "aws-vault console sign-in",
    });
    return true;
  } catch (error) {
    const cause = describeCause(error);
    ctx.note(`aws-vault: warning: the sign-in of ${arn} could not be kept: ${cause}`);
    return false;
  }
}

/** False where none is kept. */
export async function dropConsoleSession(arn: string, backend: SecretBackend): Promise<boolean> {
  return await backend.remove(LOGIN_PREFIX + arn);
}

function formatSession({ clientId, region, refreshToken, key }: ConsoleSession): Uint8Array {
  const { kty, crv, x, y, d } = key;
  const text = JSON.stringify({
    Login: {
      ClientId: clientId,
      Region: region,
      RefreshToken: refreshToken,
      DpopKey: { kty, crv, x, y, d },
    },
  });
  return new TextEncoder().encode(text);
}

function parseSession(data: Uint8Array): ConsoleSession {
  const { Login = {} } = JSON.parse(new TextDecoder().decode(data));
  const { DpopKey = {}, Region } = Login;
  return {
    clientId: requireText(Login.ClientId, "ClientId"),
    region: typeof Region === "string" ? Region : undefined,
    refreshToken: requireText(Login.RefreshToken, "RefreshToken"),
    key: {
      kty: "EC",
      crv: "P-256",
      x: requireText(DpopKey.x, "x"),
      y: requireText(DpopKey.y, "y"),
      d: requireText(DpopKey.d, "d"),
    },
  };
}
