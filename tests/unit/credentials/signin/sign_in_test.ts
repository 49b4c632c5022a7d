import assert from "node:assert/strict";
import { refreshToken } from "../../../../src/credentials/signin/sign_in.ts";
import { createRun } from "../providers/fake_run.ts";

Deno.test("a refresh token stays good where AWS sends no new one", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.json({ accessToken: "new", tokenType: "Bearer", expiresIn: 3600 }),
  );
  const { run, clock } = createRun();
  const registration = {
    clientId: "client",
    clientSecret: "secret",
    expiresAtMs: clock.nowMs + 1000,
    region: "eu-west-1",
    scopes: [],
    grants: [],
  };
  const old = {
    accessToken: "old",
    expiresAtMs: clock.nowMs,
    refreshToken: "refresh",
    registration,
    signIn: "1",
  };
  const refreshed = await refreshToken(old, {
    subject: "profile dev",
    startUrl: "https://d-1.awsapps.com/start",
    region: "eu-west-1",
    scopes: [],
    oidcEndpoint: `http://127.0.0.1:${server.addr.port}`,
  }, run);
  await server.shutdown();
  assert.deepEqual(refreshed, {
    accessToken: "new",
    expiresAtMs: clock.nowMs + 3_600_000,
    refreshToken: "refresh",
    registration,
    signIn: "1",
  });
});
