import type { CredentialOrigin } from "../../../src/server/source.ts";
import type { Credentials } from "../../../src/types.ts";
import type { FakeAws, User } from "../../fakes/aws/mod.ts";

export const USER_ARN = "arn:aws:iam::111111111111:user/jo";

/** Sessions of a user of the AWS stand-in, which checks the signature of every call made with them. */
export class AwsOrigin implements CredentialOrigin {
  asked = 0;
  /** Thrown instead of an answer, the first so many times. */
  failure: unknown;
  failures = Infinity;
  readonly #aws: FakeAws;
  readonly #user: User;

  constructor(aws: FakeAws) {
    this.#aws = aws;
    this.#user = aws.addUser({ name: "jo", accountId: "111111111111" });
  }

  current(): Promise<Credentials> {
    this.asked++;
    if (this.failure !== undefined && this.asked <= this.failures) {
      return Promise.reject(this.failure);
    }
    const principal = { kind: "session", user: this.#user, hasMfa: false } as const;
    const { expiresMs, ...keys } = this.#aws.world.issueCredentials(principal, 3600);
    return Promise.resolve({ ...keys, expiresAtMs: expiresMs });
  }

  assume(): Promise<Credentials> {
    throw new Error("no client here asks for a role");
  }
}
