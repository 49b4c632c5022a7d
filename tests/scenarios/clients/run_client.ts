import { requireProgram } from "../../require.ts";

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

/** The SDK for JavaScript is among our own packages, and runs in the Deno that runs the tests. */
const PROGRAM_BY_NAME: Readonly<Partial<Record<ClientName, string>>> = {
  boto3: "python3",
  awscli: "aws",
};

/** Whether a client is installed; throws where it is not and nothing may be skipped. */
export function requireClient(name: ClientName): boolean {
  const program = PROGRAM_BY_NAME[name];
  if (program !== undefined && !requireProgram(program)) return false;
  return name !== "boto3" || requirePython("boto3");
}

/** Whether Python has a module; throws where it has not and nothing may be skipped. */
export function requirePython(module: string): boolean {
  if (!requireProgram("python3")) return false;
  const args = ["-c", `import ${module}`];
  const { success } = new Deno.Command("python3", { args, stderr: "null" }).outputSync();
  if (success || Deno.env.get("VAULT_TEST_REQUIRE") !== "1") return success;
  throw new Error(`${module} is not installed, and VAULT_TEST_REQUIRE=1 lets no test be skipped`);
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
