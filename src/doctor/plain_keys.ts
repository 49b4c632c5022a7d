import { type PlainKeys, TEMPORARY } from "../config/found_keys.ts";
import { findKeys } from "../config/key_source.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { asWord } from "../errors.ts";
import { readPlainFile } from "../files.ts";
import type { Finding, MachineView } from "./finding.ts";
import { type EntryLine, settingsOf } from "./lines.ts";

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
