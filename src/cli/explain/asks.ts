import { describeKeyring } from "../../../backends/mod.ts";
import type { Plan, Step } from "../../credentials/steps.ts";
import type { App } from "../app.ts";
import type { Ask } from "./explanation.ts";
import { hasSignIn, type RequestWorld } from "./requests.ts";

/** What a person would be asked, in the order of the run. */
export function listAsks(
  toRun: readonly Step[],
  plan: Plan,
  app: App,
  world: RequestWorld,
): Ask[] {
  const asks = toRun.flatMap((step): Ask[] => {
    if (step.kind === "sso" || step.kind === "login") {
      return hasSignIn(step, world) ? [] : ["browser"];
    }
    const mfa = "mfa" in step ? step.mfa : undefined;
    const isAsked = mfa !== undefined && mfa.token === undefined && mfa.process === undefined;
    return isAsked ? [`mfa:${mfa.serial}`] : [];
  });
  const passphrase: Ask[] = needsPassphrase(toRun, plan, app) ? ["passphrase"] : [];
  return [...new Set([...passphrase, ...asks])];
}

/** Keys and sessions may lie in two places, of which `file` is the one that is unlocked by us. */
function needsPassphrase(toRun: readonly Step[], plan: Plan, app: App): boolean {
  const { name, sessions = name, passphrase } = describeKeyring(app.globals, app.ctx);
  const readsKeys = toRun.some(({ kind }) => kind === "stored");
  const hasKept = toRun.length < plan.steps.length;
  const usesSessions = hasKept || toRun.some(({ cache }) => cache !== undefined);
  return passphrase === "asked on the terminal" &&
    (name === "file" && readsKeys || sessions === "file" && usesSessions);
}
