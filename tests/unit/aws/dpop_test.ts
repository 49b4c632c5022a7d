import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { parseDpopKey } from "../../../src/aws/dpop.ts";

Deno.test("a key is the same of SEC 1, as the AWS CLI writes it, and of PKCS #8, as other SDKs do", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y, d } = privateKey.export({ format: "jwk" });
  for (const type of ["sec1", "pkcs8"] as const) {
    const pem = privateKey.export({ type, format: "pem" });
    assert.deepEqual(await parseDpopKey(String(pem)), { kty, crv, x, y, d });
  }
  await assert.rejects(parseDpopKey("none"), { message: "it is no private key in PEM" });
});
