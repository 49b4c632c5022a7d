import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/import.ts";
import { MemoryApp } from "../memory_app.ts";

Deno.test("where others were stored for all keys meanwhile, none is said to be stored", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/credentials`;
    const keys = "aws_access_key_id=AKIAFILE\naws_secret_access_key=s\n";
    Deno.writeTextFileSync(path, `[prod]\n${keys}`);
    const app = new MemoryApp("");
    app.backend.keys = () => {
      app.backend.writeJson("prod", { AccessKeyID: "AKIAADDED", SecretAccessKey: "s" });
      return Promise.resolve([]); // it comes right then
    };
    const command = new Command("import").exitOverride();
    define(command as Command, app);
    const error = await command.parseAsync(["--from", path], { from: "user" })
      .then(() => assert.fail(), (error) => error);
    assert.match(app.printed.at(-1)!, /^prod: left: the keyring has other keys for it/);
    assert.deepEqual(error.hints, ["mend what is told of them, and run it again"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
