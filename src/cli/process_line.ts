import { asArgument } from "../errors.ts";
import type { Context } from "../types.ts";

/**
 * What makes other programs ask here for a profile's credentials, as a line of the config file. On
 * Windows the AWS CLI starts programs without a shell: a batch file is found by its whole name alone.
 */
export function formatProcessLine(
  profile: string,
  { platform }: Pick<Context, "platform">,
): string {
  const isBatchFile = platform === "windows" && !Deno.build.standalone;
  const program = isBatchFile ? "aws-vault.cmd" : "aws-vault";
  return `credential_process = ${program} exec --json ${asArgument(profile)}`;
}
