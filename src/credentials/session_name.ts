import type { Clock } from "../types.ts";

/** A role session's name where none is set: the time in nanoseconds, as the Go tool names it. */
export function nanosecondName(clock: Clock): string {
  return `${Math.floor(clock.now())}000000`;
}
