/**
 * A small client for the demo: asks AWS who the credentials in its environment belong to
 * (GetCallerIdentity, https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html),
 * for machines that have no AWS CLI. It takes no package, so that it starts at once.
 */
import { computeSignature, formatAmzDate, formatScope } from "../tests/fakes/aws/sigv4.ts";

const BODY = new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" });

function required(name: string): string {
  const value = Deno.env.get(name);
  if (value) return value;
  console.error(`who-am-i: ${name} is not set`);
  Deno.exit(1);
}

async function signHeaders(endpoint: URL): Promise<Record<string, string>> {
  const amzDate = formatAmzDate(Date.now());
  const headers: Record<string, string> = { "x-amz-date": amzDate };
  const sessionToken = Deno.env.get("AWS_SESSION_TOKEN");
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const signedHeaders = ["host", ...Object.keys(headers)];
  const scope = {
    dateStamp: amzDate.slice(0, 8),
    region: Deno.env.get("AWS_REGION") ?? "us-east-1",
    service: "sts",
  };
  const signature = await computeSignature({
    request: {
      method: "POST",
      path: "/",
      query: "",
      headers: { ...headers, host: endpoint.host },
      body: new TextEncoder().encode(BODY.toString()),
    },
    scope,
    amzDate,
    signedHeaders,
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
  });
  const credential = `${required("AWS_ACCESS_KEY_ID")}/${formatScope(scope)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, ` +
    `SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

const endpoint = new URL(required("AWS_ENDPOINT_URL"));
const headers = await signHeaders(endpoint);
const answer = await fetch(endpoint, { method: "POST", headers, body: BODY });
const text = await answer.text();
const arn = /<Arn>([^<]*)<\/Arn>/.exec(text)?.[1];
if (arn === undefined) {
  console.error(`who-am-i: HTTP ${answer.status}: ${text}`);
  Deno.exit(1);
}
console.log(arn);
