import type { Step } from "../../credentials/steps.ts";

/** Where a setting came from. */
export interface Origin {
  readonly kind: "flag" | "environment" | "file" | "default";
  /** Of a flag or a variable. */
  readonly name?: string;
  readonly path?: string;
  /** From 1. */
  readonly line?: number;
  /** `[profile work]`. */
  readonly section?: string;
  /** The profiles it came by, the nearest first; absent where the profile has it itself. */
  readonly inherited?: readonly string[];
}

/** A value as it is shown: no secret, and of a command only that there is one. */
export interface ExplainedSetting {
  readonly profile: string;
  readonly name: string;
  readonly value: string;
  readonly from: Origin;
}

/** A step of the plan, and what is kept of it. */
export interface ExplainedStep {
  readonly kind: Step["kind"];
  readonly profile: string;
  /** A session of this step is kept and lasts long enough, by its name; RFC 3339. */
  readonly cached?: { readonly expires: string };
  readonly why: string;
}

/** A request that would be made, by the name AWS has for it. */
export interface ExplainedRequest {
  readonly action: string;
  readonly profile: string;
  readonly region: string;
  readonly endpoint: string;
  readonly durationSeconds?: number;
}

/** What a person would be asked for. */
export type Ask = "passphrase" | "browser" | `mfa:${string}`;

/** The way to a profile's credentials, as `exec` would go it now: what `explain --json` prints. */
export interface Explanation {
  readonly profile: string;
  readonly settings: readonly ExplainedSetting[];
  readonly steps: readonly ExplainedStep[];
  readonly requests: readonly ExplainedRequest[];
  readonly asks: readonly Ask[];
  readonly remarks: readonly string[];
}
