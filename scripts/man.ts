import { CHAPTERS } from "../src/cli/manual.ts";
import { VERSION } from "../src/cli/version.ts";
import {
  type CommandShape,
  describeSurface,
  eachCommand,
  type OptionShape,
  visible,
} from "./surface.ts";

/**
 * The text of aws-vault(1), in the man macros of roff, from what `--help-long` is made of. Printed
 * by `deno run -A scripts/man.ts`.
 */
export async function writeManPage(): Promise<string> {
  const { description, options, commands } = await describeSurface();
  return [
    '.\\" Made by scripts/man.ts from the command table: not to be edited.',
    `.TH AWS\\-VAULT 1 "" "aws\\-vault ${VERSION}" "User Commands"`,
    ".nh", // names of variables and options stay whole
    ".ad l",
    ".SH NAME",
    "aws\\-vault \\- keep AWS credentials in a keyring and give them to programs",
    ".SH SYNOPSIS",
    "\\fBaws\\-vault\\fR [\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]",
    ".SH DESCRIPTION",
    escape(description),
    ".SH OPTIONS",
    "These stand before or after the command.",
    ...visible(options).flatMap(writeOption),
    ".SH COMMANDS",
    ...[...eachCommand(commands)].flatMap(writeCommand),
    ...CHAPTERS.flatMap(({ title, entries }) => [
      `.SH ${title.toUpperCase()}`,
      ...entries.flatMap(([term, text]) => writeEntry(bold(term), text)),
    ]),
    ".SH SEE ALSO",
    "\\fBaws\\fR(1), \\fBpass\\fR(1), \\fBsecret\\-tool\\fR(1)",
  ].join("\n") + "\n";
}

function writeCommand(command: CommandShape): string[] {
  const { path, alias, usage, description, operands, options, examples } = command;
  return [
    `.SS ${bold(alias === undefined ? path : `${path}, ${alias}`)} ${escape(usage)}`,
    escape(description),
    ...operands.filter(({ description }) => description !== "")
      .flatMap(({ name, description }) => writeEntry(`\\fI${escape(name)}\\fR`, description)),
    ...visible(options).flatMap(writeOption),
    ...(examples.length === 0 ? [] : [".PP", "Examples:"]),
    ...examples.flatMap(([line, does]) => writeEntry(bold(line), does)),
  ];
}

function writeOption({ flags, help }: OptionShape): string[] {
  return writeEntry(bold(flags), help);
}

function writeEntry(term: string, text: string): string[] {
  return [".TP", term, escape(text)];
}

function bold(text: string): string {
  return `\\fB${escape(text)}\\fR`;
}

/** Text as roff prints it: hyphens that can be copied, no accents or controls by chance. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga").replaceAll("~", "\\(ti").replaceAll("^", "\\(ha")
    .replace(/^\./gm, "\\&.");
}

if (import.meta.main) console.log((await writeManPage()).trimEnd());
