import { asArgument, VaultError } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import { parseJsonObject, toCredentials } from "../json_credentials.ts";
import type { CredentialProvider, Run } from "../run.ts";
import { describeCommand, runShell } from "../shell.ts";
import type { ProcessStep } from "../steps.ts";

const SETTING = "credential_process";

/**
 * What the command of `credential_process` prints, in the AWS CLI's format: a JSON object with
 * Version 1, AccessKeyId, SecretAccessKey and, for keys that expire, SessionToken and Expiration.
 */
export function createProvider(step: ProcessStep, run: Run): CredentialProvider {
  if (profilesUnderWay(run).includes(step.profile)) {
    throw new VaultError(
      "config",
      `profile ${step.profile}: its ${SETTING} asks aws-vault for the same profile, a loop`,
      [
        `store keys for it with: aws-vault add ${asArgument(step.profile)}`,
        "or name another profile there",
      ],
    );
  }
  return { retrieve: () => retrieve(step, run) };
}

function profilesUnderWay(run: Run): string[] {
  return run.ctx.env.get(UNDER_WAY)?.split("\n") ?? [];
}

/** Names, for an aws-vault that such a command starts, the profiles that are being worked on. */
const UNDER_WAY = "AWS_VAULT_UNDER_WAY";

async function retrieve(step: ProcessStep, run: Run): Promise<Credentials> {
  const name = describeCommand(step.command);
  const printed = await runShell(step.command, run.ctx, {
    [UNDER_WAY]: [...profilesUnderWay(run), step.profile].join("\n"),
  });
  const origin = { name, tokenField: "SessionToken", required: ["Version"] } as const;
  const fields = parseJsonObject(printed, origin);
  const credentials = toCredentials(fields, origin, run.ctx.clock);
  if (fields.Version === 1) return credentials;
  throw new VaultError("process", `${name} answered in a format other than Version 1`, [
    "Version 1, the number, is the only one there is",
  ]);
}
