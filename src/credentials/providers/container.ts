import { isAddress } from "../../config/endpoint.ts";
import { describeCause, VaultError } from "../../errors.ts";
import type { Credentials, Env } from "../../types.ts";
import { parseJsonObject, toCredentials } from "../json_credentials.ts";
import { askMetadata } from "../metadata_request.ts";
import type { CredentialProvider, Run } from "../run.ts";
import type { ContainerStep } from "../steps.ts";
import { readTokenFile } from "../token_file.ts";

const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ECS_ADDRESS = "http://169.254.170.2";
/** Who may be asked without TLS, as AWS's SDKs have it: ECS, EKS, and this machine. */
const PLAIN_HOSTS =
  /^(169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\]|localhost|127(\.\d+){3}|\[::1\])$/;
/** Those of the AWS CLI. */
const TIMEOUT_SECONDS = 2;
const ATTEMPTS = 3;

/** `credential_source = EcsContainer`: the role of a task or pod, by the variables it is given. */
export function createProvider(step: ContainerStep, run: Run): CredentialProvider {
  return { retrieve: () => retrieve(step, run) };
}

async function retrieve(step: ContainerStep, run: Run): Promise<Credentials> {
  const name = nameOf(step);
  const url = findUrl(step, run.ctx.env);
  const token = await findToken(run.ctx.env, name);
  const answer = await askMetadata({
    url,
    method: "GET",
    headers: token === undefined ? {} : { authorization: token },
    timeoutSeconds: TIMEOUT_SECONDS,
    attempts: ATTEMPTS,
  }, name);
  if (answer.status !== 200) {
    throw new VaultError("network", `${name}: HTTP ${answer.status} from ${url}`);
  }
  const origin = { name, tokenField: "Token", required: ["Token"] } as const;
  return toCredentials(parseJsonObject(answer.text, origin), origin, run.ctx.clock);
}

function nameOf({ profile }: ContainerStep): string {
  return `profile ${profile}: container credentials`;
}

/** The address that a task or pod has its credentials from; throws where there is none. */
export function findUrl(step: ContainerStep, env: Env): string {
  const name = nameOf(step);
  const relative = env.get(RELATIVE);
  if (relative?.startsWith("/")) return ECS_ADDRESS + relative;
  if (relative) throw new VaultError("config", `${name}: ${RELATIVE} does not begin with /`);
  const full = env.get(FULL);
  if (full) return checkUrl(full, name);
  throw new VaultError("credentials", `${name}: neither ${RELATIVE} nor ${FULL} is set`, [
    "ECS and EKS set one of them in a container with a role",
  ]);
}

/** The token must not go unencrypted to whomever a variable names. */
function checkUrl(text: string, name: string): string {
  const url = isAddress(text) ? URL.parse(text) : null;
  if (url?.protocol === "https:") return text;
  if (url?.protocol === "http:" && PLAIN_HOSTS.test(url.hostname)) return text;
  throw new VaultError("config", `${name}: ${FULL} names no address that may be asked`, [
    "it is an https one, or http on this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
  ]);
}

/** The file is read anew each time, since EKS renews it; it stands before the variable. */
async function findToken(env: Env, name: string): Promise<string | undefined> {
  const file = env.get(TOKEN_FILE);
  const token = file ? await readToken(file, name) : env.get(TOKEN);
  if (!token) return undefined;
  if (/^[\t\x20-\x7e]+$/.test(token)) return token;
  const what = "the authorization token has line breaks in it, or other characters but ASCII";
  throw new VaultError("config", `${name}: ${what}`);
}

async function readToken(path: string, name: string): Promise<string> {
  try {
    return (await readTokenFile(path)).trim();
  } catch (error) {
    const cause = describeCause(error);
    throw new VaultError("file", `${name}: cannot read ${TOKEN_FILE} ${path}: ${cause}`, [], error);
  }
}
