import { displayWidth, isPlain } from "../runtime/plain_text.ts";

const MIN_WIDTH = 25;

/**
 * Rows with their columns padded to 25, or to the widest text and two blanks, as a terminal shows
 * them; the last is not. The first row is the head, which is underlined.
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map((name) => "=".repeat(name.length)), ...rows];
  // Of thousands of rows most are plain throughout, which one look tells of all.
  const measure = isPlain(all.join()) ? (text: string) => text.length : displayWidth;
  const widths = head.slice(0, -1).map(() => MIN_WIDTH);
  for (const row of rows) {
    for (let column = 0; column < widths.length; column++) {
      const width = measure(row[column]!) + 2;
      if (width > widths[column]!) widths[column] = width;
    }
  }
  let table = "";
  for (const row of all) {
    for (let column = 0; column < row.length; column++) {
      const text = row[column]!;
      // `padEnd` counts UTF-16 units: it is told of the columns that a text takes more or less.
      table += text.padEnd((widths[column] ?? 0) + text.length - measure(text));
    }
    table += "\n";
  }
  return table;
}
