import { Accepting, hangUp, writeAll } from "../accept.ts";
import { describeCause, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { BACKLOG } from "./listen.ts";
import {
  addAddress,
  IMDS_HOST,
  IMDS_PORT,
  IMDS_SERVER_PORT,
  removeAddress,
} from "./metadata_address.ts";

/** For a client to hang up after the server has. */
const CLOSING_DEADLINE_MS = 1000;

type ProxyContext = Pick<Context, "platform" | "processes" | "clock">;

/**
 * The part that needs root: gives this machine the metadata service's address and forwards what
 * comes to its port 80, byte for byte, to the server on 127.0.0.1. Ends when `stopped` resolves,
 * and takes the address away on every way out, if it was the one to add it.
 */
export async function runProxy(
  ctx: ProxyContext,
  stopped: Promise<void>,
  onReady: () => void,
): Promise<void> {
  const added = await addAddress(ctx);
  try {
    const forwarder = new Forwarder(listen());
    onReady();
    await stopped;
    await forwarder.close();
  } finally {
    if (added) await removeAddress(ctx);
  }
}

function listen(): Deno.TcpListener {
  const address = `${IMDS_HOST}:${IMDS_PORT}`;
  try {
    return Deno.listen({ hostname: IMDS_HOST, port: IMDS_PORT, tcpBacklog: BACKLOG });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new VaultError("network", `${address} is taken by another program`, [
        `it listens on port ${IMDS_PORT} of that address or of all; see: ss -ltnp, or lsof -i :${IMDS_PORT}`,
        "if it is an aws-vault proxy: sudo aws-vault proxy --stop",
        "--ecs-server needs no fixed address",
      ], error);
    }
    throw new VaultError("network", `cannot listen on ${address}: ${describeCause(error)}`, [
      `only root may listen on port ${IMDS_PORT}; --ecs-server does not need to`,
    ], error);
  }
}

class Forwarder {
  readonly #accepting: Accepting<Deno.TcpConn>;
  readonly #open = new Set<Deno.TcpConn>();

  constructor(listener: Deno.TcpListener) {
    this.#accepting = new Accepting(listener, (client) => {
      // A container or another machine may have a route to this address through ours.
      if (isThisMachine(client.remoteAddr.hostname)) void this.#forward(client);
      else hangUp(client);
    });
  }

  async close(): Promise<void> {
    const closed = this.#accepting.close();
    for (const connection of this.#open) hangUp(connection);
    await closed;
  }

  async #forward(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    let server: Deno.TcpConn | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: IMDS_SERVER_PORT });
      this.#open.add(server);
      const asked = pump(client, server);
      await pump(server, client);
      timer = setTimeout(hangUp, CLOSING_DEADLINE_MS, client);
      await asked;
    } catch {
      // No server, or one of the two hung up: so is the other.
    } finally {
      clearTimeout(timer);
      for (const connection of [client, server]) {
        if (connection === undefined) continue;
        this.#open.delete(connection);
        hangUp(connection);
      }
    }
  }
}

/** From this machine to an address of its own, the sender's address is that one too. */
function isThisMachine(address: string): boolean {
  return address === IMDS_HOST || address.startsWith("127.");
}

/** Copies until the sender has no more to say; a sender that is torn off counts as that. */
async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  try {
    for (;;) {
      const read = await from.read(buffer);
      if (read === null) break;
      await writeAll(to, buffer.subarray(0, read));
    }
    await to.closeWrite();
  } catch {
    hangUp(to);
  }
}
