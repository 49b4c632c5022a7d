import { VaultError } from "../../errors.ts";
import type { CredentialProvider, Run } from "../run.ts";
import type { StoredStep } from "../steps.ts";
import { readBasis } from "../basis.ts";

/** The long-term keys of a profile, from the keyring. */
export function createProvider(step: StoredStep, run: Run): CredentialProvider {
  return {
    async retrieve() {
      const keys = await readBasis(step.profile, run);
      if (keys !== undefined) return keys;
      throw new VaultError("credentials", `profile ${step.profile}: credentials missing`, [
        "they were removed from the keyring a moment ago",
      ]);
    },
  };
}
