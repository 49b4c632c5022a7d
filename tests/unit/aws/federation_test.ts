import assert from "node:assert/strict";
import {
  consoleAddress,
  federationAddress,
  loginLink,
  requestSigninToken,
  withoutQuery,
} from "../../../src/aws/federation.ts";
import type { VaultError } from "../../../src/errors.ts";
import { AWS_HOSTS, isAtHost } from "../../../src/runtime/hosts.ts";
import { createCallWorld } from "./call_world.ts";

for (
  const [region, signin, console] of [
    [undefined, "us-east-1.signin.aws.amazon.com", "console.aws.amazon.com/"],
    [
      "eu-west-1",
      "us-east-1.signin.aws.amazon.com",
      "eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1",
    ],
    [
      "cn-north-1",
      "signin.amazonaws.cn",
      "cn-north-1.console.amazonaws.cn/console/home?region=cn-north-1",
    ],
    [
      "us-gov-west-1",
      "signin.amazonaws-us-gov.com",
      "us-gov-west-1.console.amazonaws-us-gov.com/console/home?region=us-gov-west-1",
    ],
    [
      "eusc-de-east-1",
      "signin.amazonaws-eusc.eu",
      "eusc-de-east-1.console.amazonaws-eusc.eu/console/home?region=eusc-de-east-1",
    ],
  ] as const
) {
  Deno.test(`the console of ${region ?? "no region"} is that of its partition, and may be asked`, () => {
    assert.equal(federationAddress(region, undefined), `https://${signin}`);
    assert.ok(isAtHost(new URL(`https://${signin}`), AWS_HOSTS));
    assert.equal(consoleAddress(region, undefined), `https://${console}`);
  });
}

for (
  const [path, landed] of [
    ["ec2/home", "ec2/home?region=eu-west-1"],
    ["/s3/buckets", "s3/buckets?region=eu-west-1"],
    ["", "console/home?region=eu-west-1"],
    ["ec2/home?x=1#Instances:tag=a", "ec2/home?x=1&region=eu-west-1#Instances:tag=a"],
    ["ec2/home#Instances:", "ec2/home?region=eu-west-1#Instances:"],
    ["ec2/home?region=us-west-2", "ec2/home?region=us-west-2"],
  ] as const
) {
  Deno.test(`--path "${path}" keeps its query and fragment beside the region`, () => {
    const address = consoleAddress("eu-west-1", path);
    assert.equal(address, `https://eu-west-1.console.aws.amazon.com/${landed}`);
  });
}

Deno.test("--path counts without a region too", () => {
  assert.equal(consoleAddress(undefined, "/ec2/home"), "https://console.aws.amazon.com/ec2/home");
});

Deno.test("a link signs in, and with logout the whole of it comes after the sign-out", () => {
  const link = loginLink("https://signin", "https://console/?a=1&b", "to+ken", false);
  assert.equal(
    link,
    "https://signin/federation?Action=login&Issuer=aws-vault" +
      "&Destination=https%3A%2F%2Fconsole%2F%3Fa%3D1%26b&SigninToken=to%2Bken",
  );
  const logout = new URL(loginLink("https://signin", "https://console/?a=1&b", "to+ken", true));
  assert.equal(logout.pathname, "/oauth");
  assert.equal(logout.searchParams.get("Action"), "logout");
  assert.equal(logout.searchParams.get("redirect_uri"), link);
});

const CREDENTIALS = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: "very/secret+key",
  sessionToken: "very/secret/token==",
};

/** The error of asking an endpoint that answers like this; it and --debug are held to be clean. */
async function failure(answer: () => Response): Promise<VaultError> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const address = `http://127.0.0.1:${server.addr.port}`;
  try {
    return await failureAt(address);
  } finally {
    await server.shutdown();
  }
}

async function failureAt(address: string): Promise<VaultError> {
  const { ctx, debugged, notes } = createCallWorld();
  const request = { address, profile: "work", credentials: CREDENTIALS };
  const error = await requestSigninToken(request, ctx).then(() => assert.fail(), (error) => error);
  const told = [error.message, ...error.hints, ...debugged, ...notes, String(error.cause)].join(
    "\n",
  );
  assert.doesNotMatch(decodeURIComponent(told), /secret\/|secret\+|Session=/);
  return error;
}

Deno.test("a refusal by the endpoint is told with its status, and nothing it echoes", async () => {
  const error = await failure(() => new Response("very/secret/token==", { status: 400 }));
  assert.match(
    error.message,
    /profile work: .* http:\/\/127\.0\.0\.1:\d+ gave no token \(HTTP 400\)/,
  );
  assert.match(error.hints.join(), /no expired credentials there: aws-vault clear/);
  const { hints } = await failure(() => new Response("", { status: 404 }));
  assert.match(hints.join(), /^check AWS_ENDPOINT_URL_SIGNIN .* the region is of its partition$/);
});

Deno.test("a fault of the endpoint's own, or of too many at once, is told to pass", async () => {
  for (const status of [429, 500, 503]) {
    const { hints } = await failure(() => new Response("busy", { status }));
    assert.deepEqual(hints, ["that passes by itself: try again in a moment"]);
  }
});

for (const body of ["<html>", "{}", '{"SigninToken":""}', '{"SigninToken":5}', "null"]) {
  Deno.test(`an answer \`${body}\` holds no token`, async () => {
    assert.match((await failure(() => new Response(body))).message, /gave no token \(HTTP 200\)/);
  });
}

Deno.test("a redirect is not followed with the credentials", async () => {
  const headers = { location: "http://127.0.0.1:1/" };
  const error = await failure(() => new Response(null, { status: 302, headers }));
  assert.match(error.message, /HTTP 302/);
});

Deno.test("an endpoint that cannot be reached is told without what was to be sent", async () => {
  const error = await failureAt("http://127.0.0.1:1");
  assert.equal(error.code, "network");
  assert.match(
    error.message,
    /^profile work: getSigninToken: cannot reach http:\/\/127\.0\.0\.1:1: /,
  );
  await failureAt("http://["); // of which Deno says all that was to be asked
});

/** As Deno says it, with the address at the end, where no other cause hides it. */
const DENOS_WORDS = [
  "error sending request for url (http://x/federation?Action=a&Session=%7B%22secret%2F%22%7D)",
  "Invalid URL: 'x/federation?Action=a&Session=%7Bsecret%2F%7D'",
];

for (const words of DENOS_WORDS) {
  Deno.test(`of \`${words.slice(0, 25)}…\` the address is told without the credentials in it`, () => {
    for (
      const error of [new TypeError(words), new Error("fetch failed", { cause: new Error(words) })]
    ) {
      const { message, cause } = withoutQuery(error);
      assert.match(message, /x\/federation['")]/);
      assert.doesNotMatch(decodeURIComponent(message), /secret|Session/);
      assert.equal(cause, undefined);
    }
  });
}
