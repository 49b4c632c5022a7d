/** Deno's timers count in 31 bits: one that is longer ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Does something after a time, unless called off. `setTimeout` would do, but its first use loads
 * Deno's Node timers (5 ms); this costs 0.2 ms.
 *
 * @returns calls it off
 */
export function after(milliseconds: number, action: () => void): () => void {
  if (milliseconds > LONGEST_MS) {
    let callOff = after(LONGEST_MS, () => callOff = after(milliseconds - LONGEST_MS, action));
    return () => callOff();
  }
  const signal = AbortSignal.timeout(milliseconds);
  signal.addEventListener("abort", action, { once: true });
  return () => signal.removeEventListener("abort", action);
}

/** Waits for `work`, but no longer than this; what it brings is not asked for. */
export async function waitAtMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: elapsed, resolve } = Promise.withResolvers<void>();
  const callOff = after(milliseconds, resolve);
  try {
    await Promise.race([work, elapsed]);
  } finally {
    callOff();
  }
}

/** What `work` brings; where it takes longer than this, something else is done meanwhile. */
export async function doMeanwhile<T>(
  milliseconds: number,
  work: Promise<T>,
  action: () => void,
): Promise<T> {
  const callOff = after(milliseconds, action);
  try {
    return await work;
  } finally {
    callOff();
  }
}
