import { writeStoredKeys } from "../../src/credentials/stored_keys.ts";
import { openKeyring } from "../scenarios/vault.ts";

/** Keys of `work` in a home's file keyring, and a session that lasts, so that nobody asks AWS. */
export async function keepSession(home: string, passphrase: string): Promise<void> {
  const backend = openKeyring(`${home}/.awsvault/keys`, passphrase);
  await writeStoredKeys(backend, "work", { accessKeyId: "AKIABENCH", secretAccessKey: "secret" });
  await backend.set({
    key: "sts.GetSessionToken,d29yaw,,4102444799",
    data: new TextEncoder().encode(JSON.stringify({
      AccessKeyId: "ASIABENCH",
      SecretAccessKey: "secret",
      SessionToken: "token",
      Expiration: "2099-12-31T23:59:59Z",
    })),
  });
}
