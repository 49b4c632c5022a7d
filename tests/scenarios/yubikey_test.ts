import assert from "node:assert/strict";
import { type FakeAws, startFakeAws, type User } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { Home, type Ran, run } from "./harness.ts";

const PROGRAMS = ["aws", "python3"];
const ignore = !PROGRAMS.map(requireProgram).every(Boolean);
const SCRIPTS = new URL("../../scripts", import.meta.url).pathname;

/** Keeps a secret as a key does, and shows the codes of two steps in a row. */
const YKMAN = `#!/usr/bin/env python3
import hashlib, hmac, base64, os, pathlib, struct, sys, time
home = pathlib.Path(os.environ["HOME"])
with open(home / "ykman.log", "a") as log:
    print(*sys.argv[1:], file=log)
if sys.argv[3] == "add":
    (home / "oath").write_text(sys.stdin.read())
else:
    shown = home / "shown"
    step = int(shown.read_text()) + 1 if shown.exists() else int(time.time()) // 30 - 1
    shown.write_text(str(step))
    secret = base64.b32decode((home / "oath").read_text().strip())
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    code = struct.unpack_from(">L", mac, mac[-1] & 15)[0] & 0x7fffffff
    print(f"{code % 1000000:06d}")
`;

interface World extends AsyncDisposable {
  readonly aws: FakeAws;
  readonly user: User;
  readonly home: Home;
  script(name: string, args?: readonly string[], env?: Record<string, string>): Promise<Ran>;
}

async function createWorld(mfa?: readonly { secretBase32: string }[]): Promise<World> {
  const aws = await startFakeAws();
  const home = new Home();
  const user = aws.addUser({ name: "jon", path: "/team/", mfa });
  Deno.chmodSync(home.write("bin/ykman", YKMAN), 0o755);
  Deno.chmodSync(home.write("bin/sleep", "#!/bin/sh\n"), 0o755);
  const [key] = user.accessKeys;
  const keys = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  return {
    aws,
    user,
    home,
    script: (name, args = [], env = {}) =>
      run(args, {
        home,
        command: [`${SCRIPTS}/${name}`],
        env: {
          ...keys,
          ...env,
          PATH: `${home.path}/bin:${Deno.env.get("PATH")}`,
          AWS_ENDPOINT_URL: aws.url,
          TMPDIR: home.path,
        },
      }),
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
      await aws[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  name: "a YubiKey (aws, python3) becomes the user's MFA device, its secret in no file or argument",
  ignore,
  async fn() {
    await using world = await createWorld();
    const { code, stdout, stderr } = await world.script("aws-iam-create-yubikey-mfa");
    assert.equal(code, 0, stderr);
    const [device] = world.user.mfaDevices;
    assert.equal(device?.serial, "arn:aws:iam::111111111111:mfa/jon");
    assert.match(stdout, /mfa_serial = arn:aws:iam::111111111111:mfa\/jon\n/);
    const { path } = world.home;
    assert.equal(Deno.readTextFileSync(`${path}/oath`), device.secretBase32 + "\n");
    const log = Deno.readTextFileSync(`${path}/ykman.log`);
    assert.ok(!(log + stdout + stderr).includes(device.secretBase32));
    assert.match(log, /^oath accounts add --force --touch arn:aws:iam::111111111111:mfa\/jon\n/);
    const left = [...Deno.readDirSync(path)].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("tmp.")), []);
  },
});

Deno.test({
  name: "when the YubiKey (aws, python3) does not take the secret the device is removed again",
  ignore,
  async fn() {
    await using world = await createWorld();
    world.home.write("bin/ykman", "#!/bin/sh\necho no key >&2\nexit 1\n");
    const { code, stderr } = await world.script("aws-iam-create-yubikey-mfa", ["spare"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /removing arn:aws:iam::111111111111:mfa\/spare again/);
    assert.deepEqual(world.aws.world.unassignedMfaDevices, []);
  },
});

Deno.test({
  name: "a refusal by IAM (aws, python3) ends the making of a device at once",
  ignore,
  async fn() {
    await using world = await createWorld();
    world.aws.fail("CreateVirtualMFADevice", { code: "AccessDenied", status: 403 });
    const { code, stderr } = await world.script("aws-iam-create-yubikey-mfa");
    assert.notEqual(code, 0);
    assert.match(stderr, /AccessDenied/);
    const session = { AWS_SESSION_TOKEN: "x" };
    const refused = await world.script("aws-iam-create-yubikey-mfa", [], session);
    assert.match(refused.stderr, /run it with long-term keys: aws-vault exec --no-session/);
  },
});

Deno.test({
  name: "a YubiKey (aws, python3) is resynchronised by two codes in a row",
  ignore,
  async fn() {
    const secretBase32 = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    await using world = await createWorld([{ secretBase32 }]);
    world.home.write("oath", secretBase32);
    const { code, stdout, stderr } = await world.script("aws-iam-resync-yubikey-mfa");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Resynchronised arn:aws:iam::111111111111:mfa\/jon/);
    assert.equal(world.user.mfaDevices[0]!.usedSteps.size, 2);
  },
});
