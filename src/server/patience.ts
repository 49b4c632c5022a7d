const SLICES = 4;

/**
 * Calls `end` after so long of waiting, unless the answer is called before. Time in which this
 * process stood still (a loaded machine, a laptop asleep) counts as a quarter at most: what others
 * sent meanwhile lies in the socket and has not been read yet.
 */
export function afterWaiting(milliseconds: number, end: () => void): () => void {
  let left = SLICES;
  const wait = () => setTimeout(() => --left > 0 ? timer = wait() : end(), milliseconds / SLICES);
  let timer: ReturnType<typeof setTimeout> = wait();
  return () => clearTimeout(timer);
}
