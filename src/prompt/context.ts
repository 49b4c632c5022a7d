import type { Context } from "../types.ts";

/** What a driver, and the choice among them, sees of the world. */
export type PromptContext = Pick<Context, "platform" | "env" | "processes" | "terminal" | "debug">;
