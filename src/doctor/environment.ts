import { isStsRegion } from "../config/region.ts";
import { describeCause } from "../errors.ts";
import type { Env } from "../types.ts";
import { checkVariables } from "./environment_values.ts";
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
    return [{
      id: "environment.inside",
      severity: "note",
      message: `this is a shell of aws-vault exec ${env.get("AWS_VAULT")}`,
      effect: "another exec is refused here, and what is found is about this shell",
      wayOut: "leave it with exit",
    }];
  }
  const [id, secret, token] = ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"]
    .map((name) => env.get(`AWS_${name}`));
  if (!id && !secret && !token) return [];
  if (Boolean(id) !== Boolean(secret) || !id) {
    return [{
      id: "environment.half-keys",
      severity: "warning",
      message:
        "of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN not all that go " +
        "together are set",
      effect: "programs end with an error, or mix what is left over with other credentials",
      wayOut: "unset all three: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    }];
  }
  return [{
    id: "environment.credentials",
    severity: "warning",
    message: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set in this shell",
    effect:
      "most of what is started outside of exec takes them, whichever profile AWS_PROFILE names; " +
      "every program can read them",
    wayOut: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
  }];
}

function checkProfile({ ctx: { env }, file, keys }: MachineView): Finding[] {
  const name = env.get("AWS_PROFILE");
  if (!name || keys === undefined || keys.includes(name)) return [];
  if (file.readableNames("profile").includes(name)) return [];
  return [{
    id: "environment.profile",
    severity: "error",
    message: `AWS_PROFILE names \`${name}\`, which is neither in ${file.path} nor in the keyring`,
    effect: "commands without a profile end with an error",
    wayOut: "unset AWS_PROFILE, or name a profile that aws-vault list shows",
  }];
}

function checkRegions({ ctx: { env } }: MachineView): Finding[] {
  const [first, second] = [env.get("AWS_REGION"), env.get("AWS_DEFAULT_REGION")];
  const findings: Finding[] = [];
  if (first && second && first !== second) {
    findings.push({
      id: "environment.regions",
      severity: "warning",
      message: `AWS_REGION is ${first}, and AWS_DEFAULT_REGION is ${second}`,
      effect:
        "this tool, the Go tool and most SDKs take the first; the AWS CLI and boto3 the second",
      wayOut: "unset one of them",
    });
  }
  for (const [name, value] of [["AWS_REGION", first], ["AWS_DEFAULT_REGION", second]] as const) {
    if (!value || isStsRegion(value)) continue;
    findings.push({
      id: "environment.region",
      severity: "warning",
      message: `${name} is \`${value}\`, which is none of AWS' regions`,
      effect: "AWS has no address there: requests end with an error, but for an AWS_ENDPOINT_URL",
      wayOut: "set one such as eu-central-1",
    });
  }
  return findings;
}

/** Deno reads them before any request, and a fault there stops them all. */
function checkCertificates({ ctx: { env } }: MachineView): Finding[] {
  return ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "DENO_CERT"].flatMap((name) => {
    const path = readCallers(name, env);
    const obstacle = path ? whyUnreadable(path) : undefined;
    return obstacle === undefined ? [] : [{
      id: "environment.certificates",
      severity: "error",
      message: `${name} names ${path}, which cannot be read: ${obstacle}`,
      effect: "no request to AWS can be made",
      wayOut: `unset ${name}, or name the file with your certificate authorities`,
    }];
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
  return [{
    id: "environment.role",
    severity: "warning",
    message: `AWS_ROLE_ARN is ${role}`,
    effect: "every profile that is named on a command line becomes that role",
    wayOut: "unset AWS_ROLE_ARN, or put role_arn into the profile it is meant for",
  }];
}
