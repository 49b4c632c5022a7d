import { hangUp } from "./accept.ts";

export const MAX_CONNECTIONS = 1024;
/** How long a connection may be silent, at the limit, before it makes room for another. */
const SILENCE_MS = 200;

/**
 * The open connections of a server, of which there is a limit. Where it is reached the next one
 * waits until one is done, or the oldest of those that have asked nothing is hung up on: nobody who
 * has asked goes without an answer, and silence keeps nobody out.
 */
export class Connections {
  readonly #open = new Set<Deno.Conn>();
  /** Since when, those that have not asked yet; oldest first. */
  readonly #silentSinceMs = new Map<Deno.Conn, number>();
  #changed = Promise.withResolvers<void>();

  add(connection: Deno.Conn): void {
    this.#open.add(connection);
    this.#silentSinceMs.set(connection, performance.now());
  }

  /** It has asked: from now on it is owed an answer. */
  owe(connection: Deno.Conn): void {
    this.#silentSinceMs.delete(connection);
  }

  end(connection: Deno.Conn): void {
    this.#open.delete(connection);
    this.#silentSinceMs.delete(connection);
    hangUp(connection);
    this.#tell();
  }

  endAll(): void {
    for (const connection of this.#open) this.end(connection);
  }

  /** Until those that are owed an answer have it; the silent are hung up on. */
  async settle(): Promise<void> {
    for (const connection of this.#silentSinceMs.keys()) this.end(connection);
    while (this.#open.size > 0) await this.#change(Infinity);
  }

  async haveRoom(): Promise<void> {
    while (this.#open.size >= MAX_CONNECTIONS) {
      const [oldest] = this.#silentSinceMs;
      const leftMs = oldest === undefined ? Infinity : oldest[1] + SILENCE_MS - performance.now();
      if (oldest !== undefined && leftMs <= 0) this.end(oldest[0]);
      else await this.#change(leftMs);
    }
  }

  /** Until one has ended, or this long. */
  async #change(milliseconds: number): Promise<void> {
    const timer = milliseconds === Infinity
      ? undefined
      : setTimeout(() => this.#tell(), milliseconds);
    await this.#changed.promise;
    clearTimeout(timer);
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
