import assert from "node:assert/strict";
import { ChildStartError } from "../../../src/errors.ts";
import { locate, runChild } from "../../../src/runtime/children.ts";

const inherited = { entries: () => undefined, lend: () => () => {} };
const env = { get: (name: string) => name === "PATH" ? "/usr/bin:/bin" : undefined };

Deno.test("the child's environment is its own: ours is as it was when a child is beside us", async () => {
  Deno.env.set("AWS_PROFILE", "ours");
  try {
    const script = 'test "$AWS_VAULT" = work && test -z "$AWS_PROFILE"';
    const ended = runChild(
      {
        command: "sh",
        path: "/bin/sh",
        args: ["-c", script],
        set: { AWS_VAULT: "work" },
        unset: ["AWS_PROFILE"],
        stay: true,
      },
      env,
      inherited,
    );
    assert.equal(Deno.env.get("AWS_PROFILE"), "ours");
    assert.equal(Deno.env.get("AWS_VAULT"), undefined);
    assert.deepEqual(await ended, { code: 0 });
  } finally {
    Deno.env.delete("AWS_PROFILE");
  }
});

Deno.test("without PATH a program is looked for in the system's directories", () => {
  assert.match(locate("true", { get: () => undefined }, "linux"), /^(\/usr)?\/bin\/true$/);
});

Deno.test("what is no program on Windows is told in the words of its own shell", () => {
  for (
    const [command, wayOut] of [
      ["dir", "cmd.exe does that by itself: cmd /c dir"],
      ["echo hi", "leave its quotes out, or have a shell read it (cmd /c)"],
      ["A=b", 'only a shell sets variables so; write: cmd /c "set A=…&& PROGRAM …"'],
    ] as const
  ) {
    assert.throws(() => locate(command, env, "windows"), (error) => {
      assert.ok(error instanceof ChildStartError);
      assert.equal(error.hints.at(-1), wayOut);
      return true;
    });
  }
});

Deno.test("a directory given as the program is refused as one", () => {
  assert.throws(() => locate("/", env, "linux"), (error) => {
    assert.ok(error instanceof ChildStartError);
    assert.equal(error.exitCode, 126);
    assert.match(error.hints.join(), /^it is a directory/);
    return true;
  });
});
