import { isStsRegion } from "../config/region.ts";
import { describeCause } from "../errors.ts";
import type { Env } from "../types.ts";
import { checkVariables, finding } from "./environment_values.ts";
import type { Finding, MachineView } from "./finding.ts";

/** Variables that fight each other, or the config file. */
export function checkEnvironment(view: MachineView): Finding[] {
  return [
    ...checkCredentials(view),
    ...checkProfile(view),
    ...checkRegions(view),
    ...checkVariables(view),
    ...checkCertificates(view),
    ...checkRole(view),
  ];
}

function checkCredentials({ ctx: { env } }: MachineView): Finding[] {
  if (env.get("AWS_VAULT")) {
    return [finding(
      "environment.inside",
      "note",
      `this is a shell of aws-vault exec ${env.get("AWS_VAULT")}`,
      "another exec is refused here, and what is found is about this shell",
      "leave it with exit",
    )];
  }
  const [id, secret, token] = ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"]
    .map((name) => env.get(`AWS_${name}`));
  if (!id && !secret && !token) return [];
  if (Boolean(id) !== Boolean(secret) || !id) {
    return [finding(
      "environment.half-keys",
      "warning",
      "of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN not all that go " +
        "together are set",
      "programs end with an error, or mix what is left over with other credentials",
      "unset all three: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    )];
  }
  return [finding(
    "environment.credentials",
    "warning",
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set in this shell",
    "whatever is started outside of exec takes them, whichever profile is named; every program " +
      "can read them",
    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
  )];
}

function checkProfile({ ctx: { env }, file, keys }: MachineView): Finding[] {
  const name = env.get("AWS_PROFILE");
  if (!name || keys === undefined || keys.includes(name)) return [];
  if (file.readableNames("profile").includes(name)) return [];
  return [finding(
    "environment.profile",
    "error",
    `AWS_PROFILE names \`${name}\`, which is neither in ${file.path} nor in the keyring`,
    "commands without a profile end with an error",
    "unset AWS_PROFILE, or name a profile that aws-vault list shows",
  )];
}

function checkRegions({ ctx: { env } }: MachineView): Finding[] {
  const [first, second] = [env.get("AWS_REGION"), env.get("AWS_DEFAULT_REGION")];
  const findings: Finding[] = [];
  if (first && second && first !== second) {
    findings.push(finding(
      "environment.regions",
      "warning",
      `AWS_REGION is ${first}, and AWS_DEFAULT_REGION is ${second}`,
      "this tool, the Go tool and most SDKs take the first; the AWS CLI and boto3 the second",
      "unset one of them",
    ));
  }
  for (const [name, value] of [["AWS_REGION", first], ["AWS_DEFAULT_REGION", second]] as const) {
    if (!value || isStsRegion(value)) continue;
    findings.push(finding(
      "environment.region",
      "warning",
      `${name} is \`${value}\`, which is none of AWS' regions`,
      "AWS has no address there: requests end with an error, but for an AWS_ENDPOINT_URL",
      "set one such as eu-central-1",
    ));
  }
  return findings;
}

/** Deno reads them before any request, and a fault there stops them all. */
function checkCertificates({ ctx: { env } }: MachineView): Finding[] {
  return ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "DENO_CERT"].flatMap((name) => {
    const path = readCallers(name, env);
    const obstacle = path ? whyUnreadable(path) : undefined;
    return obstacle === undefined ? [] : [finding(
      "environment.certificates",
      "error",
      `${name} names ${path}, which cannot be read: ${obstacle}`,
      "no request to AWS can be made",
      `unset ${name}, or name the file with your certificate authorities`,
    )];
  });
}

/** A pipe is left to who comes to read it. */
function whyUnreadable(path: string): string | undefined {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    if (isFile) Deno.openSync(path).close();
    return isDirectory ? "it is a directory" : undefined;
  } catch (error) {
    return describeCause(error);
  }
}

/** The launcher sets DENO_CERT itself, and has put away the caller's. */
function readCallers(name: string, env: Env): string | undefined {
  const isKept = name === "DENO_CERT" && env.get("AWS_VAULT_KEPT") !== undefined;
  return env.get(isKept ? `AWS_VAULT_KEPT_${name}` : name);
}

function checkRole({ ctx: { env } }: MachineView): Finding[] {
  const role = env.get("AWS_ROLE_ARN");
  if (!role) return [];
  return [finding(
    "environment.role",
    "warning",
    `AWS_ROLE_ARN is ${role}`,
    "every profile that is named on a command line becomes that role",
    "unset AWS_ROLE_ARN, or put role_arn into the profile it is meant for",
  )];
}
