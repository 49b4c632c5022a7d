import assert from "node:assert/strict";
import { createEnv } from "../../../src/runtime/env.ts";

/** Sets variables of this process for as long as `body` runs. */
function withVariables(variables: Record<string, string>, body: () => void): void {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("the passphrase is answered, and is in the environment no more", () => {
  withVariables({ AWS_VAULT_FILE_PASSPHRASE: "correct horse", AWS_VAULT_NOFILE: "256" }, () => {
    const env = createEnv("linux");
    assert.equal(Deno.env.get("AWS_VAULT_FILE_PASSPHRASE"), undefined);
    assert.equal(Deno.env.get("AWS_VAULT_NOFILE"), undefined);
    assert.equal(env.get("AWS_VAULT_FILE_PASSPHRASE"), "correct horse");
    assert.equal(env.get("AWS_VAULT_NOFILE"), "256");
  });
});

Deno.test("an empty value is a value, also of the passphrase", () => {
  withVariables({ AWS_VAULT_FILE_PASSPHRASE: "", AWS_PROFILE: "" }, () => {
    const env = createEnv("linux");
    assert.equal(env.get("AWS_VAULT_FILE_PASSPHRASE"), "");
    assert.equal(env.get("AWS_PROFILE"), "");
  });
});

Deno.test("on Windows the profile directory is the home, whatever HOME a shell has made", () => {
  withVariables({ HOME: "/c/Users/x", USERPROFILE: "C:\\Users\\x" }, () => {
    assert.equal(createEnv("windows").get("HOME"), "C:\\Users\\x");
    Deno.env.delete("HOME");
    assert.equal(createEnv("windows").get("HOME"), "C:\\Users\\x");
    assert.equal(createEnv("linux").get("HOME"), undefined);
  });
});

Deno.test({
  name: "a variable that may not be read counts as absent",
  permissions: { env: ["AWS_PROFILE"] },
  fn() {
    const env = createEnv("linux");
    assert.equal(env.get("PATH"), undefined);
    assert.equal(env.get("AWS_VAULT_FILE_PASSPHRASE"), undefined);
  },
});
