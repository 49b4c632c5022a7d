import type { Command } from "@commander-js/extra-typings";
import type { ConfigFlags } from "../config/profile.ts";
import { addSignInOptions, type SignInOptions } from "./sign_in_options.ts";

/** The options of every command that gets credentials. */
export interface SessionOptions extends SignInOptions, ConfigFlags {
  /** False by `--no-session`. */
  readonly session: boolean;
}

/** Adds them; the three old `--…-ttl` are hidden. */
export function addSessionOptions(command: Command): Command {
  addSignInOptions(command)
    .option(
      "-d, --duration <duration>",
      "Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)",
    )
    // Defined after commander has set its own defaults, so this one is said.
    .option(
      "-n, --no-session",
      "Take no session token for the stored keys: they are used as they are",
      true,
    )
    .option("--region <region>", "The AWS region (default: the profile's)")
    .option("-t, --mfa-token <code>", "The MFA code, of six digits, in place of a question");
  for (const name of ["session", "assume-role", "federation-token"]) {
    const flags = `--${name}-ttl <duration>`;
    command.option(flags, "an older name of --duration");
    command.options.find((option) => option.flags === flags)?.hideHelp();
  }
  return command;
}

/** What they say to the profile's settings; a command without `--duration` says so. */
export function toFlags(options: SessionOptions): ConfigFlags {
  return { hasDuration: true, ...options };
}
