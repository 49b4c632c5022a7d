import assert from "node:assert/strict";
import { showControls, wrapText } from "../../../src/runtime/plain_text.ts";

Deno.test("escape sequences and other control characters are shown by their numbers", () => {
  assert.equal(showControls("\x1b[31mred\x1b]0;title\x07"), "\\x1b[31mred\\x1b]0;title\\x07");
  assert.equal(showControls("a\x00b\x7fc\x9bd"), "a\\x00b\\x7fc\\x9bd");
  assert.equal(showControls("over\rwritten"), "over\\x0dwritten");
});

Deno.test("what turns the direction of writing, or ends a line unseen, is shown too", () => {
  assert.equal(showControls("a\u202eb\u2066c\u2028d"), "a\\u202eb\\u2066c\\u2028d");
});

Deno.test("line ends, tabs and letters of any script stay", () => {
  const text = "ünïcødé 日本語 🔑 👩‍💻\ta\nb";
  assert.equal(showControls(text), text);
  assert.equal(showControls("a\r\nb"), "a\nb");
});

Deno.test("a long line is broken between words, and its rest indented by four more", () => {
  assert.equal(
    wrapText("error: the quick brown fox jumps\n  a hint that is long", 20),
    "error: the quick\n    brown fox jumps\n  a hint that is\n      long",
  );
});

Deno.test("a word longer than the terminal stays whole, as an address has to", () => {
  const url = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD";
  assert.equal(wrapText(`open ${url} now`, 20), `open\n    ${url}\n    now`);
  assert.equal(wrapText(url, 20), url);
});

Deno.test("a row is broken before a column that does not fit, and goes on in columns that do", () => {
  assert.equal(
    wrapText("one     two     (three four)   5", 20),
    "one     two\n    (three four)   5",
  );
  assert.equal(
    wrapText("  way:      one two three four", 20),
    "  way:\n      one two three\n      four",
  );
});

Deno.test("our own colours take no room, before a line's margin and within it", () => {
  const dim = (text: string) => `\x1b[2m${text}\x1b[0m`;
  assert.equal(wrapText(dim("twenty columns wide."), 20), dim("twenty columns wide."));
  assert.equal(
    wrapText(dim("  a line too long for it"), 20),
    dim("  a line too long\n      for it"),
  );
});

Deno.test("lines that fit keep their spaces, and a terminal of no width breaks none", () => {
  const table = "  1  a-name   of two";
  assert.equal(wrapText(table, 20), table);
  const long = "word ".repeat(50);
  assert.equal(wrapText(long, 0), long);
});

Deno.test("wide characters take two columns, marks none", () => {
  assert.equal(wrapText("日本語日本語日本 x", 20), "日本語日本語日本 x");
  assert.equal(wrapText("日本語日本語日本 日本", 20), "日本語日本語日本\n    日本");
  assert.equal(wrapText("e\u0301".repeat(18) + " x", 20), "e\u0301".repeat(18) + " x");
});
