import * as fc from "fast-check";
import assert from "node:assert/strict";
import process from "node:process";
import { listDependants } from "../../src/cli/dependants.ts";
import { formatSection } from "../../src/config/new_sections.ts";
import { parseDuration, parseSeconds } from "../../src/config/duration.ts";
import { IniFile } from "../../src/config/ini.ts";
import { decodeConfig } from "../../src/config/load.ts";
import { checkNewName } from "../../src/config/names.ts";
import { resolveProfile } from "../../src/config/resolve.ts";
import { planCredentials } from "../../src/credentials/plan.ts";
import type { Plan } from "../../src/credentials/steps.ts";
import { VaultError } from "../../src/errors.ts";
import { MemoryApp } from "../unit/cli/memory_app.ts";
import { bytes, property, text } from "./property.ts";

/** Runs it; an error that is not for users fails the test. */
function orVaultError<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

function read(name: string, file: IniFile, keys: readonly string[]): Plan | undefined {
  const config = orVaultError(() => resolveProfile(name, file, new Map(), {}));
  const options = { sessions: true, renews: false };
  return config && orVaultError(() => planCredentials(config, new Set(keys), options));
}

/** Reads all of a config file as the commands do, for every profile it has; tells how far it came. */
function readAll(config: string, isUtf8 = true): "error" | "plan" | "role" {
  const file = orVaultError(() => new IniFile("config", config, isUtf8));
  if (file === undefined) return "error";
  const plans: (Plan | undefined)[] = [];
  for (const name of [...orVaultError(() => file.names("profile")) ?? [], "default", "a"]) {
    for (const keys of [[], [name], ["a"]]) plans.push(read(name, file, keys));
  }
  orVaultError(() => file.names("sso-session"));
  if (plans.some((plan) => plan?.steps.some(({ kind }) => kind === "assume_role"))) return "role";
  return plans.every((plan) => plan === undefined) ? "error" : "plan";
}

const PROFILES = ["a", "b", "c", "default"];
const KEYS = [
  ...["region", "role_arn", "source_profile", "include_profile", "mfa_serial", "duration_seconds"],
  ...["sso_session", "sso_start_url", "credential_source", "credential_process", "session_tags"],
  ...["web_identity_token_file", "parent_profile", "services", "endpoint_url", "ROLE_ARN"],
];

const HEADER = fc
  .tuple(fc.constantFrom("profile ", "", "sso-session ", "services "), fc.constantFrom(...PROFILES))
  .map(([kind, name]) => `[${kind}${name}]`);
/** Settings that fit together. */
const FITTING = fc.constantFrom(
  ...["role_arn = arn:aws:iam::123456789012:role/x", "source_profile = a", "source_profile = b"],
  ...["mfa_serial = arn:aws:iam::123456789012:mfa/x", "region = eu-west-1", "include_profile = c"],
);
const ENTRY = fc.tuple(
  fc.constantFrom("", "  "),
  fc.constantFrom(...KEYS),
  fc.oneof(fc.constantFrom(...PROFILES, "3600", "1h", "x=y", ""), text(8)),
).map(([indent, key, value]) => `${indent}${key} = ${value}`);
const LINE = fc.oneof(
  { weight: 12, arbitrary: HEADER },
  text(20),
  { weight: 3, arbitrary: ENTRY },
  { weight: 24, arbitrary: FITTING },
);

/** Bytes among lines. */
const BYTES = fc.array(
  fc.oneof(
    bytes(12),
    fc.oneof(HEADER, FITTING, ENTRY).map((line) => new TextEncoder().encode(line)),
  ),
  { maxLength: 12 },
).map((lines) => Uint8Array.from(lines.flatMap((line) => [...line, 10])));

property(
  "random bytes in a config file end in an answer or an error for users",
  1500,
  BYTES,
  (config) => {
    const { text, isUtf8 } = decodeConfig(config);
    return `${readAll(text, isUtf8)} in ${isUtf8 ? "UTF-8" : "bytes"}`;
  },
  { "plan in UTF-8": 50, "plan in bytes": 50, "error in UTF-8": 10, "error in bytes": 50 },
);

property(
  "config files of likely lines end in an answer or an error for users, never in a loop",
  1500,
  fc.tuple(fc.array(LINE, { maxLength: 30 }), fc.constantFrom("\n", "\r\n")),
  ([lines, end]) => readAll(lines.join(end)),
  { error: 60, plan: 60, role: 30 },
);

property(
  "every profile that is listed is found, by a search as by an index",
  1500,
  fc.array(fc.oneof(LINE, text(12).map((name) => `[profile ${name}]`)), { maxLength: 20 }),
  (lines) => {
    const config = lines.join("\n");
    const file = orVaultError(() => new IniFile("config", config));
    for (const name of file?.readableNames("profile") ?? []) {
      const alone = new IniFile("config", config);
      assert.notEqual(orVaultError(() => alone.has("profile", name)), false, JSON.stringify(name));
      assert.notEqual(orVaultError(() => file!.has("profile", name)), false, JSON.stringify(name));
    }
  },
);

/** What lines are made of, and whole lines; `{n}` is a number that goes up, `{m}` the next one. */
const GRAINS = [
  ..." \t\n#;=:[]a\"'\\\0\r",
  ...["\r\n", " #", " [", "] ", "\n\n", "  region", "a = ", "k{n} = 1\n", "  indented = 1\n"],
  ...["[profile a]\n", "[default]\n", "[profile p{n}]\n", "[profile p{n}", "[sso-session s]\n"],
  ...["source_profile = p{m}\n", "include_profile = p{m}\n", "include_profile = a\n"],
  ...["role_arn = r\n", "mfa_serial = m\n", "duration_seconds = 900\n", "[a]\n", "nonsense\n"],
];

const LONG_LENGTH = 200_000;

/** A few grains over and over: long lines, long sections, long chains, or many of each. */
const LONG = fc.record({
  begin: fc.constantFrom("", "[profile a]\n", "[profile a]\nx = ", "[profile p0]\n", "[profile a"),
  grains: fc.array(fc.constantFrom(...GRAINS), { minLength: 1, maxLength: 5 }),
});

function makeLong({ begin, grains }: { begin: string; grains: readonly string[] }): string {
  const grain = grains.join("");
  const repeated = Array.from(
    { length: Math.ceil(LONG_LENGTH / grain.length) },
    (_, n) => grain.replaceAll("{n}", `${n}`).replaceAll("{m}", `${n + 1}`),
  );
  return begin + repeated.join("") + "\n";
}

/** What commands do with a config file, each thing once. */
function useOnce(config: string): void {
  const app = orVaultError(() => new MemoryApp(config));
  const file = app?.config();
  if (app === undefined || file === undefined) return;
  for (const name of ["a", "p0", "default"]) read(name, file, ["p7000"]);
  for (const name of file.readableNames("profile")) {
    orVaultError(() => file.section("profile", name));
  }
  orVaultError(() => file.names("profile"));
  listDependants("p7000", app, ["p7000"]);
  file.findMistakenHeader("b");
}

/**
 * What takes the square of a text's length takes ten seconds and more of the processor here, and what
 * grows with it some hundredths of one. How busy the machine is does not count.
 */
function assertLinear(config: string): void {
  const begin = process.cpuUsage();
  useOnce(config);
  const { user, system } = process.cpuUsage(begin);
  const ms = (user + system) / 1000;
  assert.ok(ms <= 2000, `${ms} ms for ${config.length} characters`);
}

property(
  "long config texts are read in time that grows with their length",
  150,
  LONG,
  (parts) => assertLinear(makeLong(parts)),
);

Deno.test("chains of both kinds at once are gone over in time that grows with them", () => {
  const count = 4000;
  const links = Array.from(
    { length: count },
    (_, n) => `[profile p${n}]\nsource_profile = p${n + 1}\ninclude_profile = p${n + 1}\n`,
  );
  const config = links.join("") + `[profile p${count}]\ncredential_process = x\n`;
  assert.equal(read("p0", new IniFile("config", config), [])?.steps[0]?.profile, `p${count}`);
  assertLinear(config);
});

property(
  "a section that is appended is read back, whatever its name and the text before",
  1000,
  fc.tuple(
    fc.constantFrom("", "\ufeff", "# top\n"),
    fc.array(HEADER.map((header) => `${header}\nregion = 1`), { maxLength: 10 }),
    fc.constantFrom("\n", "\r\n"),
    text(12).map((name) => `new${name}`),
  ),
  ([top, sections, end, name]) => {
    if (orVaultError(() => checkNewName(name) ?? true) === undefined) return;
    const before = top + sections.map((section) => section.replace("\n", end) + end).join("");
    const after = before + formatSection(before, { name, settings: { mfa_serial: "arn:mfa" } });
    const section = new IniFile("config", after).section("profile", name);
    assert.equal(section?.get("mfa_serial")?.value, "arn:mfa", JSON.stringify(name));
  },
);

const SMALL = fc.nat({ max: 99 });

property(
  "a duration is the sum of its parts",
  1000,
  fc.tuple(SMALL, SMALL, SMALL).filter(([h, m, s]) => h + m + s > 0),
  ([h, m, s]) => {
    assert.equal(parseDuration(`${h}h${m}m${s}s`, "x"), h * 3600 + m * 60 + s);
    assert.equal(parseDuration(`${s}s${h}h${m}m`, "x"), h * 3600 + m * 60 + s);
  },
);

const PARTS_OF_SECONDS = { h: 3600, m: 60, s: 1, ms: 0.001 } as const;

property(
  "what Go takes for a duration of a second at least is one, and all else is an error for users",
  3000,
  fc.array(
    fc.oneof(
      fc.constantFrom("1h", "5m", "1.5s", ".5m", "15ms"),
      fc.constantFrom("1", "5", ".", "h", "m", "s", "ms", " ", "-", "+", "e"),
    ),
    { maxLength: 4 },
  ),
  (parts) => {
    const text = parts.join("");
    const isGo = /^\s*\+?(?:(?:\d+\.?\d*|\.\d+)(?:ms|[hms]))+\s*$/.test(text);
    const sum = Array.from(
      text.matchAll(/([\d.]+)(ms|[hms])/g),
      ([, count, unit]) => Number(count) * PARTS_OF_SECONDS[unit as keyof typeof PARTS_OF_SECONDS],
    )
      .reduce((all, seconds) => all + seconds, 0);
    const isLong = isGo && sum > 0.9999;
    const seconds = orVaultError(() => parseDuration(text, "x"));
    assert.equal(seconds, isLong ? Math.floor(sum + 0.0001) : undefined, text);
    const isWhole = /^\s*[1-9]\d*\s*$/.test(text);
    assert.equal(orVaultError(() => parseSeconds(text, "x")), isWhole ? Number(text) : undefined);
    return isLong ? "duration" : isWhole ? "seconds" : "none";
  },
  { duration: 300, seconds: 30, none: 300 },
);
