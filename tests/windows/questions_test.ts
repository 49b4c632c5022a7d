import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import { FILE, test, type WindowsVault } from "./vault.ts";
import { listNames } from "../scenarios/vault.ts";

const SERIAL = "arn:aws:iam::111111111111:mfa/mia";
const GUARDED = `[profile guarded]\nregion = eu-west-1\nmfa_serial = ${SERIAL}\n`;

test(
  "a code is asked for on the console, again where it is none, and serves once",
  async (vault) => {
    const code = await addGuarded(vault);
    const { screen, code: ended } = await vault.runInConsole(
      ["exec", "guarded", "--", "cmd", "/c", "set", "AWS_SESSION"],
      [
        { expect: "Enter MFA code", type: "12345\r" },
        { expect: "six digits", type: `${await code()}\r` },
      ],
    );
    assert.equal(ended, 0, screen);
    assert.match(screen, /AWS_SESSION_TOKEN=/);
    const again = await vault.run(["exec", "guarded", "--json"]);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(vault.aws.calls.filter(({ action }) => action === "GetSessionToken").length, 1);
  },
  GUARDED,
);

test("mfa_process is a command line of cmd.exe, and its answer the code", async (vault) => {
  const code = await addGuarded(vault);
  vault.guest.write("my codes/next.cmd", `@echo asking for %1 1>&2\r\n@echo ${await code()}\r\n`);
  const line = `"${vault.guest.profile}\\my codes\\next.cmd" mia & rem "x`;
  vault.guest.write(".aws/config", `${GUARDED}mfa_process = ${line}\n`);
  const ran = await vault.run(["exec", "guarded", "--json"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
}, GUARDED);

test("without a console, or anybody at it, a code that is needed is an error", async (vault) => {
  await addGuarded(vault);
  const { code, stderr } = await vault.run(["--prompt", "terminal", "exec", "guarded", "--json"]);
  assert.equal(code, 1);
  assert.match(stderr, /no terminal to ask on[^]*--mfa-token[^]*mfa_process/);
}, GUARDED);

test("a keyring's passphrase is asked for on the console, unseen, and anew where it is wrong", async (vault) => {
  await vault.add("work", { env: { ...FILE, AWS_VAULT_FILE_PASSPHRASE: "pass phräse" } });
  const { screen, code } = await vault.runInConsole(
    ["--backend", "file", "export", "--no-session", "work"],
    [
      { expect: "Enter passphrase", type: "wrong one\r" }, // Wine's own terminal shows what comes first
      { expect: "Enter passphrase", type: "pass phräse\r" },
    ],
  );
  assert.equal(code, 0, screen);
  assert.match(screen, /AWS_ACCESS_KEY_ID=/);
  assert.doesNotMatch(screen, /phräse/);
  assert.deepEqual(listNames(`${vault.guest.home}/.awsvault/keys`), ["work"]);
});

test("a profile is picked on the console, by its number or a part of its name", async (vault) => {
  for (const profile of ["one", "two"]) await vault.add(profile);
  for (const typed of ["2", "tw"]) {
    const { screen, code } = await vault.runInConsole(["--debug", "export", "--no-session"], [
      { expect: "Choose AWS profile", type: `${typed}\r` },
    ]);
    assert.equal(code, 0, screen);
    assert.match(screen, /profile two:[^]*AWS_ACCESS_KEY_ID=/);
  }
}, "");

/** Keys of a user with an MFA device, under `guarded`; returns what the device shows. */
async function addGuarded(vault: WindowsVault): Promise<() => Promise<string>> {
  const user = vault.aws.addUser({ name: "mia", mfa: [{}] });
  const [key] = user.accessKeys;
  const env = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  const { code, stderr } = await vault.run(["add", "guarded", "--env", "--no-add-config"], { env });
  assert.equal(code, 0, stderr);
  return () => totp(user.mfaDevices[0]!.secretBase32, Date.now());
}
