import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { needPosix } from "./posix.ts";
import type { ServeOptions } from "./serve.ts";

export interface ExecOptions extends ServeOptions {
  readonly json?: boolean;
  readonly server?: boolean;
  readonly ecsServer?: boolean;
  readonly ec2Server?: boolean;
  readonly profileEnv?: boolean;
}

/**
 * Which server is asked for; refuses what cannot go together.
 *
 * @param isByName the program is to find its profile by its name
 */
export function readServerOptions(
  options: ExecOptions,
  isByName: boolean,
  ctx: Pick<Context, "note" | "platform">,
): "ecs" | "ec2" | undefined {
  const kind = serverKind(options);
  if (options.lazy && kind === undefined) ctx.note(LAZY_ALONE);
  if (kind === "ec2") needPosix("--ec2-server", ctx);
  for (const host of options.serverHost ?? []) checkHost(host);
  if (options.isolated) checkIsolated(options, isByName);
  return kind;
}

/** aws-vault 7 takes it so, and says nothing. */
const LAZY_ALONE =
  "aws-vault: warning: --lazy changes nothing without --ecs-server or --ec2-server";

function serverKind(options: ExecOptions): "ecs" | "ec2" | undefined {
  const ecs = options.ecsServer ? "--ecs-server" : options.server ? "--server" : undefined;
  const kind = options.ec2Server ? "ec2" : ecs && "ecs";
  if (options.serverHost !== undefined && kind !== "ecs") throw lacks("--server-host", "ecs");
  if (options.imdsv2 && kind !== "ec2") throw lacks("--imdsv2", "ec2");
  const clash = kind && findClash(options, kind === "ec2" ? ecs : undefined);
  if (clash === undefined) return kind;
  const server = kind === "ec2" ? "--ec2-server" : ecs;
  throw new VaultError("usage", `${server} does not go together with ${clash}`);
}

function findClash(options: ExecOptions, otherServer: string | undefined): string | undefined {
  if (otherServer !== undefined) return otherServer;
  if (options.json) return "--json";
  if (!options.session) return "--no-session";
  return options.profileEnv ? "--profile-env" : undefined;
}

function lacks(option: string, kind: "ecs" | "ec2"): VaultError {
  return new VaultError("usage", `${option} says how --${kind}-server may be asked`, [
    `give --${kind}-server too, or leave it out`,
  ]);
}

/** A host as it stands in a request: a name or an IPv4 address, with a port where one is meant. */
function checkHost(name: string): void {
  if (/^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?(:\d{1,5})?$/i.test(name)) return;
  throw new VaultError("usage", "--server-host: that is no host name", [
    "it is what stands in an address: proxy.internal, or 172.17.0.1:8080",
  ]);
}

/** Without the config file no program finds a profile by its name, and without one none is shown. */
function checkIsolated({ json }: ExecOptions, isByName: boolean): void {
  if (!json && !isByName) return;
  const other = json ? "--json" : "--profile-env (AWS_VAULT_PROFILE_ENV)";
  throw new VaultError("usage", `--isolated does not go together with ${other}`);
}
