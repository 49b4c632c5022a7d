import { requireProgram, requirePython } from "../../require.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;
const CLIENTS = `${ROOT}tests/scenarios/clients`;

/** Programs that ask STS who they are, by their library's default chain, and print the ARN. */
export const CLIENTS_BY_NAME = {
  boto3: ["python3", `${CLIENTS}/boto3_client.py`],
  awscli: ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
  "AWS SDK for JavaScript": [
    Deno.execPath(),
    ...["run", "--quiet", "--cached-only", `--config=${ROOT}deno.json`, "-A"],
    `${CLIENTS}/js_client.ts`,
  ],
} as const;

export type ClientName = keyof typeof CLIENTS_BY_NAME;
export const CLIENT_NAMES = Object.keys(CLIENTS_BY_NAME) as ClientName[];

/**
 * Whether a client is installed. The SDK for JavaScript is among our own packages, and runs in the
 * Deno that runs the tests.
 */
export function requireClient(name: ClientName): boolean {
  if (name === "boto3") return requirePython("boto3");
  return name !== "awscli" || requireProgram("aws");
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that sees PATH, a home of its own without AWS files, and these variables. */
export async function runClient(
  [program, ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Ran> {
  const home = Deno.makeTempDirSync({ prefix: "vault-client-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command(program!, {
      args,
      clearEnv: true,
      env: { ...clientEnvironment(home), ...variables },
      stdin: "null",
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out!, stderr: err! };
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** Deno and pyenv find what they have installed by the real home. */
function clientEnvironment(home: string): Record<string, string> {
  const own = Deno.env.get("HOME") ?? "/root";
  return {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: home,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${own}/.cache/deno`,
    PYENV_ROOT: Deno.env.get("PYENV_ROOT") ?? `${own}/.pyenv`,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  };
}
