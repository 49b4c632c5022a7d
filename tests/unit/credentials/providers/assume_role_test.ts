import assert from "node:assert/strict";
import { StsCalls } from "../../../../src/aws/sts.ts";
import { createProvider } from "../../../../src/credentials/providers/assume_role.ts";
import type { AssumeRoleStep } from "../../../../src/credentials/steps.ts";
import { startFakeAws } from "../../../fakes/aws/mod.ts";
import { createRun } from "./fake_run.ts";

const ROLE = "arn:aws:iam::222222222222:role/reader";

Deno.test("a role on whatever came with a session token is asked for for an hour at most", async () => {
  await using aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  aws.addRole({ arn: ROLE, trusts: ["111111111111"], maxSessionDurationSeconds: 7200 });
  const [key] = user.accessKeys;
  const target = { region: "eu-west-1", endpoint: aws.url, legacy: false };
  const keys = { accessKeyId: key!.id, secretAccessKey: key!.secret };
  const { run, ctx } = createRun();
  const session = await new StsCalls(target, "ci", ctx, keys).getSessionToken({
    durationSeconds: 900,
  });
  const step: AssumeRoleStep = {
    kind: "assume_role",
    profile: "ci",
    target,
    roleArn: ROLE,
    durationSeconds: 7200,
    lengthFrom: { from: "default" },
    tags: new Map(),
    transitiveTagKeys: [],
  };
  for (const [source, length] of [[keys, "7200"], [session, "3600"]] as const) {
    await createProvider(step, run).retrieve(source);
    assert.equal(aws.calls.at(-1)!.params.DurationSeconds, length);
  }
});
