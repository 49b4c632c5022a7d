import type { Env } from "../types.ts";

/** Whether a variable is set; that it holds no text is told by whoever needs to know what it says. */
export function isSet(env: Env, name: string): boolean {
  try {
    return Boolean(env.get(name));
  } catch {
    return true;
  }
}
