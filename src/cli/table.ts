import { displayWidth, isPlain, showControls } from "../runtime/plain_text.ts";

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
  if (isPlain(table.replaceAll("\n", ""))) return table;
  return layOut(all.map((row) => row.map(showControls)), displayWidth);
}

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
  const lines: string[] = [];
  const above: { text?: string; padded: string }[] = widths.map(() => ({ padded: "" }));
  for (const row of rows) {
    let line = "";
    for (let column = 0; column < last; column++) {
      const text = row[column]!;
      const cell = above[column]!; // of thousands of rows most have a dash where the one above has it
      if (text !== cell.text) {
        // `padEnd` counts UTF-16 units: it is told of the columns that a text takes more or less.
        const beside = measure === undefined ? 0 : text.length - measure(text);
        cell.padded = text.padEnd(widths[column]! + beside);
        cell.text = text;
      }
      line += cell.padded;
    }
    lines.push(line + row[last]!);
  }
  return lines.join("\n") + "\n";
}
