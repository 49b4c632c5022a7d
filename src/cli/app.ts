import {
  type BackendSettings,
  describeKeyring,
  listKeys,
  openKeyring,
} from "../../backends/mod.ts";
import { isSessionItem } from "../credentials/session_key.ts";
import type { IniFile } from "../config/ini.ts";
import { configPath, isReadAtOnce, loadConfig } from "../config/load.ts";
import { neededWithKeyring } from "../permissions.ts";
import type { Context, Exit, SecretBackend } from "../types.ts";

/** The options every command takes. */
export interface GlobalOptions extends BackendSettings {
  readonly debug?: boolean;
  readonly prompt?: string;
}

/** Commands, or groups of them, that never look into the config file. */
const WITHOUT_CONFIG = ["agent", "completion", "help", "proxy", "version"];

/** What a command works with: the world, and the config file and keyring once they are asked for. */
export class App {
  readonly ctx: Context;
  readonly globals: GlobalOptions;
  /** The program `exec` is to start, with its arguments; empty = a subshell. */
  readonly childArguments: readonly string[];
  /** The command's name, by which permissions are given up; empty = none are. */
  readonly command: string;
  /** How the command ends; 0 unless it says otherwise. */
  exit: Exit = { code: 0 };
  #config: IniFile | undefined;
  #keyring: Promise<SecretBackend> | undefined;

  constructor(
    ctx: Context,
    globals: GlobalOptions,
    childArguments: readonly string[],
    command = "",
  ) {
    this.ctx = ctx;
    this.command = command;
    this.globals = globals;
    this.childArguments = childArguments;
  }

  /** Has a config file that cannot be read at once, such as a pipe, ready for `config`. */
  async readAhead(): Promise<void> {
    const [group] = this.command.split(" ");
    if (WITHOUT_CONFIG.includes(group!) || isReadAtOnce(this.ctx.env)) return;
    await (await import("../config/pipe.ts")).readPipe(this.ctx);
  }

  config(): IniFile {
    if (this.#config === undefined) this.ctx.remote?.noteReading(configPath(this.ctx.env));
    this.#config ??= loadConfig(this.ctx.env);
    return this.#config;
  }

  /** The config file as it is now; what was made of it before is kept where it is the same. */
  reloadConfig(): IniFile {
    const now = loadConfig(this.ctx.env);
    if (now.text !== this.#config?.text) this.#config = now;
    return this.#config!;
  }

  keyring(): Promise<SecretBackend> {
    this.#keyring ??= this.#openKeyring();
    return this.#keyring;
  }

  /** The names in the keyring, as far as they show without asking a person for anything. */
  async keyringNames(): Promise<readonly string[]> {
    return await listKeys(this.globals, this.ctx, {
      programs: true,
      isSession: isSessionItem,
    }) ?? await (await this.keyring()).keys();
  }

  /** Where the items lie that a passphrase of ours opens, if any do. */
  keyringDirectory(): string | undefined {
    return describeKeyring(this.globals, this.ctx).directory;
  }

  async #openKeyring(): Promise<SecretBackend> {
    const backend = await openKeyring(this.globals, this.ctx, isSessionItem);
    this.ctx.keepPermissions(neededWithKeyring(this.command, backend));
    return backend;
  }
}

/** Thrown by a command that is another way to write a command line: that one is run instead. */
export class Redirect extends Error {
  readonly args: readonly string[];

  constructor(args: readonly string[]) {
    super(`run ${args.join(" ")} instead`);
    this.args = args;
  }
}
