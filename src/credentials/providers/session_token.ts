import type { CredentialProvider, Run } from "../run.ts";
import type { SessionTokenStep } from "../steps.ts";

/** GetSessionToken on stored keys. */
export function createProvider(step: SessionTokenStep, run: Run): CredentialProvider {
  return {
    async retrieve(source, mfa) {
      const { StsCalls } = await import("../../aws/sts.ts");
      return await new StsCalls(step.target, step.profile, run.ctx, source).getSessionToken({
        durationSeconds: step.durationSeconds,
        mfa,
      });
    },
  };
}
