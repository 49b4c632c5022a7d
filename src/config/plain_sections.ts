import { beforeEmptyLine } from "./section_places.ts";
import { type Cut, type PlainKeys, TEMPORARY, whyNotStored } from "./found_keys.ts";
import {
  describeRest,
  KEYS,
  readSections,
  type Section,
  type Setting,
  TOKENS,
} from "./plain_lines.ts";

/**
 * The keys in the sections of a credentials file: `[NAME]`, or `[profile NAME]` as the config file
 * has it. A profile may have several sections.
 */
export function findPlainKeys(text: string): PlainKeys[] {
  const byProfile = Map.groupBy(readSections(text), ({ name }) => name.profile);
  return [...byProfile].flatMap(([profile, own]) => {
    const first = own.find(({ settings, nested }) => settings.length + nested.length > 0);
    if (first === undefined) return [];
    const shown = own.flatMap(({ settings, nested }) => [...nested, ...settings]);
    const [accessKeyId, secretAccessKey] = KEYS.map((key) => valueOf(shown, key));
    const cuts = own.flatMap((section) => listCuts(section, text));
    const keys = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
    return [{ profile, line: first.header.number, ...keys, obstacle: whyLeft(own), cuts }];
  });
}

function whyLeft(own: readonly Section[]): string | undefined {
  const fault = own.find(({ name }) => name.fault !== undefined)?.name.fault;
  if (fault !== undefined) return fault;
  const settings = own.flatMap((section) => section.settings);
  if (isAmbiguous(settings)) return "it sets a key twice, in two ways";
  const [accessKeyId, secretAccessKey] = KEYS.map((key) => valueOf(settings, key));
  const token = TOKENS.map((key) => valueOf(settings, key)).join("");
  const obstacle = whyNotStored(accessKeyId!, secretAccessKey!, token);
  if (obstacle === TEMPORARY) return obstacle;
  const [rest] = own.flatMap(({ goesOn }) => goesOn ?? []);
  const [nested] = own.flatMap((section) => section.nested);
  const line = rest ?? nested?.number;
  return line === undefined ? obstacle : describeRest(line);
}

function valueOf(settings: readonly Setting[], key: Setting["key"]): string {
  return settings.findLast((setting) => setting.key === key)?.value ?? "";
}

function isAmbiguous(settings: readonly Setting[]): boolean {
  return KEYS.some((key) =>
    new Set(settings.filter((setting) => setting.key === key).map(({ value }) => value)).size > 1
  );
}

/**
 * Its keys; where it has nothing else, its header too, and one empty line before that. A header that
 * is indented deeper than this one would be more of a setting above without it.
 */
function listCuts({ header, settings, hasMore, isBelowDeeper }: Section, text: string): Cut[] {
  const keys = settings.filter(({ key }) => KEYS.some((known) => known === key));
  if (keys.length === 0 || hasMore || isBelowDeeper) return keys;
  return [{ from: beforeEmptyLine(text, header.from), to: header.to }, ...settings];
}
