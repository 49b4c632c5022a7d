import assert from "node:assert/strict";
import { addAddress, hasAddress, removeAddress } from "../../../src/server/metadata_address.ts";
import type { ProcessRequest, ProcessResult } from "../../../src/types.ts";

/** A machine whose program for addresses ends so. */
function createMachine(platform: "linux" | "darwin", result: Partial<ProcessResult> = {}) {
  const started: string[] = [];
  const run = ({ command, args = [] }: ProcessRequest) => {
    started.push([command, ...args].join(" "));
    return Promise.resolve({ code: 0, stdout: new Uint8Array(), stderr: "", ...result });
  };
  const processes = { find: () => undefined, run };
  return { started, ctx: { platform, processes } as unknown as Parameters<typeof addAddress>[0] };
}

for (
  const [platform, added, removed] of [
    [
      "linux",
      "ip address add 169.254.169.254/32 dev lo",
      "ip address del 169.254.169.254/32 dev lo",
    ],
    [
      "darwin",
      "ifconfig lo0 alias 169.254.169.254 255.255.255.255",
      "ifconfig lo0 -alias 169.254.169.254",
    ],
  ] as const
) {
  Deno.test({
    name:
      `on ${platform} the loopback interface is given the metadata service's address, and loses it`,
    ignore: hasAddress(),
    async fn() {
      const { ctx, started } = createMachine(platform);
      assert.equal(await addAddress(ctx), true);
      await removeAddress(ctx);
      assert.deepEqual(started, [added, removed]);
    },
  });

  Deno.test({
    name:
      `on ${platform} an address that cannot be given, or taken away, is told with what was said`,
    ignore: hasAddress(),
    async fn() {
      const program = added.split(" ")[0];
      const stdout = new TextEncoder().encode("on its output\n");
      for (
        const [result, said] of [
          [{ code: 2, stderr: "a warning\nnot permitted\n", stdout }, ": not permitted"],
          [{ code: 2, stdout }, ": on its output"],
          [{ code: 2 }, ""],
        ] as const
      ) {
        const { ctx } = createMachine(platform, result);
        await assert.rejects(addAddress(ctx), {
          message: "169.254.169.254 cannot be added to the loopback interface: " +
            `${program} ended with 2${said}`,
        });
        await assert.rejects(removeAddress(ctx), {
          message:
            `169.254.169.254 is left on the loopback interface: ${program} ended with 2${said}`,
          hints: [`take it away as root: ${removed}`],
        });
      }
    },
  });
}
