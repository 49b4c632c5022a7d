/** Up to three names that are a slip of the fingers away from `name`, or the Shift key, the nearest first. */
function findNearest(name: string, known: readonly string[], most = MAX_SLIPS): string[] {
  if (name.length > MAX_LENGTH) return [];
  const limit = Math.min(most, Math.max(1, Math.floor(name.length / 3)));
  return known
    .map((candidate) => ({
      candidate,
      distance: isSameButCase(name, candidate) ? 0 : editDistance(name, candidate, limit),
    }))
    .filter(({ candidate, distance }) => distance <= limit || candidate.startsWith(name))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function isSameButCase(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}

/** No name that `add` takes is longer. */
const MAX_LENGTH = 150;
/** More are no slips of the fingers. */
const MAX_SLIPS = 3;

/** The way out of a misspelt name: `did you mean a or b?`, or nothing where none is near. */
export function hintAtNearest(name: string, known: readonly string[], most?: number): string[] {
  const nearest = findNearest(name, known, most);
  return nearest.length === 0 ? [] : [`did you mean ${nearest.join(" or ")}?`];
}

/** Insertions, deletions, changes and swaps of neighbours between two names, up to `limit` + 1. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let same = 0;
  const most = Math.min(a.length, b.length) - start;
  while (same < most && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return bandDistance(a.slice(start, a.length - same), b.slice(start, b.length - same), limit);
}

/**
 * The same by the table of the distances of all beginnings. Those of lengths that differ by more
 * than the limit are further apart, and a row of such ends it: that keeps it linear.
 */
function bandDistance(a: string, b: string, limit: number): number {
  const far = limit + 1;
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => Math.min(j, far));
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = new Array(b.length + 1).fill(far);
    row[0] = Math.min(i, far);
    let nearest = row[0];
    for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change, far);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, older[j - 2]! + 1);
      }
      row[j] = best;
      nearest = Math.min(nearest, best);
    }
    if (nearest === far) return far;
    [older, above] = [above, row];
  }
  return above[b.length]!;
}
