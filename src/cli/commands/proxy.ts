import type { Command } from "@commander-js/extra-typings";
import { VaultError } from "../../errors.ts";
import { listen } from "../../runtime/listen.ts";
import type { ProxyReport } from "../../server/proxy_process.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { needPosix } from "../posix.ts";

interface ProxyOptions {
  readonly stop?: boolean;
  readonly attached?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["sudo aws-vault proxy --stop", "Ends one that was left behind."],
  );
  command
    .option("--stop", "Stop the running proxy")
    .addOption(
      command.createOption("--attached", "End with standard input; report there is to its parent")
        .hideHelp(),
    )
    .action((options: ProxyOptions) => proxy(app, options));
}

/** The privileged part of `exec --ec2-server`: 169.254.169.254:80, forwarded to 127.0.0.1:9099. */
async function proxy(app: App, options: ProxyOptions): Promise<void> {
  const { ctx } = app;
  needPosix("proxy", ctx);
  const { stopProxy, withProxyLock } = await import("../../server/proxy_lock.ts");
  if (options.stop) return ctx.note(await stopProxy(ctx));
  const stopped = options.attached ? Promise.race([signalled(), inputClosed()]) : signalled();
  const report = (line: ProxyReport) => {
    if (options.attached) ctx.out(JSON.stringify(line) + "\n");
    else if (line.ready) ctx.note("forwarding 169.254.169.254:80 to 127.0.0.1:9099");
  };
  const { runProxy } = await import("../../server/proxy.ts");
  try {
    await withProxyLock(ctx, () => runProxy(ctx, stopped, () => report({ ready: true })));
  } catch (error) {
    if (!options.attached || !(error instanceof VaultError)) throw error;
    report({ ready: false, message: error.message, hints: error.hints });
    app.exit = { code: 1 };
  }
}

/** One that was ignored from the start, as `nohup` ignores SIGHUP, ends nothing. */
function signalled(): Promise<void> {
  return new Promise((resolve) => listen(["SIGTERM", "SIGINT", "SIGHUP"], () => resolve()));
}

/** Our parent holds the other end: it closes when the parent ends, whatever ends it. */
async function inputClosed(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
}
