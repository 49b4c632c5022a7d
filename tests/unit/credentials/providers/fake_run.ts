import { createFakeEnv } from "../../../fakes/env.ts";
import { MfaCodes } from "../../../../src/credentials/mfa_codes.ts";
import type { Setting } from "../../../../src/config/profile.ts";
import { BackendError } from "../../../../src/errors.ts";
import type { Run } from "../../../../src/credentials/run.ts";
import type {
  Clock,
  Context,
  ProcessRequest,
  ProcessResult,
  SecretBackend,
  SecretItem,
} from "../../../../src/types.ts";
import { NOBODY, unwanted } from "../../../fakes/nobody.ts";

/**
 * A clock that stands until somebody sleeps. What sleeps in the background, for seconds, never
 * wakes; a pause before another try takes no time.
 */
export class FakeClock implements Clock {
  nowMs = Date.UTC(2026, 10, 3, 12);
  readonly sleptSeconds: number[] = [];
  /** Called after each sleep, with how many there have been. */
  onSleep: (count: number) => void = () => {};

  now = () => this.nowMs;

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal !== undefined) {
      if (milliseconds < 1000) return Promise.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    }
    this.nowMs += milliseconds;
    this.sleptSeconds.push(milliseconds / 1000);
    this.onSleep(this.sleptSeconds.length);
    return Promise.resolve();
  }
}

export class MemoryBackend implements SecretBackend {
  readonly name = "memory";
  readonly items = new Map<string, SecretItem>();
  get = (key: string) => Promise.resolve(this.items.get(key));
  set = (item: SecretItem): Promise<void> => Promise.resolve(void this.items.set(item.key, item));
  remove = (key: string) => Promise.resolve(this.items.delete(key));
  keys = () => Promise.resolve([...this.items.keys()]);

  /** The next item cannot be read, as where its helper was not answered. */
  failOnce(): void {
    const { get } = this;
    this.get = () => {
      this.get = get;
      return Promise.reject(new BackendError("memory", "the item cannot be read"));
    };
  }

  readJson(key: string) {
    return JSON.parse(new TextDecoder().decode(this.items.get(key)?.data));
  }

  writeJson(key: string, value: unknown): void {
    this.items.set(key, { key, data: new TextEncoder().encode(JSON.stringify(value)) });
  }
}

export interface FakeRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: Context["platform"];
  readonly useStdout?: boolean;
  readonly useDeviceCode?: boolean;
  readonly clock?: FakeClock;
  readonly backend?: MemoryBackend;
  /** Programs that are there. */
  readonly programs?: readonly string[];
  readonly answer?: (request: ProcessRequest) => Partial<ProcessResult>;
}

/** A run in a world of plain objects, that remembers what was said and started. */
export function createRun(options: FakeRunOptions = {}) {
  const clock = options.clock ?? new FakeClock();
  const backend = options.backend ?? new MemoryBackend();
  const notes: string[] = [];
  const debug: string[] = [];
  const started: ProcessRequest[] = [];
  const ctx: Context = {
    ...NOBODY,
    platform: options.platform ?? "linux",
    clock,
    env: createFakeEnv(options.env ?? {}),
    processes: {
      find: (name) => options.programs?.includes(name) ? `/usr/bin/${name}` : undefined,
      run(request) {
        started.push(request);
        const empty = { code: 0, stdout: new Uint8Array(), stderr: "" };
        return Promise.resolve({ ...empty, ...options.answer?.(request) });
      },
    },
    children: { locate: unwanted, run: unwanted },
    terminal: { available: () => false, ask: unwanted, isOutput: () => false },
    prompt: unwanted,
    out: unwanted,
    outStyled: unwanted,
    note: (text) => void notes.push(text),
    tell: (text) => void notes.push(text),
    debug: (text) => void debug.push(text),
  };
  const run: Run = {
    ctx,
    backend,
    keys: () => backend.keys(),
    mfa: new MfaCodes(ctx),
    useStdout: options.useStdout ?? true,
    useDeviceCode: options.useDeviceCode ?? false,
  };
  return { run, ctx, clock, backend, notes, debug, started };
}

/** A command line as the config file has it. */
export function commandLine(key: string, value: string): Setting {
  const source = { from: "file", path: "config", line: 3, section: "profile x", key } as const;
  return { value, source };
}

export function printing(text: string): () => Partial<ProcessResult> {
  return () => ({ stdout: new TextEncoder().encode(text) });
}
