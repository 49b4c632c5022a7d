/*
 * What a pattern would say of short texts, a character at a time: V8 takes up to half a millisecond to
 * make a pattern, and for the first one a megabyte. A cached `exec --json` comes by with none.
 */

export const DIGITS = "0123456789";
export const LOWER_CASE = "abcdefghijklmnopqrstuvwxyz";
export const LETTERS = LOWER_CASE + LOWER_CASE.toUpperCase();

/** Whether a text has at least one character, and none but these. */
export function consistsOf(characters: string, text: string): boolean {
  for (const character of text) if (!characters.includes(character)) return false;
  return text !== "";
}
