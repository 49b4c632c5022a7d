/** The directory of the sources, without a slash at its end. */
export const ROOT = import.meta.dirname!.replace(/[/\\]scripts$/, "");

/** Does a task's work and prints what came of it, a line each; an error is one line, and exit 1. */
export async function runTask(work: () => Promise<readonly string[]>): Promise<void> {
  try {
    for (const line of await work()) console.log(line);
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
