/** Keys that stand in plain text in a file. */
export interface PlainKeys {
  /** Absent where the file does not say whose they are. */
  readonly profile?: string;
  /** Where they stand, from 1. */
  readonly line: number;
  /** Empty where there is none. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Why these are not to be stored. */
  readonly obstacle?: string;
  /** They are a row of a table. */
  readonly isRow?: boolean;
  /** What of the file goes with them. */
  readonly cuts: readonly Cut[];
}

/** A part of a text: from a character up to another. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** What is no fault of a file: keys of that kind lie in it for a while. */
export const TEMPORARY = "they are temporary keys, which end within hours";

/** Why keys are not stored, by themselves; `undefined` where they can be. */
export function whyNotStored(
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string,
): string | undefined {
  if (accessKeyId === "" && secretAccessKey === "") return "it has no keys";
  if (accessKeyId === "") return "it has a secret access key, and no access key id";
  if (sessionToken !== "" || /^ASIA/i.test(accessKeyId)) {
    return TEMPORARY;
  }
  if (secretAccessKey === "") return "it has an access key id, and no secret access key";
  if ([accessKeyId, secretAccessKey].some((value) => /^(["']).*\1$/.test(value))) {
    return "its keys stand in quotes, which AWS' programs take for a part of them: take those out";
  }
  const odd = [accessKeyId, secretAccessKey].some((value) => !/^[\x21-\x7e]+$/.test(value));
  if (odd) return "a key has blanks or letters in it that no key has";
  return /^\w+$/.test(accessKeyId)
    ? undefined
    : "its access key id has more than letters and digits";
}
