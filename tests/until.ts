const STEP_MS = 20;
const LIMIT_MS = 60_000;

/** Looks until there is something, for a minute at most, and gives that. */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  throw new Error(`nothing came of it in ${LIMIT_MS / 1000} s: ${look}`);
}

/** The text of a file, once it is written. */
export function untilWritten(path: string): Promise<string> {
  return until(() => Deno.readTextFile(path).catch(() => undefined));
}
