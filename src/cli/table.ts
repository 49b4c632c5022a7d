import { displayWidth, showControls } from "../runtime/plain_text.ts";

const MIN_WIDTH = 25;

/**
 * Rows with their columns padded to 25, or to the widest text and two blanks, as a terminal shows
 * them; the last is not. The first row is the head, which is underlined. No terminal obeys what
 * stands in them.
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map((name) => "=".repeat(name.length)), ...rows];
  // Of thousands of rows most are plain throughout, which one look tells of all.
  const table = layOut(all);
  if (PLAIN.test(table)) return table;
  return layOut(all.map((row) => row.map(showControls)), displayWidth);
}

/** Characters of ASCII that are seen, each in a column of its own, and line ends. */
const PLAIN = /^[\n -~]*$/;

/** @param measure tells the columns that a text takes; absent: one for each character */
function layOut(
  rows: readonly (readonly string[])[],
  measure?: (text: string) => number,
): string {
  const last = rows[0]!.length - 1;
  const widths = Array.from({ length: last }, () => MIN_WIDTH);
  for (const row of rows) {
    for (let column = 0; column < last; column++) {
      const width = (measure?.(row[column]!) ?? row[column]!.length) + 2;
      if (width > widths[column]!) widths[column] = width;
    }
  }
  const pad = (text: string, column: number) => {
    // `padEnd` counts UTF-16 units: it is told of the columns that a text takes more or less.
    const beside = measure === undefined ? 0 : text.length - measure(text);
    return text.padEnd((widths[column] ?? 0) + beside);
  };
  const parts: string[] = [];
  let above: readonly string[] = [];
  let end = "";
  for (const row of rows) {
    let alike = last; // of thousands of rows most end as the one above
    while (alike > 0 && row[alike] === above[alike]) alike--;
    if (alike > 0) {
      end = row.slice(1).map((text, at) => pad(text, at + 1)).join("") + "\n";
    }
    above = row;
    parts.push(pad(row[0]!, 0), end);
  }
  return parts.join("");
}
