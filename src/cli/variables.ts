import { parseSwitch } from "../config/values.ts";
import type { Env } from "../types.ts";

/** Whether a variable switches something on; throws `VaultError` where it says neither that nor off. */
export function isOn(env: Env, name: string): boolean {
  const text = env.get(name);
  return text ? parseSwitch(text, name) : false;
}

/** Whether a variable is set; that it holds no text is told by whoever needs to know what it says. */
export function isSet(env: Env, name: string): boolean {
  try {
    return Boolean(env.get(name));
  } catch {
    return true;
  }
}
