/**
 * Does something after a time, unless called off. `setTimeout` would do, but its first use loads
 * Deno's Node timers (5 ms); this costs 0.2 ms.
 *
 * @returns calls it off
 */
export function after(milliseconds: number, action: () => void): () => void {
  const signal = AbortSignal.timeout(milliseconds);
  signal.addEventListener("abort", action, { once: true });
  return () => signal.removeEventListener("abort", action);
}
