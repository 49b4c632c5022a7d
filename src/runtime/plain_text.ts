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
 * Breaks lines that are longer than `columns` between words; what follows is indented by four more
 * than the line's beginning, further than any hint below it. A longer word, such as an address, stays whole to be copied.
 */
export function wrapText(text: string, columns: number): string {
  if (columns < MIN_COLUMNS) return text;
  return text.split("\n").map((line) => wrapLine(line, columns)).join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  const [, margin, rest] = /^( *)(.*)$/s.exec(line)!;
  const lines: string[] = [];
  let current = margin!;
  for (const word of rest!.split(/(?<=[^ ]) +(?=[^ ])/)) {
    const isFirst = current.trim() === "";
    const longer = isFirst ? current + word : `${current} ${word}`;
    if (isFirst || displayWidth(longer) <= columns) {
      current = longer;
    } else {
      lines.push(current);
      current = `${margin}    ${word}`;
    }
  }
  return [...lines, current].join("\n");
}

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
