import { redact, REPLACED, stripComment } from "../config/ini_text.ts";
import { formatHeader } from "../config/section_header.ts";
import { KEYS } from "./config_keys.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { type BrokenLine, type EntryLine, type HeaderLine, isHeader } from "./lines.ts";

/** Lines that are not read, or not as what they were meant for. */
export function checkSyntax(view: ConfigView): Finding[] {
  return [
    ...checkLines(view),
    ...checkEncoding(view),
    ...view.lines.filter(isHeader).flatMap((header) => checkHeader(header, view)),
    ...checkDuplicates(view),
    ...checkOutside(view),
  ];
}

function checkLines({ file, lines }: ConfigView): Finding[] {
  return lines.filter((line) => line.kind === "broken").map((line) => ({
    id: "config.line",
    severity: "error" as const,
    file: file.path,
    line: line.number,
    message: `\`${
      redact(stripComment(line.text).trim())
    }\` is no [section], no \`key = value\` and no # comment`,
    effect: `${brokenBy(line)}, and the AWS CLI ${cliReading(line)}`,
    wayOut: MERGE_MARK.test(line.text)
      ? "a merge was left half done: take out the lines that begin with <, = or >, and what you do not mean"
      : "write key = value in one line, or put a # before it",
  }));
}

function brokenBy({ section }: BrokenLine): string {
  return section === undefined
    ? "no command that needs the config file works"
    : "no profile of its section can be used";
}

/** What the AWS CLI does with a line that cannot be read here. */
function cliReading(line: BrokenLine | HeaderLine): string {
  if (line.text.trim().includes("\r")) return "takes its CR for a line end";
  if (line.kind === "header" && line.isClosed) return "passes over what stands behind the bracket";
  return line.goesOn && !line.isOfBlock
    ? "takes it for more of the value above"
    : "refuses the whole file";
}

/** What version control puts around the two sides of a conflict. */
const MERGE_MARK = /^(<{7}|={7}|>{7}|\|{7})( |$)/;

/** Comments too: the AWS CLI reads the whole file as UTF-8, or none of it. */
function checkEncoding({ file, lines }: ConfigView): Finding[] {
  if (file.isUtf8) return [];
  const broken = new Set(lines.flatMap(({ kind, number }) => kind === "broken" ? number : []));
  return file.text.split("\n").flatMap((text, index): Finding[] => {
    if (!text.includes(REPLACED) || broken.has(index + 1)) return [];
    const isComment = !stripComment(text).includes(REPLACED);
    return [{
      id: "config.encoding",
      severity: isComment ? "warning" : "error",
      file: file.path,
      line: index + 1,
      message: `${isComment ? "a comment in " : ""}this line holds bytes that are not UTF-8`,
      effect: isComment
        ? "it is passed over here; the AWS CLI refuses the whole file"
        : "what it says cannot be used, and the AWS CLI refuses the whole file",
      wayOut: "save the file as UTF-8",
    }];
  });
}

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
  if (header.isFaulty) return [faulty(header, place)];
  if (header.id !== undefined || KNOWN_SECTIONS.test(header.inside)) return [];
  const own = lines.filter((line) => line.kind === "entry" && line.section === header);
  const isMeant = own.length === 0 ||
    own.some((line) => line.kind === "entry" && KEYS.includes(line.key));
  return isMeant ? [unread(header, place)] : [];
}

type Place = Pick<Finding, "file" | "line">;

function faulty(header: HeaderLine, place: Place): Finding {
  const fault = header.isClosed ? "goes on behind its bracket" : "is not closed";
  return {
    id: "config.header",
    severity: "error",
    ...place,
    message: `the header ${header.text.trim()} ${fault}`,
    effect: `the section cannot be used, and the AWS CLI ${cliReading(header)}`,
    wayOut: "a header is [default] or [profile NAME], alone on its line",
  };
}

function unread({ inside }: HeaderLine, place: Place): Finding {
  return {
    id: "config.section",
    severity: "error",
    ...place,
    message: `[${inside}] is no section that is read`,
    effect: "what stands below it counts for nothing; as a profile it does not exist",
    wayOut: guessHeader(inside),
  };
}

/** What a header may have been meant for. */
function guessHeader(inside: string): string {
  const other = /^(?:(sso)[\s_-]*session|services?)[\s:=_.-]+(.*)$/i.exec(inside);
  if (other !== null) return `write [${other[1] ? "sso-session" : "services"} ${other[2]}]`;
  const name = inside.replace(/^[\w-]*profiles?(?:[\s:=_.-]+|$)/i, "").trim();
  if (name === "") return "give it a name: [profile NAME]";
  const header = formatHeader(name.toLowerCase() === "default" ? "default" : name);
  return `if it is meant as a profile, write ${header}`;
}

/** Sections of the AWS CLI's that are no business of ours. */
const KNOWN_SECTIONS = /^(plugins|preview|toplevel|cli|granted|sso-session-\S+)$/;

function checkDuplicates({ file, lines }: ConfigView): Finding[] {
  const seen = new Map<string, SaidLine>();
  const seenByBotocore = new Map<string, SaidLine>();
  return lines.filter((line) => line.kind !== "broken").flatMap((line): Finding[] => {
    const id = identify(line);
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

type SaidLine = HeaderLine | EntryLine;

/** What a section, or a setting of it, is told from others by; nothing for lines of a block. */
function identify(line: SaidLine): string | undefined {
  if (line.kind === "header") return line.id;
  return line.below === undefined && line.section?.id
    ? `${line.section.id}\n${line.key}`
    : undefined;
}

/** @param other the one before that botocore takes for one too */
function readTwice(line: SaidLine, other: SaidLine | undefined): string {
  if (other === undefined) {
    return "the AWS CLI takes the indented one for more of the value above";
  }
  return headerOf(other) === headerOf(line)
    ? "the AWS CLI and boto3 refuse the whole file"
    : "the AWS CLI and boto3 take the later of the two sections alone, as they are not written alike";
}

/** As it is written: by that botocore tells sections apart. */
function headerOf(line: SaidLine): string | undefined {
  return line.kind === "header" ? line.inside : line.section?.inside;
}
