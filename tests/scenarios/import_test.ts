import assert from "node:assert/strict";
import { readStoredKeys } from "../../src/credentials/stored_keys.ts";
import { COMMAND, hasTerminalTests, runInTerminal } from "./harness.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { HAS_STRACE, killAtEachChange } from "./strace.ts";
import {
  behind,
  listNames,
  modeOf,
  PASSPHRASE,
  startVault,
  storeKeys,
  type Vault,
} from "./vault.ts";

const CREDENTIALS = `# mine \u00e9 \u20ac
[default]
aws_access_key_id = AKIADEFAULTDEFAULT01
aws_secret_access_key = secret/of+default

[prod]
region = eu-west-1 ; stays
AWS_Access_Key_ID: AKIAPRODPRODPRODPR01
; about the next
aws_secret_access_key=secret/of+prod

[hourly]
aws_access_key_id = ASIAHOURLYHOURLYHO01
aws_secret_access_key = secret/of+hourly
aws_session_token = token
`;

const SCRUBBED = `# mine \u00e9 \u20ac

[prod]
region = eu-west-1 ; stays
; about the next

[hourly]
aws_access_key_id = ASIAHOURLYHOURLYHO01
aws_secret_access_key = secret/of+hourly
aws_session_token = token
`;

/** A vault with such a credentials file. */
async function startWith(text: string, mode = 0o640): Promise<Vault & { source: string }> {
  const vault = await startVault();
  const source = vault.home.write(".aws/credentials", text);
  Deno.chmodSync(source, mode);
  return Object.assign(vault, { source });
}

async function readSecret(vault: Vault, profile: string): Promise<string | undefined> {
  return (await readStoredKeys(vault.open(), profile))?.secretAccessKey;
}

Deno.test("import says what it will do, stores, reads back, and takes out what it stored", async () => {
  await using vault = await startWith(CREDENTIALS);
  const ran = await vault.run(["import", "--scrub"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(
    ran.stdout,
    `${vault.source}:
  default (line 2): ****************LT01 will be stored
  prod (line 6): ****************PR01 will be stored
  hourly (line 12): left: they are temporary keys, which end within hours
default: stored and verified
prod: stored and verified
Took the keys of 2 profiles out of ${vault.source}.
`,
  );
  assert.match(ran.stderr, /credential_process = aws-vault exec --json default$/m);
  assert.equal(Deno.readTextFileSync(vault.source), SCRUBBED);
  assert.equal(modeOf(vault.source), "640");
  assert.equal(await readSecret(vault, "default"), "secret/of+default");
  assert.equal(await readSecret(vault, "prod"), "secret/of+prod");
  assert.deepEqual(listNames(`${vault.home.path}/.aws`), ["config", "credentials"]);
  assert.doesNotMatch(ran.stdout + ran.stderr, /secret\/of/);
});

Deno.test("a dry run tells the same, asks for no passphrase and changes nothing", async () => {
  await using vault = await startWith(CREDENTIALS);
  const before = vault.snapshot();
  const env = { AWS_VAULT_FILE_PASSPHRASE: undefined };
  const ran = await vault.run(["import", "--dry-run", "--scrub"], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /prod \(line 6\): \*{16}PR01 would be stored\n/);
  assert.match(ran.stdout, /\nNothing was changed\.\n$/);
  assert.deepEqual(vault.snapshot(), before);
});

Deno.test("a dry run ends as the run would, as far as no keyring is unlocked", async () => {
  const faulty = "[half]\naws_access_key_id = AKIAHALFHALFHALFHA01\n";
  await using vault = await startWith(CREDENTIALS + faulty);
  for (const args of [["--profile", "half"], ["--profile", "hourly"], ["--profile", "gone"], []]) {
    const before = vault.snapshot();
    const env = { AWS_VAULT_FILE_PASSPHRASE: undefined };
    const dry = await vault.run(["import", "--dry-run", ...args], { env });
    assert.deepEqual(vault.snapshot(), before);
    const real = await vault.run(["import", ...args]);
    assert.deepEqual([dry.code, real.code], [1, 1], args.join(" "));
    const [told] = real.stderr.split("\n").filter((line) => line.includes("error:"));
    assert.ok(dry.stderr.includes(told!), dry.stderr);
    assert.doesNotMatch(dry.stderr, /is stored/);
  }
});

Deno.test("without --scrub the file stays as it is, and that is told", async () => {
  await using vault = await startWith(CREDENTIALS);
  const ran = await vault.run(["import", "--profile", "prod", "prod"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /credentials still: --scrub takes them out/);
  assert.equal(Deno.readTextFileSync(vault.source), CREDENTIALS);
  assert.deepEqual(listNames(vault.keyring), ["prod", "work"]);
});

Deno.test("keys that stand there under another name too stay there, where that was not stored", async () => {
  const keys = "aws_access_key_id = AKIASAMESAMESAMESA01\naws_secret_access_key = s\n";
  await using vault = await startWith(`[one]\n${keys}[two]\n${keys}`);
  const ran = await vault.run(["import", "--profile", "one", "--scrub"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(Deno.readTextFileSync(vault.source), `[two]\n${keys}`);
});

Deno.test("other keys under the name are replaced with --overwrite alone, and their sessions go", async () => {
  const text = "[work]\naws_access_key_id = AKIANEWNEWNEWNEWNE01\naws_secret_access_key = s\n";
  await using vault = await startWith(text);
  assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
  const old = await vault.readKeyId("work");
  const left = await vault.run(["import", "--scrub"]);
  assert.equal(left.code, 0, left.stderr);
  assert.match(left.stdout, /work \(line 1\): left: .*\(--overwrite replaces them\)/);
  assert.equal(Deno.readTextFileSync(vault.source), text);
  assert.equal(await vault.readKeyId("work"), old);
  assert.equal((await vault.run(["import", "--profile", "work"])).code, 1, "it was asked for");
  const ran = await vault.run(["import", "--scrub", "--overwrite"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(await vault.readKeyId("work"), "AKIANEWNEWNEWNEWNE01");
  assert.deepEqual(vault.sessionNames(), []);
  assert.equal(Deno.readTextFileSync(vault.source), "");
});

Deno.test({
  name:
    "keys that are stored while import asks for the passphrase are others too, and not replaced",
  ignore: !hasTerminalTests,
  fn: async () => {
    await using vault = await startWith(CREDENTIALS);
    const aside = `${vault.home.path}/aside`;
    await storeKeys(aside, "prod", "AKIAADDED", "added");
    const add = ["sh", "-c", `mv "$1/prod" "$2" && printf '${PASSPHRASE}\\r'`];
    const ran = await runInTerminal(["import", "--scrub"], {
      home: vault.home,
      env: { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined },
      steps: [{ expect: "Enter passphrase", type_output: [...add, "sh", aside, vault.keyring] }],
    });
    assert.equal(ran.code, 1, ran.screen);
    assert.match(
      ran.screen,
      /^default: stored and verified\r\nprod: left: .* has other keys for it/m,
    );
    assert.match(ran.screen, /error: 1 of 3 in .* cannot be taken over/);
    assert.equal(await vault.readKeyId("prod"), "AKIAADDED");
    assert.match(Deno.readTextFileSync(vault.source), /secret\/of\+prod/);
  },
});

Deno.test({
  name: "keys come through a pipe too, and not from a device, which has no end",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using vault = await startVault();
    const path = vault.home.write("keys", CREDENTIALS);
    const piped = behind(`mkfifo p; { cat ${path} >p & }`, COMMAND);
    const ran = await vault.run(["import", "--from", "p"], { command: piped });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(await readSecret(vault, "prod"), "secret/of+prod");
    assert.doesNotMatch(ran.stderr, /--scrub/); // there is nothing to take them out of
    const endless = await vault.run(["import", "--from", "/dev/zero"]);
    assert.match(
      endless.stderr,
      /^aws-vault: error: \/dev\/zero is a device, and no file of keys\n {2}name a file with --from\n$/,
    );
  },
});

Deno.test("what is faulty in the file is told by its line, left, and fails the command", async () => {
  const text = "[half]\naws_access_key_id = AKIAHALF\n[twice]\naws_access_key_id = AKIA1\n" +
    "aws_access_key_id = AKIA2\naws_secret_access_key = s\n[blank]\n" +
    "aws_access_key_id = AKIA BLANK\naws_secret_access_key = s\n[open\naws_access_key_id = AKIAOPEN\n" +
    "aws_secret_access_key = s\n[role]\naws_access_key_id = AKIAROLE\naws_secret_access_key = s\n" +
    "[good]\naws_access_key_id = AKIAGOOD\naws_secret_access_key = s";
  await using vault = await startWith(text);
  vault.home.write(".aws/config", "[profile role]\nsource_profile = good\n");
  const ran = await vault.run(["import", "--scrub"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /half \(line 1\): left: it has an access key id, and no secret/);
  assert.match(ran.stdout, /twice \(line 3\): left: it sets a key twice, in two ways/);
  assert.match(ran.stdout, /blank \(line 7\): left: a key has blanks or letters in it/);
  assert.match(ran.stdout, /\(\[open\) \(line 10\): left: its header is not closed/);
  assert.match(
    ran.stdout,
    /role \(line 13\): left: profile role has the source_profile good: keys/,
  );
  assert.match(ran.stderr, /5 of 6 in .*credentials cannot be taken over; see above/);
  assert.equal(Deno.readTextFileSync(vault.source), text.slice(0, text.indexOf("[good]")));
});

Deno.test("keys of a credentials file go to no other profile than the one they stand under", async () => {
  await using vault = await startWith(
    "[a]\naws_access_key_id = AKIAA\naws_secret_access_key = s\n",
  );
  const ran = await vault.run(["import", "--profile", "b"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /credentials has no keys for profile `b`\n {2}it has keys for a$/m);
  assert.equal(await vault.readKeyId("b"), undefined);
});

Deno.test("keys in quotes are no keys: they are left where they stand", async () => {
  const text = "[quoted]\naws_access_key_id = \"AKIAQUOTED\"\naws_secret_access_key = 's'\n";
  await using vault = await startWith(text);
  const ran = await vault.run(["import", "--scrub"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /quoted \(line 1\): left: its keys stand in quotes/);
  assert.equal(Deno.readTextFileSync(vault.source), text);
  assert.equal(await vault.readKeyId("quoted"), undefined);
});

Deno.test("a CSV of the console is told by its content, wherever it lies", async () => {
  await using vault = await startVault();
  const header = "\ufeffAccess key ID,Secret access key\r\n";
  const path = vault.home.write(
    "Downloads/rootkey.csv",
    `${header}AKIACSV,s/+\r\n`,
  );
  const unnamed = await vault.run(["import", "--from", path]);
  assert.equal(unnamed.code, 1);
  assert.match(
    unnamed.stderr,
    /does not say whose keys it has\n {2}name the profile .*--profile NAME/,
  );
  const piped = await vault.run(["import", "--from", "/dev/stdin"]);
  assert.match(piped.stderr, /^ {2}standard input is not read: .* --from <\(COMMAND\)$/m);
  // A name that is given twice counts once.
  const names = ["--profile", "mine", "--profile", "mine"];
  const ran = await vault.run(["import", `--from=${path}`, ...names, "--scrub"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(await readSecret(vault, "mine"), "s/+");
  assert.equal(Deno.readTextFileSync(path), header);
  const again = await vault.run(["import", `--from=${path}`, ...names, "--scrub"]);
  assert.deepEqual([again.code, again.stderr], [0, ""]);
  assert.match(again.stdout, /^ {2}mine: not in the file; the keyring has keys for it$/m);
});

Deno.test("a row of a CSV that has a password too keeps that when its keys go", async () => {
  await using vault = await startVault();
  const header = "User name,Password,Access key ID,Secret access key,Console login link\n";
  vault.home.write("new.csv", `${header}jon,"p,""w",AKIAJON,s1,https://x\nkim,,AKIAKIM,s2,\n`);
  const ran = await vault.run(["import", "--from", "new.csv", "--scrub"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(await readSecret(vault, "kim"), "s2");
  const left = Deno.readTextFileSync(`${vault.home.path}/new.csv`);
  assert.equal(left, `${header}jon,"p,""w",,,https://x\n`);
});

Deno.test("of two keys of one user in a CSV the second is left, and stays in the file", async () => {
  await using vault = await startVault();
  const header = "User name,Access key ID,Secret access key\n";
  const path = vault.home.write("keys.csv", `${header}jon,AKIAJON,s1\njon,AKIAOTHER,s2\n`);
  const ran = await vault.run(["import", "--from", path, "--scrub"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /jon \(line 3\): left: the file has other keys for it before these/);
  assert.equal(await readSecret(vault, "jon"), "s1");
  assert.equal(Deno.readTextFileSync(path), `${header}jon,AKIAOTHER,s2\n`);
});

Deno.test("a row of a CSV that cannot be stored is told by its line, below cells of two lines too", async () => {
  await using vault = await startVault();
  const header = "User name,Password,Access key ID,Secret access key\n";
  const text = `${header}jon,"p\nw",AKIAJON,s1\nkim,,AKIAKIM,\nlea,,"AKIALEA,s2\n`;
  vault.home.write("new.csv", text);
  const ran = await vault.run(["import", "--from", "new.csv"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /kim \(line 4\): left: it has an access key id, and no secret/);
  assert.match(ran.stdout, /lea \(line 5\): left: its access key id has more than letters and/);
  assert.equal(await readSecret(vault, "jon"), "s1");
});

Deno.test("what goes by two names is not scrubbed, and nothing is stored before that is told", async () => {
  await using vault = await startWith(CREDENTIALS);
  const before = vault.snapshot();
  Deno.symlinkSync(vault.source, `${vault.home.path}/link`);
  const linked = await vault.run(["import", "--scrub", "--from", "link"]);
  assert.equal(linked.code, 1);
  assert.match(linked.stderr, /link is a symbolic link, and nothing is written through it/);
  Deno.removeSync(`${vault.home.path}/link`);
  assert.deepEqual(vault.snapshot(), before);
  Deno.linkSync(vault.source, `${vault.home.path}/other`);
  const twice = await vault.run(["import", "--scrub"]);
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /has another name \(a hard link\), under which the keys would stay/);
  assert.deepEqual(listNames(vault.keyring), ["work"]);
});

Deno.test({
  name: "what cannot be taken out of the file is stored, and told with the way out (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    await using vault = await startWith(CREDENTIALS);
    const directory = `${vault.home.path}/.aws`;
    Deno.chmodSync(directory, 0o500);
    const ran = await vault.run(["import", "--scrub"], { command: boundByModes(COMMAND) });
    Deno.chmodSync(directory, 0o700);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /\/credentials cannot be written, it is left as it was: permission/);
    assert.match(
      ran.stderr,
      /^ {2}check the owner and mode of it and of its directory, and that its disk is/m,
    );
    assert.match(ran.stderr, /^ {2}the keys are stored: run this again to take them out$/m);
    assert.equal(Deno.readTextFileSync(vault.source), CREDENTIALS);
    assert.equal(await readSecret(vault, "prod"), "secret/of+prod");
    assert.equal((await vault.run(["import", "--scrub"])).code, 0);
    assert.equal(Deno.readTextFileSync(vault.source), SCRUBBED);
    Deno.chmodSync(vault.source, 0o000);
    const closed = await vault.run(["import"], { command: boundByModes(COMMAND) });
    assert.match(closed.stderr, /cannot be read: permission denied\n {2}check its owner and mode,/);
  },
});

Deno.test({
  name:
    "killed at any change of a file, import has lost nothing, and the next one finishes (strace)",
  ignore: !HAS_STRACE,
  fn: async () => {
    const kills = await killAtEachChange(async (command, where) => {
      await using vault = await startWith(CREDENTIALS);
      const ran = await vault.run(["import", "--scrub"], { command });
      const source = Deno.readTextFileSync(vault.source);
      assert.ok(source === CREDENTIALS || source === SCRUBBED, `torn at ${where}: ${source}`);
      for (const profile of ["default", "prod"]) {
        const secret = `secret/of+${profile}`;
        if (!source.includes(secret)) assert.equal(await readSecret(vault, profile), secret, where);
      }
      const again = await vault.run(["import", "--scrub"]);
      assert.equal(again.code, 0, `after the kill at ${where}: ${again.stderr}`);
      assert.equal(Deno.readTextFileSync(vault.source), SCRUBBED);
      assert.equal(modeOf(vault.source), "640");
      assert.equal(await readSecret(vault, "prod"), "secret/of+prod");
      assert.deepEqual(listNames(`${vault.home.path}/.aws`), ["config", "credentials"]);
      return ran;
    });
    assert.ok(kills >= 7, `two items, the source and its lock: ${kills} kills`);
  },
});
