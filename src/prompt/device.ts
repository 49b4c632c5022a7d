import type { AskOptions } from "../types.ts";

/** The ways out of a code that nobody was asked for begin with whose it would be. */
export function nameDevice({ serial }: Pick<AskOptions, "serial">): string[] {
  return serial === undefined ? [] : [`its device is ${serial}`];
}
