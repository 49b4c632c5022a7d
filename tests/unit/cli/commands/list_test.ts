import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { define } from "../../../../src/cli/commands/list.ts";
import { MemoryApp } from "../memory_app.ts";
import { displayWidth } from "../../../../src/runtime/plain_text.ts";

const LONG = "a-profile-with-a-long-name-of-its-own";

const CONFIG = `[default]
region = eu-west-1
[profile work]
[profile ${LONG}]
[profile sso]
sso_session = corp
[sso-session corp]
sso_start_url = https://d-1.awsapps.com/start
`;

/** What `list` prints of a keyring with these items. */
async function list(config: string, keys: readonly string[], ...args: string[]) {
  const app = new MemoryApp(config);
  for (const key of keys) app.backend.writeJson(key, "not read");
  const command = new Command("list").exitOverride();
  define(command as Command, app);
  await command.parseAsync(args, { from: "user" });
  assert.deepEqual(app.backend.calls.filter((call) => call !== "keys"), [], "no item is opened");
  return app.printed.join("");
}

/** A session's name, with so many seconds left. */
function session(
  profile: string,
  seconds: number,
  type = "sts.GetSessionToken",
  serial = "",
): string {
  const [name, device] = [profile, serial].map((text) =>
    new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true })
  );
  return `${type},${name},${device},${Date.UTC(2026, 10, 3, 12) / 1000 + seconds}`;
}

Deno.test("the table shows profiles, then credentials, tokens and sessions that have none", async () => {
  const table = await list(CONFIG, [
    "work",
    "lonely",
    session("work", 3570),
    session("work", 60, "sts.AssumeRole"),
    session("gone", -5),
    "oidc:https://d-1.awsapps.com/start",
    "oidc:https://elsewhere.example/start",
  ]);
  const row = (...cells: string[]) =>
    cells[0]!.padEnd(LONG.length + 2) + cells[1]!.padEnd(25) + cells[2] + "\n";
  assert.equal(
    table,
    row("Profile", "Credentials", "Sessions") +
      row("=======", "===========", "========") +
      row("default", "-", "-") +
      row("work", "work", "sts.GetSessionToken:59m30s, sts.AssumeRole:1m0s") +
      row(LONG, "-", "-") +
      row("sso", "-", "oidc:corp") +
      row("-", "lonely", "-") +
      row("-", "-", "oidc:elsewhere.example") +
      row("-", "-", "sts.GetSessionToken:-5s"),
  );
});

Deno.test("columns are 25 wide, or two more than the widest name", async () => {
  const [head] = (await list("[profile a]\n", ["a"])).split("\n");
  assert.equal(head, "Profile                  Credentials              Sessions");
});

Deno.test("columns are even on a terminal, whatever a character's bytes and columns are", async () => {
  const table = await list("[profile 日本]\n[profile e\u0301🔑]\n[profile ab]\n", []);
  const [, , ...rows] = table.trimEnd().split("\n");
  assert.deepEqual(rows.map((row) => displayWidth(row)), [51, 51, 51]);
});

Deno.test("an empty [default] is no profile", async () => {
  assert.doesNotMatch(await list("[default]\n[profile a]\n", []), /default/);
});

Deno.test("--profiles, --credentials and --sessions print one name a line", async () => {
  const keys = ["work", "lonely", session("work", 3600), "oidc:https://d-1.awsapps.com/start"];
  const profiles = `default\nwork\n${LONG}\nsso\n`;
  assert.equal(await list(CONFIG, keys, "--profiles"), profiles);
  assert.equal(await list(CONFIG, keys, "--credentials"), "work\nlonely\n");
  assert.equal(await list(CONFIG, keys, "--sessions"), "oidc:corp\nsts.GetSessionToken:1h0m0s\n");
});

Deno.test("--json tells all of it to scripts, and each part alone", async () => {
  const keys = ["work", session("work", 3600)];
  const all = JSON.parse(await list(CONFIG, keys, "--json"));
  assert.deepEqual(all.credentials, ["work"]);
  assert.deepEqual(all.profiles[1], { name: "work", credentials: true });
  assert.deepEqual(all.sessions, [{
    type: "sts.GetSessionToken",
    profile: "work",
    expiration: "2026-11-03T13:00:00Z",
  }]);
  for (
    const [option, ...parts] of [
      ["--credentials", "credentials"],
      ["--profiles", "profiles"],
      ["--sessions", "oldSessions", "sessions", "tokens"],
    ] as const
  ) {
    const part = JSON.parse(await list(CONFIG, keys, "--json", option));
    assert.deepEqual(Object.keys(part).sort(), ["config", ...parts]);
  }
});

Deno.test("--json tells of a session which device its code came from, or where it was signed in", async () => {
  const device = "arn:aws:iam::111111111111:mfa/jon";
  const url = "https://d-1.awsapps.com/start";
  const { sessions } = JSON.parse(
    await list(CONFIG, [
      session("work", 3600, "sts.GetSessionToken", device),
      session("sso", 3600, "sso.GetRoleCredentials", url),
    ], "--json"),
  );
  const expiration = "2026-11-03T13:00:00Z";
  assert.deepEqual(sessions, [
    { type: "sts.GetSessionToken", profile: "work", mfaSerial: device, expiration },
    { type: "sso.GetRoleCredentials", profile: "sso", startUrl: url, expiration },
  ]);
});

Deno.test("parts that are asked for together all come as JSON, of profiles their names alone", async () => {
  const keys = ["work", session("work", 3600)];
  const listBoth = async (other: string) =>
    JSON.parse(await list(CONFIG, keys, "--json", "--profiles", other));
  const { profiles, credentials } = await listBoth("--credentials");
  assert.deepEqual([profiles[1], credentials], [{ name: "work" }, ["work"]]);
  const { sessions } = await listBoth("--sessions");
  assert.equal(sessions.length, 1);
});

Deno.test("--profiles alone asks no keyring for its names", async () => {
  const app = new MemoryApp(CONFIG);
  const command = new Command("list").exitOverride();
  define(command as Command, app);
  await command.parseAsync(["--profiles"], { from: "user" });
  assert.deepEqual(app.backend.calls, []);
});

Deno.test("--json leaves out nothing that the keyring has", async () => {
  const old = "session,d29yaw,,1600000000";
  const { oldSessions } = JSON.parse(await list(CONFIG, ["work", old], "--json"));
  assert.deepEqual(oldSessions, [old]);
});

Deno.test("a console sign-in stands with the profile that names it, else by itself", async () => {
  const [jon, ann] = ["jon", "ann"].map((name) => `arn:aws:iam::111111111111:user/${name}`);
  const keys = [`oidc:login:${jon}`, `oidc:login:${ann}`];
  const config = `[profile dev]\nlogin_session = ${jon}\n`;
  const rows = (await list(config, keys)).split("\n").map((row) => row.split(/\s{2,}/));
  assert.deepEqual(rows.slice(2, 4), [["dev", "-", `login:${jon}`], ["-", "-", `login:${ann}`]]);
  assert.equal(await list(config, keys, "--sessions"), `login:${jon}\nlogin:${ann}\n`);
  const { profiles, tokens } = JSON.parse(await list(config, keys, "--json"));
  assert.equal(profiles[0].loginSession, jon);
  assert.deepEqual(tokens, [{ loginSession: jon }, { loginSession: ann }]);
});

Deno.test("a line that cannot be read is told to who uses its section: the others are listed", async () => {
  const slip = "no line\n";
  const config = `[default]\n${slip}[profile bad]\n${slip}[sso-session odd]\n${slip}${
    CONFIG.replace("[default]", "[profile first]")
  }`;
  const keys = ["oidc:https://d-1.awsapps.com/start"];
  const rows = (await list(config, keys)).split("\n").map((row) => row.split(/\s{2,}/));
  assert.deepEqual(rows.slice(2, 4), [["default", "-", "-"], ["bad", "-", "-"]]);
  assert.deepEqual(rows.at(-2), ["sso", "-", "oidc:corp"]);
  const { profiles } = JSON.parse(await list(config, keys, "--json"));
  assert.deepEqual(profiles[1], { name: "bad", credentials: false });
  assert.equal(await list(config, keys, "--sessions"), "oidc:corp\n");
});
