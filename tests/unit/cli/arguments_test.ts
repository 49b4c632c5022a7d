import assert from "node:assert/strict";
import { describeSurface } from "../../../scripts/surface.ts";
import { splitChild, VALUE_OPTIONS } from "../../../src/cli/arguments.ts";

for (
  const [line, own, child] of [
    ["exec p -- cmd -x", "exec p", "cmd -x"],
    ["exec p cmd", "exec p", "cmd"],
    ["exec -nt 123456 p x", "exec -nt 123456 p", "x"],
    ["exec -nd 1h p x -d 2h", "exec -nd 1h p", "x -d 2h"],
    ["exec -jd 1h p", "exec -jd 1h p", ""],
    ["exec -nt123456 p x", "exec -nt123456 p", "x"],
    ["exec -d1h p x", "exec -d1h p", "x"],
    ["exec -ntd 1h p x", "exec -ntd 1h", "p x"],
    ["exec -nj p x", "exec -nj p", "x"],
    ["exec p -nt 123456 x", "exec p -nt 123456", "x"],
    ["exec -zt 1 p x", "exec -zt 1 p", "x"],
    ["exec p cmd --json", "exec p", "cmd --json"],
    ["exec p --json", "exec p --json", ""],
    ["exec p --json -- cmd --json", "exec p --json", "cmd --json"],
    ["exec -- cmd", "exec", "cmd"],
    ["exec --json", "exec --json", ""],
    ["exec --json -- p", "exec --json -- p", ""],
    ["exec -njt 123456 -- p cmd", "exec -njt 123456 -- p", "cmd"],
    ["exec -dj -- cmd", "exec -dj", "cmd"],
    ["exec --pass-prefix -j -- cmd", "exec --pass-prefix -j", "cmd"],
    ["exec --json --no-json -- cmd", "exec --json --no-json", "cmd"],
    ["exec --json p -- cmd", "exec --json p", "cmd"],
    ["exec --json --", "exec --json", ""],
    ["exec", "exec", ""],
    ["exec -d 1h p -- x", "exec -d 1h p", "x"],
    ["exec -d 1h p x -d 2h", "exec -d 1h p", "x -d 2h"],
    ["exec --duration=1h p x", "exec --duration=1h p", "x"],
    ["exec p -d 1h x", "exec p -d 1h", "x"],
    ["exec -n -t 123456 p x", "exec -n -t 123456 p", "x"],
    ["exec -m 123456 p x", "exec -m 123456 p", "x"],
    ["exec --mfa-token 123456 --region r p x", "exec --mfa-token 123456 --region r p", "x"],
    ["--backend file exec p cmd", "--backend file exec p", "cmd"],
    ["--backend=file exec p cmd", "--backend=file exec p", "cmd"],
    ["--file-dir exec exec p cmd", "--file-dir exec exec p", "cmd"],
    ["--debug exec p -- cmd -- more", "--debug exec p", "cmd -- more"],
    ["exec p cmd -- more", "exec p", "cmd -- more"],
    ["exec p --", "exec p", ""],
    ["exec p - x", "exec p", "- x"],
    ["exec exec exec", "exec exec", "exec"],
    ["list --json", "list --json", ""],
    ["login p --path x", "login p --path x", ""],
    ["add exec --env", "add exec --env", ""],
    ["", "", ""],
  ] as const
) {
  Deno.test(`\`${line}\` is ours up to \`${own}\`, and the child's are \`${child}\``, () => {
    const words = (text: string) => text === "" ? [] : text.split(" ");
    const split = splitChild(words(line), { hasProfile: true });
    assert.deepEqual(split.own, words(own));
    assert.deepEqual(split.child, words(child));
  });
}

for (
  const [line, own, child] of [
    ["exec -- p cmd -x", "exec -- p", "cmd -x"],
    ["exec -- p", "exec -- p", ""],
    ["exec -- p -- cmd", "exec -- p", "cmd"],
    ["exec --json -- p", "exec --json -- p", ""],
    ["exec -- -p cmd", "exec -- -p", "cmd"],
    ["exec -- p -x", "exec -- p", "-x"],
    ["exec --", "exec", ""],
    ["exec p -- cmd", "exec p", "cmd"],
  ] as const
) {
  Deno.test(`without AWS_PROFILE \`${line}\` is ours up to \`${own}\``, () => {
    const words = (text: string) => text === "" ? [] : text.split(" ");
    const split = splitChild(words(line), { hasProfile: false });
    assert.deepEqual(split.own, words(own));
    assert.deepEqual(split.child, words(child));
  });
}

Deno.test("empty words and those with blanks are the child's as they are", () => {
  const child = ["", " ", "a b", "--", "-"];
  assert.deepEqual(splitChild(["exec", "p", "--", ...child], { hasProfile: true }).child, child);
});

Deno.test("every option that takes a value before exec's program is known to take one", async () => {
  const { options, commands } = await describeSurface();
  const exec = commands.find(({ name }) => name === "exec")!;
  for (const { long, short, value } of [...options, ...exec.options]) {
    for (const name of short === undefined ? [long] : [long, short]) {
      assert.equal(VALUE_OPTIONS.has(name), value !== undefined, name);
    }
  }
});
