import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/remove.ts";
import { MemoryApp } from "../memory_app.ts";

const SESSION = "sts.GetSessionToken,d29yaw,,1800000000";

for (const option of ["-s", "--sessions-only"]) {
  Deno.test(`remove ${option} takes the sessions alone, and asks nobody`, async () => {
    const app = new MemoryApp("[profile work]\n");
    for (const key of ["work", "other", SESSION]) app.backend.writeJson(key, {});
    const command = new Command("remove").exitOverride();
    define(command as Command, app);
    await command.parseAsync(["work", option], { from: "user" });
    assert.deepEqual((await app.backend.keys()).sort(), ["other", "work"]);
    assert.equal(app.printed.join(""), "Deleted 1 sessions.\n");
  });
}
