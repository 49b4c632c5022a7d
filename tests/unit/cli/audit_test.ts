import assert from "node:assert/strict";
import { recordHandOut } from "../../../src/cli/audit.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("of many who find a torn line one ends it, when whoever is at it has let go", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "vault-audit-" });
  const path = `${directory}/log`;
  const clock = new ManualClock();
  const ctx = { clock, env: new Map(), caller: () => Promise.resolve({ pid: 7 }) };
  const handOut = (profile: string) => ({
    command: "export",
    profile,
    credentials: { accessKeyId: "AKIA", secretAccessKey: "hidden" },
  });
  try {
    Deno.writeTextFileSync(path, "torn");
    const held = Deno.openSync(path, { append: true });
    held.lockSync(true);
    const recorded = ["a", "b"].map((name) => recordHandOut(path, handOut(name), ctx));
    await clock.advance(0, () => clock.count() === recorded.length);
    assert.equal(Deno.readTextFileSync(path), "torn", "it is another's");
    held.close();
    await clock.runUntil(Promise.all(recorded));
    const [torn, ...lines] = Deno.readTextFileSync(path).split("\n");
    assert.deepEqual([torn, lines.pop()], ["torn", ""]);
    assert.deepEqual(lines.map((line) => JSON.parse(line).profile).sort(), ["a", "b"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
