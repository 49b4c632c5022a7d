import assert from "node:assert/strict";
import { VARIABLES } from "../../../src/agent/variables.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** Of commands that are never answered by the agent, of questions to a person, and of our own. */
const OF_OTHERS = [
  ...["AWS_VAULT_AUTO_LOGOUT", "AWS_VAULT_FILE_NEW_PASSPHRASE", "AWS_VAULT_LAUNCHER"],
  ...["AWS_VAULT_ENVIRON_", "AWS_VAULT_PROMPT_MESSAGE", "AWS_VAULT_YKMAN_VERSION"],
];

Deno.test("the agent is told of every variable of ours: what it is not told, it passes on", () => {
  const used = [...readSources(`${ROOT}src`), ...readSources(`${ROOT}backends`)]
    .flatMap((text) => [...text.matchAll(/"(AWS_[A-Z0-9_]+)"/g)].map(([, name]) => name!));
  assert.ok(used.length > 100);
  const missing = used.filter((name) => !VARIABLES.has(name) && !OF_OTHERS.includes(name));
  assert.deepEqual([...new Set(missing)], [], "they belong into src/agent/variables.ts");
});

function* readSources(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) yield* readSources(path);
    else if (name.endsWith(".ts")) yield Deno.readTextFileSync(path);
  }
}
