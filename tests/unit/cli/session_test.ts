import assert from "node:assert/strict";
import { prepareSession } from "../../../src/cli/session.ts";
import type { SessionOptions } from "../../../src/cli/session_options.ts";
import { SessionCache } from "../../../src/credentials/session_cache.ts";
import { MemoryApp } from "./memory_app.ts";

const ROLE = "arn:aws:iam::222222222222:role/r";
const CONFIG = `[profile work]\n[profile role]\nrole_arn = ${ROLE}\nsource_profile = work\n`;
const RENEWS = { renews: true, needs: [] };

/** An app whose keyring has `work`'s keys, and sessions of an hour for these profiles. */
async function setUp(
  kept: readonly string[],
  more: { config?: string; env?: Record<string, string> } = {},
) {
  const app = new MemoryApp(more.config ?? CONFIG, more.env);
  app.backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
  const prepare = (profile: string, options: Partial<SessionOptions> = {}) =>
    prepareSession(app, profile, { session: true, ...options }, RENEWS);
  for (const profile of kept) {
    const { plan } = await prepare(profile);
    const cache = new SessionCache(app.backend, app.ctx, 300);
    await cache.keep(plan.steps.at(-1)!.cache!, {
      accessKeyId: `SESSION OF ${profile}`,
      secretAccessKey: "s",
      sessionToken: "t",
      expiresAtMs: app.clock.nowMs + 3_600_000,
    });
  }
  app.backend.calls.length = 0;
  return { app, prepare };
}

for (const profile of ["work", "role"]) {
  Deno.test(`a cached run of \`${profile}\` reads the keyring's names once and one item once`, async () => {
    const { app, prepare } = await setUp([profile]);
    const { accessKeyId } = await (await prepare(profile)).retrieve();
    assert.equal(accessKeyId, `SESSION OF ${profile}`);
    const [first, second, ...others] = app.backend.calls;
    assert.equal(first, "keys");
    assert.match(second!, /^get sts\./);
    assert.deepEqual(others, []);
  });
}

Deno.test("until it is retrieved nothing secret is read, and nothing is asked", async () => {
  const { app, prepare } = await setUp(["work"]);
  const { plan } = await prepare("role");
  assert.equal(plan.steps.length, 2);
  assert.deepEqual(app.backend.calls, ["keys"]);
});

Deno.test("a kept session has to last five minutes yet, or AWS_MIN_TTL", async () => {
  for (
    const [AWS_MIN_TTL, minutesLeft, serves] of [
      ["", 5.1, true],
      ["", 4.9, false],
      ["59m", 60, true],
      ["61m", 60, false],
      ["0", 0.1, true],
    ] as const
  ) {
    const env = { AWS_MIN_TTL, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const { app } = await setUp(["work"], { env });
    app.clock.nowMs += (60 - minutesLeft) * 60_000;
    const taken = await prepareSession(app, "work", { session: true }, {
      renews: false,
      needs: [],
    });
    if (serves) assert.equal((await taken.retrieve()).accessKeyId, "SESSION OF work");
    else await assert.rejects(taken.retrieve(), /GetSessionToken: cannot reach/);
  }
  for (const text of ["soon", "300"]) {
    const { prepare } = await setUp([], { env: { AWS_MIN_TTL: text } });
    const message = new RegExp(`^profile work: AWS_MIN_TTL: \`${text}\``);
    await assert.rejects(prepare("work"), { message });
  }
});

Deno.test("AWS_VAULT_DURATION counts for every command that has --duration", async () => {
  const { prepare } = await setUp([], { env: { AWS_VAULT_DURATION: "2h" } });
  for (const [options, seconds] of [[{}, 7200], [{ hasDuration: false }, 3600]] as const) {
    const [, step] = (await prepare("work", options)).plan.steps;
    assert.equal("durationSeconds" in step! && step.durationSeconds, seconds);
  }
});

Deno.test("a session made for another length, role, endpoint, tags or name is no hit", async () => {
  const changed = (line: string) => CONFIG.replace("source_profile", `${line}\nsource_profile`);
  const { app } = await setUp(["role"]);
  for (
    const config of [
      changed("duration_seconds = 900"),
      changed("external_id = x"),
      changed("session_tags = a=b"),
      changed("transitive_session_tags = a"),
      changed("source_identity = jon"),
      changed("role_session_name = jon"),
      changed("endpoint_url = http://127.0.0.1:9"),
      CONFIG.replace(ROLE, `${ROLE}2`),
    ]
  ) {
    const other = new MemoryApp(config);
    for (const [key, item] of app.backend.items) other.backend.items.set(key, item);
    const { plan, run } = await prepareSession(other, "role", { session: true }, RENEWS);
    const cache = new SessionCache(run.backend, run.ctx, 300);
    assert.equal(await cache.find(plan.steps.at(-1)!.cache!, await run.keys()), undefined, config);
  }
});

Deno.test("a role kept on the environment's keys is no hit for other keys", async () => {
  const config = `[profile x]\nrole_arn = ${ROLE}\ncredential_source = Environment\n`;
  const env = { AWS_ACCESS_KEY_ID: "AKIAONE", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const { app, prepare } = await setUp(["x"], { config, env });
  assert.equal((await (await prepare("x")).retrieve()).accessKeyId, "SESSION OF x");
  const other = new MemoryApp(config, { ...env, AWS_ACCESS_KEY_ID: "AKIATWO" });
  for (const [key, item] of app.backend.items) other.backend.items.set(key, item);
  const { plan, run } = await prepareSession(other, "x", { session: true }, RENEWS);
  const cache = new SessionCache(run.backend, run.ctx, 300);
  assert.equal(await cache.find(plan.steps.at(-1)!.cache!, await run.keys()), undefined);
});
