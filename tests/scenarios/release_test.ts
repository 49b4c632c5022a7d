import assert from "node:assert/strict";
import { hashFile } from "../../scripts/checksums.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const hasNpm = requireProgram("npm");

/** A command with another umask. */
const umasked = (umask: string, ...command: string[]) => [
  ...["sh", "-c", 'umask "$0"; exec "$@"', umask],
  ...command,
];

/** What a build reads of the sources, in another place. */
async function copySources(home: Home, umask: string): Promise<string> {
  const names = ["src", "backends", "scripts", "completions", "docs", "node_modules"];
  const files = [
    "main.ts",
    "quick.ts",
    "credential_process.ts",
    "compiled.ts",
    "deno.json",
    "deno.lock",
    "README.md",
  ];
  const copied = await run([
    "-R",
    ...[...names, ...files].map((name) => `${ROOT}/${name}`),
    home.path,
  ], {
    home,
    command: umasked(umask, "cp"),
  });
  assert.equal(copied.code, 0, copied.stderr);
  return home.path;
}

/** Copies the sources to a home, and runs a script of theirs there. */
async function start(home: Home, script: string, args: string[], { env = {}, umask = "022" } = {}) {
  const root = await copySources(home, umask);
  const command = umasked(umask, Deno.execPath(), "run", "-A", `${root}/scripts/${script}`);
  const ran = await run(args, { home, command, env, timeoutSeconds: 120 });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  return ran.stdout.trim().split("\n");
}

Deno.test({
  name:
    "two releases from two places, at any umask, are the same byte for byte, and say what is in them",
  ignore: !hasNpm,
  async fn() {
    using first = new Home();
    using second = new Home();
    const args = ["--without-programs"];
    const files = await start(first, "release.ts", args);
    assert.deepEqual(await start(second, "release.ts", args, { umask: "077" }), files);
    assert.equal(files.length, 5);
    for (const file of files) {
      const there = await hashFile(`${second.path}/${file}`);
      assert.equal(there, await hashFile(`${first.path}/${file}`), file);
    }
    const directory = `${first.path}/dist/release`;
    const check = { home: first, command: ["sha256sum"], cwd: directory };
    assert.equal((await run(["-c", "--quiet", "SHA256SUMS"], check)).code, 0);

    // One that cannot be made, for want of a base program or by a slip, takes nothing of it away.
    for (const [arg, fault] of [["--without-program", /nothing else/], ["", /denort/]] as const) {
      const ran = await run(arg === "" ? [] : [arg], {
        home: first,
        command: [Deno.execPath(), "run", "-A", `${first.path}/scripts/release.ts`],
        env: { DENORT_DIR: `${first.path}/nowhere` },
        timeoutSeconds: 120,
      });
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, fault);
    }
    assert.equal((await run(["-c", "--quiet", "SHA256SUMS"], check)).code, 0);

    const bom = JSON.parse(
      Deno.readTextFileSync(`${first.path}/${files.find((name) => name.endsWith(".cdx.json"))}`),
    );
    assert.equal(bom.bomFormat, "CycloneDX");
    const parts: { name: string; licenses: unknown[]; purl: string }[] = bom.components;
    const names = parts.map(({ name }) => name);
    for (const name of ["@aws-sdk/client-sts", "commander", "jose", "deno"]) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(!names.includes("esbuild"), "what builds it is not in it");
    for (const { name, licenses } of parts) assert.equal(licenses.length, 1, name);
  },
});

Deno.test("two compiled programs from two places are the same, byte for byte", async () => {
  using first = new Home();
  using second = new Home();
  // Any program of the right format can stand in for Deno's base: this one is never started.
  const env = { DENORT_BIN: Deno.execPath() };
  const args = ["--target", Deno.build.arch === "x86_64" ? "linux-arm64" : "linux-x64"];
  const [here] = await start(first, "compile.ts", args, { env });
  const [there] = await start(second, "compile.ts", args, { env });
  const hash = await hashFile(here!);
  assert.equal(await hashFile(there!), hash);
  assert.ok(Deno.readTextFileSync(`${first.path}/dist/bin/SHA256SUMS`).includes(hash));
});
