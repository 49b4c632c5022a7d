import { hangUp } from "../accept.ts";
import { afterWaiting } from "./patience.ts";

/** As many as a server has open at once. */
export const MAX_CONNECTIONS = 1024;
/** How long, at the limit, nobody may ask or be done before the silent make room for others. */
const SILENCE_MS = 1000;
/** So many of them at a time, the oldest. */
const MAKING_ROOM = 512;

/**
 * The open connections of a server, of which there is a limit. Where it is reached the next one
 * waits until one is done, or the oldest of those that have asked nothing are hung up on: nobody who
 * has asked goes without an answer, and silence keeps nobody out.
 */
export class Connections {
  readonly #open = new Set<Deno.Conn>();
  /** Those that have not asked yet; oldest first. */
  readonly #silent = new Set<Deno.Conn>();
  #changed = Promise.withResolvers<void>();

  add(connection: Deno.Conn): void {
    this.#open.add(connection);
    this.#silent.add(connection);
  }

  /**
   * It has asked: from now on it is owed an answer. While others do, on a loaded machine, what the
   * silent have sent may not have been read yet.
   */
  owe(connection: Deno.Conn): void {
    this.#silent.delete(connection);
    this.#tell();
  }

  end(connection: Deno.Conn): void {
    this.#open.delete(connection);
    this.#silent.delete(connection);
    hangUp(connection);
    this.#tell();
  }

  endAll(): void {
    for (const connection of this.#open) this.end(connection);
  }

  /** Until those that are owed an answer have it; the silent are hung up on. */
  async settle(): Promise<void> {
    for (const connection of this.#silent) this.end(connection);
    while (this.#open.size > 0) await this.#changed.promise;
  }

  /** Until one more may be open. */
  async haveRoom(): Promise<void> {
    while (this.#open.size >= MAX_CONNECTIONS) {
      const callOff = afterWaiting(SILENCE_MS, () => this.#makeRoom());
      await this.#changed.promise;
      callOff();
    }
  }

  #makeRoom(): void {
    for (const connection of [...this.#silent].slice(0, MAKING_ROOM)) this.end(connection);
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
