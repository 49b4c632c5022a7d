import { type PlainKeys, TEMPORARY } from "../config/found_keys.ts";
import { findKeys } from "../config/key_source.ts";
import { decodeConfig } from "../config/load.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { formatHeader } from "../config/section_header.ts";
import { asWord } from "../errors.ts";
import { exists, readPlainFile } from "../files.ts";
import { KEYS } from "./config_keys.ts";
import type { Finding, MachineView } from "./finding.ts";
import { type EntryLine, readLines, settingsOf } from "./lines.ts";

/** Long-term keys in plain text, in the credentials file and in the config file. */
export function checkPlainKeys({ ctx, file, lines }: MachineView): Finding[] {
  const path = credentialsPath(ctx.env);
  const settings = settingsOf(lines);
  const isTemporary = ({ section }: EntryLine) =>
    settings.some(({ key, value, section: own }) =>
      own === section &&
      (key === "aws_session_token" || /^aws_access_key_id=asia/i.test(`${key}=${value}`))
    );
  const inConfig = settings.filter((entry) =>
    entry.key === "aws_secret_access_key" && entry.value !== "" && !isTemporary(entry)
  );
  return [
    ...(path === undefined ? [] : findIn(path)),
    ...inConfig.map(({ number, section }) =>
      describe(file.path, number, section.inside, ` --from ${asWord(file.path)}`)
    ),
  ];
}

function findIn(path: string): Finding[] {
  let found: PlainKeys[];
  try {
    found = findKeys(readPlainFile(path), path);
  } catch {
    return []; // not there, or not ours to read
  }
  return found.filter(({ secretAccessKey, obstacle }) =>
    secretAccessKey !== "" && obstacle !== TEMPORARY
  ).map(({ line, profile, obstacle }) => {
    const finding = describe(path, line, profile ?? "nobody in particular", "");
    const wayOut = `${finding.wayOut}, once this is mended: ${obstacle}`;
    return obstacle === undefined ? finding : { ...finding, wayOut };
  });
}

/** Settings in the credentials file, of which this tool reads none: botocore puts them over the config file's. */
export function checkPlainSettings({ ctx, file }: MachineView): Finding[] {
  const path = credentialsPath(ctx.env);
  let text: string;
  try {
    if (path === undefined || isSame(path, file.path)) return [];
    text = decodeConfig(readPlainFile(path)).text;
  } catch {
    return []; // not there, or not ours to read
  }
  return readLines(text).flatMap((line): Finding[] => {
    if (line.kind !== "entry" || line.below || !KEYS.includes(line.key)) return [];
    const name = line.section?.inside;
    // There a profile's header is its name alone: `[profile a]` is none of that name's.
    if (name === undefined || /^profile\s/.test(name) || line.value === "") return [];
    return [{
      id: "credentials.settings",
      severity: "warning",
      file: path,
      line: line.number,
      message: `${line.key} of ${name} stands in the credentials file`,
      effect:
        "it counts for nothing here; the AWS CLI and boto3 put it over what the config file says",
      wayOut: `move it to ${file.path}, below ${formatHeader(name)}`,
    }];
  });
}

function isSame(path: string, other: string): boolean {
  return path === other || exists(other) && Deno.realPathSync(path) === Deno.realPathSync(other);
}

function describe(path: string, line: number, profile: string, option: string): Finding {
  return {
    id: "credentials.plain-keys",
    severity: "warning",
    file: path,
    line,
    message: `the keys of ${profile} lie here in plain text`,
    effect: "every program that you start can read and send them, and they do not expire",
    wayOut: `take them over and out with: aws-vault import --scrub${option}`,
  };
}
