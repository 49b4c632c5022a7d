import { neededByCommand } from "../../permissions.ts";
import type { Exit, World } from "../../types.ts";
import { SHELLS } from "./shells.ts";
import { expectWord, readSettings } from "./words.ts";
import { listNames } from "./names.ts";

/**
 * Answers what shells ask: `--completion-names KIND WORDS…`, names of profiles a line, for our own
 * scripts; `--completion-bash WORDS…`, whatever the last word can be, for those of the Go tool.
 * `--completion-script-SHELL`: the scripts themselves.
 */
export async function answerShell(
  args: readonly string[],
  world: World,
): Promise<Exit> {
  world.keepPermissions(neededByCommand("completion"));
  const [option = "", ...rest] = args;
  const shell = SHELLS.find((name) => option === `--completion-script-${name}`);
  if (shell !== undefined) world.out((await import("./scripts.ts")).SCRIPTS[shell]);
  else if (option === "--completion-names") {
    const [kind = "profiles", ...line] = rest;
    print(await listNames(kind, readSettings(line), world), world);
  } else if (option === "--completion-bash") print(await answerBash(rest, world), world);
  else {
    world.note(`aws-vault: error: unknown option '${option}'`);
    world.note("  see aws-vault completion --help");
    return { code: 1 };
  }
  return { code: 0 };
}

/** The Go tool's scripts filter by themselves, and let the shell cut and expand what they get. */
async function answerBash(line: readonly string[], world: World): Promise<string[]> {
  const expected = expectWord(line);
  if ("words" in expected) return [...expected.words];
  const { kind } = expected;
  if (kind.startsWith("=")) return kind.slice(1).split(",");
  if (!["profiles", "stored", "sessions", "targets"].includes(kind)) return [];
  const names = await listNames(kind, readSettings(line), world);
  return names.filter((name) => /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(name));
}

function print(lines: readonly string[], world: World): void {
  if (lines.length > 0) world.out(lines.join("\n") + "\n");
}
