import assert from "node:assert/strict";
import {
  CLIENT_NAMES,
  type ClientName,
  CLIENTS_BY_NAME,
  requireClient,
} from "./clients/run_client.ts";
import { ROLE, startVault } from "./vault.ts";

const OTHERS = "[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n";
const CONFIG = `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = work\n`;

/** The client libraries find what is installed by the real home. */
const PYENV = { PYENV_ROOT: Deno.env.get("PYENV_ROOT") ?? `${Deno.env.get("HOME")}/.pyenv` };

async function startWithOthers() {
  const vault = await startVault(CONFIG);
  vault.home.write(".aws/credentials", OTHERS + OTHERS.replace("default", "other"));
  return vault;
}

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `exec --isolated: ${name} is who it was started as, with a server too, or nobody`,
    ignore: !requireClient(name),
    fn: () => tryClient(name),
  });
}

async function tryClient(name: ClientName): Promise<void> {
  await using vault = await startWithOthers();
  const ask = async (child: readonly string[], ...flags: string[]) =>
    await vault.run(["exec", ...flags, "reader", "--", ...child], { env: PYENV });
  for (const flags of [["--isolated"], ["--isolated", "--ecs-server"]]) {
    const ran = await ask(CLIENTS_BY_NAME[name], ...flags);
    assert.match(ran.stdout, /assumed-role\/reader\//, `${flags}: ${ran.stderr}`);
    assert.doesNotMatch(ran.stderr, /\[default\] has credentials/);
  }
  const unset = 'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; exec "$@"';
  const fallen = ["env", "AWS_EC2_METADATA_DISABLED=true", "sh", "-c", unset, "sh"];
  const nobody = await ask([...fallen, ...CLIENTS_BY_NAME[name]], "--isolated");
  assert.notEqual(nobody.code, 0, "there is nothing to fall back to");
  assert.match(nobody.stderr, /credential/i);
}

Deno.test("exec --isolated: both files are empty, and stay so", async () => {
  await using vault = await startWithOthers();
  const child =
    'cat "$AWS_CONFIG_FILE" "$AWS_SHARED_CREDENTIALS_FILE" && echo x > "$AWS_CONFIG_FILE" &&' +
    ' cat "$AWS_CONFIG_FILE"; echo "$AWS_CONFIG_FILE"';
  const ran = await vault.run(["exec", "--isolated", "reader", "--", "sh", "-c", child]);
  assert.equal(ran.stdout, "/dev/null\n", ran.stderr);
});

Deno.test("exec --isolated is refused where it would mean nothing", async () => {
  await using vault = await startWithOthers();
  for (
    const [args, env, why] of [
      [["--json"], {}, /--isolated does not go together with --json$/m],
      [["--profile-env"], {}, /does not go together with --profile-env/],
      [[], { AWS_VAULT_PROFILE_ENV: "1" }, /AWS_VAULT_PROFILE_ENV/],
    ] as const
  ) {
    const ran = await vault.run(["exec", "--isolated", ...args, "reader"], { env });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, why);
  }
});
