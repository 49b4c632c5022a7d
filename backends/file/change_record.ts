import { TEMPORARY } from "./names.ts";

/**
 * The file in which a change of the passphrase is decided, until it is done: by a name that no item
 * has, and in which no item is looked for.
 */
export const CHANGE_RECORD = `${TEMPORARY}passphrase-change`;

/** An item that is to be encrypted anew. */
export interface Changed {
  /** SHA-256, in hexadecimal, of the item it is made of. */
  readonly from: string;
  /** The item as it is to be. */
  readonly to: string;
}

/** What was decided, by the names of files. */
export type Change = Readonly<Record<string, Changed>>;
