import assert from "node:assert/strict";
import { openConsoleLink } from "../../../src/cli/console_link.ts";
import { createRun } from "../credentials/providers/fake_run.ts";
import { until } from "../../until.ts";

const LINK = "https://signin.example/federation?Action=login&SigninToken=t";
const world = (answer?: () => { code: number }) =>
  createRun({ platform: "windows", programs: ["rundll32"], answer });

Deno.test("on Windows the browser gets an address of ours, once, that leads to the link", async () => {
  const { ctx, started } = world();
  const opened = openConsoleLink(LINK, ctx);
  await until(() => started.length > 0);
  const address = started[0]!.args.at(-1)!;
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\//);
  const page = await fetch(address, { redirect: "manual" });
  assert.equal(page.headers.get("location"), LINK);
  await page.text();
  await opened;
});

Deno.test("on Windows a browser that does not come is no success, and how to go on is said", async () => {
  const { ctx } = world();
  const sleep = () => Promise.resolve(); // the minute is over
  await assert.rejects(
    openConsoleLink(LINK, { ...ctx, clock: { ...ctx.clock, sleep } }),
    (error: Error & { hints: string[] }) =>
      /no browser came .* 60 seconds/.test(error.message) && /--stdout/.test(error.hints[0]!),
  );
});

Deno.test("on Windows a browser that cannot be opened is told at once", async () => {
  const { ctx } = world(() => ({ code: 1 }));
  await assert.rejects(openConsoleLink(LINK, ctx), /no browser could be opened/);
});
