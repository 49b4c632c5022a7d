import type { CommandShape } from "../surface.ts";

/** Makes `help` a group, of all commands and, as groups again, their own: `help agent start`. */
export function addTopics(commands: readonly CommandShape[]): CommandShape[] {
  return commands.map((command) =>
    command.path === "help" ? { ...command, operands: [], commands: listTopics(commands) } : command
  );
}

function listTopics(commands: readonly CommandShape[]): CommandShape[] {
  return commands.map((command) => ({
    ...command,
    path: `help ${command.path}`,
    operands: [],
    options: [],
    commands: listTopics(command.commands),
  }));
}
