import { explainGone } from "../errors.ts";
import type { Exit, World } from "../types.ts";
import { startApp } from "./context.ts";
import { printCredentials } from "./exec_json.ts";
import { reportError } from "./report.ts";

const COMMAND = "exec";

/** Runs `exec PROFILE --json`, as `run` of `mod.ts` does once it has parsed these words. */
export async function runExecJson(profile: string, world: World): Promise<Exit> {
  try {
    const app = await startApp(world, {}, [], COMMAND);
    return await printCredentials(app, profile, { session: true });
  } catch (error) {
    return reportError(explainGone(error), world, {}, COMMAND);
  }
}
