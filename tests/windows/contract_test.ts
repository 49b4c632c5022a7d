import assert from "node:assert/strict";
import { makeTemporary } from "../contract/context.ts";
import { bundleForGuest, compileC, DENO, Guest, HAS_WINE, windowsPath } from "./wine.ts";

const ignore = !HAS_WINE;

Deno.test(
  { name: "wincred and file keep the contract of all backends (Wine)", ignore },
  async () => {
    const guest = new Guest();
    using place = makeTemporary();
    const program = await compileC("credentials", place.path);
    await guest.run(program, ["clear"]);
    await bundleForGuest("tests/windows/guest/contract.ts", `${place.path}/contract.ts`);
    await bundleForGuest("tests/contract/writer.ts", `${place.path}/writer.ts`);
    const args = [
      "test",
      "--no-check",
      "--no-config",
      "-A",
      windowsPath(`${place.path}/contract.ts`),
    ];
    const { code, stdout, stderr } = await guest.run(DENO, args, {
      env: { NO_COLOR: "1" },
      timeoutSeconds: 180,
    });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /3 passed \(\d+ steps\)/);
    await guest.run(program, ["clear"]);
  },
);
