import assert from "node:assert/strict";
import { formatSessionKey } from "../../src/credentials/session_key.ts";
import { formatExpiry } from "../../src/expiry.ts";
import { requireProgram } from "../require.ts";
import { canLeaveTerminal, WITHOUT_TERMINAL } from "./harness.ts";
import { MFA_SERIAL, startVault, type Vault } from "./vault.ts";

const PLAIN = "[profile work]\n";
const WITH_MFA = `${PLAIN}mfa_serial = ${MFA_SERIAL}\n`;
const SILENT = { command: WITHOUT_TERMINAL };
const ignore = !canLeaveTerminal || !requireProgram("curl");

/** A vault with a kept session of `work` that has so long left. */
async function startWithSession(config: string, secondsLeft: number): Promise<Vault> {
  const vault = await startVault(config);
  const expiresAtMs = Math.floor(Date.now() / 1000 + secondsLeft) * 1000;
  const serial = config === WITH_MFA ? MFA_SERIAL : "";
  const id = { type: "sts.GetSessionToken", profile: "work", serial, asked: [] } as const;
  const fields = {
    AccessKeyId: "ASIAOLD",
    SecretAccessKey: "s",
    SessionToken: "t",
    Expiration: formatExpiry(expiresAtMs),
  };
  const data = new TextEncoder().encode(JSON.stringify(fields));
  await vault.open().set({ key: formatSessionKey(id, expiresAtMs), data });
  return vault;
}

/** The access key id that `exec --json` gives, what it says, and what it asks of AWS. */
async function get(vault: Vault, env: Record<string, string> = {}) {
  const before = vault.aws.calls.length;
  const ran = await vault.run(["exec", "work", "--json"], { ...SILENT, env });
  assert.equal(ran.code, 0, ran.stderr);
  const { AccessKeyId: id } = JSON.parse(ran.stdout);
  return { isOld: id === "ASIAOLD", stderr: ran.stderr, calls: vault.aws.calls.length - before };
}

// Row 31.
Deno.test({
  name: "a session in its last 15 minutes is renewed when that takes no person (setsid)",
  ignore,
  async fn() {
    await using vault = await startWithSession(PLAIN, 600);
    assert.deepEqual(await get(vault), { isOld: false, stderr: "", calls: 1 });
    assert.deepEqual(await get(vault), { isOld: false, stderr: "", calls: 0 });
  },
});

Deno.test({
  name: "with AWS_MIN_TTL, and for a program that gets them once, it is used as it is (setsid)",
  ignore,
  async fn() {
    await using vault = await startWithSession(PLAIN, 600);
    const expected = { isOld: true, stderr: "", calls: 0 };
    assert.deepEqual(await get(vault, { AWS_MIN_TTL: "5m" }), expected);
    const printed = await vault.run(["exec", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"]);
    assert.equal(printed.stdout, "ASIAOLD\n");
  },
});

// Row 31.
Deno.test({
  name: "what is valid serves to its end where a person would be needed, with a warning (setsid)",
  ignore,
  async fn() {
    for (const [seconds, left] of [[600, "9 min"], [50, "less than a minute"]] as const) {
      await using vault = await startWithSession(WITH_MFA, seconds);
      const { isOld, stderr, calls } = await get(vault);
      assert.ok(isOld);
      assert.equal(calls, 0);
      assert.equal(
        stderr,
        `aws-vault: warning: the session of work ends in ${left} and was not renewed: ` +
          `a new one needs an MFA code of ${MFA_SERIAL}\n`,
      );
    }
  },
});

// Row 31.
Deno.test({
  name: "what is valid serves to its end where STS is gone, with a warning (setsid)",
  ignore,
  async fn() {
    await using vault = await startWithSession(PLAIN, 40);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const gone = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
    const { isOld, stderr } = await get(vault, gone);
    assert.ok(isOld);
    assert.match(
      stderr,
      /^aws-vault: warning: .* less than a minute and was not renewed: .*refused/,
    );
  },
});

const ASK_SERVER = 'curl -sH "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ' +
  '"$AWS_CONTAINER_CREDENTIALS_FULL_URI"';

async function askServer(vault: Vault) {
  const run = ["exec", "--ecs-server", "work", "--", "sh", "-c", ASK_SERVER];
  return await vault.run(run, SILENT);
}

// Row 31.
Deno.test({
  name: "a server's first fetch wants a quarter of an hour too (setsid, curl)",
  ignore,
  async fn() {
    await using vault = await startWithSession(PLAIN, 600);
    const { stdout } = await askServer(vault);
    assert.match(stdout, /ASIA/);
    assert.doesNotMatch(stdout, /ASIAOLD/);
    assert.equal(vault.aws.calls.length, 1);
  },
});

// Row 31.
Deno.test({
  name: "a server starts with what is valid where STS fails (setsid, curl)",
  ignore,
  async fn() {
    await using vault = await startWithSession(PLAIN, 100);
    vault.aws.fail("GetSessionToken", { code: "ServiceUnavailable", status: 503 }, 50);
    const { stdout, stderr } = await askServer(vault);
    assert.match(stdout, /ASIAOLD/);
    assert.match(stderr, /ends in 1 min and was not renewed: .*ServiceUnavailable/);
  },
});
