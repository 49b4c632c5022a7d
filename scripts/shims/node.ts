/**
 * What commander takes from node's modules, without node's modules: one `node:` import costs
 * 4–27 ms at every start. Help and errors go through `configureOutput`, subcommands are never
 * programs of their own, so the rest is never called.
 */
type Listener = (...values: unknown[]) => void;

export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(name: string, listener: Listener): this {
    this.#listeners.set(name, [...this.#listeners.get(name) ?? [], listener]);
    return this;
  }

  emit(name: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(name) ?? [];
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }

  listenerCount(name: string): number {
    return this.#listeners.get(name)?.length ?? 0;
  }
}

/** Help and errors are written without control characters. */
export function stripVTControlCharacters(text: string): string {
  return text;
}

/** `process`, `path`, `fs` and `child_process` in one. */
export default {
  argv: [] as string[],
  execArgv: [] as string[],
  env: {} as Record<string, string | undefined>,
  versions: {},
  stdout: { isTTY: false },
  stderr: { isTTY: false },
};
