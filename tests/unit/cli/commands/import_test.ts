import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/import.ts";
import type { VaultError } from "../../../../src/errors.ts";
import { MemoryApp } from "../memory_app.ts";

const FILE = "[prod]\naws_access_key_id=AKIAFILE\naws_secret_access_key=s\n";

/** Why a run of `import` over that file fails, and what the file is then. */
async function failImport(app: MemoryApp, ...options: string[]): Promise<[VaultError, string]> {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/credentials`;
    Deno.writeTextFileSync(path, FILE);
    const command = new Command("import").exitOverride();
    define(command as Command, app);
    const error = await command.parseAsync(["--from", path, ...options], { from: "user" })
      .then(() => assert.fail(), (error) => error);
    return [error, Deno.readTextFileSync(path)];
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("where others were stored for all keys meanwhile, none is said to be stored", async () => {
  const app = new MemoryApp("");
  app.backend.keys = () => {
    app.backend.writeJson("prod", { AccessKeyID: "AKIAADDED", SecretAccessKey: "s" });
    return Promise.resolve([]); // it comes right then
  };
  const [error] = await failImport(app);
  assert.match(app.printed.at(-1)!, /^prod: left: the keyring has other keys for it/);
  assert.deepEqual(error.hints, ["mend what is told of them, and run it again"]);
});

Deno.test("keys that the keyring does not give back as they were stay in their file", async () => {
  const app = new MemoryApp("");
  app.backend.set = ({ key }) => {
    app.backend.writeJson(key, { AccessKeyID: "AKIAFILE", SecretAccessKey: "another" });
    return Promise.resolve();
  };
  const [error, left] = await failImport(app, "--scrub");
  assert.match(error.message, /keyring does not give back the keys of prod$/);
  assert.equal(left, FILE);
});
