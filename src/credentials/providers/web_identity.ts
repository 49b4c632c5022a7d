import { AwsRefusal, describeCause, VaultError } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import type { CredentialProvider, Run } from "../run.ts";
import { nanosecondName } from "../session_name.ts";
import { describeCommand, runShell } from "../shell.ts";
import type { WebIdentityStep } from "../steps.ts";
import { readTokenFile } from "../token_file.ts";

/** AssumeRoleWithWebIdentity, by a token from a file or a command; the request is not signed. */
export function createProvider(step: WebIdentityStep, run: Run): CredentialProvider {
  return { retrieve: () => retrieve(step, run) };
}

async function retrieve(step: WebIdentityStep, run: Run): Promise<Credentials> {
  const token = await readToken(step, run);
  const { StsCalls } = await import("../../aws/sts.ts");
  try {
    return await new StsCalls(step.target, step.profile, run.ctx).assumeRoleWithWebIdentity({
      roleArn: step.roleArn,
      roleSessionName: step.roleSessionName ?? nanosecondName(run.ctx.clock),
      durationSeconds: step.durationSeconds,
      token,
    });
  } catch (error) {
    throw error instanceof AwsRefusal ? explain(error, step) : error;
  }
}

async function readToken(step: WebIdentityStep, run: Run): Promise<string> {
  const text = step.tokenFile === undefined
    ? await runShell(step.tokenProcess!, run.ctx)
    : await readFile(step.tokenFile, step.profile);
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const what = token === "" ? "an empty token" : "no token: it is one word of ASCII";
  const source = describeToken(step);
  throw new VaultError("credentials", `profile ${step.profile}: ${source} gave ${what}`);
}

async function readFile(path: string, profile: string): Promise<string> {
  try {
    return await readTokenFile(path);
  } catch (error) {
    throw new VaultError(
      "file",
      `profile ${profile}: cannot read web_identity_token_file ${path}: ${describeCause(error)}`,
      path.startsWith("~")
        ? ["~ stands for nothing here: write the whole path"]
        : ["whoever starts this has to put a token there; or name another file in that setting"],
      error,
    );
  }
}

/** It is the token that is old or wrong, no session of ours. */
function explain(error: AwsRefusal, step: WebIdentityStep): AwsRefusal {
  if (!/^(ExpiredToken|InvalidIdentityToken)/.test(error.awsCode)) return error;
  return new AwsRefusal(error.awsCode, error.httpStatus, error.message, [
    `the token comes from ${
      describeToken(step)
    }: is it current, and made for this role's provider?`,
  ]);
}

function describeToken(step: WebIdentityStep): string {
  return step.tokenFile === undefined
    ? describeCommand(step.tokenProcess!)
    : `web_identity_token_file ${step.tokenFile}`;
}
