/** How long to wait before accepting again after a fault, which is a lack of file descriptors. */
const PAUSE_MS = 50;

/** A listener whose connections are given to a function as they come. */
export class Accepting {
  readonly #listener: Deno.TcpListener;
  readonly #ended: Promise<void>;
  #closed = false;

  constructor(listener: Deno.TcpListener, take: (connection: Deno.TcpConn) => void) {
    this.#listener = listener;
    this.#ended = this.#acceptAll(take);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#listener.close();
    this.#closed = true;
    await this.#ended;
  }

  async #acceptAll(take: (connection: Deno.TcpConn) => void): Promise<void> {
    while (!this.#closed) {
      try {
        take(await this.#listener.accept());
      } catch {
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }
}

export function hangUp(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}
