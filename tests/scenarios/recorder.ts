/** What an AWS stand-in that looks at no signature was asked for. */
export interface RecordedRequest {
  readonly action: string;
  /** That the request was signed for; absent where it was not signed. */
  readonly region?: string;
  readonly durationSeconds?: number;
}

/** Answers requests of STS and IAM Identity Center as if all was well, and records all. */
export class Recorder implements AsyncDisposable {
  readonly requests: RecordedRequest[] = [];
  /** The actions that are refused. */
  refused: readonly string[] = [];
  /** How far its clock is ahead. */
  clockOffMs = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, async (request) => {
      const response = await this.#answer(request);
      response.headers.set("date", new Date(Date.now() + this.clockOffMs).toUTCString());
      return response;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const body = await request.text();
    const { pathname } = new URL(request.url);
    const json = JSON_ANSWERS[pathname];
    const form = new URLSearchParams(body);
    const action = json?.action ?? form.get("Action") ?? pathname;
    const region = /Credential=[^/]+\/\d{8}\/([^/]+)\//
      .exec(request.headers.get("authorization") ?? "")?.[1];
    const seconds = form.get("DurationSeconds");
    this.requests.push({
      action,
      ...(region !== undefined && { region }),
      ...(seconds !== null && { durationSeconds: Number(seconds) }),
    });
    if (json !== undefined) return Response.json(json.body());
    if (!XML_ACTIONS.includes(action)) {
      return new Response(`no answer to ${action}`, { status: 404 });
    }
    return this.refused.includes(action)
      ? new Response(
        formatXml(action, "<Error><Code>AccessDenied</Code></Error>", "ErrorResponse"),
        {
          status: 403,
        },
      )
      : new Response(formatXml(action, formatCredentials(Number(seconds) || 3600)));
  }
}

/** What it answers of STS; nothing else of AWS is there. */
const XML_ACTIONS = [
  ...["AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken"],
  ...["GetFederationToken", "GetCallerIdentity"],
];

const JSON_ANSWERS: Readonly<Record<string, { action: string; body: () => object }>> = {
  "/client/register": {
    action: "oidc.RegisterClient",
    body: () => ({
      clientId: "client",
      clientSecret: "client-secret",
      clientSecretExpiresAt: Math.floor(Date.now() / 1000) + 7_776_000,
    }),
  },
  "/device_authorization": {
    action: "oidc.StartDeviceAuthorization",
    body: () => ({
      deviceCode: "device",
      userCode: "ABCD-EFGH",
      verificationUri: "http://127.0.0.1/device",
      expiresIn: 600,
      interval: 1,
    }),
  },
  "/token": {
    action: "oidc.CreateToken",
    body: () => ({ accessToken: "access", tokenType: "Bearer", expiresIn: 28_800 }),
  },
  "/federation/credentials": {
    action: "sso.GetRoleCredentials",
    body: () => ({
      roleCredentials: {
        accessKeyId: "ASIASSO000000000000",
        secretAccessKey: "secret",
        sessionToken: "token",
        expiration: Date.now() + 3_600_000,
      },
    }),
  },
};

function formatCredentials(seconds: number): string {
  const expiration = new Date(Date.now() + seconds * 1000).toISOString();
  return "<Credentials><AccessKeyId>ASIASTS0000000000000</AccessKeyId>" +
    "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>" +
    `<Expiration>${expiration}</Expiration></Credentials>`;
}

function formatXml(action: string, inside: string, root = `${action}Response`): string {
  const result = root === "ErrorResponse" ? inside : `<${action}Result>${inside}</${action}Result>`;
  return `<${root} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</${root}>`;
}
