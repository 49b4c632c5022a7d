import { AwsRefusal } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import type { CredentialProvider, Run } from "../run.ts";
import { openSsoSession, renewSsoSession } from "../signin/session.ts";
import type { SsoStep } from "../steps.ts";

/** A kept token, a refreshed one, that of a new sign-in; each may be refused once. */
const MAX_TRIES = 3;

/** A role of IAM Identity Center, for whoever is or gets signed in at its start URL. */
export function createProvider(step: SsoStep, run: Run): CredentialProvider {
  return { retrieve: () => retrieve(step, run) };
}

async function retrieve(step: SsoStep, run: Run): Promise<Credentials> {
  const { getRoleCredentials } = await import("../../aws/sso.ts");
  let session = await openSsoSession(step, run);
  for (let tries = 1;; tries++) {
    try {
      return await getRoleCredentials(step, session.token.accessToken, run.ctx);
    } catch (error) {
      const isUnauthorized = error instanceof AwsRefusal && error.httpStatus === 401;
      if (!isUnauthorized || session.origin === "signed in" || tries === MAX_TRIES) throw error;
      run.ctx.debug(`the portal refused the ${session.origin} SSO token of ${step.startUrl}`);
      session = await renewSsoSession(step, run, session);
    }
  }
}
