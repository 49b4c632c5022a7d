import { neededByCommand } from "../permissions.ts";
import type { Context, World } from "../types.ts";
import { App, type GlobalOptions } from "./app.ts";
import { repeatOptions } from "./repeat_options.ts";

/**
 * What the command that was called works with; what it does not need is given up.
 *
 * @param path the command, with that of its group
 */
export async function startApp(
  world: World,
  globals: GlobalOptions,
  childArguments: readonly string[],
  path: string,
): Promise<App> {
  world.setDebug(globals.debug ?? false);
  world.keepPermissions(neededByCommand(path));
  const app = new App(createContext(world, globals), globals, childArguments, path);
  if (globals.prompt !== undefined) await app.ctx.prompt(); // a driver that is none is told now
  await app.readAhead();
  return app;
}

/** The world of a command, with what its global options say to it. */
export function createContext(world: World, globals: GlobalOptions): Context {
  const ctx: Context = {
    ...world,
    note: (text) => world.note(repeatOptions(text, globals)),
    prompt: async () => (await import("../prompt/mod.ts")).chooseDriver(globals.prompt, ctx),
  };
  return ctx;
}
