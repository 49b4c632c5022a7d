/**
 * Text as it may go to a terminal: control characters and those that turn the direction of writing
 * are shown by their numbers (`\x1b`), so that what a file, a program or AWS says is read and not
 * obeyed. Line ends and tabs stay.
 */
export function showControls(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(COMMANDING, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

const COMMANDING =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Terminals narrower than this are left to break lines where they like. */
const MIN_COLUMNS = 20;

/**
 * Breaks lines that are longer than `columns`: before the column of a table that does not fit (two
 * blanks or more stand before it), else between words. What follows is indented by four more than the
 * line's beginning, further than any hint below it. A longer word, such as an address, stays whole to
 * be copied. Our own colours take no room.
 */
export function wrapText(text: string, columns: number): string {
  if (columns < MIN_COLUMNS) return text;
  return text.split("\n").map((line) => wrapLine(line, columns)).join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (measure(line) <= columns) return line;
  const [margin] = MARGIN.exec(line)!;
  const lines: string[] = [];
  let start = margin;
  let current = start;
  const join = (gap: string, text: string) => current + (current === start ? "" : gap) + text;
  const breakBefore = (gap: string, text: string) => {
    if (current === start || measure(join(gap, text)) <= columns) return;
    lines.push(current);
    start = " ".repeat(measure(margin) + 4);
    current = start;
  };
  for (const [, gap, cell] of line.slice(margin.length).matchAll(CELLS)) {
    breakBefore(gap!, cell!);
    for (const [index, word] of cell!.split(" ").entries()) {
      const blank = index === 0 ? gap! : " ";
      breakBefore(blank, word);
      current = join(blank, word);
    }
  }
  return [...lines, current].join("\n");
}

function measure(text: string): number {
  return displayWidth(text.replace(COLOUR, ""));
}

// deno-lint-ignore no-control-regex -- nothing else that begins so gets past `showControls`
const COLOUR = /\x1b\[\d+m/g;
// deno-lint-ignore no-control-regex -- as above
const MARGIN = /^(?: |\x1b\[\d+m)*/;
/** What stands between two blanks and more, with those before it. */
const CELLS = /( *)((?:[^ ]| (?! |$))+)/g;

/** The columns a text takes: none for marks upon other characters, two for East Asian and emoji. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  widths ??= makeWidths();
  let width = 0;
  for (const character of text) {
    width += widths.none.test(character) ? 0 : widths.two.test(character) ? 2 : 1;
  }
  return width;
}

/** Whether each of a text's characters is one of ASCII's that are seen, and takes one column. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

let widths: ReturnType<typeof makeWidths> | undefined;

/** Made when they are needed: V8 takes 0.4 ms for their properties, which every start would pay. */
function makeWidths() {
  return {
    none: /\p{M}|[\u200b-\u200d\ufe00-\ufe0f]/u,
    two:
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u,
  };
}
