import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/sso_logout.ts";
import { MemoryApp } from "../memory_app.ts";

/** What `sso logout` prints, and leaves, of a keyring with these items. */
async function logout(config: string, keys: readonly string[], ...args: string[]) {
  const app = new MemoryApp(config);
  for (const key of keys) app.backend.writeJson(key, {});
  const command = new Command("logout").exitOverride();
  define(command as Command, app);
  await command.parseAsync(args, { from: "user" });
  return { printed: app.printed.join(""), left: await app.backend.keys() };
}

Deno.test("a sign-in ends however its address begins, named or not, and a console's stays", async () => {
  const url = "HTTPS://corp.awsapps.com/start";
  const console = "oidc:login:arn:aws:iam::111122223333:user/jon";
  for (const args of [[], [url]]) {
    const { printed, left } = await logout("", [`oidc:${url}`, console], ...args);
    assert.equal(printed, `Signed out of ${url}.\n`);
    assert.deepEqual(left, [console]);
  }
});
