import { openPass, type PassOptions } from "../../backends/pass.ts";
import { requireProgram } from "../require.ts";
import { createTestContext } from "./context.ts";
import type { TestStore } from "./gpg.ts";

export const ignore = !["pass", "gpg"].every(requireProgram);

/** A test with a real `pass` and a real key. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} (pass, gpg)`, ignore, fn });
}

/** Opens a store as another run would. */
export function open(
  store: Pick<TestStore, "directory" | "variables">,
  options: Partial<PassOptions> = {},
) {
  const whole = { directory: store.directory, command: "pass", prefix: "", ...options };
  return openPass(whole, createTestContext(store.variables));
}
