import assert from "node:assert/strict";
import { type Edit, LineEditor } from "../../../src/runtime/line_editor.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Types keys, all at once. */
function type(keys: string): Edit & { text: string } {
  const editor = new LineEditor();
  return { ...editor.feed(encode(keys)), text: editor.text() };
}

Deno.test("a line ends with carriage return or line feed", () => {
  for (const end of ["\r", "\n"]) {
    const { state, text, echo } = type(`abc${end}`);
    assert.deepEqual([state, text, decode(echo)], ["done", "abc", "abc"]);
  }
});

Deno.test("what follows the end of a line is left for the next", () => {
  const { text, rest } = type("one\rtwo\r");
  assert.deepEqual([text, decode(rest)], ["one", "two\r"]);
});

Deno.test("a line is typed in any pieces, within a character too", () => {
  const editor = new LineEditor();
  for (const byte of encode("zoë 🔑")) {
    assert.equal(editor.feed(new Uint8Array([byte])).state, "typing");
  }
  assert.equal(editor.feed(encode("\r")).state, "done");
  assert.equal(editor.text(), "zoë 🔑");
});

Deno.test("backspace takes the last character, all its bytes, and its columns", () => {
  for (const backspace of ["\x7f", "\b"]) {
    const { text, echo } = type(`aë🔑${backspace}${backspace}`);
    assert.equal(text, "a");
    assert.equal(decode(echo), "aë🔑\b \b\b \b\b \b");
  }
});

Deno.test("backspace at the start does nothing", () => {
  const { text, echo } = type("\x7f\x7fa");
  assert.deepEqual([text, decode(echo)], ["a", "a"]);
});

Deno.test("Ctrl-U takes the whole line", () => {
  assert.equal(type("one two\x15three\r").text, "three");
});

Deno.test("Ctrl-W takes the last word and the blanks after it", () => {
  assert.equal(type("one two  \x17").text, "one ");
  assert.equal(type("one\x17\x17two").text, "two");
});

Deno.test("Ctrl-C interrupts", () => {
  assert.equal(type("abc\x03").state, "interrupted");
});

Deno.test("Ctrl-D closes an empty line and does nothing in another", () => {
  assert.equal(type("\x04").state, "closed");
  assert.deepEqual([type("a\x04b\r").state, type("a\x04b\r").text], ["done", "ab"]);
});

Deno.test("arrow and function keys do nothing, in any pieces", () => {
  assert.equal(type("a\x1b[Db\x1bOPc\x1b[15~d\x1b[1;5Ce\x1b[[Af\r").text, "abcdef");
  const editor = new LineEditor();
  for (const piece of ["a\x1b", "[", "1;", "5C", "b"]) editor.feed(encode(piece));
  assert.equal(editor.text(), "ab");
});

Deno.test("the Escape key by itself does nothing, and Enter ends the line within a sequence", () => {
  assert.equal(type("a\x1bb\r").text, "ab");
  assert.deepEqual([type("a\x1b[\r").state, type("a\x1b[\r").text], ["done", "a"]);
});

Deno.test("a tab is a character, other control characters are none", () => {
  const { text, echo } = type("a\tb\x01\x00c");
  assert.deepEqual([text, decode(echo)], ["a\tbc", "a bc"]);
});

Deno.test("half a character is no fault while it is shown again", () => {
  const editor = new LineEditor();
  editor.feed(new Uint8Array([0x61, 0x09, 0xe2, 0x82]));
  assert.equal(editor.shown(), "a \ufffd");
});

Deno.test("bytes that are not UTF-8 are refused, not replaced", () => {
  const editor = new LineEditor();
  editor.feed(new Uint8Array([0x61, 0xff, 0x0d]));
  assert.throws(() => editor.text(), TypeError);
});
