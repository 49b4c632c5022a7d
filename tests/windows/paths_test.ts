import assert from "node:assert/strict";
import { FILE, LAUNCHER, test, type WindowsVault } from "./vault.ts";
import { collect } from "./wine.ts";
import { listNames } from "../scenarios/vault.ts";

test("a config file on a share is read; what would be written there is refused in one sentence", async (vault) => {
  using share = vault.guest.mount("unc/server/team share");
  const config = "[profile work]\nregion = eu-west-1\n";
  Deno.writeTextFileSync(`${share.path}/config`, config);
  await vault.add("work");
  for (const start of ["\\\\", "\\\\?\\UNC\\", "//"]) {
    const env = { AWS_CONFIG_FILE: `${start}server\\team share\\config` };
    const exported = await vault.run(["export", "--format=ini", "work"], { env });
    assert.match(exported.stdout, /region ?= ?eu-west-1/, exported.stderr);
    if (start === "//") continue; // Wine makes another path of it
    const { code, stderr } = await vault.add("other", { env });
    assert.equal(code, 1);
    assert.match(stderr, /config cannot be written: on a share Deno .*keep it on a drive \(C:\)/);
    assert.equal(Deno.readTextFileSync(`${share.path}/config`), config);
  }
  const env = { ...FILE, AWS_VAULT_FILE_DIR: "\\\\server\\team share\\keys" };
  for (const args of [["list"], ["export", "work"]]) {
    const { code, stderr } = await vault.run(args, { env });
    assert.equal(code, 1);
    assert.match(stderr, /team share\\keys cannot be read: on a share Deno .*keep it on a drive/);
  }
});

test("paths that begin as Windows' own devices do are written as any other", async (vault) => {
  const { profile } = vault.guest;
  for (const [name, prefix] of [["one", "\\\\?\\"], ["two", "\\\\.\\"], ["three", "//?/"]]) {
    vault.guest.write(`${name}/x`, "");
    await addAndExport(vault, {
      AWS_CONFIG_FILE: `${prefix}${profile}\\${name}\\config`,
      AWS_VAULT_FILE_DIR: `${prefix}${profile}\\${name}\\keys`,
    });
    const written = `${vault.guest.home}/${name}`;
    assert.match(Deno.readTextFileSync(`${written}/config`), /\[profile work\]/, prefix);
    assert.deepEqual(listNames(`${written}/keys`), ["work"], prefix);
  }
}, "");

test("another drive is written at its root", async (vault) => {
  using drive = vault.guest.mount("d:");
  await addAndExport(vault, { AWS_CONFIG_FILE: "D:\\config", AWS_VAULT_FILE_DIR: "D:\\" });
  assert.match(Deno.readTextFileSync(`${drive.path}/config`), /\[profile work\]/);
  assert.ok(listNames(drive.path).includes("work"));
}, "");

test(
  "a path on another drive without a backslash counts from that drive's directory",
  async (vault) => {
    using drive = vault.guest.mount("d:");
    Deno.mkdirSync(`${drive.path}/here`);
    vault.guest.write("there.cmd", `@d:\r\n@cd here\r\n@c:\r\n@"${LAUNCHER}" %*\r\n`);
    const env = {
      ...keys(vault),
      ...FILE,
      AWS_CONFIG_FILE: "D:config",
      AWS_VAULT_FILE_DIR: "d:keys",
      AWS_VAULT_AUDIT_LOG: "D:audit.log",
    };
    const there = async (...args: string[]) => {
      const { code, stdout, stderr } = await collect(
        vault.startCmd(["there.cmd", ...args], { env }),
      );
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await there("add", "work", "--env");
    assert.match(await there("list"), /^work +work/m);
    await there("export", "--no-session", "work");
    assert.deepEqual(listNames(`${drive.path}/here/keys`), ["work"]);
    const names = listNames(`${drive.path}/here`).filter((name) => !name.endsWith(".lock"));
    assert.deepEqual(names, ["audit.log", "config", "keys"]);

    const plain = "[found]\naws_access_key_id = AKIAFOUND\naws_secret_access_key = s\n";
    Deno.writeTextFileSync(`${drive.path}/here/plain`, plain);
    await there("import", "--from", "D:plain", "--scrub");
    assert.match(await there("list", "--credentials"), /^found$/m);
    assert.doesNotMatch(Deno.readTextFileSync(`${drive.path}/here/plain`), /AKIA/);
  },
  "",
);

function keys(vault: WindowsVault): Record<string, string> {
  const [key] = vault.user.accessKeys;
  return { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
}

/** Adds a profile there, and gets its keys from there. */
async function addAndExport(vault: WindowsVault, paths: Record<string, string>): Promise<void> {
  const env = { ...FILE, ...paths };
  const added = await vault.add("work", { env });
  assert.equal(added.code, 0, JSON.stringify(paths) + added.stderr);
  const args = ["export", "--no-session", "--format=json", "work"];
  const exported = await vault.run(args, { env });
  assert.equal(exported.code, 0, JSON.stringify(paths) + exported.stderr);
  assert.equal(JSON.parse(exported.stdout).AccessKeyId, keys(vault).AWS_ACCESS_KEY_ID);
}
