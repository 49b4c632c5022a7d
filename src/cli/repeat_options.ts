import { asWord } from "../errors.ts";

const COMMAND =
  /\baws-vault(\.cmd)? (?=(add|agent|change-passphrase|clear|configure|doctor|exec|explain|import|list|login|remove|rotate|signin|sso|--backend)\b)/g;

/**
 * A text whose commands are given the global options of this run too, but for switches: without
 * `--file-dir` or the like who types them as they stand would be told of another keyring.
 */
export function repeatOptions(text: string, globals: object): string {
  const words = Object.entries(globals)
    .filter(([, value]) => typeof value === "string" && value !== "")
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, "-$&").toLowerCase()}=${asWord(value)} `);
  return text.replace(
    COMMAND,
    (command, _suffix, next) =>
      // A command that names its backend keeps to that one.
      command + words.filter((word) => !word.startsWith(`${next}=`)).join(""),
  );
}
