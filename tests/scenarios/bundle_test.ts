import assert from "node:assert/strict";
import { bundle } from "../../scripts/build.ts";
import { staysOutOfStart } from "../../scripts/start_rule.ts";
import { TestWorld } from "../unit/cli/world.ts";
import { COMMAND, Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

type Outputs = Awaited<ReturnType<typeof bundle>>["outputs"];

/** The files of a bundle that a start loads: `main.js` and what it imports, however far. */
function startFiles(outputs: Outputs, entry = "main"): string[] {
  return withImports(Object.keys(outputs).filter((file) => file.endsWith(`/${entry}.js`)), outputs);
}

function withImports(begun: readonly string[], outputs: Outputs): string[] {
  const files = new Set(begun);
  for (const file of files) {
    const plain = outputs[file]!.imports.filter(({ kind }) => kind === "import-statement");
    for (const { path } of plain) files.add(path);
  }
  return [...files];
}

Deno.test("what every start loads holds no more than the import table lets it", async () => {
  using home = new Home();
  const { outputs } = await bundle(ROOT, `${home.path}/lib`);
  const files = startFiles(outputs);
  assert.deepEqual(files.map((file) => file.split("/").at(-1)), ["main.js"]);
  const loaded = files.flatMap((file) => Object.keys(outputs[file]!.inputs));
  assert.ok(loaded.includes("src/cli/commands/exec.ts"));
  assert.deepEqual(loaded.filter(staysOutOfStart), []);
});

Deno.test("who starts a program, exports, lists or opens another keyring loads nothing that asks for credentials", async () => {
  using home = new Home();
  const { outputs } = await bundle(ROOT, `${home.path}/lib`);
  const others = /^src\/(credentials\/(providers|rotation|signin)|doctor|prompt|cli\/configure)\//;
  for (
    const path of [
      "src/runtime/children.ts",
      "src/cli/commands/export.ts",
      "src/cli/commands/list.ts",
      "src/cli/audit.ts",
      "backends/pass.ts",
      "backends/secret_service.ts",
    ]
  ) {
    const holding = Object.keys(outputs).filter((file) => path in outputs[file]!.inputs);
    assert.equal(holding.length, 1, path);
    const loaded = withImports(holding, outputs).flatMap((file) =>
      Object.keys(outputs[file]!.inputs)
    );
    assert.deepEqual(loaded.filter((input) => others.test(input)), [], path);
  }
});

Deno.test("what a start loads is ASCII, which V8 takes as it lies and does not double", async () => {
  using home = new Home();
  for (const entry of ["main", "quick", "credential_process"]) {
    await bundle(ROOT, `${home.path}/lib`, `${entry}.ts`);
    const text = Deno.readTextFileSync(`${home.path}/lib/${entry}.js`);
    // deno-lint-ignore no-control-regex -- ASCII's own are what is not looked for
    assert.deepEqual(text.match(/[^\x00-\x7f]/g), null);
  }
});

Deno.test("what is asked at every TAB loads no parser of command lines and opens no item", async () => {
  using home = new Home();
  const { outputs } = await bundle(ROOT, `${home.path}/lib`, "quick.ts");
  const loaded = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  assert.ok(loaded.includes("src/cli/completion/names.ts"));
  assert.deepEqual(
    loaded.filter((path) => /commander|node_modules\/.*jose|^src\/aws/.test(path)),
    [],
  );
});

Deno.test("the line of a credential_process loads no parser of command lines, and no other command", async () => {
  using home = new Home();
  const { outputs } = await bundle(ROOT, `${home.path}/lib`, "credential_process.ts");
  const files = startFiles(outputs, "credential_process");
  assert.deepEqual(files.map((file) => file.split("/").at(-1)), ["credential_process.js"]);
  const loaded = files.flatMap((file) => Object.keys(outputs[file]!.inputs));
  assert.ok(loaded.includes("src/cli/exec_json.ts"));
  const others = (path: string) => /commander|^src\/cli\/commands\//.test(path);
  assert.deepEqual(loaded.filter((path) => others(path) || staysOutOfStart(path)), []);
});

Deno.test("a cached exec --json needs no file but those every start loads", async () => {
  using home = new Home();
  using world = new TestWorld({ config: "[profile work]\nregion = eu-west-1\n" });
  await world.storeKeys("work", "AKIAWORK");
  await world.keepSession("work", { expiresAtMs: Date.now() + 3_600_000 });
  const lib = `${home.path}/tool/lib`;
  const { outputs } = await bundle(ROOT, lib);
  const kept = startFiles(outputs).map((file) => file.slice(file.lastIndexOf("/lib/") + 5));
  for (const { name } of Deno.readDirSync(`${lib}/chunks`)) {
    if (!kept.includes(`chunks/${name}`)) Deno.removeSync(`${lib}/chunks/${name}`);
  }
  Deno.copyFileSync(COMMAND, `${home.path}/tool/aws-vault`);
  const command = [`${home.path}/tool/aws-vault`];
  const env = { HOME: world.home, AWS_VAULT_FILE_PASSPHRASE: "p" };
  const ran = await run(["exec", "work", "--json"], { home, command, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIASESSION");
});
