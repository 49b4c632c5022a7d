import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND, type Ran, type RunOptions } from "./harness.ts";
import { MFA_SERIAL, PASSPHRASE, ROLE, startVault, type Vault } from "./vault.ts";
import { until } from "../until.ts";

export const CONFIG = `[profile work]
region = eu-west-1
[profile admin]
source_profile = work
role_arn = ${ROLE}
[profile coded]
source_profile = work
role_arn = ${ROLE}
mfa_serial = ${MFA_SERIAL}
`;

export interface Status {
  readonly running: boolean;
  readonly pid: number;
  readonly locked: boolean;
  readonly answered: number;
  readonly passedOn: number;
}

/** The agent of a vault's home; ended with it. */
export class RunningAgent implements AsyncDisposable {
  readonly vault: Vault;
  readonly #runtime: string | undefined;

  /** @param runtime what XDG_RUNTIME_DIR is for it and for those who ask it */
  constructor(vault: Vault, runtime?: string) {
    this.vault = vault;
    this.#runtime = runtime;
  }

  get socket(): string {
    return `${this.vault.home.path}/.awsvault/agent/agent.sock`;
  }

  /** Runs a command that has no passphrase but the agent's. */
  run(args: readonly string[], more: Partial<RunOptions> = {}): Promise<Ran> {
    const env = {
      AWS_VAULT_FILE_PASSPHRASE: undefined,
      XDG_RUNTIME_DIR: this.#runtime,
      ...more.env,
    };
    return this.vault.run(args, { ...more, env });
  }

  /** Runs a command as if there were no agent: its socket is elsewhere meanwhile. */
  async runAlone(args: readonly string[], more: Partial<RunOptions> = {}): Promise<Ran> {
    const directory = this.socket.replace(/\/[^/]*$/, "");
    await Deno.rename(directory, `${directory}.away`);
    try {
      return await this.vault.run(args, more);
    } finally {
      await Deno.rename(`${directory}.away`, directory);
    }
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.run(["agent", "status", "--json"])).stdout);
  }

  /** What a run has added to the agent's counts. */
  async counting<T>(work: () => Promise<T>): Promise<[T, { answered: number; passedOn: number }]> {
    const before = await this.status();
    const result = await work();
    const after = await this.status();
    return [result, {
      answered: after.answered - before.answered,
      passedOn: after.passedOn - before.passedOn,
    }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(["agent", "stop"]);
  }
}

export async function startAgent(vault: Vault, ...flags: string[]): Promise<RunningAgent> {
  return await startAgentWith({}, vault, ...flags);
}

/** The same with more in its environment. */
export async function startAgentWith(
  more: Record<string, string>,
  vault: Vault,
  ...flags: string[]
): Promise<RunningAgent> {
  const env = { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE, ...more };
  const ran = await vault.run(["agent", "start", ...flags], { env });
  assert.deepEqual([ran.code, ran.stdout], [0, ""], ran.stderr);
  return new RunningAgent(vault, more.XDG_RUNTIME_DIR);
}

/** What ends the texts of an answer, where it is made up. */
export const MARK = "0123456789abcdef0123456789abcdef";

/** A socket where an agent's is looked for, that answers each caller so, or nobody. */
export class PretendedAgent implements Disposable {
  readonly directory: string;
  readonly socket: string;
  readonly #answer: Uint8Array | undefined;
  readonly #listener: Deno.UnixListener;
  readonly #waiting: Deno.UnixConn[] = [];
  asked = 0;

  constructor(vault: Vault, answer?: string) {
    this.directory = `${vault.home.path}/.awsvault/agent`;
    this.socket = `${this.directory}/agent.sock`;
    this.#answer = answer === undefined ? undefined : new TextEncoder().encode(answer);
    Deno.mkdirSync(this.directory, { recursive: true });
    Deno.chmodSync(this.directory, 0o1700);
    Deno.writeTextFileSync(`${this.directory}/pid`, `${Deno.pid}\n`);
    this.#listener = Deno.listen({ transport: "unix", path: this.socket });
    void this.#serve();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      this.asked++;
      await connection.read(new Uint8Array(65536));
      if (this.#answer === undefined) {
        this.#waiting.push(connection);
        continue;
      }
      await connection.write(this.#answer).catch(() => {});
      connection.close();
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#waiting) connection.close();
  }
}

/** What is said here holds of the launcher, which asks an agent before Deno is started. */
export const ofLauncher = COMMAND.endsWith("/dist/aws-vault") && Deno.build.os !== "windows";

/** Whether it can: it asks by nc. */
export const launcherAsks = ofLauncher && requireProgram("nc");

export function agentTest(
  name: string,
  body: (agent: RunningAgent, vault: Vault) => Promise<void>,
  { flags = [], ignore = false }: { flags?: string[]; ignore?: boolean } = {},
): void {
  Deno.test(name, { ignore: ignore || !launcherAsks }, async () => {
    await using vault = await startVault(CONFIG);
    await using agent = await startAgent(vault, ...flags);
    await body(agent, vault);
  });
}

/** A process that stands still, ended with the test. */
export async function startStopped(): Promise<AsyncDisposable & { readonly pid: number }> {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const { pid } = child;
  child.kill("SIGSTOP");
  if (Deno.build.os === "linux") await until(() => isStopped(pid));
  return {
    pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Whether a process stands still, as Linux tells. */
export function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}
