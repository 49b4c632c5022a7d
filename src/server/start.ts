import type { Context, Credentials } from "../types.ts";
import { startEcsServer } from "./ecs.ts";
import { createTeller } from "./failure.ts";
import { type ImdsOptions, startImdsServer } from "./imds.ts";
import { IMDS_HOST } from "./metadata_address.ts";
import { EC2_SERVER_WARNING, startProxyProcess } from "./proxy_process.ts";
import { type CredentialOrigin, type CredentialSource, refreshing } from "./source.ts";

/** Which server `exec` starts, and how that answers. */
export interface ServerOptions extends ImdsOptions {
  readonly kind: "ecs" | "ec2";
  /** Get no credentials before they are asked for; `ec2` always has them ready: SDKs wait 1 s. */
  readonly lazy?: boolean;
  /** With `ecs`: see `startEcsServer`. */
  readonly hosts?: readonly string[];
  /** Called before credentials are answered with; where it throws, they are not. */
  readonly record?: (credentials: Credentials) => Promise<void>;
}

/** A server for the program that `exec` starts. */
export interface RunningServer {
  /** Variables of that program. */
  readonly set: Readonly<Record<string, string>>;
  /** Variables that would send it elsewhere. */
  readonly unset: readonly string[];
  /** Whom the program asks: no proxy reaches it. */
  readonly host: string;
  stop(): Promise<void>;
}

type ServerContext = Pick<Context, "platform" | "clock" | "note" | "debug" | "companions">;

/** Starts the server of `--ecs-server` or `--ec2-server`, the credentials first. */
export async function startServer(
  origin: CredentialOrigin,
  options: ServerOptions,
  ctx: ServerContext,
): Promise<RunningServer> {
  let hasStarted = false; // what fails before is the run's own error
  const tell = createTeller(ctx);
  const source = refreshing(origin, ctx.clock, (failure) => hasStarted && tell(failure));
  const answers = recording(source, options, tell);
  if (options.kind === "ecs") {
    if (!options.lazy) await source.current();
    hasStarted = true;
    const { set, unset, close } = startEcsServer(answers, ctx, options.hosts);
    const host = new URL(set.AWS_CONTAINER_CREDENTIALS_FULL_URI).hostname;
    return { set, unset, host, stop: close };
  }
  await source.current();
  hasStarted = true;
  const server = await startImdsServer(answers, options, ctx);
  try {
    ctx.note(EC2_SERVER_WARNING);
    const proxy = await startProxyProcess(ctx, ctx.companions);
    return {
      set: {},
      unset: server.unset,
      host: IMDS_HOST,
      stop: async () => void await Promise.all([proxy.stop(), server.close()]),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function recording(
  source: CredentialSource,
  { record }: ServerOptions,
  tell: (failure: unknown) => void,
): CredentialSource {
  if (record === undefined) return source;
  const recorded = async (asked: Promise<Credentials>) => {
    const credentials = await asked;
    await record(credentials).catch((error) => {
      tell(error);
      throw error;
    });
    return credentials;
  };
  return {
    current: () => recorded(source.current()),
    assume: (roleArn) => recorded(source.assume(roleArn)),
  };
}
