import assert from "node:assert/strict";
import { parseDuration, parseSeconds } from "../../src/config/duration.ts";
import { formatSection } from "../../src/config/append.ts";
import { IniFile } from "../../src/config/ini.ts";
import { resolveProfile } from "../../src/config/resolve.ts";
import { planCredentials } from "../../src/credentials/plan.ts";
import { VaultError } from "../../src/errors.ts";
import { fuzz, type Random } from "./random.ts";

/** Runs it; an error that is not for users fails the test. */
function orVaultError<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/** Reads all of a config file as the commands do, for every profile it has. */
function readAll(text: string): void {
  const file = orVaultError(() => new IniFile("config", text));
  if (file === undefined) return;
  const env = new Map<string, string>();
  for (const name of [...orVaultError(() => file.names("profile")) ?? [], "default", "a"]) {
    const config = orVaultError(() => resolveProfile(name, file, env, {}));
    if (config === undefined) continue;
    for (const keys of [[], [name], ["a"]]) {
      orVaultError(() => planCredentials(config, new Set(keys), { sessions: true, renews: false }));
    }
  }
  orVaultError(() => file.names("sso-session"));
}

fuzz("random bytes as a config file end in an answer or an error for users", 1500, (random) => {
  readAll(new TextDecoder().decode(random.bytes(300)));
});

const PROFILES = ["a", "b", "c", "default"];
const KEYS = [
  ...["region", "role_arn", "source_profile", "include_profile", "mfa_serial", "duration_seconds"],
  ...["sso_session", "sso_start_url", "credential_source", "credential_process", "session_tags"],
  ...["web_identity_token_file", "parent_profile", "services", "endpoint_url", "ROLE_ARN"],
];

function randomLine(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `[${random.pick(["profile ", "", "sso-session ", "services "])}${
        random.pick(PROFILES)
      }]`;
    case 1:
      return random.text(20);
    default: {
      const value = random.pick([...PROFILES, "3600", "1h", "x=y", "", random.text(8)]);
      return `${random.pick(["", "  "])}${random.pick(KEYS)} = ${value}`;
    }
  }
}

fuzz(
  "config files of likely lines end in an answer or an error for users, never in a loop",
  1500,
  (random) => {
    const end = random.pick(["\n", "\r\n"]);
    readAll(random.list(30, () => randomLine(random)).join(end));
  },
);

fuzz("a section that is appended is read back, and no other byte is changed", 1000, (random) => {
  const lines = random.list(
    10,
    () => `[profile ${random.pick(PROFILES)}]\nregion = ${random.below(9)}`,
  );
  const before = random.pick(["", "\ufeff", "# top\n"]) + lines.join("\n") +
    random.pick(["", "\n"]);
  const name = `new${random.text(12).replace(/[\]\r\n"]/g, "")}`;
  const after = before + formatSection(before, name, { mfa_serial: "arn:mfa" });
  assert.ok(after.startsWith(before));
  const section = new IniFile("config", after).section("profile", name);
  assert.equal(section?.get("mfa_serial")?.value, "arn:mfa", JSON.stringify(name));
});

fuzz("a duration is the sum of its parts, and anything else an error for users", 3000, (random) => {
  const [h, m, s] = [random.below(100), random.below(100), random.below(100)];
  if (h + m + s > 0) {
    assert.equal(parseDuration(`${h}h${m}m${s}s`, "x"), h * 3600 + m * 60 + s);
    assert.equal(parseDuration(`${s}s${h}h${m}m`, "x"), h * 3600 + m * 60 + s);
  }
  const text = random.list(
    6,
    () => random.pick(["1", "5", ".", "h", "m", "s", "ms", " ", "-", "e"]),
  );
  const seconds = orVaultError(() => parseDuration(text.join(""), "x"));
  assert.ok(seconds === undefined || Number.isSafeInteger(seconds) && seconds >= 0, text.join(""));
  const whole = orVaultError(() => parseSeconds(text.join(""), "x"));
  assert.ok(whole === undefined || Number.isSafeInteger(whole) && whole > 0, text.join(""));
});
