/**
 * `ec2_runner.ts serve optional|required CLIENT`: the EC2 server, its proxy and a client, in a
 * network namespace of their own; prints what came of it as JSON. As `ec2_runner.ts proxy` it is
 * that proxy: a program starts itself a second time for it.
 */
import type { Command } from "@commander-js/extra-typings";
import { App } from "../../../src/cli/app.ts";
import { define } from "../../../src/cli/commands/proxy.ts";
import { createCompanions } from "../../../src/runtime/companion.ts";
import { createRuntime } from "../../../src/runtime.ts";
import { hasAddress } from "../../../src/server/metadata_address.ts";
import { startServer } from "../../../src/server/start.ts";
import type { Context } from "../../../src/types.ts";

const runtime = createRuntime();
const ctx: Context = {
  ...runtime,
  prompt: () => Promise.reject(new Error("nobody is asked here")),
};
const [role, tokens, client] = Deno.args;
if (role === "proxy") await runProxyCommand();
else await serve(tokens as "optional" | "required", client!);

/** What the command table does with src/cli/proxy.ts, without its argument parser. */
async function runProxyCommand(): Promise<never> {
  const app = new App(ctx, {}, []);
  let action: ((options: Record<string, boolean>) => Promise<void>) | undefined;
  const command = {
    option: () => command,
    addOption: () => command,
    createOption: () => ({ hideHelp: () => ({}) }),
    action(given: typeof action) {
      action = given;
      return command;
    },
  };
  define(command as unknown as Command, app);
  const { args } = Deno;
  await action?.({ attached: args.includes("--attached"), stop: args.includes("--stop") });
  return runtime.end(app.exit);
}

async function serve(tokens: "optional" | "required", client: string): Promise<never> {
  // Only here: the proxy is run without npm packages and with hardly a permission.
  const { startFakeAws } = await import("../../fakes/aws/mod.ts");
  const { AwsOrigin } = await import("./aws_origin.ts");
  const { runClient } = await import("./run_client.ts");
  await using aws = await startFakeAws();
  const origin = new AwsOrigin(aws);
  const server = await startServer(origin, { kind: "ec2", region: "eu-west-1", tokens }, {
    ...ctx,
    companions: createCompanions(ctx.env, ctx.platform),
  });
  const ran = await runClient(JSON.parse(client), { AWS_ENDPOINT_URL: aws.url });
  const during = hasAddress();
  await server.stop();
  console.log(JSON.stringify({ ...ran, asked: origin.asked, during, after: hasAddress() }));
  return runtime.end({ code: 0 });
}
