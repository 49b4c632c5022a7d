import assert from "node:assert/strict";
import { fakeDeno } from "./fake_deno.ts";
import { COMMAND } from "./harness.ts";
import { startVault, type Vault } from "./vault.ts";

const LINUX = Deno.build.os === "linux";
/** What is said here of the launcher does not hold of another command by AWS_VAULT_TEST_CMD. */
const ignore = !COMMAND.endsWith("/dist/aws-vault");

/** A list that Deno is started with, such as that of --allow-write, of one run. */
async function readList(
  flag: string,
  vault: Vault,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const DENO = fakeDeno(vault.home, Deno.version.deno, { does: `printf '[%s]\\n' "$@"` });
  const { stdout, stderr } = await vault.run(words, { env: { ...env, DENO } });
  const [, list] = new RegExp(`^\\[${flag}=(.*)\\]$`, "m").exec(stdout) ?? [];
  assert.ok(list !== undefined, stdout + stderr);
  return list.split(",");
}

const FILES = { AWS_SHARED_CREDENTIALS_FILE: "/c/d" };

/** Command lines, variables, and where Deno may write beside what is the same for all. */
const WRITABLE: readonly (readonly [string[], Record<string, string>, string[]])[] = [
  [["list"], {}, []],
  [["list"], { AWS_VAULT_FILE_DIR: "/a b/keys" }, ["/a b/keys"]],
  [["list"], { AWS_VAULT_FILE_DIR: "~/keys" }, ["HOME/keys"]],
  [["list"], { AWS_VAULT_FILE_DIR: "/a,b" }, []], // Deno can be given none
  [["list"], { AWS_LOGIN_CACHE_DIRECTORY: "/cache" }, ["/cache"]],
  [["list"], { AWS_VAULT_AUDIT_LOG: "/a b/log" }, ["/a b/log"]],
  [["list"], { AWS_CONFIG_FILE: "/a b/c/config" }, ["/a b/c/"]],
  [["list"], { AWS_CONFIG_FILE: "~/c/config" }, ["HOME/c/"]],
  [["list"], { AWS_CONFIG_FILE: "c/config" }, ["c/"]],
  [["list"], { AWS_CONFIG_FILE: "config" }, ["."]],
  [["list"], { AWS_CONFIG_FILE: "/config" }, []], // the root directory is not ours
  [["--file-dir", "keys", "list"], {}, ["keys"]],
  [["list", "--file-dir=~/a=b"], {}, ["HOME/a=b"]],
  [["import"], FILES, ["/c/"]],
  [["import", "--from", "/x/y.csv"], FILES, ["/c/", "/x/"]],
  [["import", "--from=y.csv"], {}, ["."]],
  [["migrate-backend", "--from", "x/y", "--from=/x/y"], FILES, []],
  [["list", "import", "--from", "/x/y"], FILES, ["/c/", "/x/"]], // which word is whose, it cannot know
  [["exec", "import", "--from", "/x/y"], FILES, []],
  [["doctor", "--fix"], { ...FILES, XDG_RUNTIME_DIR: "/run/u" }, ["/c/", "/run/u/aws-vault"]],
  [["exec", "doctor"], FILES, []],
  [["exec", "work", "--", "x", "--file-dir", "/x", "--file-dir=/x"], {}, []],
];

Deno.test("Deno may write where the command line and the variables lead, and nowhere else", {
  ignore,
}, async () => {
  await using vault = await startVault();
  const always = ["HOME/.aws", "HOME/.awsvault", "/run/aws-vault-proxy.pid"];
  for (const [words, env, more] of WRITABLE) {
    const found = await readList("--allow-write", vault, words, env);
    const expected = [...always, "/var/run/aws-vault-proxy.pid", ...more]
      .map((path) => path.replace("HOME", vault.home.path));
    assert.deepEqual(found, expected, `${words.join(" ")} ${JSON.stringify(env)}`);
  }
});

Deno.test("a HOME that a quoted ~ was left in is a path from here", { ignore }, async () => {
  await using vault = await startVault();
  const found = await readList("--allow-write", vault, ["list"], { HOME: "~" });
  assert.deepEqual(found.slice(0, 2), ["~/.aws", "~/.awsvault"]);
});

Deno.test("with a comma in HOME Deno may not write to what is before it", { ignore }, async () => {
  await using vault = await startVault();
  const found = await readList("--allow-write", vault, ["list"], { HOME: "/home/a,b" });
  assert.deepEqual(found, ["/run/aws-vault-proxy.pid", "/var/run/aws-vault-proxy.pid"]);
});

/** What AWS_VAULT_ALLOW_NET holds, and the hosts that Deno may ask for it. */
const HOSTS: readonly (readonly [string, string[]])[] = [
  ["sts.corp.example", ["sts.corp.example"]],
  ["a.example,*.b.example,10.0.0.7:99", ["a.example", "*.b.example", "10.0.0.7:99"]],
  ["https://user:word@a.example:8443/path?x=1#y", ["a.example:8443"]],
  ["https://b.example?x=1,c.example#y", ["b.example", "c.example"]],
  ["[::2],[fd00::1]:80,[::2", ["[::2]", "[fd00::1]:80"]],
  ["a.example:,a.example:x,a.example:65535,a.example:65536,a.example:123456,a.example:1-1", [
    "a.example:65535",
  ]],
  ["a_b.example,.a,a..b,*,*.*,*.,a b,a[b,[],[x],[::1]80,,/", ["a_b.example"]],
];

Deno.test("Deno may ask the hosts of AWS_VAULT_ALLOW_NET, and none for what names no host", {
  ignore,
}, async () => {
  await using vault = await startVault();
  const ask = (env: Record<string, string>) => readList("--allow-net", vault, ["list"], env);
  const always = await ask({});
  for (const [AWS_VAULT_ALLOW_NET, hosts] of HOSTS) {
    assert.deepEqual(await ask({ AWS_VAULT_ALLOW_NET }), [...always, ...hosts]);
  }
  const env = { AWS_ENDPOINT_URL_STS: "https://sts.corp.example:8443/x" };
  const named = (await ask(env)).filter((host) => !always.includes(host));
  assert.deepEqual(named, ["sts.corp.example:8443"]);
});

Deno.test("a host of the config file is asked where AWS_VAULT_ALLOW_NET names it, and not else", {
  ignore: ignore || !LINUX, // 127.0.0.2 is this machine's there
}, async () => {
  await using vault = await startVault();
  const answer = () => new Response("nobody is let in", { status: 403 });
  await using server = Deno.serve({ hostname: "127.0.0.2", port: 0, onListen: () => {} }, answer);
  const host = `127.0.0.2:${server.addr.port}`;
  vault.home.write(".aws/config", `[profile work]\nendpoint_url = http://${host}\n`);
  const ask = async (env: Record<string, string>) =>
    (await vault.run(["exec", "work", "--json"], { env: { AWS_ENDPOINT_URL: "", ...env } })).stderr;
  assert.match(await ask({}), /the sandbox does not allow 127.* name it in AWS_VAULT_ALLOW_NET/);
  assert.match(
    await ask({ AWS_VAULT_ALLOW_NET: `a.example,${host}` }),
    /HTTP 403 that is no answer of AWS/,
  );
});

Deno.test("add writes the config file wherever it lies", async () => {
  await using vault = await startVault();
  vault.home.write("c/config", "");
  for (const AWS_CONFIG_FILE of ["~/c/config", "c/config", "config", `${vault.home.path}/d`]) {
    const added = await vault.add("new", "AKIAIOSFODNN7EXAMPLE", { env: { AWS_CONFIG_FILE } });
    assert.equal(added.code, 0, added.stderr);
    const path = AWS_CONFIG_FILE.replace("~", vault.home.path);
    const text = Deno.readTextFileSync(path.startsWith("/") ? path : `${vault.home.path}/${path}`);
    assert.match(text, /^\[profile new\]$/m);
    vault.home.write("c/config", "");
  }
});

Deno.test("a config file that a comma keeps from being written is told with that", {
  ignore,
}, async () => {
  await using vault = await startVault();
  const AWS_CONFIG_FILE = vault.home.write("a,b/config", "");
  const added = await vault.add("new", "AKIAIOSFODNN7EXAMPLE", { env: { AWS_CONFIG_FILE } });
  assert.equal(added.code, 1);
  assert.match(added.stderr, /a,b\/config cannot be written.* no path with a comma in it$/m);
});
