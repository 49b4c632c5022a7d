import { App } from "../../../src/cli/app.ts";
import { IniFile } from "../../../src/config/ini.ts";
import type { Context } from "../../../src/types.ts";
import { CountingBackend, createCountingRun } from "../credentials/memory_keyring.ts";

/** An app over a config file and a keyring in memory; what it prints is in `printed`. */
export class MemoryApp extends App {
  readonly backend: CountingBackend;
  readonly clock: { nowMs: number };
  readonly printed: string[];
  readonly #file: IniFile;

  constructor(config: string, env: Readonly<Record<string, string>> = {}) {
    const { ctx, backend, clock } = createCountingRun({ env });
    const printed: string[] = [];
    const world: Context = {
      ...ctx,
      out: (text) => void printed.push(text),
      outStyled: (parts) =>
        void printed.push(...parts.map((part) => typeof part === "string" ? part : part.text)),
    };
    super(world, {}, []);
    this.backend = backend;
    this.clock = clock;
    this.printed = printed;
    this.#file = new IniFile("config", config);
  }

  override config(): IniFile {
    return this.#file;
  }

  override keyring(): Promise<CountingBackend> {
    return Promise.resolve(this.backend);
  }
}
