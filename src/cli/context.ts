import type { Context, World } from "../types.ts";
import type { GlobalOptions } from "./app.ts";
import { repeatOptions } from "./repeat_options.ts";

/** The world of a command, with what its global options say to it. */
export function createContext(world: World, globals: GlobalOptions): Context {
  const ctx: Context = {
    ...world,
    note: (text) => world.note(repeatOptions(text, globals)),
    prompt: async () => (await import("../prompt/mod.ts")).chooseDriver(globals.prompt, ctx),
  };
  return ctx;
}
