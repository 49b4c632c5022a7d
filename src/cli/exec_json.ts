import type { Exit } from "../types.ts";
import type { App } from "./app.ts";
import { formatProcessJson } from "./credential_output.ts";
import { chooseProfile } from "./profile_names.ts";
import { prepareSession, refuseNested } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/** `exec --json`: prints a profile's credentials for a program that comes back for others. */
export async function printCredentials(
  app: App,
  argument: string | undefined,
  options: SessionOptions,
): Promise<Exit> {
  const profile = await chooseProfile(argument, app);
  refuseNested(app, profile);
  const session = await prepareSession(app, profile, options, { renews: true, needs: [] });
  app.ctx.out(formatProcessJson(await session.handOut("exec --json")));
  return { code: 0 };
}
