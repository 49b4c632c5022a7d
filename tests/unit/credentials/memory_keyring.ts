import type { Run } from "../../../src/credentials/run.ts";
import type { SecretItem } from "../../../src/types.ts";
import { createRun, type FakeRunOptions, MemoryBackend } from "./providers/fake_run.ts";

/** A keyring in memory that counts what is asked of it, and fails where it is told to. */
export class CountingBackend extends MemoryBackend {
  readonly calls: string[] = [];
  /** Calls that begin so throw. */
  broken: string | undefined;

  constructor() {
    super();
    const { get, set, remove, keys } = this;
    this.get = (key: string) => this.#count(`get ${key}`, () => get(key));
    this.set = (item: SecretItem) => this.#count(`set ${item.key}`, () => set(item));
    this.remove = (key: string) => this.#count(`remove ${key}`, () => remove(key));
    this.keys = () => this.#count("keys", keys);
  }

  #count<T>(call: string, work: () => Promise<T>): Promise<T> {
    this.calls.push(call);
    if (this.broken !== undefined && call.startsWith(this.broken)) {
      return Promise.reject(new Error(`${call} is broken`));
    }
    return work();
  }
}

/** A run on such a keyring, whose names are read once and then remembered. */
export function createCountingRun(options: Omit<FakeRunOptions, "backend"> = {}) {
  const backend = new CountingBackend();
  const made = createRun({ ...options, backend });
  let keys: Promise<string[]> | undefined;
  const run: Run = { ...made.run, keys: () => keys ??= backend.keys() };
  return { ...made, run, backend };
}
