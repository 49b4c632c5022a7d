import { describeCause, VaultError } from "../errors.ts";

/** How many may wait to be accepted; Deno's own 511 leaves the others to try again after a second. */
export const BACKLOG = 4096;

/** Listens where programs of this machine alone can ask; a port that is taken is thrown as it is. */
export function listenHere(port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port, tcpBacklog: BACKLOG });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    throw new VaultError("network", `cannot listen on 127.0.0.1: ${describeCause(error)}`, [
      "have the sandbox, the container or the service it runs in permit that",
      "without a server: aws-vault exec PROFILE -- CMD",
    ], error);
  }
}
