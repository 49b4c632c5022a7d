import assert from "node:assert/strict";
import { openWincred } from "../../../backends/wincred.ts";
import type { Credential, CredentialManager } from "../../../backends/wincred_api.ts";
import { BackendError } from "../../../src/errors.ts";

const ITEM = "aws-vault:aws-vault:";

Deno.test("an item is a credential of the Go tool's name, with the item's bytes and no more", async () => {
  const manager = new Manager();
  const data = encode('{"AccessKeyID":"AKIA","SecretAccessKey":"s"}');
  await openWincred(manager).set({ key: "work", data, label: "aws-vault (work)" });
  assert.deepEqual(manager.list(""), [{
    target: `${ITEM}work`,
    user: "",
    blob: data,
    writtenMs: manager.nowMs,
  }]);
});

Deno.test("what the Go tool has written is listed and read", async () => {
  const manager = new Manager();
  manager.write({ target: `${ITEM}sts.GetSessionToken,d29yaw,,1`, user: "", blob: encode("{}") });
  manager.write({
    target: "git:https://github.com",
    user: "me",
    blob: encode("no business of ours"),
  });
  const backend = openWincred(manager);
  assert.deepEqual(await backend.keys(), ["sts.GetSessionToken,d29yaw,,1"]);
  assert.deepEqual((await backend.get("sts.GetSessionToken,d29yaw,,1"))?.data, encode("{}"));
});

Deno.test("2,560 bytes are one credential; one more is spread, and the Go tool lists one name", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  await backend.set({ key: "a", data: new Uint8Array(2_560) });
  assert.equal(manager.list("").length, 1);
  const long = crypto.getRandomValues(new Uint8Array(2_561));
  await backend.set({ key: "a", data: long });
  assert.ok(manager.list("").length > 1);
  assert.ok(manager.list("").every(({ blob }) => blob.length <= 2_560));
  assert.deepEqual(manager.list(ITEM).map(({ target }) => target), [`${ITEM}a`]);
  assert.deepEqual(await backend.keys(), ["a"]);
  assert.match(decode(manager.read(`${ITEM}a`)!.blob), /^parts:/);
  assert.deepEqual((await openWincred(manager).get("a"))?.data, long);
  await backend.set({ key: "a", data: encode("short") });
  assert.equal(manager.list("").length, 1, "the parts of what was replaced are gone");
  await backend.set({ key: "a", data: long });
  assert.equal(await backend.remove("a"), true);
  assert.deepEqual(manager.list(""), [], "so are those of what was removed");
});

Deno.test("an item whose bytes look like a list of parts is read as it was written", async () => {
  const manager = new Manager();
  const data = encode("parts:0123456789abcdef:2");
  await openWincred(manager).set({ key: "a", data });
  assert.deepEqual((await openWincred(manager).get("a"))?.data, data);
});

Deno.test("names that differ in case alone are two items, whatever Windows makes of them", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  for (const key of ["Work", "work", "WORK"]) await backend.set({ key, data: encode(key) });
  assert.deepEqual(await backend.keys(), ["WORK", "Work", "work"]);
  await backend.set({ key: "work", data: encode("new") });
  assert.equal(await backend.remove("Work"), true);
  assert.equal(await backend.get("Work"), undefined);
  assert.equal(decode((await backend.get("work"))!.data), "new");
  await backend.set({ key: "work", data: encode("newer") });
  assert.deepEqual(await backend.keys(), ["WORK", "work"]);
  assert.equal(decode((await backend.get("work"))!.data), "newer");
  assert.equal(manager.list("").length, 2);
  const aside = manager.list("").find(({ user }) => user === "WORK")!;
  manager.write({ ...aside, user: "another" });
  assert.equal(await backend.get("WORK"), undefined, "it was put in place of another");
});

Deno.test("a writer that is killed between the two places of a name leaves one item of it", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  for (const key of ["Work", "work"]) await backend.set({ key, data: encode("old") });
  await backend.remove("Work");
  manager.write({ target: `${ITEM}work`, user: "", blob: encode("new") });
  assert.deepEqual(await backend.keys(), ["work"]);
  assert.equal(decode((await backend.get("work"))!.data), "new");
  assert.equal(await backend.remove("work"), true);
  assert.equal(await backend.get("work"), undefined);
});

Deno.test("a name that no target takes is a user's name, and one too long for both is refused", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  manager.refuses = (target) => target.startsWith(ITEM) && target.includes("*");
  await backend.set({ key: "a*", data: encode("x") });
  assert.equal(decode((await backend.get("a*"))!.data), "x");
  for (const key of ["n".repeat(513), "N".repeat(513)]) {
    await backend.set({ key, data: encode(key) });
  }
  assert.equal(decode((await backend.get("N".repeat(513)))!.data), "N".repeat(513));
  await backend.set({ key: "n".repeat(514), data: encode("x") });
  const isRefused = (error: unknown) => {
    assert.ok(error instanceof BackendError);
    assert.match(error.message, /keeps no credential named N+… \(514 characters\) /);
    assert.match(error.hints.join(), /a shorter profile name, or --backend file/);
    return true;
  };
  await assert.rejects(backend.set({ key: "N".repeat(514), data: encode("x") }), isRefused);
  for (const key of ["", "a\0b"]) {
    await assert.rejects(backend.set({ key, data: encode("x") }), /empty or holds a NUL/);
  }
});

Deno.test("an item with a part damaged or gone is told of by name, and can be replaced and removed", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  await backend.set({ key: "a", data: new Uint8Array(9_000) });
  const part = manager.list("").find(({ target }) => !target.startsWith(ITEM))!;
  const isTold = (error: unknown) => {
    assert.ok(error instanceof BackendError, String(error));
    assert.match(error.message, /the item a of the Credential Manager is not whole/);
    assert.match(error.hints.join(), /store it anew, which replaces it/);
    return true;
  };
  manager.write({ ...part, blob: encode("!") });
  await assert.rejects(backend.get("a"), isTold);
  manager.remove(part.target);
  await assert.rejects(backend.get("a"), isTold);
  await backend.set({ key: "a", data: encode("whole") });
  assert.equal(decode((await backend.get("a"))!.data), "whole");
  assert.equal(await backend.remove("a"), true);
  assert.deepEqual(manager.list(""), []);
});

Deno.test("a read beside another's write sees the old item or the new one", async () => {
  const manager = new Manager();
  const other = openWincred(manager);
  await other.set({ key: "a", data: new Uint8Array(9_000).fill(1) });
  const read = manager.read.bind(manager);
  let disturbances = 0;
  manager.read = (target) => {
    const found = read(target);
    if (target === `${ITEM}a` && ++disturbances < 4) {
      for (const { target } of manager.list("aws-vault:aws-vault-part")) manager.remove(target);
      manager.remove(`${ITEM}a`);
      const blob = encode(disturbances < 3 ? `parts:${`${disturbances}`.repeat(16)}:1` : "fourth");
      manager.write({ target: `${ITEM}a`, user: "", blob });
    }
    return found;
  };
  assert.equal(decode((await openWincred(manager).get("a"))!.data), "fourth");
});

Deno.test("parts of a writer that was killed are cleared a day later by whoever writes a long item", async () => {
  const manager = new Manager();
  const backend = openWincred(manager);
  const long = new Uint8Array(5_000);
  const killed = new Manager();
  killed.write = (credential) =>
    credential.target.startsWith(ITEM) ? fail() : manager.write(credential);
  await assert.rejects(openWincred(killed).set({ key: "lost", data: long }), /killed/);
  const left = manager.list("").map(({ target }) => target);
  assert.ok(left.length > 1);
  const isLeft = () => left.every((target) => manager.read(target) !== undefined);
  await backend.set({ key: "other", data: long });
  manager.nowMs += 23 * 3600 * 1000;
  await backend.set({ key: "other", data: long });
  assert.ok(isLeft(), "its writer may be at work yet");
  manager.nowMs += 2 * 3600 * 1000;
  await backend.set({ key: "other", data: long });
  assert.equal(manager.list("").filter(({ target }) => left.includes(target)).length, 0);
  manager.nowMs += 25 * 3600 * 1000;
  await backend.set({ key: "third", data: long });
  assert.deepEqual((await backend.get("other"))?.data, long, "what an item leads to stays");
});

function fail(): never {
  throw new Error("killed");
}

/** The Credential Manager as Windows has it: looked up without regard to case. */
class Manager implements CredentialManager {
  nowMs = Date.UTC(2026, 10, 21);
  refuses: (target: string) => boolean = () => false;
  readonly #kept = new Map<string, Credential>();

  read(target: string): Credential | undefined {
    return this.#kept.get(target.toLowerCase());
  }

  write(credential: Credential): boolean {
    assert.ok(credential.blob.length <= 2_560 && credential.user.length <= 513);
    if (this.refuses(credential.target)) return false;
    this.#kept.set(credential.target.toLowerCase(), { ...credential, writtenMs: this.nowMs });
    return true;
  }

  remove(target: string): boolean {
    return this.#kept.delete(target.toLowerCase());
  }

  list(prefix: string): Credential[] {
    return [...this.#kept.values()].filter(({ target }) => target.startsWith(prefix));
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
