/** How long to wait before accepting again where that fails: a lack of file descriptors. */
const PAUSE_MS = 50;

/** A listener, TCP's or a Unix socket's, whose connections are given to a function as they come. */
export class Accepting<C extends Deno.Conn> {
  readonly #listener: Deno.Listener<C>;
  readonly #ended: Promise<void>;
  #closed = false;

  /**
   * @param haveRoom awaited before each connection is accepted: who comes meanwhile waits in the
   * system's own queue, and is not turned away
   */
  constructor(
    listener: Deno.Listener<C>,
    take: (connection: C) => void,
    haveRoom: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#listener = listener;
    this.#ended = this.#acceptAll(take, haveRoom);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#listener.close();
    this.#closed = true;
    await this.#ended;
  }

  async #acceptAll(take: (connection: C) => void, haveRoom: () => Promise<void>): Promise<void> {
    while (!this.#closed) {
      try {
        await haveRoom();
        take(await this.#listener.accept());
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // gone before it was its turn
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }
}

/** Closes a connection, if it is open. */
export function hangUp(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

/** Writes all of it, however little is taken at a time. Throws when the other end is gone. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}
