import assert from "node:assert/strict";
import { federationAddress } from "../../../src/aws/federation.ts";
import { signinBase } from "../../../src/aws/signin_link.ts";
import { AWS_HOSTS, isAtHost } from "../../../src/runtime/hosts.ts";

const BASES: Readonly<Record<string, string>> = {
  "eu-west-1": "https://eu-west-1.signin.aws.amazon.com",
  "cn-north-1": "https://cn-north-1.signin.amazonaws.cn",
  "us-gov-west-1": "https://us-gov-west-1.signin.amazonaws-us-gov.com",
  "eusc-de-east-1": "https://signin.eusc-de-east-1.amazonaws.eu",
  "us-iso-east-1": "https://signin.us-iso-east-1.c2s.ic.gov",
  "us-isob-east-1": "https://signin.us-isob-east-1.sc2s.sgov.gov",
  "us-isof-south-1": "https://signin.us-isof-south-1.csp.hci.ic.gov",
  "eu-isoe-west-1": "https://signin.eu-isoe-west-1.cloud.adc-e.uk",
};

for (const [region, base] of Object.entries(BASES)) {
  Deno.test(`in ${region} command lines sign in at ${base}, which may be asked`, () => {
    assert.equal(signinBase({ region }), base);
    assert.ok(isAtHost(new URL(base), AWS_HOSTS));
  });
}

for (const end of ["", "/", "/federation", "/federation/", "/v1"]) {
  Deno.test(`AWS_ENDPOINT_URL_SIGNIN may end in "${end}", for either sign-in`, () => {
    const endpoint = `http://127.0.0.1:1/base${end}`;
    assert.equal(signinBase({ region: "eu-west-1", endpoint }), "http://127.0.0.1:1/base");
    assert.equal(federationAddress("eu-west-1", endpoint), "http://127.0.0.1:1/base");
  });
}
