import { type Command, Help } from "@commander-js/extra-typings";

/** A command line as one would type it, and what it does, in a sentence without its full stop. */
export type Example = readonly [line: string, does: string];

const EXAMPLES = new WeakMap<object, readonly Example[]>();

/** Gives a command examples for its help, for `--help-long` and for the man page. */
export function addExamples<C extends object>(command: C, ...examples: readonly Example[]): C {
  EXAMPLES.set(command, examples);
  return command;
}

/** The examples of a command; of one that has none, none. */
export function examplesOf(command: object): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** How help looks: commander's, with examples below, and subcommands by their names alone. */
export const HELP_FORMAT = {
  formatHelp,
  subcommandTerm: (command: Command) => [command.name(), ...command.aliases()].join("|"),
};

function formatHelp(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const examples = examplesOf(command);
  if (examples.length === 0) return text;
  const lines = examples.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]);
  return `${text}\nExamples:\n${lines.join("\n")}\n`;
}
