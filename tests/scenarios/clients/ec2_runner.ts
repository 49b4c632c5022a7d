/**
 * `ec2_runner.ts optional|required CLIENT`: the EC2 server, the built command as its proxy, and a
 * client, in a network namespace of their own; prints what came of it as JSON.
 */
import { startAsRoot } from "../../../src/runtime/start_as_root.ts";
import { createRuntime } from "../../../src/runtime.ts";
import { hasAddress } from "../../../src/server/metadata_address.ts";
import { startServer } from "../../../src/server/start.ts";
import type { Context } from "../../../src/types.ts";
import { startFakeAws } from "../../fakes/aws/mod.ts";
import { AwsOrigin } from "./aws_origin.ts";
import { runClient } from "./run_client.ts";

const runtime = createRuntime();
const ctx: Context = {
  ...runtime,
  prompt: () => Promise.reject(new Error("nobody is asked here")),
};
const PROXY = new URL("../../../dist/lib/main.js", import.meta.url).href;

const [tokens, client] = Deno.args;
await serve(tokens as "optional" | "required", client!);

async function serve(tokens: "optional" | "required", client: string): Promise<never> {
  await using aws = await startFakeAws();
  const origin = new AwsOrigin(aws);
  const server = await startServer(origin, { kind: "ec2", region: "eu-west-1", tokens }, {
    ...ctx,
    companions: {
      ...ctx.companions,
      startAsRoot: (request) => Promise.resolve(startAsRoot(request, ctx.env, PROXY)),
    },
  });
  const ran = await runClient(JSON.parse(client), { AWS_ENDPOINT_URL: aws.url });
  const during = hasAddress();
  await server.stop();
  console.log(JSON.stringify({ ...ran, asked: origin.asked, during, after: hasAddress() }));
  return runtime.end({ code: 0 });
}
