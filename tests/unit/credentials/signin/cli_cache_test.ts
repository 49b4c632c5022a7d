import assert from "node:assert/strict";
import { clearCliCache, syncCliCache } from "../../../../src/credentials/signin/cli_cache.ts";

const TOKEN = {
  accessToken: "access",
  refreshToken: "refresh",
  expiresAtMs: Date.UTC(2026, 10, 3, 13),
};
const STEP = { startUrl: "https://d-1.awsapps.com/start", region: "eu-west-1" };

async function withHome(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function clear(home: string, startUrl?: string): void {
  clearCliCache(startUrl, contextOf(home));
}

function listCache(home: string): string[] {
  return [...Deno.readDirSync(`${home}/.aws/sso/cache`)].map(({ name }) => name).sort();
}

function sync(home: string, session?: string, startUrl = STEP.startUrl): Promise<void> {
  return syncCliCache({ ...STEP, session, startUrl }, TOKEN, contextOf(home));
}

function contextOf(home: string | undefined) {
  const env = { get: (name: string) => name === "HOME" ? home : undefined };
  return { env, clock: { now: Date.now, sleep: () => Promise.resolve() } };
}

// printf corp | sha1sum; printf https://d-1.awsapps.com/start | sha1sum
const CORP = "ee0bfd2552fbd840c02cc48b6e823320543c450f";

Deno.test("a token for the AWS CLI is named by the SHA-1 of its sso-session, and is private", () =>
  withHome(async (home) => {
    await sync(home, "corp");
    const directory = `${home}/.aws/sso/cache`;
    const path = `${directory}/${CORP}.json`;
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), {
      ...STEP,
      accessToken: "access",
      expiresAt: "2026-11-03T13:00:00Z",
      writtenBy: "aws-vault",
    });
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(directory)).mode! & 0o777, 0o700);
  }));

Deno.test("without an sso-session the token is named by its start URL", () =>
  withHome(async (home) => {
    await sync(home);
    const names = [...Deno.readDirSync(`${home}/.aws/sso/cache`)].map(({ name }) => name);
    assert.deepEqual(names, ["0c54b6c27e90660baa89eaad85ac1d5dae26cb7d.json"]);
  }));

Deno.test("an older token is replaced, and what a link leads to is left alone", () =>
  withHome(async (home) => {
    await Deno.mkdir(`${home}/.aws/sso/cache`, { recursive: true });
    await Deno.writeTextFile(`${home}/precious`, "untouched");
    await Deno.symlink(`${home}/precious`, `${home}/.aws/sso/cache/${CORP}.json`);
    await sync(home, "corp");
    assert.equal(await Deno.readTextFile(`${home}/precious`), "untouched");
    assert.equal((await Deno.lstat(`${home}/.aws/sso/cache/${CORP}.json`)).isFile, true);
  }));

Deno.test("a cache that cannot be written is named", () =>
  withHome(async (home) => {
    await Deno.writeTextFile(`${home}/.aws`, "");
    await assert.rejects(
      sync(home, "corp"),
      /cannot write .*\/\.aws\/sso\/cache\/[0-9a-f]{40}\.json/,
    );
  }));

Deno.test("what was written for one sign-in is taken away, and of all where none is named", () =>
  withHome(async (home) => {
    for (const session of ["lab", "play", undefined]) await sync(home, session);
    await sync(home, "corp", "https://d-2.awsapps.com/start");
    clear(home, STEP.startUrl);
    assert.deepEqual(listCache(home), [`${CORP}.json`]);
    clear(home);
    assert.deepEqual(listCache(home), []);
  }));

Deno.test("what the AWS CLI wrote since, or anybody else, stays", () =>
  withHome(async (home) => {
    await sync(home, "corp");
    const path = `${home}/.aws/sso/cache/${CORP}.json`;
    await Deno.writeTextFile(path, JSON.stringify({ ...STEP, accessToken: "its own" }));
    await Deno.writeTextFile(`${home}/.aws/sso/cache/torn.json`, "{");
    clear(home, STEP.startUrl);
    clear(home);
    assert.deepEqual(listCache(home), ["torn.json", `${CORP}.json`].sort());
  }));

Deno.test("without a home or a cache there is nothing to take away", () =>
  withHome((home) => {
    clear(home, STEP.startUrl);
    clear(home);
    clearCliCache(undefined, contextOf(undefined));
    assert.deepEqual([...Deno.readDirSync(home)], []);
    return Promise.resolve();
  }));

Deno.test("a token that a killed run has left half written goes with the next, or with the sign-in", () =>
  withHome(async (home) => {
    const directory = `${home}/.aws/sso/cache`;
    await sync(home, "corp");
    const leave = async (name: string, writtenAt: Date, text = "half") => {
      await Deno.writeTextFile(`${directory}/${name}`, text);
      await Deno.utime(`${directory}/${name}`, writtenAt, writtenAt);
    };
    const others = [`${CORP}.json.tmp-fedcba9876543210`, "notes.json.tmp-old"];
    const whole = await Deno.readTextFile(`${directory}/${CORP}.json`);
    await leave(others[0]!, new Date(), whole); // somebody is just writing it
    await leave(others[1]!, new Date(0));
    const removals = [() => sync(home, "corp"), () => clear(home, "another"), () => clear(home)];
    for (const remove of removals) {
      await leave(`${CORP}.json.tmp-0123456789abcdef`, new Date(Date.now() - 90_000));
      await remove();
      assert.ok(!listCache(home).includes(`${CORP}.json.tmp-0123456789abcdef`));
    }
    assert.deepEqual(listCache(home), others.sort());
  }));
