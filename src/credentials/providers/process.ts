import { VaultError } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import { parseJsonObject, toCredentials } from "../json_credentials.ts";
import type { CredentialProvider, Run } from "../run.ts";
import { runShell } from "../shell.ts";
import type { ProcessStep } from "../steps.ts";

const SETTING = "credential_process";

/**
 * What the command of `credential_process` prints, in the AWS CLI's format: a JSON object with
 * Version 1, AccessKeyId, SecretAccessKey and, for keys that expire, SessionToken and Expiration.
 */
export function createProvider(step: ProcessStep, run: Run): CredentialProvider {
  return { retrieve: () => retrieve(step, run) };
}

async function retrieve(step: ProcessStep, run: Run): Promise<Credentials> {
  const name = `profile ${step.profile}: ${SETTING} \`${step.command}\``;
  const fields = parseJsonObject(await runShell(step.command, SETTING, run.ctx), name);
  const credentials = toCredentials(
    fields,
    { name, tokenField: "SessionToken", required: ["Version"] },
    run.ctx.clock,
  );
  if (fields.Version === 1) return credentials;
  throw new VaultError("process", `${name} answered in a format other than Version 1`, [
    "Version 1, the number, is the only one there is",
  ]);
}
