import { formatHeader } from "../config/append.ts";
import { stripComment } from "../config/ini_text.ts";
import { hintAtNearest } from "../config/nearest.ts";
import type { ConfigView, Finding } from "./finding.ts";
import {
  type BrokenLine,
  type EntryLine,
  type HeaderLine,
  isHeader,
  type Line,
  settingsOf,
} from "./lines.ts";

/** What the AWS CLI does with a line that cannot be read here. */
function cliReading(line: BrokenLine | HeaderLine): string {
  if (line.text.trim().includes("\r")) return "takes its CR for a line end";
  if (line.kind === "header" && line.isClosed) return "passes over what stands behind the bracket";
  return line.goesOn && !line.isOfBlock
    ? "takes it for more of the value above"
    : "refuses the whole file";
}

/** Lines that are not read, or not as what they were meant for. */
export function checkSyntax(view: ConfigView): Finding[] {
  return [
    ...checkLines(view),
    ...checkEncoding(view),
    ...view.lines.filter(isHeader).flatMap((header) => checkHeader(header, view)),
    ...checkDuplicates(view),
    ...checkOutside(view),
    ...checkKeys(view),
  ];
}

function checkLines({ file, lines }: ConfigView): Finding[] {
  return lines.filter((line) => line.kind === "broken").map((line) => ({
    id: "config.line",
    severity: "error" as const,
    file: file.path,
    line: line.number,
    message: "this line is no [section], no `key = value` and no # comment",
    effect: `no profile of its section can be used, and the AWS CLI ${cliReading(line)}`,
    wayOut: MERGE_MARK.test(line.text)
      ? "a merge was left half done: take out the lines that begin with <, = or >, and what you do not mean"
      : "write key = value in one line, or put a # before it",
  }));
}

/** What version control puts around the two sides of a conflict. */
const MERGE_MARK = /^(<{7}|={7}|>{7}|\|{7})( |$)/;

/** Comments too: the AWS CLI reads the whole file as UTF-8, or none of it. */
function checkEncoding({ file, lines }: ConfigView): Finding[] {
  if (file.isUtf8) return [];
  const broken = new Set(lines.flatMap(({ kind, number }) => kind === "broken" ? number : []));
  return file.text.split("\n").flatMap((text, index): Finding[] => {
    if (!text.includes(NO_UTF8) || broken.has(index + 1)) return [];
    const isComment = !stripComment(text).includes(NO_UTF8);
    return [{
      id: "config.encoding",
      severity: isComment ? "warning" : "error",
      file: file.path,
      line: index + 1,
      message: `${
        isComment ? "a comment in this line" : "this line"
      } holds bytes that are not UTF-8`,
      effect: isComment
        ? "it is passed over here; the AWS CLI refuses the whole file"
        : "what it says cannot be used, and the AWS CLI refuses the whole file",
      wayOut: "save the file as UTF-8",
    }];
  });
}

/** What stands in a text for bytes that are no UTF-8. */
const NO_UTF8 = "\ufffd";

/** Whatever stands before the first header is in no section. */
function checkOutside({ file, lines }: ConfigView): Finding[] {
  return lines.filter((line) => line.kind === "entry" && line.section === undefined)
    .map(({ number }) => ({
      id: "config.outside",
      severity: "error" as const,
      file: file.path,
      line: number,
      message: "this setting stands before the first [section]",
      effect: "it counts for nothing here, and the AWS CLI and boto3 refuse the whole file",
      wayOut: "move it below the [default] or [profile NAME] that it is for",
    }));
}

function checkHeader(header: HeaderLine, { file, lines }: ConfigView): Finding[] {
  const place = { file: file.path, line: header.number };
  if (header.isFaulty) {
    return [{
      id: "config.header",
      severity: "error",
      ...place,
      message: `the header ${header.text.trim()} ${
        header.isClosed ? "goes on behind its bracket" : "is not closed"
      }`,
      effect: `the section cannot be used, and the AWS CLI ${cliReading(header)}`,
      wayOut: "a header is [default] or [profile NAME], alone on its line",
    }];
  }
  if (header.id !== undefined || KNOWN_SECTIONS.test(header.inside)) return [];
  const own = lines.filter((line) => line.kind === "entry" && line.section === header);
  const isMeant = own.length === 0 ||
    own.some((line) => line.kind === "entry" && KEYS.includes(line.key));
  if (!isMeant) return [];
  const name = header.inside.replace(/^[\w-]*profiles?(?:[\s:=_.-]+|$)/i, "").trim();
  const other = /^(?:(sso)[\s_-]*session|(service)s?)[\s:=_.-]+(.*)$/i.exec(header.inside);
  const kind = other && (other[1] ? "sso-session" : "services");
  return [{
    id: "config.section",
    severity: "error",
    ...place,
    message: `[${header.inside}] is no section that is read`,
    effect: "what stands below it counts for nothing; as a profile it does not exist",
    wayOut: kind
      ? `write [${kind} ${other[3]}]`
      : name === ""
      ? "give it a name: [profile NAME]"
      : `if it is meant as a profile, write ${
        formatHeader(name.toLowerCase() === "default" ? "default" : name)
      }`,
  }];
}

/** Sections of the AWS CLI's that are no business of ours. */
const KNOWN_SECTIONS = /^(plugins|preview|toplevel|cli|granted|sso-session-\S+)$/;

function checkDuplicates({ file, lines }: ConfigView): Finding[] {
  const seen = new Map<string, Line>();
  const seenByBotocore = new Map<string, Line>();
  return lines.flatMap((line): Finding[] => {
    const isNested = line.kind === "entry" && line.below !== undefined;
    if (line.kind === "broken" || isNested) return [];
    const id = line.kind === "header"
      ? line.id
      : line.section?.id && `${line.section.id}\n${line.key}`;
    if (id === undefined) return [];
    const first = seen.get(id);
    seen.set(id, line);
    const other = line.goesOn ? undefined : seenByBotocore.get(id);
    if (!line.goesOn) seenByBotocore.set(id, line);
    if (first === undefined) return [];
    const what = line.kind === "header" ? `[${line.inside}]` : line.key;
    return [{
      id: line.kind === "header" ? "config.section-twice" : "config.key-twice",
      severity: "warning",
      file: file.path,
      line: line.number,
      message: `${what} was given before, in line ${first.number}`,
      effect: `here the later lines win; ${readTwice(line, other)}`,
      wayOut: "put the two together",
    }];
  });
}

/** @param other the one before that botocore takes for one too */
function readTwice(line: Line, other: Line | undefined): string {
  if (other === undefined) {
    return "the AWS CLI takes the indented one for more of the value above";
  }
  return headerOf(other) === headerOf(line)
    ? "the AWS CLI and boto3 refuse the whole file"
    : "the AWS CLI and boto3 take the later of the two sections alone, as they are not written alike";
}

/** As it is written: by that botocore tells sections apart. */
function headerOf(line: Line): string | undefined {
  return line.kind === "header" ? line.inside : line.section?.inside;
}

function checkKeys({ file, lines }: ConfigView): Finding[] {
  // A block is a service's: plugins of the AWS CLI have one for each.
  const nested = lines.filter((line) => line.kind === "entry" && line.below !== undefined);
  const blocks = Map.groupBy(nested, (line) => line.kind === "entry" ? line.section : undefined);
  const isBlock = ({ section, key }: EntryLine) =>
    blocks.get(section)?.some((line) => line.kind === "entry" && line.below === key) ?? false;
  return settingsOf(lines).filter((entry) => !isBlock(entry))
    .flatMap((entry) => checkKey(entry, file.path));
}

function checkKey({ key, number, section }: EntryLine, path: string): Finding[] {
  const known = [...KEYS, ...KEYS_OF_OTHERS];
  const isServices = section!.id!.startsWith("services ");
  if (isServices || known.includes(key) || /^(x|cli|granted|aws|vault)_/.test(key)) return [];
  const [hint] = hintAtNearest(key, known, MOST_SLIPS);
  if (hint === undefined) return [];
  return [{
    id: "config.key",
    severity: "warning",
    file: path,
    line: number,
    message: `${key} is no setting that is known; ${hint}`,
    effect: "it counts for nothing",
    wayOut: "write the name of the setting that is meant",
  }];
}

/** More slips than these are another word. */
const MOST_SLIPS = 2;

/** The settings that are read here. */
export const KEYS: readonly string[] = [
  ...["region", "mfa_serial", "mfa_process", "role_arn", "role_session_name", "external_id"],
  ...["duration_seconds", "source_profile", "credential_source", "include_profile"],
  ...["parent_profile", "sso_session", "sso_start_url", "sso_region", "sso_account_id"],
  ...["sso_role_name", "sso_registration_scopes", "web_identity_token_file"],
  ...["web_identity_token_process", "sts_regional_endpoints", "endpoint_url", "services"],
  ...["session_tags", "transitive_session_tags", "source_identity", "credential_process"],
  ...["login_session", "vault_expected_account", "ignore_configured_endpoint_urls"],
  ...["use_fips_endpoint", "use_dualstack_endpoint"],
];

/** Those of the AWS CLI and SDKs: they are right, and read by others. */
const KEYS_OF_OTHERS: readonly string[] = [
  ...["output", "ca_bundle", "s3", "max_attempts", "retry_mode", "parameter_validation"],
  ...["tcp_keepalive", "defaults_mode"],
  ...["sdk_ua_app_id", "sigv4a_signing_region_set", "request_min_compression_size_bytes"],
  ...["disable_request_compression", "ec2_metadata_service_endpoint"],
  ...["ec2_metadata_service_endpoint_mode", "ec2_metadata_v1_disabled"],
  ...["endpoint_discovery_enabled", "account_id_endpoint_mode", "metadata_service_timeout"],
  ...["metadata_service_num_attempts", "request_checksum_calculation", "sso_account_name"],
  ...["response_checksum_validation", "auth_scheme_preference", "sso_auto_populated"],
  ...[
    "s3_disable_multiregion_access_points",
    "signature_version",
  ],
  ...[
    "api_versions",
    "dynamodb",
    "sts",
    "iam",
    "sso",
    "sso_oidc",
    "ec2",
    "account",
    "role",
    "color",
  ],
];
