import assert from "node:assert/strict";
import { leadPastProxies } from "../../../src/cli/past_proxies.ts";

function lead(variables: Record<string, string>, platform: "linux" | "windows" = "linux") {
  return leadPastProxies("127.0.0.1", { env: { get: (name) => variables[name] }, platform });
}

Deno.test("where no proxy is set a program's variables stay as they are", () => {
  assert.deepEqual(lead({}), {});
  assert.deepEqual(lead({ HTTP_PROXY: "", NO_PROXY: "example.com" }), {});
});

for (const proxy of ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]) {
  Deno.test(`with ${proxy} a server is named to both kinds of programs`, () => {
    const both = { no_proxy: "127.0.0.1", NO_PROXY: "127.0.0.1" };
    assert.deepEqual(lead({ [proxy]: "http://proxy:3128" }), both);
  });
}

const http_proxy = "http://proxy:3128";

for (
  const [said, variables, lists] of [
    ["what one list says stands in both", { NO_PROXY: "a.b, c.d" }, ["a.b,c.d,127.0.0.1"]],
    ["two lists stay two", { no_proxy: "a", NO_PROXY: "b" }, ["a,127.0.0.1", "b,127.0.0.1"]],
    ["an empty list stays apart", { no_proxy: "", NO_PROXY: "b" }, ["127.0.0.1", "b,127.0.0.1"]],
    ["a list for all hosts says enough", { no_proxy: "*" }, ["*"]],
    ["a list that has it is left alone", { NO_PROXY: "127.0.0.1, a" }, ["127.0.0.1, a"]],
  ] as const
) {
  Deno.test(`of a caller's NO_PROXY: ${said}`, () => {
    const [lower, upper = lower] = lists;
    assert.deepEqual(lead({ http_proxy, ...variables }), { no_proxy: lower, NO_PROXY: upper });
  });
}

Deno.test("on Windows, where letter case tells no two variables apart, there is one", () => {
  assert.deepEqual(lead({ http_proxy }, "windows"), { NO_PROXY: "127.0.0.1" });
});
