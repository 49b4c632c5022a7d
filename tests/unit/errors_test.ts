import assert from "node:assert/strict";
import {
  asWord,
  AwsRefusal,
  describeCause,
  describeNetworkFault,
  hidePassword,
  shorten,
  VaultError,
} from "../../src/errors.ts";

Deno.test("an error shows of a long value how it begins and ends, in hints too", () => {
  const value = `start${"x".repeat(10_000)}end`;
  const { message, hints } = new VaultError("config", `role_arn is \`${value}\``, [`not ${value}`]);
  assert.match(message, /^role_arn is `startx{20,}… \(10008 characters\) …x{20,}end`$/);
  assert.ok(message.length < 400);
  assert.match(hints[0]!, /^not startx+… \(10008 characters\) …x+end$/);
  const endless = new VaultError(
    "config",
    `region is \`${"x".repeat(10_000_000)}\`, which is none`,
  );
  assert.match(endless.message, /^region is `x+… \(100000\d+ characters\) …x+`, which is none$/);
});

Deno.test("a long value is known by its quotes where it has blanks, and nothing else is cut", () => {
  assert.match(
    shorten(`tags \`${"a b ".repeat(300)}\` are none`),
    /^tags `a b .{300,400}` are none$/s,
  );
  const ordinary = `cannot read ${"/directory".repeat(25)}: ${"a list of many names, ".repeat(80)}`;
  assert.equal(shorten(ordinary), ordinary);
});

Deno.test("a message that AWS has encoded stays whole: it is to be decoded", () => {
  const encoded = `Encoded authorization failure message: ${"q".repeat(1500)}`;
  assert.equal(new AwsRefusal("AccessDenied", 403, encoded, []).message, encoded);
});

Deno.test("an address in an error is without its name and password, in hints too", () => {
  const url = "http://jon:hunter2@localhost:4566/x";
  const told = new VaultError("network", `cannot reach ${url}: refused`, [`is ${url} right?`]);
  assert.equal(told.message, "cannot reach http://…@localhost:4566/x: refused");
  assert.deepEqual(told.hints, ["is http://…@localhost:4566/x right?"]);
  for (const slip of ["http:/", "http:", "HTTP:\\\\", "http:///"]) { // as a URL they are all the same
    const { message } = new VaultError("network", `at ${slip}jon:hunter2@localhost`);
    assert.equal(message, `at ${slip}…@localhost`);
  }
  const plain = "https://corp.awsapps.com/start: see arn:aws:iam::1:user/jon@corp";
  assert.equal(new VaultError("aws", plain).message, plain);
});

Deno.test("a long text is searched for addresses once, however many seem to begin in it", () => {
  const begins = "https:".repeat(500_000); // from each to the end: hours
  assert.equal(hidePassword(begins), begins);
  const names = "http://jon:hunter2@localhost ".repeat(50_000);
  assert.equal(hidePassword(names), "http://…@localhost ".repeat(50_000));
});

Deno.test("a path that Deno may not write is told as that, and a comma in it as the reason", () => {
  const refuse = (path: string) =>
    describeCause(
      new Deno.errors.NotCapable(
        `Requires write access to "${path}", run again with the --allow-write flag`,
      ),
    );
  assert.equal(refuse("/a b"), "the sandbox does not allow it");
  assert.match(refuse("/a,b"), /^the sandbox does not allow it, .* no path with a comma in it$/);
});

Deno.test("a port that no web client asks is told as that", async () => {
  const fault = await fetch("http://127.0.0.1:9").then(() => "it answered", describeNetworkFault);
  assert.equal(fault, "port 9 belongs to another protocol, and no web client asks it");
});

for (
  const name of [
    "work",
    "my work",
    "it's mine",
    'a "b"',
    "$HOME",
    "a\\b c",
    "`id`",
    "a!b",
    "x;y",
    "~",
  ]
) {
  Deno.test(`a shell takes ${JSON.stringify(name)} as it stands in a way out for one word`, async () => {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", `printf '[%s]' ${asWord(name)}`],
      env: { HOME: "/nowhere" },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), `[${name}]`);
  });
}

Deno.test("a path of Windows keeps its backslashes in a way out, blanks or none", () => {
  assert.equal(asWord("C:\\keys\\RUNNER~1"), "C:\\keys\\RUNNER~1");
  assert.equal(asWord("C:\\my keys"), '"C:\\my keys"');
});

Deno.test("who does not answer in time is told as that", async () => {
  const { reason } = await new Promise<AbortSignal>((resolve) => {
    const signal = AbortSignal.timeout(1);
    signal.onabort = () => resolve(signal);
  });
  assert.equal(describeNetworkFault(reason), "it has not answered in time");
});
