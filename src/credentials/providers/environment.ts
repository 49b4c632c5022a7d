import { VaultError } from "../../errors.ts";
import type { Context, Credentials } from "../../types.ts";
import { expiryOf } from "../json_credentials.ts";
import type { CredentialProvider, Run } from "../run.ts";
import type { EnvironmentStep } from "../steps.ts";

/** `credential_source = Environment`: the credentials in our own environment. */
export function createProvider(step: EnvironmentStep, run: Run): CredentialProvider {
  return {
    // deno-lint-ignore require-await -- what is missing has to reject, not to throw
    async retrieve() {
      return readEnvironment(step, run.ctx);
    },
  };
}

/** Throws `VaultError("credentials")` where one of them is missing or none, or they have ended. */
export function readEnvironment(
  { profile }: EnvironmentStep,
  { env, clock }: Pick<Context, "env" | "clock">,
): Credentials {
  const refuse = (what: string): never => {
    throw new VaultError(
      "credentials",
      `profile ${profile}: credential_source is Environment, but ${what}`,
      ["export it, or set another credential_source"],
    );
  };
  const read = (name: string): string | undefined => {
    const value = env.get(name) || undefined;
    // A line of our own `export` would end there.
    const isOdd = value !== undefined && /\p{Cc}/u.test(value);
    return isOdd ? refuse(`${name} has a line end or another control character in it`) : value;
  };
  const required = (name: string): string => read(name) ?? refuse(`${name} is not set`);
  return {
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
    sessionToken: read("AWS_SESSION_TOKEN"),
    expiresAtMs: expiryOf(
      env.get("AWS_CREDENTIAL_EXPIRATION") || undefined,
      `profile ${profile}: the environment (AWS_CREDENTIAL_EXPIRATION)`,
      clock,
    ),
  };
}
