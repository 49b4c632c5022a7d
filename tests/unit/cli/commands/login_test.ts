import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/login.ts";
import { MemoryApp } from "../memory_app.ts";

for (const profile of ["work", "borrower"]) {
  Deno.test(`login of ${profile} reads the keyring's names once and one item once`, async () => {
    const app = new MemoryApp(
      "[profile work]\n[profile borrower]\nsource_profile = work\n",
      { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
    );
    app.backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
    app.backend.calls.length = 0;
    const command = new Command("login").exitOverride();
    define(command as Command, app);
    const run = command.parseAsync([profile, "--stdout"], { from: "user" });
    await assert.rejects(run, /GetCallerIdentity: cannot reach/);
    assert.deepEqual(app.backend.calls, ["keys", "get work"]);
  });
}
