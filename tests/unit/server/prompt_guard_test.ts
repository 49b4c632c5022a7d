import assert from "node:assert/strict";
import { VaultError } from "../../../src/errors.ts";
import { guardPrompt } from "../../../src/server/prompt_guard.ts";
import type { Context } from "../../../src/types.ts";

function guard(driver: string, lazy?: boolean, available = true) {
  const prompt = () => Promise.resolve({ name: driver, ask: () => Promise.resolve("123456") });
  const terminal: Pick<Context["terminal"], "ask" | "available"> = {
    available: () => available,
    ask: (message, { secret }) =>
      Promise.resolve(`${message}${secret ? "unseen" : "for all to see"}`),
  };
  return guardPrompt({ prompt, terminal } as unknown as Context, lazy);
}

Deno.test("a code is asked on the terminal until the program has it, and refused from then on", async () => {
  const guarded = guard("terminal");
  assert.equal((await guarded.ctx.prompt()).name, "terminal");
  guarded.giveAway();
  await assert.rejects(guarded.ctx.prompt(), (error: VaultError) => {
    assert.equal(error.code, "prompt");
    assert.match(error.hints.join(), /--prompt=/);
    return true;
  });
});

Deno.test("a lazy server's way out is to leave --lazy out: with it nothing is asked before the program", async () => {
  for (
    const [lazy, way] of [
      [true, /again without --lazy: the code/],
      [false, /again: the code/],
      [undefined, /again: the code/],
    ] as const
  ) {
    const guarded = guard("terminal", lazy);
    guarded.giveAway();
    await assert.rejects(guarded.ctx.prompt(), (error: VaultError) => way.test(error.hints.join()));
    assert.equal(guarded.ctx.terminal.available(), true);
  }
});

Deno.test("where there is no terminal, no program is said to have it", async () => {
  const guarded = guard("terminal", true, false);
  guarded.giveAway();
  assert.equal((await guarded.ctx.prompt()).name, "terminal", "which refuses by itself");
});

Deno.test("a driver with a window of its own asks at any time", async () => {
  const guarded = guard("zenity");
  guarded.giveAway();
  assert.equal((await guarded.ctx.prompt()).name, "zenity");
});

Deno.test("a passphrase is asked on the terminal until the program has it", async () => {
  const guarded = guard("terminal");
  const ask = () => guarded.ctx.terminal.ask("Enter passphrase: ", { secret: true });
  assert.equal(await ask(), "Enter passphrase: unseen");
  guarded.giveAway();
  await assert.rejects(ask(), { code: "prompt", message: /has the terminal .*Enter passphrase/ });
});
