import assert from "node:assert/strict";
import { listSsoAccounts } from "../../../src/aws/sso_accounts.ts";
import type { VaultError } from "../../../src/errors.ts";
import { createCallWorld } from "./call_world.ts";

type Answer = (query: URLSearchParams) => object | Promise<object>;

/** Lists what a portal on loopback answers for accounts and for an account's roles. */
async function list(accounts: Answer, roles: Answer = () => ({ roleList: [{ roleName: "Dev" }] })) {
  const asked: string[] = [];
  const progress: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    asked.push(`${pathname} ${searchParams}`);
    const answer = await (pathname === "/assignment/roles" ? roles : accounts)(searchParams);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  const target = {
    subject: "profile dev",
    startUrl: "https://d-1.awsapps.com/start",
    region: "eu-west-1",
    scopes: [],
    portalEndpoint: `http://127.0.0.1:${server.addr.port}`,
  };
  const { ctx } = createCallWorld();
  const found = listSsoAccounts(target, "token", ctx, (done, all) => {
    progress.push(`${done} of ${all}`);
  });
  const outcome = await found.catch((error: VaultError) => error);
  // What is begun in spite of a refusal is asked while nobody waits for it.
  if (outcome instanceof Error) await new Promise((resolve) => setTimeout(resolve, 100));
  return { found: outcome, asked, progress };
}

const account = (accountId: string) => ({ accountId, accountName: "n", emailAddress: "e@x" });

Deno.test("all pages of accounts and of roles are read, a hundred at once, in AWS's order", async () => {
  const pages = (name: string, items: readonly object[]): Answer => (query) =>
    query.has("next_token")
      ? { [name]: items.slice(1) }
      : { [name]: items.slice(0, 1), nextToken: "2" };
  const roles = [{ roleName: "Ops" }, { roleName: "Dev" }];
  const accounts = [account("222222222222"), { accountId: "111111111111" }];
  const { found, asked, progress } = await list(
    pages("accountList", accounts),
    pages("roleList", roles),
  );
  assert.deepEqual(found, [
    { ...account("222222222222"), roles: ["Ops", "Dev"] },
    { accountId: "111111111111", accountName: "", emailAddress: "", roles: ["Ops", "Dev"] },
  ]);
  assert.equal(asked.length, 6);
  assert.ok(asked.every((line) => line.includes("max_result=100")), asked.join("\n"));
  assert.deepEqual(progress, ["0 of 2", "1 of 2", "2 of 2"]);
});

Deno.test("an answer whose pages lead in a circle, or that is no word for a file, is refused", async () => {
  const cases: [Answer, Answer | undefined, RegExp][] = [
    [() => ({ accountList: [], nextToken: "again" }), undefined, /^ListAccounts: .* in a circle$/],
    [() => ({ accountList: [account("1]\n[x")] }), undefined, /has "1\]\\n\[x" for an account id$/],
    [
      () => ({ accountList: [account("111111111111")] }),
      () => ({ roleList: [{}] }),
      /^ListAccountRoles of 111111111111: the answer has undefined for a role's name$/,
    ],
  ];
  for (const [accounts, roles, message] of cases) {
    const { found, asked } = await list(accounts, roles);
    assert.match((found as VaultError).message, message);
    assert.match((found as VaultError).hints.join(), /sso_region and AWS_ENDPOINT_URL_SSO right/);
    assert.ok(asked.length <= 2);
  }
});

Deno.test("six accounts are asked about at a time, and none more after a refusal", async () => {
  const many = Array.from({ length: 20 }, (_, index) => account(`${index}`.padStart(12, "1")));
  let [now, most] = [0, 0];
  const roles: Answer = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 10));
    now--;
    return { roleList: [] };
  };
  const { found } = await list(() => ({ accountList: many }), roles);
  assert.deepEqual((found as { accountId: string }[]).map(({ accountId }) => accountId), [
    ...many.map(({ accountId }) => accountId),
  ]);
  assert.equal(most, 6);
  const refused: Answer = (query) =>
    query.get("account_id") === many[0]!.accountId
      ? Response.json({ message: "no" }, { status: 403 })
      : roles(query);
  const { found: error, asked } = await list(() => ({ accountList: many }), refused);
  assert.match((error as VaultError).message, /ListAccountRoles of .* no/);
  assert.ok(asked.length <= 7, asked.join("\n"));
});
