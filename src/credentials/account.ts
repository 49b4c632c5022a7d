import { describeSource } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { CredentialProvider, Run } from "./run.ts";
import type { AccountRule, Step } from "./steps.ts";

/**
 * Refuses what is not of the account that `vault_expected_account` names: by the ARN that AWS gave
 * with the credentials when they were made, or else by asking for it.
 */
export async function checkAccount(
  credentials: Credentials,
  rule: AccountRule,
  run: Run,
): Promise<Credentials> {
  const named = await nameOwner(credentials, rule, run);
  if (accountOf(named.arn!) === rule.expected.value) return named;
  throw otherAccount(rule, `the credentials are those of ${named.arn}`);
}

/** Refuses, before anything is asked of anybody, what is not of that account by its settings. */
export function checkStep(step: Step, rule: AccountRule): void {
  checkNamed(readAccount(step), rule);
}

/** The same of a role that a server's caller names. */
export function checkRole(roleArn: string, rule: AccountRule): void {
  checkNamed([accountOf(roleArn), `the role asked for is ${roleArn}`], rule);
}

function checkNamed([account, what]: Named, rule: AccountRule): void {
  if (account === undefined || account === rule.expected.value) return;
  throw otherAccount(rule, what);
}

/** An account, where there is one, and what names it. */
type Named = readonly [account: string | undefined, what: string];

/** The account that settings name, and how; nothing where they name none. */
function readAccount(step: Step): Named {
  if ("roleArn" in step) return [accountOf(step.roleArn), `role_arn is ${step.roleArn}`];
  if (step.kind === "sso") return [step.accountId, `sso_account_id is ${step.accountId}`];
  if (step.kind === "login") return [accountOf(step.arn), `login_session is ${step.arn}`];
  return [undefined, ""];
}

function accountOf(arn: string): string | undefined {
  return arn.split(":")[4];
}

/** A provider whose credentials say whose they are, so that kept ones need not be asked about. */
export function naming(
  provider: CredentialProvider,
  rule: AccountRule,
  run: Run,
): CredentialProvider {
  return {
    prepare: provider.prepare && (() => provider.prepare!()),
    isOutdated: provider.isOutdated && (() => provider.isOutdated!()),
    retrieve: async (source, mfa) =>
      await nameOwner(await provider.retrieve(source, mfa), rule, run),
  };
}

async function nameOwner(
  credentials: Credentials,
  { profile, target }: AccountRule,
  { ctx }: Run,
): Promise<Credentials> {
  if (credentials.arn !== undefined) return credentials;
  const { StsCalls } = await import("../aws/sts.ts");
  const arn = await new StsCalls(target, profile, ctx, credentials).getCallerArn();
  return { ...credentials, arn };
}

function otherAccount({ profile, expected }: AccountRule, what: string): VaultError {
  return new VaultError(
    "credentials",
    `profile ${profile}: ${what}, and vault_expected_account is ${expected.value}; nothing was handed out`,
    [
      `see ${describeSource(expected.source)}`,
      "take the profile that is for that account, or correct the setting",
    ],
  );
}
