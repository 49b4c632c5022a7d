const MIN_WIDTH = 25;

/**
 * Rows with their columns padded to 25, or to the widest text and two blanks; the last is not. The
 * first row is the head, which is underlined.
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map((name) => "=".repeat(name.length)), ...rows];
  const widths = head.slice(0, -1).map(() => MIN_WIDTH);
  for (const row of rows) {
    for (let column = 0; column < widths.length; column++) {
      const width = row[column]!.length + 2;
      if (width > widths[column]!) widths[column] = width;
    }
  }
  const lines = all.map((row) =>
    row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("")
  );
  return lines.join("\n") + "\n";
}
