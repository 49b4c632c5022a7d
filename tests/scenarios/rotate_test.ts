import assert from "node:assert/strict";
import {
  type AccessKey,
  type FakeAws,
  type MfaDevice,
  startFakeAws,
  totp,
  type User,
} from "../fakes/aws/mod.ts";
import { cleanEnvironment, COMMAND, Home, type Ran, run } from "./harness.ts";
import { HAS_MOTO, startMoto } from "./moto.ts";
import { listNames, storeKeys } from "./vault.ts";
import { until } from "../until.ts";

const ROLE = "arn:aws:iam::111111111111:role/admin";
const CONFIG = `[profile work]
region = eu-west-1

[profile admin]
role_arn = ${ROLE}
source_profile = work
`;

interface World extends AsyncDisposable {
  readonly home: Home;
  readonly endpoint: string;
  /** Runs the command; it has to end well unless told. */
  vault(args: readonly string[], expect?: "success" | "failure"): Promise<Ran>;
  env: Record<string, string>;
}

/** A home whose profile `work` has these keys. */
async function createWorld(
  endpoint: string,
  key: { readonly id: string; readonly secret: string },
  config = CONFIG,
): Promise<World> {
  const home = new Home();
  home.write(".aws/config", config);
  const env = { AWS_ENDPOINT_URL: endpoint };
  const vault = async (args: readonly string[], expect = "success") => {
    const ran = await run(args, { home, env: world.env });
    assert.equal(ran.code, expect === "success" ? 0 : 1, ran.stderr);
    return ran;
  };
  const dispose = () => Promise.resolve(home[Symbol.dispose]());
  const world: World = { home, endpoint, env, vault, [Symbol.asyncDispose]: dispose };
  const keys = { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret };
  const added = await run(["add", "work", "--env", "--no-add-config"], {
    home,
    env: { ...env, ...keys },
  });
  assert.equal(added.code, 0, added.stderr);
  return world;
}

async function createFakeWorld(aws: FakeAws, user: User, config?: string): Promise<World> {
  return await createWorld(aws.url, user.accessKeys[0]!, config);
}

async function readStoredId(world: World): Promise<string> {
  return JSON.parse((await world.vault(["exec", "-n", "work", "--json"])).stdout).AccessKeyId;
}

/** The one key AWS has left is the one that is stored, and no journal is. */
async function checkRotated(world: World, user: User, oldId: string): Promise<void> {
  assert.deepEqual(user.accessKeys.map(({ id }) => id), [await readStoredId(world)]);
  assert.notEqual(user.accessKeys[0]!.id, oldId);
  const names = [...Deno.readDirSync(`${world.home.path}/.awsvault/keys`)].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => name.startsWith("aws-vault.Rotation")), []);
}

const mask = (id: string) => "*".repeat(16) + id.slice(-4);

Deno.test("rotate says what it does, by masked key ids, and exec goes on with the new key", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  await world.vault(["exec", "work", "--json"]);
  const { stdout } = await world.vault(["rotate", "work"]);
  await checkRotated(world, user, oldId);
  assert.equal(
    stdout,
    "Rotating credentials stored for profile 'work' using a session from profile 'work' " +
      `(takes 10-20 seconds)\nCreating a new access key\n` +
      `Created new access key ${mask(user.accessKeys[0]!.id)}\n` +
      `Deleted 1 session made with the old key\nDeleting old access key ${mask(oldId)}\n` +
      `Deleted old access key ${mask(oldId)}\n` +
      "Finished rotating access key\n",
  );
  await world.vault(["exec", "work", "--", "true"]);
});

Deno.test("one MFA code is enough for a whole rotation of a user that IAM wants MFA from", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon", mfa: [{}], iamNeedsMfa: true });
  const [device] = user.mfaDevices;
  const oldId = user.accessKeys[0]!.id;
  const config = `[profile work]\nregion = eu-west-1\nmfa_serial = ${device!.serial}\n`;
  await using world = await createFakeWorld(aws, user, config);
  const code = await totp(device!.secretBase32, Date.now());
  await world.vault(["rotate", "-t", code, "work"]);
  await checkRotated(world, user, oldId);
  assert.equal(aws.calls.filter(({ params }) => params.TokenCode !== undefined).length, 1);
});

Deno.test("rotate through a role rotates the source's keys, by the user's name", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  await world.vault(["rotate", "admin"]);
  await checkRotated(world, user, oldId);
  const iam = aws.calls.filter(({ service }) => service === "iam");
  assert.deepEqual(iam.map(({ action, params }) => [action, params]), [
    ["GetUser", {}],
    ["CreateAccessKey", { UserName: "jon" }],
    ["DeleteAccessKey", { AccessKeyId: oldId, UserName: "jon" }],
  ]);
});

// It stands for `--duration`, which rotate has not: this role lasts an hour at most.
Deno.test("AWS_VAULT_DURATION is not for rotate, as in the Go tool", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  for (const duration of ["12h", "nonsense"]) {
    world.env.AWS_VAULT_DURATION = duration;
    await world.vault(["rotate", "admin"]);
  }
  delete world.env.AWS_VAULT_DURATION;
  await checkRotated(world, user, oldId);
});

Deno.test("a role whose user may not ask for its own name is rotated through all the same", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon", path: "/team/" });
  aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  aws.fail("GetUser", { code: "AccessDenied", status: 403 });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  await world.vault(["rotate", "admin"]);
  await checkRotated(world, user, oldId);
});

Deno.test("with --no-session the new key deletes the old one, as soon as AWS knows it", async () => {
  await using aws = await startFakeAws();
  aws.world.newKeyRefusals = 1;
  const user = aws.addUser({ name: "jon" });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  const { stdout } = await world.vault(["rotate", "--no-session", "work"]);
  assert.match(
    stdout,
    /^Rotating credentials stored for profile 'work' using master credentials \(/,
  );
  await checkRotated(world, user, oldId);
  assert.deepEqual(
    aws.calls.map(({ action, signer, status }) => [action, signer === oldId, status]),
    [
      ["CreateAccessKey", true, 200],
      ["GetCallerIdentity", false, 403],
      ["GetCallerIdentity", false, 200],
      ["DeleteAccessKey", false, 200],
    ],
  );
});

Deno.test("keys that are added while a rotation is under way are stored after it, and not lost", async () => {
  let add = (): Promise<Ran> | undefined => undefined;
  let added: Promise<Ran> | undefined;
  await using aws = await startFakeAws({
    onCall: ({ action }) => {
      if (action === "GetCallerIdentity") added ??= add();
    },
  });
  aws.world.newKeyRefusals = 1; // the rotation waits, between its new key and its storing
  const user = aws.addUser({ name: "jon" });
  await using world = await createFakeWorld(aws, user);
  const keys = { AWS_ACCESS_KEY_ID: "AKIAADDED", AWS_SECRET_ACCESS_KEY: "added" };
  add = () => run(["add", "work", "--env"], { home: world.home, env: { ...world.env, ...keys } });
  const { stdout } = await world.vault(["rotate", "--no-session", "work"]);
  assert.match(stdout, /Finished rotating access key/);
  assert.equal((await added)?.code, 0, (await added)?.stderr);
  assert.equal(await readStoredId(world), "AKIAADDED");
});

Deno.test("a user with two keys is told which they are and how to free one", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon", accessKeys: [{}, {}] });
  await using world = await createFakeWorld(aws, user);
  const { stderr } = await world.vault(["rotate", "-n", "work"], "failure");
  const [stored, other] = user.accessKeys;
  assert.match(stderr, /profile work: AWS refused CreateAccessKey: LimitExceeded/);
  assert.match(stderr, new RegExp(`${stored!.id} is the one stored here`));
  assert.match(stderr, new RegExp(`${other!.id} is the other one, made on .* and never used`));
  assert.match(stderr, new RegExp(`delete-access-key --access-key-id ${other!.id}`));
  assert.equal(await readStoredId(world), stored!.id);
});

for (const action of ["CreateAccessKey", "GetCallerIdentity", "DeleteAccessKey"]) {
  Deno.test(`killed while ${action} is answered, a rotation is mended by the next one`, async () => {
    await using aws = await startFakeAws();
    const user = aws.addUser({ name: "jon" });
    const oldId = user.accessKeys[0]!.id;
    await using world = await createFakeWorld(aws, user);
    await killAt(action, aws, world);
    const { stderr } = await world.vault(["rotate", "-n", "work"]);
    assert.match(stderr, /An earlier rotation of work was interrupted/);
    await checkRotated(world, user, oldId);
  });
}

/** Kills a `rotate` while it waits for the answer of a request that AWS has done. */
async function killAt(action: string, aws: FakeAws, world: World): Promise<void> {
  aws.delay(action, 60_000);
  const child = new Deno.Command(COMMAND, {
    args: ["rotate", "-n", "work"],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH")!,
      HOME: world.home.path,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: "correct horse",
      ...world.env,
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(() => aws.calls.some((call) => call.action === action));
  child.kill("SIGKILL");
  await child.status;
  aws.clearFaults();
}

for (
  const [what, spoil] of [
    ["lost", (aws: FakeAws) => aws.drop("CreateAccessKey", 1, "after")],
    [
      "of status 500",
      (aws: FakeAws) =>
        aws.fail("CreateAccessKey", { code: "ServiceFailure", status: 500, isDone: true }),
    ],
    [
      "of status 503",
      (aws: FakeAws) =>
        aws.fail("CreateAccessKey", { code: "ServiceUnavailable", status: 503, isDone: true }),
    ],
  ] as const
) {
  Deno.test(`an answer ${what} makes no second key, and the first is found and deleted`, async () => {
    await using aws = await startFakeAws();
    const user = aws.addUser({ name: "jon" });
    const oldId = user.accessKeys[0]!.id;
    await using world = await createFakeWorld(aws, user);
    spoil(aws);
    const { stderr } = await world.vault(["rotate", "-n", "work"], "failure");
    assert.match(stderr, /perhaps AWS made a key: aws-vault rotate -n work looks for it/);
    assert.equal(user.accessKeys.length, 2);
    assert.equal(aws.calls.filter(({ action }) => action === "CreateAccessKey").length, 1);
    assert.match((await world.vault(["rotate", "-n", "work"])).stderr, /never used, is deleted/);
    await checkRotated(world, user, oldId);
  });
}

Deno.test("a session without MFA, which IAM does not take, is told of, and of -n", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  const oldId = user.accessKeys[0]!.id;
  await using world = await createFakeWorld(aws, user);
  const { stderr } = await world.vault(["rotate", "work"]);
  assert.match(stderr, /^IAM takes no session that was made without MFA: .* `rotate -n`$/m);
  await checkRotated(world, user, oldId);
});

for (
  const [profile, whose] of [["admin", "a role's session"], ["work", "a session with MFA"]] as const
) {
  Deno.test(`where IAM does not know ${whose}, the keys do not act in its place`, async () => {
    await using aws = await startFakeAws();
    const user = aws.addUser({ name: "jon", mfa: [{}] });
    aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
    const [device] = user.mfaDevices;
    const [old] = user.accessKeys;
    const config = CONFIG.replace("\n\n", `\nmfa_serial = ${device!.serial}\n\n`);
    await using world = await createFakeWorld(aws, user, config);
    aws.fail("CreateAccessKey", { code: "InvalidClientTokenId", status: 403 });
    const code = await totp(device!.secretBase32, Date.now());
    const { stderr } = await world.vault(["rotate", "-t", code, profile], "failure");
    assert.match(stderr, /InvalidClientTokenId/);
    assert.deepEqual(user.accessKeys, [old]);
  });
}

Deno.test("a profile without stored keys has nothing to rotate", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  await using world = await createFakeWorld(
    aws,
    user,
    "[profile tool]\ncredential_process = true\n",
  );
  const { stderr } = await world.vault(["rotate", "tool"], "failure");
  assert.match(stderr, /profile tool has no stored keys to rotate/);
});

const MOTO_ACCOUNT = "123456789012";

/** One action of moto's IAM, which takes any signature; gives the values by their elements. */
async function askMoto(
  endpoint: string,
  form: Record<string, string>,
): Promise<(element: string) => string[]> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=AKIAADMIN/20260101/us-east-1/iam/aws4_request",
    },
    body: new URLSearchParams({ Version: "2010-05-08", ...form }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return (element) =>
    [...text.matchAll(new RegExp(`<${element}>([^<]*)<`, "g"))].map(([, value]) => value!);
}

Deno.test({
  name: "against moto_server: rotate with the keys and through a role, and assume-role",
  ignore: !HAS_MOTO,
  async fn() {
    await using moto = await startMoto();
    const endpoint = moto.url;
    await askMoto(endpoint, { Action: "CreateUser", UserName: "jon" });
    const made = await askMoto(endpoint, { Action: "CreateAccessKey", UserName: "jon" });
    const [id] = made("AccessKeyId"), [secret] = made("SecretAccessKey");
    const config = CONFIG.replace("111111111111", MOTO_ACCOUNT);
    await using world = await createWorld(endpoint, { id: id!, secret: secret! }, config);
    const seen = [id];
    // Not by a session: moto's GetSessionToken gives a made-up key that its IAM does not know.
    for (const args of [["-n", "work"], ["admin"]]) {
      await world.vault(["rotate", ...args]);
      const list = await askMoto(endpoint, { Action: "ListAccessKeys", UserName: "jon" });
      const stored = await readStoredId(world);
      assert.deepEqual(list("AccessKeyId"), [stored]);
      assert.ok(!seen.includes(stored));
      seen.push(stored);
    }
    const role = JSON.parse((await world.vault(["exec", "admin", "--json"])).stdout);
    assert.match(role.AccessKeyId, /^ASIA/);
  },
});

Deno.test("exec goes on with the new key where rotate has replaced the one it has read", async () => {
  let rotate = () => {};
  await using aws = await startFakeAws({
    onCall: ({ action }) => action === "GetSessionToken" && rotate(),
  });
  const user = aws.addUser({ name: "jon" });
  await using world = await createFakeWorld(aws, user);
  const keyring = `${world.home.path}/.awsvault/keys`;
  const next = aws.addUser({ name: "jon's new key" }).accessKeys[0]!;
  await storeKeys(`${world.home.path}/next`, "work", next.id, next.secret);
  rotate = () => {
    rotate = () => {};
    Deno.renameSync(`${world.home.path}/next/work`, `${keyring}/work`);
  };
  aws.fail("GetSessionToken", { code: "InvalidClientTokenId", status: 403 });
  await world.vault(["exec", "work", "--json"]);
  const asked = () => aws.calls.filter(({ action }) => action === "GetSessionToken");
  assert.equal(asked().length, 2);
  await world.vault(["clear", "work"]);
  aws.fail("GetSessionToken", { code: "InvalidClientTokenId", status: 403 });
  const { stderr } = await world.vault(["exec", "work", "--json"], "failure");
  assert.match(stderr, /AWS does not know this access key/);
  assert.equal(asked().length, 3, "once, for the stored key is as it was");
});

Deno.test("a session is not kept where what it is made of has been replaced since it was asked for", async () => {
  let change = () => {};
  await using aws = await startFakeAws({ onCall: () => change() });
  const user = aws.addUser({ name: "jon", mfa: [{}] });
  const [{ serial, secretBase32 }] = user.mfaDevices as [MfaDevice];
  aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  const config = CONFIG.replaceAll("]\n", `]\nmfa_serial = ${serial}\n`);
  await using world = await createFakeWorld(aws, user, `${config}\n[profile other]\n`);
  const keyring = `${world.home.path}/.awsvault/keys`;
  const sessions = () => listNames(keyring).filter((name) => name.startsWith("sts."));
  const [{ id, secret }] = user.accessKeys as [AccessKey];
  await storeKeys(keyring, "other", id, secret);
  const [next] = aws.addUser({ name: "ann" }).accessKeys;
  const storeMeanwhile = ({ id, secret }: AccessKey) => () => {
    change = () => {};
    const keys = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
    const env = cleanEnvironment({ home: world.home, env: keys });
    const args = ["add", "other", "--env", "--no-add-config"];
    const options = { args, clearEnv: true, env, stdout: "null", stderr: "null" } as const;
    assert.ok(new Deno.Command(COMMAND, options).outputSync().success);
  };
  change = storeMeanwhile(next!);
  const { stdout } = await world.vault(["exec", "other", "--json"]);
  assert.deepEqual(aws.calls.map(({ signer }) => signer), [id, next!.id]);
  assert.deepEqual(
    await world.vault(["exec", "other", "--json"]).then((ran) => ran.stdout),
    stdout,
  );
  assert.equal(aws.calls.length, 2, "the session of the keys that `add` has stored is kept alone");
  await world.vault(["clear"]);
  change = storeMeanwhile({ ...next!, id: "AKIANOTKNOWNYET00000" });
  const ran = await world.vault(["exec", "other", "--json"]);
  assert.equal(ran.code, 0, `what the older keys gave serves: ${ran.stderr}`);
  assert.deepEqual(sessions(), [], "and is not kept");
  await world.vault(["exec", "work", "--json", "-t", await totp(secretBase32, Date.now())]);
  assert.equal(sessions().length, 1);
  change = () => sessions().forEach((name) => Deno.removeSync(`${keyring}/${name}`));
  await world.vault(["exec", "admin", "--json"]);
  assert.deepEqual(sessions(), [], "made with a session that `add` has dropped");
  change = () => {};
  const bob = aws.addUser({ name: "bob", mfa: [{}] });
  await storeKeys(keyring, "bob", bob.accessKeys[0]!.id, bob.accessKeys[0]!.secret);
  const [device] = bob.mfaDevices as [MfaDevice];
  const code = await totp(device.secretBase32, Date.now());
  const asking = `sh -c "${COMMAND} remove --force bob >&2; echo ${code}"`;
  const settings = `mfa_serial = ${device.serial}\nmfa_process = ${asking}\n`;
  world.home.write(".aws/config", `[profile bob]\n${settings}`);
  await world.vault(["exec", "bob", "--json"]);
  assert.deepEqual(sessions(), [], "its keys were removed while a code was asked for");
});
