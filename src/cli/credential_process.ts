import { explainGone } from "../errors.ts";
import { neededByCommand } from "../permissions.ts";
import type { Exit, World } from "../types.ts";
import { App } from "./app.ts";
import { createContext } from "./context.ts";
import { printCredentials } from "./exec_json.ts";
import { reportError } from "./report.ts";

const COMMAND = "exec";

/** Runs `exec PROFILE --json`, as `run` of `mod.ts` does once it has parsed these words. */
export async function runExecJson(profile: string, world: World): Promise<Exit> {
  try {
    world.setDebug(false);
    world.keepPermissions(neededByCommand(COMMAND));
    const app = new App(createContext(world, {}), {}, [], COMMAND);
    await app.readAhead();
    return await printCredentials(app, profile, { session: true });
  } catch (error) {
    return reportError(explainGone(error), world, {}, COMMAND);
  }
}
