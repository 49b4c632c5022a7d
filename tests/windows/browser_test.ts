import assert from "node:assert/strict";
import { test, type WindowsVault } from "./vault.ts";
import { untilWritten } from "../until.ts";

const CONFIG = `[profile work]
region = eu-west-1
[profile reader]
source_profile = work
role_arn = arn:aws:iam::222222222222:role/reader
`;
const HANDLER = "HKCR\\http\\shell\\open\\command";

test("login opens the browser of Windows, and the link is in no argument of it", async (vault) => {
  await using _ = await registerBrowser(vault);
  await vault.add("work");
  const ran = login(vault);
  const { link, key } = await readOpened(vault);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{48}$/);
  assert.equal(key, "");
  const page = await fetch(link, { redirect: "manual" });
  assert.match(await page.text(), /Signing in to the AWS console/);
  assert.match(page.headers.get("location")!, /Action=login&.*SigninToken=/);
  const { code, stdout, said } = await ran;
  assert.equal(code, 0, said);
  assert.equal(stdout, "");
  await assert.rejects(fetch(link), "nobody is there any more");
}, CONFIG);

test("BROWSER names a program with blanks in its path, which may stay", async (vault) => {
  await vault.add("work");
  Deno.mkdirSync(`${vault.guest.home}/my browser`);
  await Deno.copyFile(vault.toolPath, `${vault.guest.home}/my browser/tool.exe`);
  const program = `"${vault.guest.profile}\\my browser\\tool.exe"`;
  const ran = login(vault, {
    BROWSER: `no-such-browser;${program} note %s stay`,
    AWS_SECRET_ACCESS_KEY: "not/for-browsers",
  });
  const { link, key } = await readOpened(vault);
  assert.equal(key, "");
  await (await fetch(link, { redirect: "manual" })).text();
  const { code, said } = await ran;
  assert.equal(code, 0, said);
  vault.guest.write("go", ""); // it is still there
  await untilWritten(`${vault.guest.home}/closed`);
}, CONFIG);

test("login without a browser says how to get the link", async (vault) => {
  await vault.add("work");
  const env = { ...signin(vault), BROWSER: "no-such-browser" };
  const { code, stdout, stderr } = await vault.run(["login", "reader"], { env });
  assert.equal(code, 1);
  assert.match(stderr, /no browser could be opened[^]*--stdout/);
  assert.doesNotMatch(stdout + stderr, /SigninToken/);
}, CONFIG);

function signin(vault: WindowsVault): Record<string, string> {
  return { AWS_ENDPOINT_URL_SIGNIN: vault.aws.url };
}

/** What it has `said` may not be all: what is started under Wine has its standard error for longer. */
async function login(vault: WindowsVault, more: Record<string, string> = {}) {
  const child = vault.start(["login", "reader"], { env: { ...signin(vault), ...more } });
  let said = "";
  const listen = async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  };
  void listen();
  const [{ code }, stdout] = await Promise.all([child.status, new Response(child.stdout).text()]);
  return { code, stdout, said };
}

/** Makes `tool note` what Windows opens links with. */
async function registerBrowser(vault: WindowsVault): Promise<AsyncDisposable> {
  const [, usual] = /REG_SZ\s+(.*)/.exec(await registry(vault, ["query", HANDLER, "/ve"]))!;
  const set = (line: string) => registry(vault, ["add", HANDLER, "/ve", "/d", line, "/f"]);
  await set(`"${vault.tool}" note "%1"`);
  return { [Symbol.asyncDispose]: async () => void await set(usual!.trim()) };
}

async function registry(vault: WindowsVault, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await vault.guest.run("reg", args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** What the browser was given, and what it saw of our keys. */
async function readOpened(vault: WindowsVault): Promise<{ link: string; key: string }> {
  const [link, key] = (await untilWritten(`${vault.guest.home}/opened`)).split(/\r?\n/);
  return { link: link!, key: key! };
}
