import assert from "node:assert/strict";
import { listDependants } from "../../../src/cli/dependants.ts";
import { MemoryApp } from "./memory_app.ts";

const CONFIG = `[profile far]
source_profile = near
[profile farther]
source_profile = far
[profile near]
source_profile = work
[profile work]
[profile own]
source_profile = work
[profile of-own]
source_profile = own
[profile this]
source_profile = that
[profile that]
source_profile = this
[profile of-loop]
source_profile = this
[profile faulty]
source_profile
[profile of-faulty]
source_profile = faulty
`;

Deno.test("on keys depends whose chain of source profiles first comes to them, past loops and faults", () => {
  const list = (profile: string) =>
    listDependants(profile, new MemoryApp(CONFIG), ["work", "own"]).toSorted();
  assert.deepEqual(list("work"), ["far", "farther", "near", "work"]);
  assert.deepEqual(list("own"), ["of-own", "own"]);
  assert.deepEqual(list("this"), ["of-loop", "that", "this"]);
});
