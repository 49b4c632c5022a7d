/**
 * `exec_runner.ts COMMAND FLAGS CLIENT [VARIABLES]`: stores a key of a user of the AWS stand-in with
 * the built command and runs a client under its `exec`; prints what came of it as JSON.
 */
import { startFakeAws } from "../../fakes/aws/mod.ts";
import { hasAddress } from "../../../src/server/metadata_address.ts";
import { runClient } from "./run_client.ts";

const [command, flags, client, more = "{}"] = Deno.args as [string, string, string, string?];
await using aws = await startFakeAws();
const { accessKeys } = aws.addUser({ name: "jo", accountId: "111111111111" });
const directory = Deno.makeTempDirSync({ prefix: "vault-exec-" });
try {
  Deno.writeTextFileSync(`${directory}/config`, "[profile work]\nregion = eu-west-1\n");
  const variables = {
    AWS_CONFIG_FILE: `${directory}/config`,
    AWS_VAULT_FILE_DIR: `${directory}/keys`,
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: "test",
    AWS_ENDPOINT_URL: aws.url,
  };
  await runClient([command, "add", "work", "--env"], {
    ...variables,
    AWS_ACCESS_KEY_ID: accessKeys[0]!.id,
    AWS_SECRET_ACCESS_KEY: accessKeys[0]!.secret,
  });
  const args = ["exec", ...JSON.parse(flags), "work", "--", ...JSON.parse(client)];
  const ran = await runClient([command, ...args], { ...variables, ...JSON.parse(more) });
  const calls = aws.calls.map(({ action }) => action);
  console.log(JSON.stringify({ ...ran, calls, after: hasAddress() }));
} finally {
  Deno.removeSync(directory, { recursive: true });
}
