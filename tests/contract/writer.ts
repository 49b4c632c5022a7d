// Writes one item again and again, for the suite to run twice at once:
//   writer.ts LETTER BACKEND [SETTING=VALUE ...]
import { openBackend } from "../../backends/mod.ts";
import { createTestContext } from "./context.ts";

const WRITES = 5;
const LENGTHS = [40, 3_000, 200, 9_000, 700];

const [letter, backend, ...settings] = Deno.args;
const options = Object.fromEntries(settings.map((setting) => setting.split("=")));
const store = await openBackend(options, createTestContext(Deno.env.toObject()), backend);
for (let round = 0; round < WRITES; round++) {
  const text = letter!.repeat(LENGTHS[round]!);
  await store.set({ key: "shared", data: new TextEncoder().encode(text) });
}
