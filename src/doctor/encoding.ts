import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import { type Finding, joinHints } from "./finding.ts";

/** An environment whose variables that hold no text count as absent, and what is said of them. */
export interface TextEnvironment {
  readonly env: Env;
  /** Of those that were asked for until now. */
  findings(): Finding[];
}

export function passOverNoText(env: Env): TextEnvironment {
  const faults = new Map<string, VaultError>();
  const get = (name: string) => {
    try {
      return env.get(name);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      faults.set(name, error);
      return undefined;
    }
  };
  const findings = () =>
    [...faults.values()].map(({ message, hints }): Finding => ({
      id: "environment.encoding",
      severity: "error",
      message,
      effect: "whatever needs it ends with an error; here it was passed over",
      wayOut: joinHints(hints),
    }));
  return { env: { get }, findings };
}
