import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { checkEnvironment } from "../../../src/doctor/environment.ts";
import type { MachineView } from "../../../src/doctor/finding.ts";
import { createFakeEnv } from "../../fakes/env.ts";

/** What is found with these variables set, and `stored` in the keyring. */
function listFound(variables: Readonly<Record<string, string>>, stored?: readonly string[]) {
  const file = new IniFile("config", "[profile work]\n");
  const ctx = { env: createFakeEnv(variables) } as MachineView["ctx"];
  return checkEnvironment({ file, lines: [], keys: stored, ctx }).map(({ id }) => id);
}

Deno.test("a value that no run takes is found, in whatever variable it stands", () => {
  const service = ["", "_STS", "_IAM", "_SSO", "_SSO_OIDC", "_SIGNIN"];
  const refused: Readonly<Record<string, readonly string[]>> = {
    "environment.duration": [
      ...["AWS_VAULT_DURATION", "AWS_MIN_TTL", "AWS_SESSION_TOKEN_TTL", "AWS_SESSION_TTL"],
      ...["AWS_CHAINED_SESSION_TOKEN_TTL", "AWS_ASSUME_ROLE_TTL", "AWS_FEDERATION_TOKEN_TTL"],
    ],
    "environment.endpoint": service.map((name) => `AWS_ENDPOINT_URL${name}`),
    "environment.boolean": [
      ...["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_EC2_METADATA_DISABLED"],
      ...["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_EC2_METADATA_V1_DISABLED"],
      ...["AWS_VAULT_STDOUT", "AWS_VAULT_SSO_DEVICE_CODE", "AWS_VAULT_PROFILE_ENV"],
      ...["AWS_VAULT_AUTO_LOGOUT", "AWS_VAULT_DISABLE_HELP_MESSAGE"],
    ],
    "environment.session-tags": ["AWS_SESSION_TAGS"],
    "environment.session-name": ["AWS_ROLE_SESSION_NAME", "AWS_SOURCE_IDENTITY"],
  };
  for (const [id, names] of Object.entries(refused)) {
    for (const name of names) assert.deepEqual(listFound({ [name]: "per haps" }), [id], name);
  }
});

Deno.test("a minimum of 0 is a length of time, and a session's of 0 is none", () => {
  assert.deepEqual(listFound({ AWS_MIN_TTL: "0" }), []);
  assert.deepEqual(listFound({ AWS_ASSUME_ROLE_TTL: "0" }), ["environment.duration"]);
});

Deno.test("a part of some credentials is found, and all of them as what they are", () => {
  const key = { AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST" };
  const secret = { AWS_SECRET_ACCESS_KEY: "secret" };
  const token = { AWS_SESSION_TOKEN: "token" };
  for (const part of [key, secret, token, { ...key, ...token }, { ...secret, ...token }]) {
    assert.deepEqual(listFound(part), ["environment.half-keys"], Object.keys(part).join());
  }
  assert.deepEqual(listFound({ ...key, ...secret }), ["environment.credentials"]);
  assert.deepEqual(listFound({ ...key, ...secret, ...token }), ["environment.credentials"]);
});

Deno.test("a profile in AWS_PROFILE may be one that keys alone are stored under", () => {
  assert.deepEqual(listFound({ AWS_PROFILE: "work" }, []), []);
  assert.deepEqual(listFound({ AWS_PROFILE: "old" }, ["old"]), []);
  assert.deepEqual(listFound({ AWS_PROFILE: "old" }, []), ["environment.profile"]);
  assert.deepEqual(listFound({ AWS_PROFILE: "old" }), []); // the keyring does not say
});

Deno.test("two regions that are one are no finding", () => {
  const both = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" };
  assert.deepEqual(listFound(both), []);
});
