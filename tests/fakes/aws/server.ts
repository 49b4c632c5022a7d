// Not Deno.serve: that can't close a connection before it answers, which `drop` has to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Incoming, readIncoming, type Reply } from "./http.ts";

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Undefined: the connection is dropped without an answer. */
export type Answer = (request: Incoming, url: string) => Promise<Reply | undefined>;

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  answer: (request: Incoming) => Promise<Reply | undefined>,
): Promise<void> {
  try {
    const reply = await answer(await readIncoming(message));
    if (!reply) {
      message.socket.destroy();
      return;
    }
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  } catch (error) {
    // A bug of the stand-in, or a client that went away: never AWS's answer, so none is given.
    console.error("fake AWS:", error);
    message.socket.destroy();
  }
}

export function startServer(port: number, answer: Answer): Promise<RunningServer> {
  const { promise, resolve, reject } = Promise.withResolvers<RunningServer>();
  let url = "";
  const server = createServer((message, response) => {
    void serve(message, response, (request) => answer(request, url));
  });
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  server.once("error", reject);
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address) url = `http://127.0.0.1:${address.port}`;
    resolve({ url, close });
  });
  return promise;
}
