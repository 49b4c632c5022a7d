import assert from "node:assert/strict";
import { retrieveCredentials } from "../../../src/credentials/chain.ts";
import type { Plan } from "../../../src/credentials/steps.ts";
import type { VaultError } from "../../../src/errors.ts";
import { createFastWorld } from "../aws/fast_world.ts";
import { createRun } from "./providers/fake_run.ts";

/** A plan whose only request goes to an address. */
function planFor(endpoint: string): Plan {
  const target = { region: "eu-west-1", endpoint, legacy: false };
  const cache = { type: "sts.GetSessionToken", profile: "work", serial: "", asked: ["x"] } as const;
  const steps = [
    { kind: "stored", profile: "work" },
    { kind: "session_token", profile: "work", target, durationSeconds: 900, cache },
  ] as const;
  return { profile: "work", steps, remarks: [] };
}

// Row 30.
Deno.test("five who wait for an STS that says nothing end together, within the time of one", async () => {
  const home = Deno.makeTempDirSync({ prefix: "vault-waiting-" });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { ctx } = createFastWorld();
  const made = createRun({ env: { HOME: home } });
  made.backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
  const run = { ...made.run, ctx: { ...made.ctx, clock: ctx.clock } };
  try {
    const plan = planFor(`http://127.0.0.1:${port}`);
    const tries = Array.from({ length: 5 }, () => retrieveCredentials(plan, run, 300));
    const ended = await Promise.allSettled(tries);
    const messages = ended.map((end) =>
      end.status === "rejected" ? (end.reason as VaultError).message : "credentials"
    );
    assert.equal(messages.filter((text) => /no answer in 60 s$/.test(text)).length, 1);
    // Who gets the lock in the last moment has no time left for more than a try.
    const inVain =
      /process \d+, is getting a session for work, and has not ended|no answer in \d s$/;
    const waiting = messages.filter((text) => inVain.test(text));
    assert.equal(waiting.length, 4, messages.join("\n"));
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});
