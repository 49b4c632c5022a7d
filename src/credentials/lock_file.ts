import { openOwn } from "../files.ts";
import type { Clock } from "../types.ts";

const BEAT_MS = 1_000;
/** So long without a sign of life is a process that stands still: stopped by Ctrl-Z, or worse. */
const STILL_MS = 5_000;
const IS_WINDOWS = Deno.build.os === "windows";
/** Room for a process id and a count; what the holder says in the end comes after. */
const RECORD_BYTES = 32;
const MAX_LAST_WORDS_BYTES = 1_000;

/**
 * A file whose lock the operating system gives back when its holder dies. A holder that merely
 * stands still keeps it: so it writes its process id and a count that goes on while it lives.
 * Opened once more by the same process, it is as any other's.
 */
export class LockFile {
  readonly #file: Deno.FsFile;
  /** Where the holder writes: Windows lets nobody else read what is locked. */
  readonly #record: Deno.FsFile;
  readonly #clock: Clock;
  readonly #released = new AbortController();
  /** What the holder before us has left, where it said something. */
  inheritance: string | undefined;

  private constructor(file: Deno.FsFile, record: Deno.FsFile, clock: Clock) {
    this.#file = file;
    this.#record = record;
    this.#clock = clock;
  }

  /** Throws where no such file can be made. */
  static open(path: string, clock: Clock): LockFile {
    const options = { read: true, write: true };
    const file = openOwn(path, options);
    const record = IS_WINDOWS ? openOwn(recordOf(path), options) : file;
    return new LockFile(file, record, clock);
  }

  /**
   * When its last holder wrote last, in milliseconds since the epoch, which each does as it takes the
   * lock; while it is held that is yet to come: `NaN`, which equals nothing. Throws where it never was
   * held, or there are no locks.
   */
  static lastHeldMs(path: string): number | undefined {
    using file = Deno.openSync(path);
    return file.tryLockSync(false) ? Deno.statSync(recordOf(path)).mtime?.getTime() : NaN;
  }

  /** Takes the lock if nobody has it. */
  async take(): Promise<boolean> {
    if (!await this.#file.tryLock(true)) return false;
    this.inheritance = this.#read(RECORD_BYTES, MAX_LAST_WORDS_BYTES) || undefined;
    if (this.inheritance !== undefined) this.#record.truncateSync(RECORD_BYTES);
    void this.#stayAlive();
    return true;
  }

  /** Tells the next holder something, which is told nobody after that one; while the lock is ours. */
  leave(text: string): void {
    const bytes = new TextEncoder().encode(text).subarray(0, MAX_LAST_WORDS_BYTES);
    try {
      this.#record.seekSync(RECORD_BYTES, Deno.SeekMode.Start);
      this.#record.writeSync(bytes);
    } catch { /* the next one finds out for itself */ }
  }

  /** What the holder wrote last: the same text twice is the same moment of the same process. */
  readRecord(): string {
    return this.#read(0, RECORD_BYTES);
  }

  #read(offset: number, maxBytes: number): string {
    try {
      const bytes = new Uint8Array(maxBytes);
      this.#record.seekSync(offset, Deno.SeekMode.Start);
      const length = this.#record.readSync(bytes) ?? 0;
      return new TextDecoder().decode(bytes.subarray(0, length));
    } catch {
      return "";
    }
  }

  /** Gives the lock back; once more does nothing. */
  close(): void {
    if (this.#released.signal.aborted) return;
    this.#released.abort();
    this.#file.close();
    if (this.#record !== this.#file) this.#record.close();
  }

  async #stayAlive(): Promise<void> {
    const { signal } = this.#released;
    for (let count = 1; !signal.aborted; count++) {
      this.#beat(count);
      await this.#clock.sleep(BEAT_MS, signal).catch(() => {});
    }
  }

  #beat(count: number): void {
    const text = `${Deno.pid} ${count}`.padEnd(RECORD_BYTES - 1) + "\n";
    try {
      this.#record.seekSync(0, Deno.SeekMode.Start);
      this.#record.writeSync(new TextEncoder().encode(text));
    } catch { /* a full disk: the lock holds all the same */ }
  }
}

const recordOf = (path: string): string => IS_WINDOWS ? `${path}.holder` : path;

/** Watches a holder from the outside, look by look. */
export class Holder {
  #record: string | undefined;
  #stillMs = 0;

  /** @param sinceMs the time slept since the last look; a machine that slept does not count */
  look(record: string, sinceMs: number): void {
    this.#stillMs = record === this.#record ? this.#stillMs + sinceMs : 0;
    this.#record = record;
  }

  get isStill(): boolean {
    return this.#stillMs >= STILL_MS;
  }

  /** `process 123`, as far as it is known. */
  get name(): string {
    return this.processId === undefined ? "another process" : `process ${this.processId}`;
  }

  get processId(): number | undefined {
    const id = parseInt(this.#record ?? "");
    return Number.isNaN(id) ? undefined : id;
  }
}
