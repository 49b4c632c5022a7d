/** What a client that says exactly these bytes is answered. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends bytes to a port of 127.0.0.1 and reads until the server hangs up; undefined for no answer. */
export async function sendRaw(port: number, request: string): Promise<RawAnswer | undefined> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, new TextEncoder().encode(request)).catch(() => {}); // it may refuse early
  const answer = await readAll(connection);
  return answer === "" ? undefined : parse(answer);
}

export interface RequestOptions {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A well-formed request without a body; no Host line where `host` is empty. */
export async function request(
  port: number,
  target: string,
  { method = "GET", host = `127.0.0.1:${port}`, headers = {} }: RequestOptions = {},
): Promise<RawAnswer> {
  const lines = Object.entries(host === "" ? headers : { Host: host, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const answer = await sendRaw(port, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
  if (answer === undefined) throw new Error(`no answer to ${method} ${target}`);
  return answer;
}

function parse(answer: string): RawAnswer {
  const [head, body] = [
    answer.slice(0, answer.indexOf("\r\n\r\n")),
    answer.slice(answer.indexOf("\r\n\r\n") + 4),
  ];
  const [statusLine, ...lines] = head.split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(":");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { status: Number(statusLine!.split(" ")[1]), headers: new Map(headers), body };
}

export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

export async function readAll(connection: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  try {
    for (;;) {
      const read = await connection.read(buffer);
      if (read === null) return text;
      text += decoder.decode(buffer.subarray(0, read), { stream: true });
    }
  } catch {
    return text; // torn off: what came counts
  }
}
