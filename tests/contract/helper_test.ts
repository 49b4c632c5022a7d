import assert from "node:assert/strict";
import { openHelper } from "../../backends/helper.ts";
import { requireProgram } from "../require.ts";
import { createTestContext } from "./context.ts";
import { makePasswordStore } from "./gpg.ts";
import { decode, encode, isErrorWith, testBackend } from "./suite.ts";

const PROGRAMS = ["docker-credential-pass", "pass", "gpg"];
const ignore = !PROGRAMS.every(requireProgram);
const WITH = `(${PROGRAMS.join(", ")})`;

testBackend(`helper ${WITH}`, {
  ignore,
  startsForKeys: 1,
  startsForGet: 1,
  async make() {
    const store = await makePasswordStore();
    const ctx = createTestContext(store.variables);
    return {
      ctx,
      variables: store.variables,
      open: () => openHelper({ helper: "pass" }, ctx),
      writer: ["helper", "helper=pass"],
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  },
});

Deno.test({ name: `helper leaves docker's own logins alone ${WITH}`, ignore }, async () => {
  await using store = await makePasswordStore();
  const login = { ServerURL: "https://index.docker.io/v1/", Username: "me", Secret: "hunter2" };
  await speak("store", JSON.stringify(login), store.variables);
  const ctx = createTestContext(store.variables);
  const backend = openHelper({ helper: "pass" }, ctx);
  await backend.set({ key: "me", data: encode("x") });
  await backend.set({ key: login.ServerURL, data: encode("y") });
  assert.deepEqual(await backend.keys(), [login.ServerURL, "me"].sort());
  assert.equal(await backend.remove("me"), true);
  assert.equal(await backend.remove(login.ServerURL), true);
  assert.equal(JSON.parse(await speak("get", login.ServerURL, store.variables)).Secret, "hunter2");
  assert.ok(!ctx.debugged.join("\n").includes("hunter2"));
});

Deno.test(
  { name: `helper tells what gpg said when no key opens an item ${WITH}`, ignore },
  async () => {
    await using store = await makePasswordStore();
    await using stranger = await makePasswordStore();
    const options = { helper: "pass" };
    await openHelper(options, createTestContext(store.variables)).set({
      key: "work",
      data: encode("x"),
    });
    const variables = { ...store.variables, GNUPGHOME: stranger.variables.GNUPGHOME! };
    const backend = openHelper(options, createTestContext(variables));
    const error = isErrorWith("docker-credential-pass get", "exit code 1", "No secret key");
    await assert.rejects(backend.get("work"), error);
  },
);

Deno.test(
  { name: `helper keeps the limit of Windows by parts that read as one ${WITH}`, ignore },
  async () => {
    await using store = await makePasswordStore();
    const ctx = createTestContext(store.variables);
    // The helper of Windows by name, over the store that is here.
    const directory = `${store.directory}/../bin`;
    Deno.mkdirSync(directory);
    const longest = `${directory}/longest`;
    Deno.writeTextFileSync(
      `${directory}/docker-credential-wincred`,
      `#!/bin/sh\nif [ "$1" = store ]; then
  input=$(cat); printf '%s\\n' "$input" >> '${longest}'
  printf '%s' "$input" | docker-credential-pass store
else exec docker-credential-pass "$1"; fi\n`,
      { mode: 0o755 },
    );
    const variables = { ...store.variables, PATH: `${directory}:${store.variables.PATH}` };
    const backend = openHelper(
      { helper: "wincred" },
      createTestContext(variables),
    );
    const session = encode(`{"SessionToken":"${"t".repeat(6_000)}"}`);
    await backend.set({ key: "session", data: session });
    assert.deepEqual((await backend.get("session"))?.data, session);
    for (const line of Deno.readTextFileSync(longest).trim().split("\n")) {
      assert.ok(JSON.parse(line).Secret.length <= 2_560);
    }
    await backend.set({ key: "session", data: encode("{}") });
    assert.equal(decode((await backend.get("session"))!.data), "{}");
    const listed = JSON.parse(await speak("list", "", store.variables));
    assert.equal(Object.keys(listed).length, 1);
    assert.equal(ctx.debugged.length, 0);
  },
);

async function speak(
  action: string,
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = new Deno.Command("docker-credential-pass", {
    args: [action],
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(encode(input));
  await writer.close();
  const { code, stdout } = await child.output();
  assert.equal(code, 0);
  return decode(stdout);
}
