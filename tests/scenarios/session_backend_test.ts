import assert from "node:assert/strict";
import { startVault, type Vault } from "./vault.ts";

/** `pass` by its commands, which keeps what it is given as it is, and notes what it was asked. */
const PASS = `#!/bin/sh
dir=$PASSWORD_STORE_DIR
echo "$*" >> "$dir/../asked"
case $1 in
  show) cat "$dir/$2.gpg" ;;
  insert) for last; do :; done; mkdir -p "$(dirname "$dir/$last")"; cat > "$dir/$last.gpg" ;;
  rm) for last; do :; done; rm "$dir/$last.gpg" ;;
esac
`;

/** A vault whose keys are in `file` and whose sessions go to such a `pass`. */
async function startSplit(): Promise<Vault & { env2: Record<string, string>; store(): string[] }> {
  const vault = await startVault("[profile work]\n");
  const program = vault.home.write("bin/touchless", PASS);
  Deno.chmodSync(program, 0o700);
  vault.home.write("store/.gpg-id", "test\n");
  const env2 = {
    AWS_VAULT_SESSION_BACKEND: "pass",
    AWS_VAULT_PASS_CMD: program,
    AWS_VAULT_PASS_PASSWORD_STORE_DIR: `${vault.home.path}/store`,
  };
  const store = () =>
    [...Deno.readDirSync(`${vault.home.path}/store`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".gpg"));
  return Object.assign(vault, { env2, store });
}

Deno.test("sessions go to their own backend, keys stay where they are, and a kept one serves", async () => {
  await using vault = await startSplit();
  const first = await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(vault.sessionNames(), []);
  assert.equal(vault.store().length, 1);
  const again = await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  assert.equal(again.stdout, first.stdout);
  assert.equal(vault.aws.calls.length, 1);
  const added = await vault.add("other", "AKIAOTHER", { env: vault.env2 });
  assert.equal(added.stderr.split("\n")[0], "Stored in the file keyring.");
  assert.equal(vault.store().length, 1);
});

Deno.test("a kept session is read where no touch is wanted: the other backend opens nothing", async () => {
  await using vault = await startSplit();
  const env = { ...vault.env2 };
  assert.equal((await vault.run(["exec", "--json", "work"], { env })).code, 0);
  const locked = { ...env, AWS_VAULT_FILE_PASSPHRASE: undefined };
  const ran = await vault.run(["exec", "--json", "work"], { env: locked });
  assert.equal(ran.code, 0, ran.stderr);
});

Deno.test("explain tells whose passphrase would be asked for: of the keys' backend, of the sessions'", async () => {
  await using vault = await startSplit();
  const locked = { ...vault.env2, AWS_VAULT_FILE_PASSPHRASE: undefined };
  const asks = async (env: Record<string, string | undefined>) =>
    JSON.parse((await vault.run(["explain", "--json", "work"], { env })).stdout).asks;
  assert.deepEqual(await asks(locked), ["passphrase"]);
  assert.equal((await vault.run(["exec", "--json", "work"], { env: vault.env2 })).code, 0);
  assert.deepEqual(await asks(locked), []);
  const other = { ...locked, AWS_VAULT_BACKEND: "pass", AWS_VAULT_SESSION_BACKEND: "file" };
  assert.equal((await vault.add("work", "AKIAWORK", { env: other })).code, 0);
  assert.deepEqual(await asks(other), ["passphrase"]);
  assert.deepEqual(await asks({ ...other, AWS_VAULT_SESSION_BACKEND: undefined }), []);
});

Deno.test("list, clear, remove and rotate know both", async () => {
  await using vault = await startSplit();
  await vault.run(["exec", "--json", "work"]); // kept with the keys, before there was another
  await vault.run(["exec", "-d", "2h", "--json", "work"], { env: vault.env2 });
  const sessions = async () =>
    (await vault.run(["list", "--sessions"], { env: vault.env2 })).stdout.match(/sts\./g)?.length ??
      0;
  assert.equal(await sessions(), 2);
  const explained = await vault.run(["explain", "--json", "work"], { env: vault.env2 });
  assert.deepEqual(JSON.parse(explained.stdout).requests, [], explained.stderr);
  const kept = await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  assert.equal(kept.code, 0, kept.stderr);
  assert.equal(vault.aws.calls.length, 2, "what is kept with the keys still serves");
  const cleared = await vault.run(["clear"], { env: vault.env2 });
  assert.equal(cleared.stdout, "Cleared 2 sessions.\n");
  assert.deepEqual([vault.sessionNames(), vault.store()], [[], []]);
  await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  const old = await vault.readKeyId("work");
  const rotated = await vault.run(["rotate", "-n", "work"], { env: vault.env2 });
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.notEqual(await vault.readKeyId("work"), old);
  assert.deepEqual(vault.store(), []);
  await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  assert.equal(vault.store().length, 1);
  const removed = await vault.run(["remove", "-f", "work"], { env: vault.env2 });
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(vault.store(), []);
  assert.equal(await vault.readKeyId("work"), undefined);
});

Deno.test("keys that lie in the backend of sessions are none of the keyring's", async () => {
  await using vault = await startSplit();
  const env = { ...vault.env2, AWS_VAULT_BACKEND: "pass" };
  await vault.add("hidden", "AKIAHIDDEN", { env });
  const listed = await vault.run(["list", "--credentials"], { env: vault.env2 });
  assert.equal(listed.stdout, "work\n");
  const ran = await vault.run(["exec", "-n", "--json", "hidden"], { env: vault.env2 });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /the pass keyring has keys for hidden: --backend=pass/);
});

Deno.test("a name that is no backend's is refused, the same one twice is one keyring", async () => {
  await using vault = await startSplit();
  const wrong = await vault.run(["--session-backend", "nowhere", "list"]);
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /there is no backend `nowhere` for sessions\n {2}--session-backend \(AWS_VAULT_SESSION_BACKEND\) takes one of: /,
  );
  const same = await vault.run(["--session-backend", "file", "exec", "--json", "work"]);
  assert.equal(same.code, 0, same.stderr);
  assert.equal(vault.sessionNames().length, 1);
});

Deno.test("a session backend that fails costs a warning, not the credentials", async () => {
  await using vault = await startSplit();
  vault.home.write("bin/touchless", '#!/bin/sh\necho "no card" >&2; exit 2\n');
  const ran = await vault.run(["exec", "--json", "work"], { env: vault.env2 });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /warning: the session of work could not be kept: .*no card/);
});
