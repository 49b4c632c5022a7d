import assert from "node:assert/strict";
import { baseName, expandHome, parentOf } from "../../src/files.ts";

Deno.test("a path of Windows is parted at either slash, and at its drive", () => {
  const paths: [path: string, parent: string, name: string][] = [
    ["C:\\Users\\jörg m\\.aws\\config", "C:\\Users\\jörg m\\.aws", "config"],
    ["C:/Users/jon/config", "C:/Users/jon", "config"],
    ["C:\\Users\\jon/.aws/config", "C:\\Users\\jon/.aws", "config"],
    ["C:\\config", "C:\\", "config"],
    ["C:config", "C:.", "config"],
    ["C:dir\\config", "C:dir", "config"],
    ["\\\\server\\share\\config", "\\\\server\\share", "config"],
    ["config", ".", "config"],
  ];
  for (const [path, parent, name] of paths) {
    assert.equal(parentOf(path, true), parent, path);
    assert.equal(baseName(path, true), name, path);
  }
});

Deno.test("elsewhere a path is parted at slashes alone", () => {
  assert.equal(parentOf("/a/b\\c", false), "/a");
  assert.equal(parentOf("/config", false), "/");
  assert.equal(parentOf("config", false), ".");
  assert.equal(baseName("/a/b\\c", false), "b\\c");
});

Deno.test("~ is the user's directory, before a backslash on Windows alone", () => {
  assert.equal(expandHome("~\\x", "C:\\Users\\jon", true), "C:\\Users\\jon\\x");
  assert.equal(expandHome("~/x", "C:\\Users\\jon", true), "C:\\Users\\jon/x");
  assert.equal(expandHome("~\\x", "/home/jon", false), "~\\x");
  assert.equal(expandHome("~jon/x", "/home/jon", false), "~jon/x");
});
