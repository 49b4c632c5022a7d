import type { ConfigView, Finding } from "./finding.ts";
import { type EntryLine, type HeaderLine, isHeader, nestedOf, settingsOf } from "./lines.ts";

/** What other readers of the same file (botocore, the SDKs, the Go tool) take otherwise. */
export function checkReaders(view: ConfigView): Finding[] {
  return [
    ...checkMarks(view),
    ...checkNested(view),
    ...view.lines.filter(isHeader).flatMap((header) => checkHeader(header, view)),
    ...settingsOf(view.lines).flatMap((entry) => tell(VALUES, entry, view)),
    ...nestedOf(view.lines).flatMap((entry) => tell([COMMENT], entry, view)),
  ];
}

/** The first way in which others read a header otherwise, or what they take of its name. */
function checkHeader(header: HeaderLine, view: ConfigView): Finding[] {
  const reading = HEADERS.find(({ isFound }) => isFound(header));
  if (reading === undefined) return checkName(header, view);
  const { id, severity, describe } = reading;
  return [{ id, severity, file: view.file.path, line: header.number, ...describe(header) }];
}

/** A header that others read otherwise. */
interface HeaderReading extends Pick<Finding, "id" | "severity"> {
  isFound(header: HeaderLine): boolean;
  describe(header: HeaderLine): Pick<Finding, "message" | "effect" | "wayOut">;
}

const HEADERS: readonly HeaderReading[] = [
  {
    id: "config.indented",
    severity: "warning",
    isFound: ({ goesOn }) => goesOn,
    describe: (header) => ({
      message: `the header [${header.inside}] is indented`,
      effect: `it begins a section here; ${readIndented(header)}`,
      wayOut: "take out the blanks before it",
    }),
  },
  {
    id: "config.blank-in-header",
    severity: "warning",
    isFound: ({ text }) => /^\s*\[(\s|default\s)/.test(text),
    describe: ({ inside }) => ({
      message: `the header [${inside}] has blanks at its bracket`,
      effect: "they count for nothing here; the AWS CLI and boto3 pass over the section",
      wayOut: `write [${inside}]`,
    }),
  },
  {
    id: "config.profile-default",
    severity: "warning",
    isFound: ({ inside }) => /^profile\s+default$/.test(inside),
    describe: () => ({
      message: "[profile default] stands for [default]",
      effect:
        "of this and [default] the AWS CLI takes the later one alone; the Go tool and some SDKs " +
        "do not know it",
      wayOut: "write [default]",
    }),
  },
  {
    id: "config.quoted-name",
    severity: "note",
    isFound: ({ inside }) => /^(profile|sso-session|services)\s+["']/.test(inside),
    describe: ({ inside }) => ({
      message: `the name in [${inside}] is in quotes`,
      effect:
        "the AWS CLI and this tool take them away; the Go tool and some SDKs take them for part " +
        "of the name",
      wayOut: "choose a name without white space, which needs none",
    }),
  },
];

function tell(readings: readonly Reading[], entry: EntryLine, { file }: ConfigView): Finding[] {
  return readings.filter(({ isFound }) => isFound(entry)).map((
    { isFound: _, effect, ...said },
  ) => ({
    ...said,
    severity: "warning",
    file: file.path,
    line: entry.number,
    effect: typeof effect === "string" ? effect : effect(entry),
    message: `${entry.key} ${said.message}`,
  }));
}

/** What botocore makes of a line that goes on with the value above. */
function readIndented({ kind, isOfBlock, text }: HeaderLine | EntryLine): string {
  const below = kind === "header" ? ", and the settings below it for the section before's" : "";
  if (!isOfBlock) return `botocore takes it for more of the value above${below}`;
  return text.includes("=")
    ? "botocore takes it for a line of the block above"
    : "the AWS CLI and boto3 take it for a line of the block above, and refuse the whole file";
}

/** What the SDKs' common specification takes for a name; several pass over all others. */
const NAME = /^[\w./%@:+-]+$/;

/** botocore parts a header as a shell does: these are no part of a name for it. */
const SHELL_SIGNS = /["'\\]/;

function checkName({ id, inside, number }: HeaderLine, { file }: ConfigView): Finding[] {
  const name = id?.slice(id.indexOf(" ") + 1);
  if (name === undefined || NAME.test(name)) return [];
  return [{
    id: "config.name",
    severity: SHELL_SIGNS.test(name) ? "warning" : "note",
    file: file.path,
    line: number,
    message: `the name in [${inside}] has other characters than letters, digits and ./%@:+-_`,
    effect: SHELL_SIGNS.test(name)
      ? "this tool finds it; the AWS CLI takes the sign for one of a shell, and finds another or none"
      : "this tool and the AWS CLI find it; the SDKs for Rust, Kotlin and Swift pass over it",
    wayOut: "choose a name of those characters, where such programs are to use it",
  }];
}

function checkMarks({ file, lines }: ConfigView): Finding[] {
  const found = {
    id: "config.byte-order-mark",
    severity: "warning" as const,
    file: file.path,
  };
  const first = {
    ...found,
    line: 1,
    message: "the file begins with a byte-order mark, as some editors of Windows write",
    effect: "it is passed over here; the AWS CLI and boto3 refuse the whole file",
    wayOut: "save it as UTF-8 without a mark",
  };
  const within = lines.filter(({ text }) => text.trimEnd().includes("\ufeff")).map((line) => ({
    ...found,
    line: line.number,
    message: "a byte-order mark stands in this line, as where two files were put together",
    effect:
      "it is passed over here; the AWS CLI takes it for a letter, and refuses the whole file " +
      "where it stands before a header",
    wayOut: "write the line anew",
  }));
  return [...file.hasMark ? [first] : [], ...within];
}

/** Of a block that is nested botocore knows lines with `=` alone. */
function checkNested({ file, lines }: ConfigView): Finding[] {
  return lines.filter((line) => line.kind === "entry" && line.isOfBlock && !line.text.includes("="))
    .map(({ number }) => ({
      id: "config.colon",
      severity: "warning" as const,
      file: file.path,
      line: number,
      message: "a line of a block is set by a colon",
      effect: "this tool takes that for `=`; the AWS CLI and boto3 refuse the whole file",
      wayOut: "write key = value",
    }));
}

interface Reading {
  readonly id: string;
  readonly message: string;
  readonly effect: string | ((entry: EntryLine) => string);
  readonly wayOut: string;
  isFound(entry: EntryLine): boolean;
}

const COMMENT: Reading = {
  id: "config.comment-in-value",
  message: "has a comment behind its value",
  effect: "it is no part of the value here; botocore takes ` #` and what follows for part of it",
  wayOut: "put the comment on a line of its own",
  isFound: ({ text }) => /^[^=:]*[=:].*?[ \t][#;]/.test(text),
};

/** USERS: where botocore and the Go tool read a config file differently. */
const VALUES: readonly Reading[] = [
  COMMENT,
  {
    id: "config.colon",
    message: "is set by a colon",
    effect: "this tool and botocore take that for `=`; the SDKs for Go, Java and Rust pass over " +
      "the line, or refuse the file",
    wayOut: "write key = value",
    isFound: ({ text }) => /^[^=:]*:/.test(text),
  },
  {
    id: "config.quoted-value",
    message: "has its value in quotes",
    effect: "they are part of the value, here and for botocore; the Go tool takes them away",
    wayOut: "take them out",
    isFound: ({ key, value }) => !key.endsWith("_process") && /^(["']).*\1$/.test(value),
  },
  {
    id: "config.continuation",
    message: "ends with a backslash",
    effect: "it is part of the value, here and for botocore; the Go tool goes on in the next line",
    wayOut: "write the value in one line",
    isFound: ({ value }) => value.endsWith("\\"),
  },
  {
    id: "config.interpolation",
    message: "holds %(name)s",
    effect: "that is plain text here and for botocore; the Go tool puts another setting's value in",
    wayOut: "write the value itself",
    isFound: ({ value }) => /%\([\w-]+\)s/.test(value),
  },
  {
    id: "config.indented",
    message: "is indented below another setting",
    effect: (entry) => `it is a setting of its own here; ${readIndented(entry)}`,
    wayOut: "take out the blanks before it",
    isFound: ({ goesOn }) => goesOn,
  },
];
