/** What a metadata service was asked: method, path, and the headers that matter. */
export interface Asked {
  readonly request: string;
  readonly token: string | null;
}

/** Runs `test` against a metadata service on loopback that answers by `method path`. */
export async function withMetadata(
  answers: Readonly<Record<string, (request: Request) => Response | Promise<Response>>>,
  test: (url: string, asked: Asked[]) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = `${request.method} ${new URL(request.url).pathname}`;
    const { headers } = request;
    const token = headers.get("x-aws-ec2-metadata-token") ?? headers.get("authorization");
    asked.push({ request: name, token });
    return answers[name]?.(request) ?? new Response("", { status: 404 });
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}`, asked);
  } finally {
    await server.shutdown();
  }
}

export const METADATA_CREDENTIALS = {
  Code: "Success",
  AccessKeyId: "ASIAMETA",
  SecretAccessKey: "meta/secret",
  Token: "meta-token",
  Expiration: "2026-11-03T18:00:00Z",
};

export const RETRIEVED = {
  accessKeyId: "ASIAMETA",
  secretAccessKey: "meta/secret",
  sessionToken: "meta-token",
  expiresAtMs: Date.UTC(2026, 10, 3, 18),
};
