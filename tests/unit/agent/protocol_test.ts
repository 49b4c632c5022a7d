import assert from "node:assert/strict";
import {
  type AgentRequest,
  areShellChanges,
  formatAnswer,
  formatRequest,
  parseOutput,
  parseRequest,
  SEPARATOR,
} from "../../../src/agent/protocol.ts";

const REQUEST: AgentRequest = {
  args: ["exec", "a b", "--", "", "line\nend"],
  variables: new Map([["AWS_REGION", "eu-west-1"], ["AWS_X", "a=b\nc"], ["AWS_EMPTY", ""]]),
  processId: 123,
  parentId: 45,
  isOutputTerminal: true,
};

Deno.test("a request is read as it was written, byte by byte as it comes", () => {
  const bytes = formatRequest(REQUEST)!;
  assert.deepEqual(parseRequest(bytes), REQUEST);
  assert.deepEqual(parseRequest(Uint8Array.of(...bytes, 0x0a)), REQUEST); // a here-document's end
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(parseRequest(bytes.subarray(0, length)), "incomplete");
  }
});

Deno.test("words and values may be empty, or none", () => {
  for (const args of [[], [""], ["", ""], ["a", ""]]) {
    for (const variables of [new Map(), new Map([["AWS_X", ""]])]) {
      const request = { ...REQUEST, args, variables };
      const bytes = formatRequest(request)!;
      assert.deepEqual(parseRequest(bytes), request);
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(parseRequest(bytes.subarray(0, length)), "incomplete");
      }
    }
  }
});

Deno.test("what is no request is odd: no header of ours, more than it says, no UTF-8", () => {
  const encode = (text: string) => new TextEncoder().encode(text.replaceAll("|", SEPARATOR));
  for (const text of ["hello|", "aws-vault 1 0 1 1 00||", "aws-vault 2 x 1 1 00|x||"]) {
    assert.equal(parseRequest(encode(text)), "odd", text);
  }
  assert.equal(parseRequest(encode("aws-vault 2 1 1 1 00|x||more")), "odd");
  assert.equal(parseRequest(encode("aws-vault 2 1 1 1 00|x||A=b||")), "odd");
  assert.equal(parseRequest(encode("x".repeat(200))), "odd");
  const broken = Uint8Array.of(...encode("aws-vault 2 1 1 1 00|"), 0xff, 0x1e, 0x1e);
  assert.equal(parseRequest(broken), "odd");
});

Deno.test("a string that holds what ends one makes no request", () => {
  const args = ["exec", `a${SEPARATOR}b`];
  assert.equal(formatRequest({ ...REQUEST, args }), undefined);
});

Deno.test("an answer's mark is in neither of its texts, and a torn one has no output", () => {
  const text = formatAnswer({ kind: "exit", code: 0, output: "{}\n", errors: "warning\n" });
  const [, mark] = /^aws-vault 2 exit 0 ([0-9a-f]{32})\n/.exec(text)!;
  assert.equal(text.split(mark!).length, 4);
  assert.equal(parseOutput(`   ${text}`), "{}\n");
  for (let length = 0; length < text.length; length++) {
    assert.equal(parseOutput(text.slice(0, length)), undefined);
  }
});

Deno.test("an answer with a NUL, which no shell can hold, is passed on", () => {
  const text = formatAnswer({ kind: "exit", code: 0, output: "a\0b", errors: "" });
  assert.match(text, /^aws-vault 2 pass /);
});

Deno.test("a change of environment is one line each; what it sets it does not unset", () => {
  const set = { AWS_REGION: "x y", AWS_SESSION_TOKEN: "t" };
  const answer = {
    kind: "exec",
    words: 2,
    set,
    unset: ["AWS_PROFILE", "AWS_SESSION_TOKEN"],
    errors: "",
  } as const;
  const [, ...lines] = formatAnswer(answer).split("\n");
  assert.deepEqual(lines.slice(0, 3), ["-AWS_PROFILE", "AWS_REGION=x y", "AWS_SESSION_TOKEN=t"]);
  assert.ok(areShellChanges(answer));
  assert.ok(!areShellChanges({ ...answer, set: { AWS_REGION: "a\nPATH=/x" } }));
  assert.ok(!areShellChanges({ ...answer, set: { PATH: "/x" } }));
});
