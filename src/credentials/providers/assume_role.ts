import type { CredentialProvider, Run } from "../run.ts";
import type { AssumeRoleStep } from "../steps.ts";
import { CHAINED_ROLE_MAX_SECONDS } from "../../config/profile.ts";
import { nanosecondName } from "../session_name.ts";

/** AssumeRole on the credentials of the step beneath. */
export function createProvider(step: AssumeRoleStep, run: Run): CredentialProvider {
  return {
    async retrieve(source, mfa) {
      const { StsCalls } = await import("../../aws/sts.ts");
      return await new StsCalls(step.target, step.profile, run.ctx, source).assumeRole({
        ...step,
        durationSeconds: source?.sessionToken === undefined
          ? step.durationSeconds
          // Of what a process gives, the plan cannot know that it is a session.
          : Math.min(step.durationSeconds, CHAINED_ROLE_MAX_SECONDS),
        roleSessionName: step.roleSessionName ?? nanosecondName(run.ctx.clock),
        mfa,
      });
    },
  };
}
