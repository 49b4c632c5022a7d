import { describeCause, VaultError } from "../errors.ts";

/** How many may wait to be accepted; Deno's own 511 leaves the others to try again after a second. */
export const BACKLOG = 4096;

/**
 * Listens where programs of this machine alone can ask; a port that is taken is thrown as it is. Of
 * port 0, any that is free, there may be none left.
 */
export function listenHere(port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port, tcpBacklog: BACKLOG });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse && port !== 0) throw error;
    throw new VaultError("network", `cannot listen on 127.0.0.1: ${describeCause(error)}`, [
      error instanceof Deno.errors.AddrInUse
        ? "no port is free: end what keeps so many connections, or wait a minute"
        : "have the sandbox, the container or the service it runs in permit that",
      "without a server: aws-vault exec PROFILE -- CMD",
    ], error);
  }
}
