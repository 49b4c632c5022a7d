import { beginOf, readMarks } from "./bytes.ts";
import { type Cut, type PlainKeys, whyNotStored } from "./found_keys.ts";

/** A cell with what it says, and where all of it stands. */
interface Cell extends Cut {
  readonly value: string;
}

/** A row with its line, from 1, and its line end. */
interface Row extends Cut {
  readonly cells: readonly Cell[];
  readonly line: number;
}

/** The columns of what the console lets one download, as it has called them over the years. */
const ID = "access key id";
const SECRET = "secret access key";
const USER = "user name";

/** Whether a text is a table with keys in it: its first row says so. */
export function isKeysCsv(text: string): boolean {
  const [header] = readRows(text);
  const names = header === undefined ? [] : columnNames(header);
  return names.includes(ID) && names.includes(SECRET);
}

/** The keys of its rows, each with what of the text goes with them. */
export function findCsvKeys(text: string): PlainKeys[] {
  const [header, ...rows] = [...readRows(text)];
  const names = columnNames(header!);
  return rows.filter(({ cells }) => cells.some(({ value }) => value !== "")).map((row) => {
    const cellOf = (name: string) => row.cells[names.indexOf(name)]?.value ?? "";
    const valueOf = (name: string) => cellOf(name).trim();
    const accessKeyId = valueOf(ID);
    const secretAccessKey = valueOf(SECRET);
    return {
      profile: readMarks(cellOf(USER))?.trim() || undefined,
      line: row.line,
      isRow: true,
      accessKeyId,
      secretAccessKey,
      obstacle: whyNotStored(accessKeyId, secretAccessKey, ""),
      cuts: listCuts(row, names),
    };
  });
}

/** The cells with the keys; where the row has nothing but a name besides, all of it. */
function listCuts(row: Row, names: readonly string[]): readonly Cut[] {
  const keys = row.cells.filter((_, column) => [ID, SECRET].includes(names[column] ?? ""));
  const rest = row.cells.filter((cell, column) => !keys.includes(cell) && names[column] !== USER);
  return rest.some(({ value }) => value.trim() !== "") ? keys : [row];
}

function columnNames({ cells }: Row): string[] {
  return cells.map(({ value }) => value.trim().toLowerCase());
}

/** The rows of RFC 4180: a cell in quotes may hold commas, line ends, and quotes written twice. */
function* readRows(text: string): Generator<Row> {
  let line = 1;
  for (let at = beginOf(text); at < text.length;) {
    const cells: Cell[] = [];
    const from = at;
    for (let isLast = false; !isLast;) {
      CELL.lastIndex = at;
      const [whole, quoted, plain, end] = CELL.exec(text)!;
      const value = quoted === undefined ? plain! : quoted.replaceAll('""', '"');
      cells.push({ value, from: at, to: at + whole.length - end!.length });
      at += whole.length;
      isLast = end !== ",";
    }
    yield { cells, line, from, to: at };
    line += text.slice(from, at).split(/\r\n?|\n/).length - 1;
  }
}

const CELL = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/y;
