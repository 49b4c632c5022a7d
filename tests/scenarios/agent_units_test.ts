import assert from "node:assert/strict";
import { CONFIG, ofLauncher, RunningAgent } from "./agents.ts";
import { PASSPHRASE, startVault, type Vault } from "./vault.ts";
import { until } from "../until.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const HANDBOOK = Deno.readTextFileSync(`${ROOT}docs/handbook.md`);

function findBlock(pattern: RegExp): string {
  const found = pattern.exec(HANDBOOK)?.[1];
  assert.ok(found, String(pattern));
  return found;
}

/** How a service manager starts a service: what of its unit tells that, done by hand here. */
interface Service {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Of systemd's unit: the specifier for the home is filled in, and the credential is decrypted. */
function readUnit({ home }: Vault): Service {
  const unit = findBlock(/^```ini\n(\[Unit\]\n[\s\S]*?)^```/m).replaceAll("%h", home.path);
  const read = (key: string) => RegExp(`^${key}=(.*)$`, "m").exec(unit)![1]!;
  const credential = /^(\w+):/.exec(read("LoadCredentialEncrypted"))![1]!;
  home.write(`credentials/${credential}`, PASSPHRASE);
  const variables = read("Environment").split(" ").map((part) =>
    /^(\w+)=(.*)$/.exec(part)!.slice(1)
  );
  return {
    command: read("ExecStart").match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'(.*)'$/, "$1")),
    env: { ...Object.fromEntries(variables), CREDENTIALS_DIRECTORY: `${home.path}/credentials` },
  };
}

/** Of launchd's list, with a keychain that has the passphrase. */
function readList({ home }: Vault): Service {
  const list = findBlock(/^```xml\n([\s\S]*?)^```/m);
  const words = /<array>([\s\S]*?)<\/array>/.exec(list)![1]!.matchAll(/<string>(.*?)<\/string>/g);
  const security = home.write("bin/security", `#!/bin/sh\necho "${PASSPHRASE}"\n`);
  Deno.chmodSync(security, 0o755);
  const PATH = `${home.path}/bin:/usr/bin:/bin`;
  return { command: [...words].map(([, word]) => word!), env: { PATH, USER: "jon" } };
}

for (const [manager, read] of [["systemd", readUnit], ["launchd", readList]] as const) {
  Deno.test({
    name: `the handbook's unit for ${manager} starts an agent that answers`,
    ignore: !ofLauncher,
    async fn() {
      await using vault = await startVault(CONFIG);
      const { path } = vault.home;
      Deno.mkdirSync(`${path}/.local/bin`, { recursive: true });
      Deno.symlinkSync(`${ROOT}dist/aws-vault`, `${path}/.local/bin/aws-vault`);
      const { command, env } = read(vault);
      const clean = { AWS_VAULT_FILE_PASSPHRASE: undefined, AWS_VAULT_BACKEND: undefined };
      const served = vault.run([], { command, env: { ...clean, ...env } });
      await using agent = new RunningAgent(vault);
      await until(async () => (await agent.status()).running);
      assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
      await agent.run(["agent", "stop"]);
      assert.equal((await served).code, 0);
    },
  });
}
