import { isAddress, showFaulty } from "../../config/endpoint.ts";
import { BOOLEAN } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import type { Credentials, Env } from "../../types.ts";
import { parseJsonObject, toCredentials } from "../json_credentials.ts";
import { askMetadata, type MetadataAnswer } from "../metadata_request.ts";
import type { CredentialProvider, Run } from "../run.ts";
import type { InstanceMetadataStep } from "../steps.ts";

const ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const ENDPOINT_MODE = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const TOKEN_PATH = "/latest/api/token";
const ROLE_PATH = "/latest/meta-data/iam/security-credentials/";
/** Six hours, AWS's longest; the token goes with this run all the same. */
const TOKEN_TTL_SECONDS = 21_600;

/** The metadata service of an EC2 instance, as the AWS CLI's variables set it. */
interface Service {
  readonly name: string;
  readonly endpoint: string;
  readonly timeoutSeconds: number;
  readonly attempts: number;
  readonly allowsV1: boolean;
}

/**
 * `credential_source = Ec2InstanceMetadata`: the role of the instance, by IMDSv2 and, where there
 * is none (403, 404, 405 to the token request, or no answer), by IMDSv1, as AWS's SDKs do.
 */
export function createProvider(step: InstanceMetadataStep, run: Run): CredentialProvider {
  return { retrieve: () => retrieve(step, run) };
}

async function retrieve(step: InstanceMetadataStep, run: Run): Promise<Credentials> {
  const service = readService(step, run.ctx.env);
  const token = await requestToken(service);
  if (token === undefined) run.ctx.debug(`${service.name}: IMDSv1`);
  const headers: Record<string, string> = token === undefined
    ? {}
    : { "x-aws-ec2-metadata-token": token };
  const role = (await get(service, ROLE_PATH, headers)).split("\n")[0]!.trim();
  if (role === "") throw noRole(service);
  const text = await get(service, ROLE_PATH + role, headers);
  const origin = { name: service.name, tokenField: "Token", required: ["Token"] } as const;
  const fields = parseJsonObject(text, origin);
  if (fields.Code !== undefined && fields.Code !== "Success") {
    throw new VaultError("credentials", `${service.name} gave no credentials: ${fields.Code}`);
  }
  return toCredentials(fields, origin, run.ctx.clock);
}

/** Throws `VaultError("config")` where it is switched off, or its address is none. */
export function readService(step: InstanceMetadataStep, env: Env): Service {
  const name = `profile ${step.profile}: EC2 instance metadata`;
  if (isTrue(env, "AWS_EC2_METADATA_DISABLED")) {
    throw new VaultError("config", `${name} is switched off by AWS_EC2_METADATA_DISABLED`);
  }
  return {
    name,
    endpoint: readEndpoint(name, env),
    timeoutSeconds: readNumber("AWS_METADATA_SERVICE_TIMEOUT", env),
    attempts: readNumber("AWS_METADATA_SERVICE_NUM_ATTEMPTS", env),
    allowsV1: !isTrue(env, "AWS_EC2_METADATA_V1_DISABLED"),
  };
}

/** The address without a slash at its end. */
function readEndpoint(name: string, env: Env): string {
  const mode = env.get(ENDPOINT_MODE) || "IPv4";
  if (!/^ipv[46]$/i.test(mode)) {
    throw isNone(ENDPOINT_MODE, mode, "neither IPv4 nor IPv6", "it is IPv4 where it is unset");
  }
  const standard = /6$/.test(mode) ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  const endpoint = env.get(ENDPOINT) || standard;
  if (isAddress(endpoint)) return endpoint.replace(/\/+$/, "");
  throw new VaultError(
    "config",
    `${name}: ${ENDPOINT} is \`${showFaulty(endpoint)}\`, which is no address`,
    [`write it with http:// and no blank in it, such as ${standard}, or unset it`],
  );
}

/** `undefined` where the service wants none. */
async function requestToken(service: Service): Promise<string | undefined> {
  const answer = await put(service);
  if (answer?.status === 200) return answer.text;
  if (answer !== undefined && ![403, 404, 405].includes(answer.status)) {
    throw refusal(service, answer, "the token request");
  }
  if (service.allowsV1) return undefined;
  const what = answer === undefined ? "no answer" : `HTTP ${answer.status}`;
  throw new VaultError("network", `${service.name}: ${what} to the IMDSv2 token request`, [
    "AWS_EC2_METADATA_V1_DISABLED forbids IMDSv1; in a container IMDSv2 needs a hop limit of 2",
  ]);
}

/** A hop limit of 1 swallows the answer on its way into a container: that is `undefined`. */
async function put(service: Service): Promise<MetadataAnswer | undefined> {
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": `${TOKEN_TTL_SECONDS}` };
  const url = service.endpoint + TOKEN_PATH;
  try {
    return await askMetadata({ ...service, url, method: "PUT", headers }, service.name);
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

async function get(
  service: Service,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const url = service.endpoint + path;
  const answer = await askMetadata({ ...service, url, method: "GET", headers }, service.name);
  if (answer.status === 200) return answer.text;
  if (answer.status === 404 && path === ROLE_PATH) throw noRole(service);
  throw refusal(service, answer, path);
}

function noRole(service: Service): VaultError {
  return new VaultError("credentials", `${service.name}: this instance has no role`, [
    "attach an instance profile to it, or set another credential_source",
  ]);
}

function refusal(service: Service, answer: MetadataAnswer, what: string): VaultError {
  const hints = answer.status === 401
    ? ["the service wants IMDSv2, whose token it did not give"]
    : answer.status === 403
    ? ["it is turned off for this instance, or something on the way keeps you from it"]
    : [];
  return new VaultError("network", `${service.name}: HTTP ${answer.status} to ${what}`, hints);
}

function isTimeout(error: unknown): boolean {
  return error instanceof VaultError && error.cause instanceof DOMException &&
    error.cause.name === "TimeoutError";
}

function isTrue(env: Env, name: string): boolean {
  const text = env.get(name) || "false";
  if (BOOLEAN.test(text)) return text.toLowerCase() === "true";
  throw isNone(name, text, "neither true nor false", "write true, or unset it");
}

/** One where it is unset, as for the AWS CLI. */
function readNumber(name: string, env: Env): number {
  const text = env.get(name) || "1";
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw isNone(name, text, "no number from 1 to 999", "it is 1 where it is unset");
}

function isNone(name: string, text: string, what: string, wayOut: string): VaultError {
  return new VaultError("config", `${name}: \`${text}\` is ${what}`, [wayOut]);
}
