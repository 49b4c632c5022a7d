import type { CallContext } from "../../../src/aws/time_limit.ts";
import type { Clock } from "../../../src/types.ts";
import { FakeClock } from "../credentials/providers/fake_run.ts";

/** A world that remembers what was said; on its own clock no time limit ever ends. */
export function createCallWorld<T extends Clock = FakeClock>(
  more: Partial<CallContext> & { clock?: T } = {},
) {
  const notes: string[] = [];
  const debugged: string[] = [];
  const clock = more.clock ?? new FakeClock();
  const ctx: CallContext = {
    env: { get: () => undefined },
    note: (text) => void notes.push(text),
    debug: (text) => void debugged.push(text),
    ...more,
    clock,
  };
  return { ctx, notes, debugged };
}
