/** What shells take for one word as it stands, none of it for a sign of theirs. */
export const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell (sh, bash, zsh): there is no escape between single quotes. */
export function quoteForSh(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The same for fish, where a backslash between single quotes stands before these two. */
export function quoteForFish(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** The same for PowerShell, where a quote is written twice, and typographic ones are quotes too. */
export function quoteForPowerShell(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
