import assert from "node:assert/strict";
import { absoluteEntries, findProgram } from "../../../src/runtime/find_program.ts";

function inDirectories(body: (one: string, two: string) => void): void {
  const root = Deno.makeTempDirSync();
  try {
    const directories = ["one", "two"].map((name) => `${root}/${name}`);
    for (const directory of directories) Deno.mkdirSync(directory);
    body(directories[0]!, directories[1]!);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function write(path: string, mode: number): string {
  Deno.writeTextFileSync(path, "#!/bin/sh\n");
  Deno.chmodSync(path, mode);
  return path;
}

Deno.test("the first directory in PATH that has the program counts", () => {
  inDirectories((one, two) => {
    const path = write(`${one}/tool`, 0o755);
    write(`${two}/tool`, 0o755);
    assert.deepEqual(findProgram("tool", `${one}:${two}`), { path });
  });
});

Deno.test("a file that cannot be run is passed over, and told where nothing follows", () => {
  inDirectories((one, two) => {
    const plain = write(`${one}/tool`, 0o644);
    assert.deepEqual(findProgram("tool", `${one}:${two}`), {
      refused: "not executable",
      path: plain,
    });
    const path = write(`${two}/tool`, 0o755);
    assert.deepEqual(findProgram("tool", `${one}:${two}`), { path });
  });
});

Deno.test("a name with a slash is a path and not searched for", () => {
  inDirectories((one) => {
    const path = write(`${one}/tool`, 0o755);
    assert.deepEqual(findProgram(path, ""), { path });
    assert.deepEqual(findProgram("./tool", one), { refused: "missing" });
  });
});

Deno.test("a directory is no program", () => {
  inDirectories((one) => {
    assert.deepEqual(findProgram(one, ""), { refused: "not executable", path: one });
  });
});

Deno.test("the empty name, and one that is nowhere, are missing", () => {
  inDirectories((one) => {
    assert.deepEqual(findProgram("", one), { refused: "missing" });
    assert.deepEqual(findProgram("tool", one), { refused: "missing" });
  });
});

Deno.test("on Windows a program is found without its extension, in PATH divided by semicolons", () => {
  // The files lie on this system: only the directory's separator differs from the real thing.
  inDirectories((one) => {
    const path = write(`${one}\\tool.exe`, 0o644);
    const path2 = write(`${one}\\tool.cmd`, 0o644);
    const look = (name: string, pathext: string) =>
      findProgram(name, `C:\\nowhere;${one}`, pathext);
    assert.deepEqual(look("tool", ".COM;.EXE;.BAT;.CMD;.JS"), { path });
    assert.deepEqual(look("tool", ".CMD;.EXE"), { path: path2 }, "in the order of PATHEXT");
    assert.deepEqual(look("tool", ".CMD ; .EXE"), { path: path2 }, "blanks and all");
    assert.deepEqual(look("tool.exe", ".CMD"), { path }, "in full");
    const loud = write(`${one}\\LOUD.EXE`, 0o644);
    assert.deepEqual(look("LOUD.EXE", ".CMD"), { path: loud }, "in any case");
    const onDrive = write(`${one}\\d:tool.exe`, 0o644);
    assert.deepEqual(
      look("d:tool.exe", ".EXE"),
      { refused: "missing" },
      "a path, of another drive",
    );
    assert.deepEqual(look("tool", ".JS"), { refused: "missing" });
    for (const each of [path, path2, loud, onDrive]) Deno.removeSync(each);
  });
});

Deno.test("on Windows what needs another program is passed over while a program may follow", () => {
  inDirectories((one, two) => {
    const script = write(`${one}\\report.js`, 0o644);
    const bare = write(`${one}\\plain`, 0o644);
    const look = (name: string) => findProgram(name, `${one};${two}`, ".EXE;.CMD;.JS");
    assert.deepEqual(look("report"), { refused: "not executable", path: script });
    assert.deepEqual(look("report.js"), { refused: "not executable", path: script });
    assert.deepEqual(look("plain"), { refused: "not executable", path: bare });
    const program = write(`${two}\\report.cmd`, 0o644);
    assert.deepEqual(look("report"), { path: program });
    for (const path of [script, bare, program]) Deno.removeSync(path);
  });
});

Deno.test("on Windows an empty entry of PATH is no directory, and one in quotes is what is in them", () => {
  inDirectories((one) => {
    const path = write(`${one}\\tool.exe`, 0o644);
    assert.deepEqual(findProgram("tool", `;"${one}";`, ".EXE"), { path });
    const here = Deno.cwd();
    Deno.chdir(one.slice(0, one.lastIndexOf("/")));
    const inHere = write(".\\tool2.exe", 0o644);
    assert.deepEqual(findProgram("tool2", ";C:\\nowhere;", ".EXE"), { refused: "missing" });
    Deno.removeSync(inHere);
    Deno.chdir(here);
  });
});

Deno.test("on Windows an alias of the store's, which nobody may follow, is a program", () => {
  inDirectories((one) => {
    const path = write(`${one}\\tool.exe`, 0o644);
    const { statSync } = Deno;
    Deno.statSync = (asked) => {
      if (asked !== path) return statSync(asked);
      throw new Error("The file cannot be accessed by the system. (os error 1920): stat");
    };
    try {
      assert.deepEqual(findProgram("tool", one, ".EXE"), { path });
    } finally {
      Deno.statSync = statSync;
    }
    Deno.removeSync(path);
  });
});

Deno.test("helpers are looked for in entries that mean one directory wherever one stands", () => {
  const path = 'C:\\a;.;b;"C:\\c;d";\\tools;D:e;;C:/f;\\\\server\\share;//server/tools';
  assert.equal(
    absoluteEntries(path, true),
    'C:\\a;"C:\\c;d";C:/f;\\\\server\\share;//server/tools',
  );
  assert.equal(absoluteEntries("/a::b:./c:/d"), "/a:/d");
});
