import assert from "node:assert/strict";
import { findStale } from "../../src/files.ts";

Deno.test("only old files of such a name are stale, whatever else a directory holds", () => {
  const directory = Deno.makeTempDirSync();
  const sinceMs = 1_000_000_000_000;
  const make = (name: string, ms: number) => {
    Deno.writeTextFileSync(`${directory}/${name}`, "");
    Deno.utimeSync(`${directory}/${name}`, ms / 1000, ms / 1000);
  };
  make("old.tmp", sinceMs - 1_000);
  make("new.tmp", sinceMs + 1_000);
  make("old.json", sinceMs - 1_000);
  Deno.mkdirSync(`${directory}/folder.tmp`);
  Deno.utimeSync(`${directory}/folder.tmp`, 0, 0);
  const find = (path: string) => findStale(path, (name) => name.endsWith(".tmp"), sinceMs);
  assert.deepEqual(find(directory), [`${directory}/old.tmp`]);
  assert.deepEqual(find(`${directory}/nowhere`), []);
  Deno.removeSync(directory, { recursive: true });
});
