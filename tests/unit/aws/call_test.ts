import assert from "node:assert/strict";
import { callAws, type CallInfo } from "../../../src/aws/call.ts";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";

const INFO: CallInfo = {
  call: "AssumeRole of arn:role",
  subject: "profile work",
  address: "STS in eu-west-1",
};

/** What becomes of an error that an SDK's client throws. */
async function explain(thrown: unknown): Promise<VaultError> {
  try {
    await callAws(INFO, { debug: () => {} }, () => Promise.reject(thrown));
  } catch (error) {
    assert.ok(error instanceof VaultError, String(error));
    return error;
  }
  return assert.fail("it was not thrown");
}

/** A service exception, as the SDK makes it of AWS's answer. */
function serviceError(name: string, message: string, status = 403): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status, requestId: "id-1" },
  });
}

Deno.test("a refusal is told with its code, message, request id, profile and call", async () => {
  const error = await explain(serviceError("AccessDenied", "You may not."));
  assert.ok(error instanceof AwsRefusal);
  assert.equal(error.awsCode, "AccessDenied");
  assert.equal(error.httpStatus, 403);
  assert.equal(
    error.message,
    "profile work: AWS refused AssumeRole of arn:role: AccessDenied: You may not. " +
      "(HTTP 403, request id id-1)",
  );
});

for (
  const [name, message, hint] of [
    ["InvalidClientTokenId", "", /was it deleted/],
    ["SignatureDoesNotMatch", "", /not the one that belongs/],
    ["RequestExpired", "", /clock/],
    ["ExpiredToken", "", /aws-vault clear/],
    ["ExpiredTokenException", "", /aws-vault clear/],
    ["RegionDisabledException", "", /--region/],
    ["AccessDenied", "MultiFactorAuthentication failed with invalid code", /next one/],
  ] as const
) {
  Deno.test(`${name}${message && " of an MFA code"} is told with a way out`, async () => {
    assert.match((await explain(serviceError(name, message))).hints.join(), hint);
  });
}

Deno.test("an answer that is not AWS's is told as such, with the address", async () => {
  const page = Object.assign(new Error("Unexpected token <"), {
    $metadata: { httpStatusCode: 502 },
  });
  const error = await explain(page);
  assert.equal(error.code, "network");
  assert.match(error.message, /cannot reach STS in eu-west-1: HTTP 502 that is no answer of AWS$/);
});

Deno.test("a fault of the network is told by its cause alone, with what to check", async () => {
  for (
    const [thrown, cause] of [
      [
        new TypeError(
          "error sending request for url (http://127.0.0.1:9/): client error (Connect): " +
            "tcp connect error: Connection refused (os error 111)",
        ),
        "Connection refused",
      ],
      [
        new TypeError(
          "error sending request for url (https://x/): client error (Connect): dns error: " +
            "failed to lookup address information: Name or service not known",
        ),
        "Name or service not known",
      ],
      [new Error("wrapped", { cause: new TypeError("outer: inner: reset") }), "reset"],
    ] as const
  ) {
    const error = await explain(thrown);
    assert.equal(error.code, "network");
    assert.match(error.message, new RegExp(`cannot reach STS in eu-west-1: ${cause}`));
    assert.match(error.hints.join(), /online/);
  }
});

Deno.test("a certificate nobody vouches for is told with where to name its authority", async () => {
  const error = await explain(new TypeError("client error (Connect): invalid peer certificate"));
  assert.match(error.message, /cannot reach STS in eu-west-1: invalid peer certificate$/);
  assert.match(error.hints.join(), /DENO_CERT/);
});

Deno.test("a host the sandbox does not allow is named, and how to allow it", async () => {
  const refused = new Deno.errors.NotCapable(
    'Requires net access to "sts.example:443", run again with the --allow-net flag',
  );
  const error = await explain(refused);
  assert.match(error.message, /the sandbox does not allow sts\.example:443; .*AWS_VAULT_ALLOW_NET/);
});

Deno.test("our own errors pass through as they are, and an answer is handed on", async () => {
  const own = new VaultError("config", "ours");
  assert.equal(await explain(own), own);
  assert.equal(await callAws(INFO, { debug: () => {} }, () => Promise.resolve(7)), 7);
});

Deno.test("--debug tells the call and where it goes", async () => {
  const debugged: string[] = [];
  const debug = (text: string) => void debugged.push(text);
  await callAws(INFO, { debug }, () => Promise.resolve());
  assert.deepEqual(debugged, ["profile work: AssumeRole of arn:role at STS in eu-west-1"]);
});
