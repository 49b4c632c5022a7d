import * as fc from "fast-check";
import assert from "node:assert/strict";
import { cutKeys, findKeys } from "../../src/config/key_source.ts";
import { requirePython } from "../require.ts";

/** What botocore reads in each of the files of standard input; null where it refuses one. */
const SCRIPT = `
import json, os, sys, tempfile
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError
answers = []
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "credentials")
    for text in json.load(sys.stdin):
        with open(path, "wb") as file: file.write(text.encode())
        try: answers.append(raw_config_parse(path))
        except ConfigParseError: answers.append(None)
print(json.dumps(answers))
`;

type Value = string | Record<string, string>;
type Parsed = Record<string, Record<string, Value>> | null;

async function readByBotocore(files: readonly string[]): Promise<Parsed[]> {
  const child = new Deno.Command("python3", {
    args: ["-c", SCRIPT],
    ...{ stdin: "piped", stdout: "piped" } as const,
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(files)));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const ID = "aws_access_key_id";
const SECRET = "aws_secret_access_key";

/** Mostly the first. */
function seldom(first: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(first) }, fc.constantFrom(...others));
}

const BLANKS = seldom("", " ", "  ", "\t", "\u00a0");
const VALUE = seldom("AKIAONE", "AKIATWO", "s/+=", "", "in side", "'quoted'");

/** Settings of a section, some of which are indented, wrapped, or below others. */
const SETTINGS = fc.record({
  keys: fc.shuffledSubarray([ID, SECRET, "region", "s3", "aws_session_token"], { minLength: 2 }),
  values: fc.array(VALUE, { minLength: 5, maxLength: 5 }),
  blanks: fc.array(BLANKS, { minLength: 5, maxLength: 5 }),
  rests: fc.array(
    seldom("", "\n  rest", "\n\n  a = 1", `\n\t${ID} = AKIATWO`, "\n; note"),
    { minLength: 5, maxLength: 5 },
  ),
}).map(({ keys, values, blanks, rests }) =>
  keys.map((key, at) => {
    const value = /^(s3|aws_session_token)$/.test(key) ? "" : values[at];
    return `${blanks[at]}${key} = ${value}${rests[at]}\n`;
  })
);

const FILE = fc.record({
  names: fc.shuffledSubarray(["[a]", "[b]", "[profile c]", "[default]"], { minLength: 1 }),
  blanks: fc.array(BLANKS, { minLength: 4, maxLength: 4 }),
  sections: fc.array(SETTINGS, { minLength: 4, maxLength: 4 }),
  end: fc.constantFrom("\n", "\r\n", "\r"),
}).map(({ names, blanks, sections, end }) =>
  names.map((name, at) => `${blanks[at]}${name}\n${sections[at]!.join("")}`).join("\n")
    .replaceAll("\n", end)
);

function sectionOf(parsed: NonNullable<Parsed>, profile: string): Record<string, Value> {
  return parsed[profile] ?? parsed[`profile ${profile}`] ?? {};
}

/** Without some profiles' keys, and without sections that have nothing then. */
function without(parsed: NonNullable<Parsed>, profiles: readonly (string | undefined)[]) {
  return Object.entries(parsed).flatMap(([name, { ...section }]) => {
    if (profiles.includes(name.replace(/^profile /, ""))) {
      for (const key of [ID, SECRET]) delete section[key];
      if (section["aws_session_token"] === "") delete section["aws_session_token"];
    }
    return Object.keys(section).length === 0 ? [] : [[name, section]];
  });
}

Deno.test({
  name:
    "keys are those that botocore finds, and without them it finds all else (python3, botocore)",
  ignore: !requirePython("botocore"),
  fn: async () => {
    const files = fc.sample(FILE, {
      numRuns: 600,
      seed: Number(Deno.env.get("VAULT_FUZZ_SEED") ?? 1),
    });
    const taken = files.map((text) => {
      const bytes = new TextEncoder().encode(text);
      const found = findKeys(bytes, "f");
      const whole = found.filter(({ obstacle }) => obstacle === undefined);
      return { found, whole, left: new TextDecoder().decode(cutKeys(bytes, whole)) };
    });
    const before = await readByBotocore(files);
    const after = await readByBotocore(taken.map(({ left }) => left));
    let compared = 0;
    for (const [index, { found, whole, left }] of taken.entries()) {
      const parsed = before[index];
      const shown = JSON.stringify({ file: files[index], left }, null, 2);
      if (!parsed) continue;
      for (const { profile, accessKeyId, secretAccessKey } of whole) {
        const section = sectionOf(parsed, profile!);
        assert.deepEqual([section[ID], section[SECRET]], [accessKeyId, secretAccessKey], shown);
        compared++;
      }
      for (const [name, section] of Object.entries(parsed)) {
        if (!section[ID] || !section[SECRET]) continue;
        const profile = name.replace(/^profile /, "");
        // An indented header is told in its own name, though it begins no section for botocore.
        const isTold = found.some((keys) => keys.profile === profile || keys.obstacle);
        assert.ok(isTold, `${profile} of ${shown}`);
      }
      assert.ok(after[index], shown);
      const names = whole.map(({ profile }) => profile);
      assert.deepEqual(without(after[index], names), without(parsed, names), shown);
    }
    assert.ok(compared > 100, `${compared} profiles with keys`);
  },
});
