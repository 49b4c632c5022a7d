import { SSOClient } from "@aws-sdk/client-sso";
import { AwsRefusal } from "../errors.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { callAws } from "./call.ts";
import type { CallContext } from "./time_limit.ts";
import { clientOptions, describeIdentityCenter } from "./endpoint.ts";
import { watch, type Wire } from "./wire.ts";

/** The way out where what answers is no portal of AWS's. */
export const PORTAL_ADVICE = "are sso_region and AWS_ENDPOINT_URL_SSO right?";

/** The portal of an IAM Identity Center: what is asked with an access token. */
export class SsoPortal {
  readonly client: SSOClient;
  readonly wire: Wire;
  readonly #target: SsoTarget;
  readonly #ctx: CallContext;

  constructor(target: SsoTarget, ctx: CallContext, maxAttempts?: number) {
    this.client = new SSOClient({
      ...clientOptions(target, target.portalEndpoint),
      maxAttempts,
    });
    this.#target = target;
    this.#ctx = ctx;
    this.wire = watch(this.client);
  }

  /** Throws `AwsRefusal` with status 401 where the portal does not take the token. */
  async call<T>(
    call: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { subject, portalEndpoint } = this.#target;
    const asked = describeIdentityCenter(this.#target, portalEndpoint);
    try {
      return await callAws({ call, subject, ...asked, wire: this.wire }, this.#ctx, send);
    } catch (error) {
      throw error instanceof AwsRefusal && error.httpStatus === 401 ? this.#explain(error) : error;
    }
  }

  /** Whoever can has signed in anew by then: another token would do no better. */
  #explain({ awsCode, httpStatus, message }: AwsRefusal): AwsRefusal {
    const { region, startUrl } = this.#target;
    return new AwsRefusal(awsCode, httpStatus, message, [
      `the portal does not take the sign-in: is sso_region (${region}) the one of ${startUrl}, and ` +
      "AWS_ENDPOINT_URL_SSO, where it is set, its portal?",
    ]);
  }
}
