/**
 * Starts a program of ours, in the root directory where it may not enter this one. Deno has it go
 * there anew, by the whole path: in root's home after `sudo -u`, or where that is longer than 4 kB,
 * it cannot, though we are there.
 */
export function spawnAnywhere(path: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(path, options).spawn();
  } catch (error) {
    try {
      return new Deno.Command(path, { ...options, cwd: "/" }).spawn();
    } catch {
      throw error;
    }
  }
}
