import { VaultError } from "../errors.ts";
import type { Context, ProcessResult } from "../types.ts";

/** The metadata service's address on every EC2 instance. */
export const IMDS_HOST = "169.254.169.254";
export const IMDS_PORT = 80;

/** On 127.0.0.1, where the proxy finds the server; the Go tool's. */
export const IMDS_SERVER_PORT = 9099;

type AddressContext = Pick<Context, "platform" | "processes">;

interface Commands {
  readonly program: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Windows is refused before. */
const COMMANDS: Readonly<Record<string, Commands>> = {
  linux: {
    program: "ip",
    add: ["address", "add", `${IMDS_HOST}/32`, "dev", "lo"],
    remove: ["address", "del", `${IMDS_HOST}/32`, "dev", "lo"],
  },
  darwin: {
    program: "ifconfig",
    add: ["lo0", "alias", IMDS_HOST, "255.255.255.255"],
    remove: ["lo0", "-alias", IMDS_HOST],
  },
};

/** The program that changes this platform's addresses. */
export function addressProgram(platform: Context["platform"]): string {
  return COMMANDS[platform]!.program;
}

/** Gives the loopback interface the address, unless it has it; true when it had not. */
export async function addAddress(ctx: AddressContext): Promise<boolean> {
  if (hasAddress()) return false;
  const { program, add } = COMMANDS[ctx.platform]!;
  const result = await run(program, add, ctx);
  if (result.code !== 0) {
    throw new VaultError(
      "process",
      `${IMDS_HOST} cannot be added to the loopback interface: ${tell(program, result)}`,
      ["only root can; --ecs-server needs neither"],
    );
  }
  return true;
}

/** Takes the address away again; throws when it cannot be. */
export async function removeAddress(ctx: AddressContext): Promise<void> {
  const { program, remove } = COMMANDS[ctx.platform]!;
  const result = await run(program, remove, ctx);
  if (result.code === 0) return;
  throw new VaultError(
    "process",
    `${IMDS_HOST} is left on the loopback interface: ${tell(program, result)}`,
    [`take it away as root: ${[program, ...remove].join(" ")}`],
  );
}

/** Whether this machine has the address: only then can it be listened on. */
export function hasAddress(): boolean {
  try {
    Deno.listen({ hostname: IMDS_HOST, port: 0 }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrNotAvailable) return false;
    throw error;
  }
}

function run(program: string, args: readonly string[], ctx: AddressContext) {
  return ctx.processes.run({ kind: "system", command: program, args, timeoutSeconds: 10 });
}

function tell(program: string, { code, stdout, stderr }: ProcessResult): string {
  const said = (stderr.trim() || new TextDecoder().decode(stdout).trim()).split("\n").at(-1)!;
  return `${program} ended with ${code}${said && `: ${said}`}`;
}
