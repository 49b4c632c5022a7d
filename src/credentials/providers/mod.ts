import type { CredentialProvider, Run } from "../run.ts";
import type { Step } from "../steps.ts";

type Kinds = { [K in Step["kind"]]: Extract<Step, { kind: K }> };
type Loader<S> = () => Promise<{ createProvider(step: S, run: Run): CredentialProvider }>;

/** A provider a file, loaded when a plan has its step. */
const LOADERS: { readonly [K in Step["kind"]]: Loader<Kinds[K]> } = {
  stored: () => import("./stored.ts"),
  session_token: () => import("./session_token.ts"),
  assume_role: () => import("./assume_role.ts"),
  web_identity: () => import("./web_identity.ts"),
  sso: () => import("./sso.ts"),
  login: () => import("./login.ts"),
  process: () => import("./process.ts"),
  environment: () => import("./environment.ts"),
  instance_metadata: () => import("./instance_metadata.ts"),
  container: () => import("./container.ts"),
};

/** What runs a step; its module is loaded now. */
export async function createProvider(step: Step, run: Run): Promise<CredentialProvider> {
  const load = LOADERS[step.kind] as Loader<Step>;
  return (await load()).createProvider(step, run);
}
