import { type PlainKeys, TEMPORARY } from "../config/found_keys.ts";
import { findKeys } from "../config/key_source.ts";
import { decodeConfig } from "../config/load.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { formatHeader } from "../config/section_header.ts";
import { asWord } from "../errors.ts";
import { readPlainFile } from "../files.ts";
import { baseName, parentOf } from "../paths.ts";
import { KEYS } from "./config_keys.ts";
import type { Finding, MachineView } from "./finding.ts";
import { type EntryLine, readLines, settingsOf } from "./lines.ts";
import { listFiles, look } from "./modes.ts";

/** What the credentials file holds, and what an editor has left of it. */
export function checkCredentials({ ctx, file }: MachineView): Finding[] {
  const path = credentialsPath(ctx.env);
  if (path === undefined) return [];
  const bytes = readIfThere(path);
  return [
    ...(bytes === undefined ? [] : checkKeys(bytes, path)),
    ...(bytes === undefined || isSame(path, file.path) ? [] : checkSettings(bytes, path, file)),
    ...checkCopies(path),
  ];
}

/** Nothing where it is not there, or not ours to read. */
function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readPlainFile(path);
  } catch {
    return undefined;
  }
}

/** Long-term keys in plain text in the config file. */
export function checkConfigKeys({ file, lines }: MachineView): Finding[] {
  const settings = settingsOf(lines);
  const isTemporary = ({ section }: EntryLine) =>
    settings.some(({ key, value, section: own }) =>
      own === section &&
      (key === "aws_session_token" || /^aws_access_key_id=asia/i.test(`${key}=${value}`))
    );
  const inConfig = settings.filter((entry) =>
    entry.key === "aws_secret_access_key" && entry.value !== "" && !isTemporary(entry)
  );
  return inConfig.map(({ number, section }) =>
    describe(file.path, number, section.inside, ` --from ${asWord(file.path)}`)
  );
}

function checkKeys(bytes: Uint8Array, path: string): Finding[] {
  let found: PlainKeys[];
  try {
    found = findKeys(bytes, path);
  } catch {
    return []; // it is no text
  }
  return found.flatMap((keys): Finding[] => {
    const half = checkHalf(keys, path);
    if (keys.secretAccessKey === "" || keys.obstacle === TEMPORARY) return half;
    const { line, profile, obstacle } = keys;
    const finding = describe(path, line, profile ?? "nobody in particular", "");
    const wayOut = `${finding.wayOut}, once this is mended: ${obstacle}`;
    return [...half, obstacle === undefined ? finding : { ...finding, wayOut }];
  });
}

/** An id without its secret, or the other way round. */
function checkHalf(keys: PlainKeys, path: string): Finding[] {
  const { profile, line, accessKeyId, secretAccessKey } = keys;
  if (profile === undefined || (accessKeyId === "") === (secretAccessKey === "")) return [];
  const [there, missing, effect] = secretAccessKey === ""
    ? ["access key id", "secret access key", "end with an error for that profile"]
    : ["secret access key", "access key id", "pass over it, and look for keys elsewhere"];
  return [{
    id: "credentials.half-keys",
    severity: "warning",
    file: path,
    line,
    message: `${profile} has its ${there} here, and no ${missing}`,
    effect: `the AWS CLI and boto3 ${effect}`,
    wayOut: "take out what is left of the keys, or write what is missing",
  }];
}

/** Nobody has more keys. */
const LONGEST_COPY_BYTES = 1 << 20;
const SECRET = /aws_secret_access_key[ \t]*[=:][ \t]*[^\s\0]/i;

/** Keys in what editors and people leave beside the file: `credentials~`, `.credentials.swp`. */
function checkCopies(path: string): Finding[] {
  const name = baseName(path);
  return listFiles(parentOf(path)).flatMap((copy): Finding[] => {
    const own = baseName(copy);
    if (!own.includes(name) || own.includes(".aws-vault.") || isSame(copy, path)) return [];
    if ((look(copy)?.size ?? 0) > LONGEST_COPY_BYTES) return [];
    const text = new TextDecoder("latin1").decode(readIfThere(copy));
    // Where every id is a session's, the keys end by themselves.
    if (!SECRET.test(text) || /ASIA/.test(text) && !/AKIA/.test(text)) return [];
    return [{
      id: "credentials.copy",
      severity: "warning",
      file: copy,
      message: "keys lie in plain text in this copy of the credentials file",
      effect: "every program that you start can read and send them, and nothing here looks at them",
      wayOut: `where the keyring has them, or nobody needs them: rm ${asWord(copy)}`,
    }];
  });
}

/** Of settings in the credentials file this tool reads none: botocore puts them over the config file's. */
function checkSettings(bytes: Uint8Array, path: string, file: MachineView["file"]): Finding[] {
  return readLines(decodeConfig(bytes).text).flatMap((line): Finding[] => {
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

/** Whether both lead to one file; one that cannot be looked at is no other's. */
function isSame(path: string, other: string): boolean {
  try {
    return Deno.realPathSync(path) === Deno.realPathSync(other);
  } catch {
    return false;
  }
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
