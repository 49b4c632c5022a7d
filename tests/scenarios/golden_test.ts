import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import { requirePython } from "../require.ts";
import { Home, run } from "./harness.ts";
import { listNames, MFA_SECRET, MFA_SERIAL, PASSPHRASE, startVault } from "./vault.ts";

const VECTORS = new URL("../vectors/", import.meta.url).pathname;

/** A keyring that the Go tool wrote, and what is in it. */
const GOLDEN = JSON.parse(Deno.readTextFileSync(`${VECTORS}keyring-file.json`));

/** A home with a copy of that keyring; every request to AWS would fail. */
function copyGolden(): { home: Home; env: Record<string, string> } {
  const home = new Home();
  home.write(".aws/config", GOLDEN.config.replaceAll("{HOME}", home.path));
  for (const name of listNames(`${VECTORS}keyring-file`)) {
    home.write(
      `.awsvault/keys/${name}`,
      Deno.readTextFileSync(`${VECTORS}keyring-file/${name}`),
    );
  }
  const env = {
    AWS_VAULT_FILE_PASSPHRASE: GOLDEN.passphrase,
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  };
  return { home, env };
}

Deno.test("every profile, credential and session of a keyring of the Go tool's is listed", async () => {
  const { home, env } = copyGolden();
  using _ = home;
  const { stdout, code } = await run(["list", "--json"], { home, env });
  assert.equal(code, 0);
  const listed = JSON.parse(stdout);
  assert.deepEqual(listed.credentials.sort(), Object.keys(GOLDEN.credentials).sort());
  assert.deepEqual(
    listed.sessions.map((session: { profile: string }) => session.profile).sort(),
    Object.keys(GOLDEN.sessions).sort(),
  );
  const table = (await run(["list"], { home, env })).stdout;
  for (const name of Object.keys(GOLDEN.credentials)) {
    assert.match(table, new RegExp(`^${RegExp.escape(name)} +${RegExp.escape(name)} `, "m"));
  }
});

for (const [profile, session] of Object.entries(GOLDEN.sessions)) {
  Deno.test(`a session of the Go tool's, of ${profile}, is used as it is, without a request`, async () => {
    const { home, env } = copyGolden();
    using _ = home;
    const ran = await run(["exec", profile, "--json"], { home, env });
    assert.equal(ran.stderr, "");
    assert.deepEqual(JSON.parse(ran.stdout), session);
    assert.deepEqual(listNames(`${home.path}/.awsvault/keys`), listNames(`${VECTORS}keyring-file`));
  });
}

for (const [profile, keys] of Object.entries(GOLDEN.credentials)) {
  const fields = keys as { AccessKeyID: string; AccessKeyId: string; SecretAccessKey: string };
  Deno.test(`keys of the Go tool's, of ${profile}, are read`, async () => {
    const { home, env } = copyGolden();
    using _ = home;
    const ran = await run(["exec", "-n", profile, "--json"], { home, env });
    assert.equal(ran.stderr, "");
    assert.deepEqual(JSON.parse(ran.stdout), {
      Version: 1,
      AccessKeyId: fields.AccessKeyId,
      SecretAccessKey: fields.SecretAccessKey,
    });
  });
}

/** jwcrypto's reading of a file; what a reader of the Go tool's format has to find in it. */
interface ReadItem {
  readonly header: Record<string, unknown>;
  readonly envelope: Record<string, unknown>;
}

const PYTHON_READER = new URL("./clients/read_jwe.py", import.meta.url).pathname;

async function readWithPython(paths: readonly string[]): Promise<ReadItem[]> {
  const { stdout, stderr } = await new Deno.Command("python3", {
    args: [PYTHON_READER, PASSPHRASE, ...paths],
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "another JWE reader opens what we write, and finds the Go tool's fields (jwcrypto)",
  ignore: !requirePython("jwcrypto"),
  async fn() {
    await using vault = await startVault("[profile work]\n[profile team/ops 100%]\n");
    assert.equal((await vault.add("team/ops 100%", "AKIATEAM")).code, 0);
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
    const [session] = vault.sessionNames();
    const names = ["team%2Fops 100%25", session!];
    const items = await readWithPython(names.map((name) => `${vault.keyring}/${name}`));
    for (const { header } of items) assertHeader(header);
    assertKeysItem(items[0]!.envelope);
    assertSessionItem(items[1]!.envelope, session!);
  },
});

function assertHeader({ p2s, created: _, ...header }: Record<string, unknown>): void {
  assert.deepEqual(header, { alg: "PBES2-HS256+A128KW", enc: "A256GCM", p2c: 8192 });
  assert.match(String(p2s), /^[\w-]{16,}$/);
}

/** The envelope's fields, without the data, which is JSON itself. */
function openEnvelope(envelope: Record<string, unknown>) {
  const { Data, ...fields } = envelope;
  const bytes = Uint8Array.fromBase64(String(Data));
  return { fields, data: JSON.parse(new TextDecoder().decode(bytes)) };
}

const KEYCHAIN_FIELDS = { KeychainNotTrustApplication: false, KeychainNotSynchronizable: false };

function assertKeysItem(envelope: Record<string, unknown>): void {
  const { fields, data } = openEnvelope(envelope);
  assert.deepEqual(fields, {
    Key: "team/ops 100%",
    Label: "aws-vault (team/ops 100%)",
    Description: "aws-vault credentials",
    ...KEYCHAIN_FIELDS,
  });
  assert.deepEqual(data, {
    AccessKeyID: "AKIATEAM",
    SecretAccessKey: "secret of AKIATEAM",
    SessionToken: "",
    Source: "",
    CanExpire: false,
    Expires: "0001-01-01T00:00:00Z",
  });
}

function assertSessionItem(envelope: Record<string, unknown>, name: string): void {
  const { fields, data } = openEnvelope(envelope);
  const expiry = new Date(Number(name.split(",")[3]) * 1000).toISOString().replace(".000Z", "Z");
  assert.deepEqual(fields, {
    Key: name,
    Label: `aws-vault session for work (expires ${expiry})`,
    Description: "aws-vault session",
    ...KEYCHAIN_FIELDS,
  });
  assert.deepEqual(Object.keys(data), [
    ...["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"],
    ...["Made", "Fingerprint", "Kinship"], // ours, which the Go tool passes over
  ]);
  assert.equal(data.Expiration, expiry);
}

Deno.test("a session is kept under the name the Go tool would look for it", async () => {
  const theirs = listNames(`${VECTORS}keyring-file`).find((name) => name.includes(",d29yaw,"))!;
  await using vault = await startVault(`[profile work]\nmfa_serial = ${MFA_SERIAL}\n`);
  const code = await totp(MFA_SECRET, Date.now());
  await vault.run(["exec", "work", "--json", "-t", code]);
  const [ours] = vault.sessionNames();
  assert.equal(ours!.replace(/\d+$/, ""), theirs.replace(/\d+$/, ""));
});
