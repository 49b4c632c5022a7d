import { displayWidth, showControls } from "../runtime/plain_text.ts";

const MIN_WIDTH = 25;

/** The texts of a row; a text alone stands before a `-` in each column behind it. */
export type Row = string | readonly string[];

/**
 * Rows with their columns padded to 25, or to the widest text and two blanks, as a terminal shows
 * them; the last is not. The head is underlined. No terminal obeys what stands in them.
 */
export function formatTable(head: readonly string[], rows: readonly Row[]): string {
  const top = [head, head.map((name) => "=".repeat(name.length))];
  // Of thousands of rows most are plain throughout, which one look tells of all.
  const table = layOut(top, rows, (text) => text.length);
  if (PLAIN.test(table)) return table;
  const shown = rows.map((row) =>
    typeof row === "string" ? showControls(row) : row.map(showControls)
  );
  return layOut(top, shown, displayWidth);
}

/** Characters of ASCII that are seen, each in a column of its own, and line ends. */
const PLAIN = /^[\n -~]*$/;

/** @param measure tells the columns of a terminal that a text takes */
function layOut(
  top: readonly (readonly string[])[],
  rows: readonly Row[],
  measure: (text: string) => number,
): string {
  const last = top[0]!.length - 1;
  const widths = findWidths([top, rows], measure);
  const blanks = (column: number, width: number) =>
    column === last ? "" : " ".repeat(widths[column]! - width);
  const join = (row: readonly string[]) =>
    row.map((text, column) => text + blanks(column, measure(text))).join("") + "\n";
  const nothing = ["", ...Array.from({ length: last }, () => "-")];
  // What follows a text that stands alone, by its width.
  const ends: string[] = [];
  const lines = rows.map((row) => {
    if (typeof row !== "string") return join(row);
    const width = measure(row);
    return row + (ends[width] ??= join(nothing).slice(width));
  });
  return top.map(join).concat(lines).join("");
}

function findWidths(
  parts: readonly (readonly Row[])[],
  measure: (text: string) => number,
): number[] {
  const widths: number[] = [];
  const see = (text: string, column: number) => {
    const width = measure(text) + 2;
    widths[column] ??= MIN_WIDTH;
    if (width > widths[column]!) widths[column] = width;
  };
  for (const rows of parts) {
    for (const row of rows) {
      if (typeof row === "string") see(row, 0);
      else row.forEach(see);
    }
  }
  return widths;
}
