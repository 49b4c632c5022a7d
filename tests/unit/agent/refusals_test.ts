import assert from "node:assert/strict";
import { findAdded, findRefusal } from "../../../src/agent/refusals.ts";

const ENTRIES = ["HOME=/home/jo", "PATH=/usr/bin:/bin", "PWD=/home", "OLDPWD=/", "SHLVL=1", "X=1"];

interface Caller {
  readonly line?: string;
  readonly variables?: Record<string, string>;
  /** What the system tells of its environment; undefined where it tells nothing. */
  readonly entries?: readonly string[];
  readonly platform?: "linux" | "darwin";
}

function prepare({ line = "exec work -- sh", variables = {}, entries, platform }: Caller) {
  const request = {
    args: line.split(" "),
    variables: new Map(
      Object.entries({ HOME: "/home/jo", PATH: "/usr/bin:/bin", PWD: "/home", ...variables }),
    ),
    ...{ processId: 1, parentId: 1, isOutputTerminal: false },
  };
  const environmentOf = () => entries?.map((entry) => new TextEncoder().encode(entry));
  const env = { get: (name: string) => name === "HOME" ? "/home/jo" : undefined };
  const ctx = { env, peers: { environmentOf }, platform: platform ?? "linux" };
  return [request, ctx as unknown as Parameters<typeof findRefusal>[1]] as const;
}

const refuse = (caller: Caller) => findRefusal(...prepare({ entries: ENTRIES, ...caller }));

Deno.test("an agent answers exec of a program, exec --json and export", () => {
  for (const line of ["exec work -- sh", "exec -n work sh -s", "exec work --json", "export work"]) {
    assert.equal(refuse({ line }), undefined, line);
  }
  assert.equal(refuse({ line: "exec -t 123456 -d 4h --region eu-west-1 work sh" }), undefined);
  assert.equal(refuse({ line: "exec --pass-prefix -s work sh" }), undefined);
  assert.equal(refuse({ line: "exec -d15s work sh" }), undefined);
  for (const option of ["--json", "-j", "-nj"]) {
    assert.equal(refuse({ line: `exec ${option} work`, entries: undefined }), undefined);
  }
});

for (
  const [line, why] of [
    ["rotate work", /for exec and export/],
    ["exec work", /a shell on the user's terminal/],
    ["exec --json --no-json work", /a shell on the user's terminal/],
    ["exec -s work -- sh", /to stay as a server/],
    ["exec -ns work -- sh", /to stay as a server/],
    ["exec --server work -- sh", /to stay as a server/],
    ["exec --ecs-server --json work", /to stay as a server/],
    ["exec --ec2-server work -- sh", /to stay as a server/],
    ["exec --lazy work -- sh", /to stay as a server/],
    ["exec work -- no-such-program", /not to be found/],
    ["exec work -- /usr", /not to be found/],
    ["exec work -- /etc/passwd", /not to be found/],
    ["exec work -- ./sh", /not to be found/],
    ["exec --file-dir keys work -- sh", /^--file-dir is a relative path/],
    ["exec --pass-dir=store work -- sh", /^--pass-dir=store is a relative path/],
  ] as const
) {
  Deno.test(`an agent leaves \`${line}\` to the caller`, () => {
    assert.match(refuse({ line }) ?? "nothing", why);
  });
}

Deno.test("a program is looked for as sh does: in PATH, or from where the caller stands", () => {
  assert.equal(
    refuse({
      line: "exec work -- bin/sh",
      variables: { PWD: "/usr" },
      entries: ENTRIES
        .map((entry) => entry.replace("PWD=/home", "PWD=/usr")),
    }),
    undefined,
  );
  assert.equal(refuse({ line: "exec work -- /bin/sh" }), undefined);
  assert.match(refuse({ variables: { PATH: "/nowhere" } }) ?? "", /not to be found/);
});

Deno.test("a path that begins with / or ~/ is no relative one", () => {
  for (const path of ["/keys", "~/keys"]) {
    assert.equal(refuse({ line: `exec --file-dir ${path} work -- sh` }), undefined);
    assert.equal(refuse({ variables: { AWS_CONFIG_FILE: path } }), undefined);
  }
  assert.match(refuse({ variables: { AWS_CONFIG_FILE: "c" } }) ?? "", /^AWS_CONFIG_FILE is a rel/);
  assert.equal(refuse({ variables: { AWS_CONFIG_FILE: "" } }), undefined);
});

for (
  const [what, entries] of [
    ["is not told", undefined],
    ["holds no name", [...ENTRIES, "odd"]],
    ["holds a name that no shell has", [...ENTRIES, "a.b=1"]],
    ["holds a name twice", [...ENTRIES, "X=2"]],
    ["holds what a shell sets itself", [...ENTRIES, "IFS=:"]],
    ["holds what the launcher sets", [...ENTRIES, "AWS_VAULT_KEPT=x"]],
    ["stands elsewhere", ["PWD=/elsewhere"]],
    ["has come from nowhere", ["OLDPWD=/no/such/directory"]],
  ] as const
) {
  Deno.test(`a program whose environment ${what} is started by its caller`, () => {
    assert.match(refuse({ entries }) ?? "nothing", /environment/);
    assert.equal(refuse({ entries, platform: "darwin" }), undefined);
    assert.equal(refuse({ entries, line: "exec work --json" }), undefined);
  });
}

Deno.test("what an sh exports of its own accord is taken out again, and nothing its caller has", () => {
  assert.deepEqual(findAdded(...prepare({ entries: ENTRIES })), []);
  assert.deepEqual(findAdded(...prepare({ entries: ["PWD=/home"] })), ["OLDPWD", "SHLVL"]);
  assert.deepEqual(findAdded(...prepare({})), []);
});
