import type { Command } from "@commander-js/extra-typings";
import type { Exit } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { childRequest, runChild } from "../child.ts";
import { credentialVariables } from "../credential_output.ts";
import { printCredentials } from "../exec_json.ts";
import { chooseProfile } from "../profile_names.ts";
import { prepareSession, refuseNested } from "../session.ts";
import { addSessionOptions } from "../session_options.ts";
import { isOn } from "../variables.ts";
import type { ExecOptions } from "../exec_options.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault exec work -- aws s3 ls", "Runs a program with the credentials of work."],
    ["aws-vault exec work", "Starts a shell with them: $SHELL."],
    [
      "aws-vault exec -d 4h --server work -- terraform apply",
      "Serves them for as long as the program runs, renewed.",
    ],
    ["aws-vault exec work --json", "Prints them, for credential_process in a config file."],
  );
  addSessionOptions(command)
    .usage("[options] [profile] [--] [command] [arguments...]")
    .argument("[profile]", "Name of the profile (AWS_PROFILE)")
    .option("-j, --json", "Print the credentials as JSON for credential_process")
    .option(
      "--ecs-server",
      "Serve the credentials as an ECS container's agent does, on 127.0.0.1, and renew them",
    )
    .option("-s, --server", "The same as --ecs-server")
    .option(
      "--ec2-server",
      "Serve them as the EC2 metadata service does, on 169.254.169.254; needs root for that",
    )
    .option("--imdsv2", "With --ec2-server, refuse requests without a token (IMDSv1)")
    .option("--lazy", "With a server, get no credentials before they are asked for")
    .option(
      "--server-host <name>",
      "With --ecs-server, a Host header that a proxy before it may send; repeatable",
      (name: string, names: readonly string[] = []) => [...names, name],
    )
    .option("--profile-env", "Set AWS_PROFILE instead of the keys (AWS_VAULT_PROFILE_ENV)")
    .option("--isolated", "Show the program empty config and credentials files of AWS")
    .action(async (profile, options) => {
      app.exit = await exec(app, profile, options as ExecOptions);
    });
}

/** Gets a profile's credentials and gives them to a program, or prints them with `--json`. */
async function exec(app: App, argument: string | undefined, options: ExecOptions): Promise<Exit> {
  if (!options.json) refuseNested(app);
  const isByName = options.profileEnv ?? isOn(app.ctx.env, "AWS_VAULT_PROFILE_ENV");
  const server = SERVER_OPTIONS.some((name) => options[name])
    ? (await import("../exec_options.ts")).readServerOptions(options, isByName, app.ctx)
    : undefined;
  if (options.json) return await printCredentials(app, argument, options);
  const profile = await chooseProfile(argument, app);
  const session = await prepareSession(app, profile, options, {
    renews: false,
    needs: server === undefined ? ["run", "ffi"] : ["net", "run", "ffi"],
  });
  const child = await childRequest(app, session.config, options);
  if (server !== undefined) {
    const { runWithServer } = await import("../serve.ts");
    return await runWithServer(app, { kind: server, session, options, child });
  }
  const set = isByName
    ? await (await import("../profile_env.ts")).profileVariables(app, session)
    : credentialVariables(await session.handOut("exec"));
  return await runChild(app, { ...child, set: { ...child.set, ...set }, stay: false });
}

/** Those that say which server there is to be, and how, or what cannot go with one. */
const SERVER_OPTIONS = [
  ...["server", "ecsServer", "ec2Server", "lazy", "imdsv2", "serverHost", "isolated"] as const,
];
