import assert from "node:assert/strict";
import { removeAllSessions } from "../../../src/credentials/sessions.ts";
import { MemoryBackend } from "./providers/fake_run.ts";

Deno.test("clearing takes sessions of every form and all sign-ins, and leaves keys", async () => {
  const backend = new MemoryBackend();
  const gone = [
    "sts.GetSessionToken,d29yaw,,4102444800",
    "session,work,,1700000000",
    "session:work:arn:mfa:1700000000",
    "work session (1700000000)",
    "oidc:https://d-1.awsapps.com/start",
    "oidc:login:arn:aws:iam::111111111111:user/jon",
  ];
  for (const key of [...gone, "work", "session"]) backend.writeJson(key, {});
  assert.equal(await removeAllSessions(backend), gone.length);
  assert.deepEqual(await backend.keys(), ["work", "session"]);
});
