import { createFakeEnv } from "../../fakes/env.ts";
import { openFile } from "../../../backends/file.ts";
import { run } from "../../../src/cli/mod.ts";
import { SessionCache } from "../../../src/credentials/session_cache.ts";
import { planCredentials } from "../../../src/credentials/plan.ts";
import { IniFile } from "../../../src/config/ini.ts";
import { resolveProfile } from "../../../src/config/resolve.ts";
import { writeStoredKeys } from "../../../src/credentials/stored_keys.ts";
import type {
  ChildRequest,
  Clock,
  Credentials,
  Exit,
  SecretBackend,
  World,
} from "../../../src/types.ts";
import { NOBODY, unwanted } from "../../fakes/nobody.ts";

const NOW_MS = Date.UTC(2026, 10, 3, 12);

export interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: string;
  /** Standard output is a terminal. */
  readonly isOutputTerminal?: boolean;
  /** Stands still unless told. */
  readonly clock?: Clock;
  /** What a program that is started does; it ends with 7. */
  readonly program?: (request: ChildRequest) => Promise<void>;
}

/** A home of its own, and a world of plain objects that remembers what was printed and started. */
export class TestWorld implements Disposable {
  readonly home = Deno.makeTempDirSync({ prefix: "vault-cli-" });
  readonly children: ChildRequest[] = [];
  stdout = "";
  stderr = "";
  readonly #options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    Deno.mkdirSync(`${this.home}/.aws`);
    Deno.writeTextFileSync(`${this.home}/.aws/config`, options.config ?? "");
  }

  /** Runs a command line. */
  async run(...args: string[]): Promise<Exit> {
    this.stdout = "";
    this.stderr = "";
    return await run(args, this.#world());
  }

  get keyring(): SecretBackend {
    const directory = `${this.home}/.awsvault/keys`;
    return openFile({ directory, passphrase: () => Promise.resolve("p") }, this.#world());
  }

  async storeKeys(profile: string, accessKeyId: string, secretAccessKey = "secret"): Promise<void> {
    await writeStoredKeys(this.keyring, profile, { accessKeyId, secretAccessKey });
  }

  /** Keeps a session of an hour that `profile`, whose keys are stored, will find. */
  async keepSession(profile: string, credentials: Partial<Credentials>): Promise<void> {
    const file = new IniFile("config", Deno.readTextFileSync(`${this.home}/.aws/config`));
    const config = resolveProfile(profile, file, this.#world().env, {});
    const plan = planCredentials(config, new Set([profile]), { sessions: true, renews: false });
    const identity = plan.steps.at(-1)!.cache!;
    await new SessionCache(this.keyring, this.#world(), 300).keep(identity, {
      accessKeyId: "ASIASESSION",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiresAtMs: NOW_MS + 3_600_000,
      ...credentials,
    });
  }

  #world(): World {
    const variables: Record<string, string> = {
      HOME: this.home,
      SHELL: "/bin/sh",
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: "p",
      ...this.#options.env,
    };
    return {
      platform: "linux",
      clock: this.#options.clock ?? { now: () => NOW_MS, sleep: () => Promise.resolve() },
      env: createFakeEnv(variables),
      processes: { run: unwanted, find: () => undefined },
      children: {
        locate: (command) => Promise.resolve(command),
        run: async (request) => {
          this.children.push(request);
          await this.#options.program?.(request);
          return { code: 7 };
        },
      },
      ...NOBODY,
      terminal: {
        available: () => false,
        ask: unwanted,
        isOutput: () => this.#options.isOutputTerminal ?? false,
      },
      out: (text) => void (this.stdout += text),
      outStyled: (parts) =>
        void (this.stdout += parts.map((part) => typeof part === "string" ? part : part.text).join(
          "",
        )),
      note: (text) => void (this.stderr += text + "\n"),
      tell: unwanted,
      setDebug() {},
      debug() {},
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.home, { recursive: true });
  }
}
