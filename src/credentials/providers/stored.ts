import { VaultError } from "../../errors.ts";
import type { CredentialProvider, Run } from "../run.ts";
import type { StoredStep } from "../steps.ts";
import { readStoredKeys } from "../stored_keys.ts";

/** The long-term keys of a profile, from the keyring. */
export function createProvider(step: StoredStep, run: Run): CredentialProvider {
  return {
    async retrieve() {
      const keys = await readStoredKeys(run.backend, step.profile);
      if (keys !== undefined) return keys;
      throw new VaultError("credentials", `profile ${step.profile}: credentials missing`, [
        "they were removed from the keyring a moment ago",
      ]);
    },
  };
}
