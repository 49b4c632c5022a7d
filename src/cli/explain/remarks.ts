import type { ProfileConfig } from "../../config/profile.ts";
import { LOGIN_PREFIX } from "../../credentials/session_key.ts";
import type { LoginStep, Plan, Step } from "../../credentials/steps.ts";
import type { Ask } from "./explanation.ts";
import { hasSignIn, type RequestWorld } from "./requests.ts";

/** What is inherited without being asked for, and makes a profile somebody else. */
export function remarkOnRoles(
  chain: readonly ProfileConfig[],
  plan: Plan,
): string[] {
  const roles = new Set(plan.steps.flatMap((step) => "roleArn" in step ? [step.profile] : []));
  return chain.flatMap(({ profile, roleArn }) => {
    const source = roles.has(profile) ? roleArn?.source : undefined;
    if (source?.from === "environment") {
      return [`profile ${profile}: its role is that of ${source.name}`];
    }
    if (source?.from !== "file" || source.section !== "[profile default]") return [];
    if (profile === "default") return [];
    return [
      `profile ${profile}: its role is inherited from [default] (${source.path}, line ` +
      `${source.line}): write role_arn there only where every profile is to have it`,
    ];
  });
}

/** STS has an address in every region, and one has to be chosen. */
export function remarkOnRegion(chain: readonly ProfileConfig[], plan: Plan): string[] {
  const asked = new Set(plan.steps.flatMap((step) => "target" in step ? [step.profile] : []));
  const without = chain.filter(({ profile, region }) => asked.has(profile) && !region);
  return without.map(({ profile }) =>
    `profile ${profile}: no region is set: STS is asked in us-east-1, and a program is told none`
  );
}

/** What a profile's section says of AWS's addresses, a program that is not told its name does not see. */
export function remarkOnVariant({ profile, ...config }: ProfileConfig): string[] {
  const settings = [
    ["use_fips_endpoint", config.useFipsEndpoint],
    ["use_dualstack_endpoint", config.useDualstackEndpoint],
  ] as const;
  return settings.flatMap(([name, setting]) => {
    const source = setting?.value ? setting.source : undefined;
    if (source?.from !== "file" || source.section === "[profile default]") return [];
    return [
      `profile ${profile}: a program that exec starts asks its own endpoints, and sees nothing of ` +
      `${name} in ${source.section}: write it into [default], or set AWS_${name.toUpperCase()}=true`,
    ];
  });
}

/**
 * What names do not tell, and reading an item would.
 *
 * @param hit the step that something is kept of
 */
export function remarkOnKept(
  hit: Step | undefined,
  toRun: readonly Step[],
  world: RequestWorld,
): string[] {
  return [
    ...(hit === undefined ? [] : [
      `the kept session of ${hit.profile} serves if it was made for the same request: what it was ` +
      "made for stands inside the item, which is not read here; else the steps before it are run",
    ]),
    ...toRun.flatMap((step) =>
      step.kind === "login" && hasSignIn(step, world)
        ? [remarkOnLogin(step, world)]
        : step.kind === "sso" && hasSignIn(step, world)
        ? [
          `a sign-in to ${step.startUrl} is kept; how long it lasts stands inside the item, which ` +
          "is not read here: one that has ended is renewed by oidc.CreateToken, or by a person in " +
          "a browser",
        ]
        : []
    ),
  ];
}

const OF_THE_CLI =
  "; credentials of the AWS CLI's own file serve while five minutes of them are left, and nothing " +
  "is requested then";

function remarkOnLogin({ arn }: LoginStep, { keys, cliLogins }: RequestWorld): string {
  const isOurs = keys.includes(LOGIN_PREFIX + arn);
  const keepers = [isOurs && "here", cliLogins.has(arn) && "by the AWS CLI (aws login)"];
  const where = keepers.filter(Boolean).join(" and ");
  return `a console sign-in of ${arn} is kept ${where}; how long it lasts AWS alone knows, twelve ` +
    "hours at most: one that has ended is made anew by a person in a browser" +
    (isOurs ? "" : OF_THE_CLI);
}

/** Whether an agent has it is found by asking for it alone, and a secret is not asked for here. */
export function remarkOnPassphrase(asks: readonly Ask[]): string[] {
  if (!asks.includes("passphrase")) return [];
  return ["nobody is asked for the passphrase where an agent holds it: see aws-vault agent status"];
}
