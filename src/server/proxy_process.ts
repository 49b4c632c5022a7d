import { VaultError } from "../errors.ts";
import type { Companion, Companions, Context } from "../types.ts";
import { addressProgram, IMDS_HOST, IMDS_PORT, IMDS_SERVER_PORT } from "./metadata_address.ts";
import { proxyLockPath } from "./proxy_lock.ts";

/** What the user has to know before it starts. */
export const EC2_SERVER_WARNING =
  `aws-vault: warning: while this runs, any process on this machine can get these credentials from ${IMDS_HOST}:${IMDS_PORT}`;

/** What the proxy writes to its parent, one line. */
export type ProxyReport =
  | { readonly ready: true }
  | { readonly ready: false; readonly message: string; readonly hints: readonly string[] };

/** The proxy, as it runs as root beside us. */
export interface ProxyProcess {
  /** Ends it and waits until the address is taken away. */
  stop(): Promise<void>;
}

/**
 * Starts `aws-vault proxy` as root and waits until it listens. sudo may ask for a password on the
 * terminal. It ends with us, however we end: its standard input closes then.
 */
export async function startProxyProcess(
  ctx: Pick<Context, "platform" | "note">,
  companions: Companions,
): Promise<ProxyProcess> {
  const companion = await companions.startAsRoot({
    args: ["proxy", "--attached"],
    permissions: permissions(ctx.platform),
  });
  await awaitReport(companion, ctx);
  let stopping = false;
  void companion.readLine().then(() => {
    if (!stopping) ctx.note("aws-vault: the proxy of the EC2 server has ended");
  });
  return {
    stop() {
      stopping = true;
      return companion.end();
    },
  };
}

async function awaitReport(companion: Companion, ctx: Pick<Context, "note">): Promise<void> {
  const line = await companion.readLine();
  if (line === undefined) {
    throw new VaultError("process", "the proxy of the EC2 server did not start", [
      `it needs root to listen on ${IMDS_HOST}:${IMDS_PORT}; --ecs-server does not`,
    ]);
  }
  // Older versions of sudo write before it what PAM has to say, with or without a line's end.
  const [, said, text] = /^(.*?)(\{"ready":.*)?$/s.exec(line)!;
  if (said !== "") ctx.note(said!);
  if (text === undefined) return await awaitReport(companion, ctx);
  const report = JSON.parse(text) as ProxyReport;
  if (report.ready) return;
  await companion.end();
  throw new VaultError("process", report.message, report.hints);
}

/** All that the privileged part may do. */
function permissions(platform: Context["platform"]): string[] {
  const lock = proxyLockPath(platform);
  return [
    `--allow-net=${IMDS_HOST},127.0.0.1:${IMDS_SERVER_PORT}`,
    `--allow-run=${addressProgram(platform)}`,
    "--allow-env=PATH",
    `--allow-read=${lock}`,
    `--allow-write=${lock}`,
  ];
}
