import { CHAINED_ROLE_MAX_SECONDS, type ProfileConfig } from "../../config/profile.ts";
import type { AssumeRoleStep, Plan, SessionTokenStep, Step } from "../../credentials/steps.ts";
import { describeLength } from "../spans.ts";

/** Why a step is there, and has the length it has, in words. */
export function explainStep(step: Step, plan: Plan, chain: readonly ProfileConfig[]): string {
  switch (step.kind) {
    case "stored":
      return `keys are stored under ${step.profile}`;
    case "session_token":
      return explainSessionToken(step, plan);
    case "assume_role":
      return explainRole(step, plan, chain);
    case "web_identity":
      return `a token of ${step.tokenFile ?? "a command"} vouches for ${step.roleArn}`;
    case "sso":
      return `role ${step.roleName} of account ${step.accountId}, for whoever signs in at ` +
        step.startUrl;
    case "login":
      return `credentials of ${step.arn}, for whoever signs in to the console as that`;
    case "process":
      return "the command of credential_process is started, and knows";
    case "environment":
      return "the keys are those in the environment (credential_source)";
    case "instance_metadata":
      return "the EC2 instance has a role (credential_source)";
    case "container":
      return "the container has a role (credential_source)";
  }
}

function explainSessionToken(step: SessionTokenStep, plan: Plan): string {
  const length = describeLength(step.durationSeconds);
  const code = step.mfa === undefined ? "" : `, with a code of ${step.mfa.serial}`;
  const above = plan.steps.some((other) => other.kind === "assume_role");
  const use = above ? "kept, so that one code serves every role above it" : "kept until it ends";
  return `temporary keys for ${length}${code}; ${use}`;
}

function explainRole(step: AssumeRoleStep, plan: Plan, chain: readonly ProfileConfig[]): string {
  const length = describeLength(step.durationSeconds);
  const wanted = chain.find(({ profile }) => profile === step.profile)!.roleDurationSeconds.value;
  const beneath = plan.steps[plan.steps.indexOf(step) - 1]!;
  const rule = wanted > step.durationSeconds
    ? `${length} instead of ${describeLength(wanted)}: AWS gives a role that is assumed with ` +
      "temporary credentials one hour at most (role chaining)"
    : beneath.kind === "stored" && wanted > CHAINED_ROLE_MAX_SECONDS
    ? `${length}, which AWS gives only because it is assumed with the stored keys themselves: ` +
      "with temporary credentials it would be one hour at most (role chaining)"
    : length;
  const code = step.mfa === undefined ? "" : `, with a code of ${step.mfa.serial}`;
  return `role ${step.roleArn} for ${rule}${code}`;
}
