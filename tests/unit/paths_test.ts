import assert from "node:assert/strict";
import { baseName, expandHome, parentOf, plainPath } from "../../src/paths.ts";

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
  assert.equal(expandHome("~", "C:\\Users\\jon", true), "C:\\Users\\jon");
  assert.equal(expandHome("~\\x", "/home/jon", false), "~\\x");
  assert.equal(expandHome("~jon/x", "/home/jon", false), "~jon/x");
});

Deno.test("a path of Windows is made what permissions know: on its drive, without a device's mark", () => {
  const here: Record<string, string> = { C: "C:\\Users\\jon", D: "D:\\work" };
  const fullPathOf = (path: string) => `${here[path[0]!.toUpperCase()]}\\${path.slice(2)}`;
  const paths: [given: string, plain: string][] = [
    ["D:keys", "D:\\work\\keys"],
    ["d:a\\b", "D:\\work\\a\\b"],
    ["C:config", "C:\\Users\\jon\\config"],
    ["\\\\?\\C:\\a b", "C:\\a b"],
    ["\\\\.\\c:\\a", "c:\\a"],
    ["//?/C:/a", "C:/a"],
    ["C:\\a", "C:\\a"],
    ["C:/a", "C:/a"],
    ["a\\b", "a\\b"],
    ["\\a", "\\a"],
    ["\\\\server\\share\\a", "\\\\server\\share\\a"],
    ["\\\\?\\UNC\\server\\share\\a", "\\\\?\\UNC\\server\\share\\a"],
    ["\\\\.\\pipe\\x", "\\\\.\\pipe\\x"],
  ];
  for (const [given, plain] of paths) assert.equal(plainPath(given, fullPathOf), plain, given);
});
