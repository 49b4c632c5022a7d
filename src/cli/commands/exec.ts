import type { Command } from "@commander-js/extra-typings";
import { VaultError } from "../../errors.ts";
import type { Exit } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { needPosix } from "../posix.ts";
import { childRequest, runChild } from "../child.ts";
import { credentialVariables, formatProcessJson } from "../credential_output.ts";
import { chooseProfile } from "../profile_names.ts";
import { addSessionOptions, prepareSession, refuseNested } from "../session.ts";
import { isOn } from "../variables.ts";
import type { ServeOptions } from "../serve.ts";

interface ExecOptions extends ServeOptions {
  readonly json?: boolean;
  readonly server?: boolean;
  readonly ecsServer?: boolean;
  readonly ec2Server?: boolean;
  readonly profileEnv?: boolean;
}

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
      (name: string, names: readonly string[] = []) => [...names, checkHost(name)],
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
  const server = serverKind(options);
  if (options.lazy && server === undefined) app.ctx.note(LAZY_ALONE);
  if (server === "ec2") needPosix("--ec2-server", app.ctx);
  const isByName = options.profileEnv ?? isOn(app.ctx.env, "AWS_VAULT_PROFILE_ENV");
  if (options.isolated) checkIsolated(options, isByName);
  const profile = await chooseProfile(argument, app);
  if (options.json) refuseNested(app, profile);
  const session = await prepareSession(app, profile, options, {
    renews: options.json ?? false,
    needs: options.json ? [] : server === undefined ? ["run", "ffi"] : ["net", "run", "ffi"],
  });
  if (options.json) {
    app.ctx.out(formatProcessJson(await session.handOut("exec --json")));
    return { code: 0 };
  }
  const child = await childRequest(app, session.config, options);
  if (server !== undefined) {
    const { runWithServer } = await import("../serve.ts");
    return await runWithServer(app, server, session, options, child);
  }
  const set = isByName
    ? await (await import("../profile_env.ts")).profileVariables(app, session)
    : credentialVariables(await session.handOut("exec"));
  return await runChild(app, { ...child, set: { ...child.set, ...set }, stay: false });
}

/** aws-vault 7 takes it so, and says nothing. */
const LAZY_ALONE =
  "aws-vault: warning: --lazy changes nothing without --ecs-server or --ec2-server";

/** A host as it stands in a request: a name or an IPv4 address, with a port where one is meant. */
function checkHost(name: string): string {
  if (/^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?(:\d{1,5})?$/i.test(name)) return name;
  throw new VaultError("usage", "--server-host: that is no host name", [
    "it is what stands in an address: proxy.internal, or 172.17.0.1:8080",
  ]);
}

/** Which server is asked for; refuses what cannot go together. */
function serverKind(options: ExecOptions): "ecs" | "ec2" | undefined {
  const ecs = options.ecsServer || options.server;
  const kind = options.ec2Server ? "ec2" : ecs ? "ecs" : undefined;
  const clash = options.ec2Server && ecs
    ? "--ecs-server"
    : options.json
    ? "--json"
    : !options.session
    ? "--no-session"
    : options.profileEnv
    ? "--profile-env"
    : undefined;
  if (options.serverHost !== undefined && kind !== "ecs") throw lacks("--server-host", "ecs");
  if (options.imdsv2 && kind !== "ec2") throw lacks("--imdsv2", "ec2");
  if (kind === undefined || clash === undefined) return kind;
  throw new VaultError("usage", `--${kind}-server does not go together with ${clash}`);
}

function lacks(option: string, kind: "ecs" | "ec2"): VaultError {
  return new VaultError("usage", `${option} says how --${kind}-server may be asked`, [
    `give --${kind}-server too, or leave it out`,
  ]);
}

/** Without the config file no program finds a profile by its name, and without one none is shown. */
function checkIsolated({ json }: ExecOptions, isByName: boolean): void {
  if (!json && !isByName) return;
  const other = json ? "--json" : "--profile-env (AWS_VAULT_PROFILE_ENV)";
  throw new VaultError("usage", `--isolated does not go together with ${other}`);
}
