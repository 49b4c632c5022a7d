import { VaultError } from "../../errors.ts";
import type { Context, Credentials, Env } from "../../types.ts";
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
  const read = (name: string) => readVariable(name, profile, env);
  const required = (name: string) => read(name) ?? refuse(profile, `${name} is not set`);
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

/** A line of our own `export` would end at a control character. */
function readVariable(name: string, profile: string, env: Env): string | undefined {
  const value = env.get(name) || undefined;
  return value !== undefined && /\p{Cc}/u.test(value)
    ? refuse(profile, `${name} has a line end or another control character in it`)
    : value;
}

function refuse(profile: string, what: string): never {
  throw new VaultError(
    "credentials",
    `profile ${profile}: credential_source is Environment, but ${what}`,
    ["export it, or set another credential_source"],
  );
}
