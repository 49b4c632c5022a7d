import type { CommanderError } from "@commander-js/extra-typings";
import { VaultError } from "../errors.ts";

/** A command line that commander refuses, in our words: what is wrong, and ways out. */
export function describeMistake({ message }: CommanderError): VaultError {
  const [first = "", ...hints] = message.replace(/^error: (command-argument value )?/, "")
    .replace(/ for argument '(.*?)'/, " for <$1>")
    .replace(/\. Allowed choices are (.*)\.$/, "\nit takes one of: $1")
    // Not what they are: one may be a secret, given in the wrong place.
    .replace(/\. Expected (\d+) arguments? but got (\d+): .*$/s, ": it takes $1, and got $2")
    .replace(/\(Did you mean (one of )?(.*)\?\)$/, "did you mean $2?")
    .split("\n");
  return new VaultError("usage", first, [...hints, ...wordsOfOldVersions(first)]);
}

/** Shells' aliases and scripts have commands that the Go tool has renamed. */
function wordsOfOldVersions(mistake: string): string[] {
  return mistake === "unknown command 'server'"
    ? [
      "what it did is a part of exec: aws-vault exec --ec2-server PROFILE -- COMMAND",
      "exec --server needs neither root nor a fixed address",
    ]
    : [];
}

/** Who leaves out the profile and forgets to set AWS_PROFILE has named a program for one. */
export function explainPlace({ code, message, hints }: VaultError): VaultError {
  return new VaultError(code, message, [
    ...hints,
    "AWS_PROFILE is not set, so the first word behind -- is the profile:",
    "aws-vault exec PROFILE -- COMMAND",
  ]);
}
