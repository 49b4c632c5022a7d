import type { CallContext } from "../../../src/aws/time_limit.ts";

/** How much faster the clock of these tests goes. */
const SPEED = 50;

/** A world whose clock goes fast, and that remembers what was said. */
export function createFastWorld(more: Partial<CallContext> = {}) {
  const notes: string[] = [];
  const debugged: string[] = [];
  const now = () => performance.now() * SPEED;
  const beganAtMs = now();
  const ctx: CallContext = {
    clock: { now, sleep },
    env: { get: () => undefined },
    note: (text) => void notes.push(text),
    debug: (text) => void debugged.push(text),
    ...more,
  };
  return { ctx, notes, debugged, passedSeconds: () => (now() - beganAtMs) / 1000 };
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds / SPEED);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
