import type { Command } from "@commander-js/extra-typings";
import type { ConfigFlags } from "../config/profile.ts";
import { addSignInOptions, type SignInOptions } from "./sign_in_options.ts";

/** The options of every command that gets credentials. */
export interface SessionOptions extends SignInOptions, ConfigFlags {
  /** False by `--no-session`. */
  readonly session: boolean;
}

/** Adds them; old names are hidden: shells' aliases have kept them since version 4 of the Go tool. */
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
    addHidden(command, `--${name}-ttl <duration>`, "an older name of --duration");
  }
  addHidden(command, "-m <code>", "an older name of -t");
  return command.on("option:m", (code: string) => command.setOptionValue("mfaToken", code));
}

function addHidden(command: Command, flags: string, description: string): void {
  command.option(flags, description);
  command.options.find((option) => option.flags === flags)?.hideHelp();
}

/** What they say to the profile's settings; a command without `--duration` says so. */
export function toFlags(options: SessionOptions): ConfigFlags {
  return { hasDuration: true, ...options };
}
