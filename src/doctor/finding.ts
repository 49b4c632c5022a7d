import type { IniFile } from "../config/ini.ts";
import type { Context } from "../types.ts";
import type { Line } from "./lines.ts";

export type Severity = "error" | "warning" | "note";

/** Something that is not as it should be. */
export interface Finding {
  /** A stable word; the handbook has a paragraph for each. */
  readonly id: string;
  readonly severity: Severity;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** What is there. */
  readonly message: string;
  /** What it does to the user. */
  readonly effect: string;
  readonly wayOut: string;
  /** What mends it without a risk. */
  readonly mend?: Mend;
}

export interface Mend {
  /** What is done, as it is shown before. */
  readonly shown: string;
  apply(): void | Promise<void>;
}

/** An error's hints, a line each, as one way out: one that breaks off goes on in the next. */
export function joinHints(hints: readonly string[]): string {
  return hints.join("; ").replace(/([,;:]); /g, "$1 ");
}

/** A config file as the checks look at it. */
export interface ConfigView {
  readonly file: IniFile;
  readonly lines: readonly Line[];
  /** The names in the keyring; absent where they are not known. */
  readonly keys: readonly string[] | undefined;
}

/** What the checks of this machine look at. */
export interface MachineView extends ConfigView {
  readonly ctx: Pick<Context, "platform" | "clock" | "env" | "processes" | "terminal">;
}
