import type { CredentialProvider, Run } from "../run.ts";
import type { AssumeRoleStep } from "../steps.ts";
import { CHAINED_ROLE_MAX_SECONDS } from "../../config/profile.ts";
import { nanosecondName } from "../session_name.ts";

/** AssumeRole on the credentials of the step beneath. */
export function createProvider(step: AssumeRoleStep, run: Run): CredentialProvider {
  return {
    async retrieve(source, mfa) {
      const { StsCalls } = await import("../../aws/sts.ts");
      // Of what a process gives, the plan cannot know that it is a session.
      const isChained = source?.sessionToken !== undefined;
      const sts = new StsCalls(step.target, step.profile, run.ctx, source);
      const credentials = await sts.assumeRole({
        ...step,
        durationSeconds: isChained
          ? Math.min(step.durationSeconds, CHAINED_ROLE_MAX_SECONDS)
          : step.durationSeconds,
        roleSessionName: step.roleSessionName ?? nanosecondName(run.ctx.clock),
        mfa,
      });
      return isChained ? { ...credentials, isChained } : credentials;
    },
  };
}
