import { makeCertificate } from "./certificate.ts";

/** AWS as a proxy leads to it: its hosts by their names, each answered by the stand-in. */
export interface AwsHosts extends AsyncDisposable {
  /** Makes a run go there. */
  readonly env: Readonly<Record<string, string>>;
  /** The hosts that were asked for, `host:port`, in order. */
  readonly asked: string[];
}

/**
 * A proxy on this machine, and behind it a server with a certificate for these hosts that hands
 * every byte on: a request reaches the stand-in with its own Host, by which it was signed.
 *
 * @param directory for the certificate
 */
export async function startAwsHosts(
  directory: string,
  hosts: readonly string[],
  standIn: string,
): Promise<AwsHosts> {
  const { cert, key, path } = await makeCertificate(directory, hosts);
  const local = { hostname: "127.0.0.1", port: 0 };
  const front = Deno.listenTls({ ...local, cert, key });
  const proxy = Deno.listen(local);
  const asked: string[] = [];
  const ends = [
    serve(front, (caller) => join(caller, Number(new URL(standIn).port))),
    serve(proxy, async (caller) => {
      const head = await readHead(caller);
      asked.push(/^CONNECT (\S+) /.exec(head)?.[1] ?? head);
      await caller.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
      await join(caller, front.addr.port);
    }),
  ];
  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.addr.port}`, AWS_CA_BUNDLE: path },
    asked,
    async [Symbol.asyncDispose]() {
      front.close();
      proxy.close();
      await Promise.all(ends);
    },
  };
}

/** Until the listener is closed. */
async function serve<C extends Deno.Conn>(
  listener: { accept(): Promise<C> },
  work: (caller: C) => Promise<void>,
): Promise<void> {
  const open: Promise<void>[] = [];
  try {
    for (;;) open.push(work(await listener.accept()).catch(() => {}));
  } catch {
    await Promise.all(open);
  }
}

async function join(caller: Deno.Conn, port: number): Promise<void> {
  const other = await Deno.connect({ hostname: "127.0.0.1", port });
  await Promise.allSettled([
    caller.readable.pipeTo(other.writable),
    other.readable.pipeTo(caller.writable),
  ]);
}

/** The head of a request, which comes before anything else can be sent. */
async function readHead(caller: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const count = await caller.read(buffer);
    if (count === null) throw new Error("no request");
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return head;
}
