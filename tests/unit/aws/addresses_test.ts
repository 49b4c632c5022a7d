import assert from "node:assert/strict";
import {
  findOidcAddress,
  findPortalAddress,
  findSigninAddress,
  findStsAddress,
} from "../../../src/aws/addresses.ts";
import { type Address, describeAddress } from "../../../src/aws/endpoint.ts";
import { findIamAddress } from "../../../src/aws/iam.ts";
import type { EndpointVariant } from "../../../src/credentials/steps.ts";
import { AWS_HOSTS, isAtHost } from "../../../src/runtime/hosts.ts";
import hosts from "../../vectors/endpoints.json" with { type: "json" };

type Find = (target: EndpointVariant & { region: string }, endpoint?: string) => Address;

const SSO = { subject: "", startUrl: "", scopes: [] };

/** By botocore's names, from which tests/vectors/endpoints.py made the table. */
const SERVICES: Readonly<Record<keyof typeof hosts, Find>> = {
  iam: (target, endpoint) => findIamAddress({ ...target, endpoint }),
  signin: (target, endpoint) => findSigninAddress({ ...target, subject: "", endpoint }),
  sso: (target, portalEndpoint) => findPortalAddress({ ...SSO, ...target, portalEndpoint }),
  "sso-oidc": (target, oidcEndpoint) => findOidcAddress({ ...SSO, ...target, oidcEndpoint }),
  sts: (target, endpoint) => findStsAddress({ ...target, endpoint, legacy: false }),
  "sts legacy": (target, endpoint) => findStsAddress({ ...target, endpoint, legacy: true }),
};

/** In the order of the table. */
const VARIANTS: readonly (readonly [name: string, variant: EndpointVariant])[] = [
  ["ordinary", {}],
  ["FIPS", { fips: "AWS_USE_FIPS_ENDPOINT" }],
  ["dual-stack", { dualStack: "AWS_USE_DUALSTACK_ENDPOINT" }],
  ["FIPS and dual-stack", { fips: "a", dualStack: "b" }],
];

/** Where SPEC §9 says the ordinary address of the sign-in: `signin.REGION.SUFFIX`. */
const OF_SPEC = /^(eusc|us-iso\w?|eu-iso\w?)-/;

for (const [service, find] of Object.entries(SERVICES)) {
  const regions = Object.entries(hosts[service as keyof typeof hosts]);
  VARIANTS.forEach(([name, variant], index) => {
    Deno.test(`${service}: the ${name} host of every region is botocore's, and may be asked`, () => {
      assert.ok(regions.length > 40);
      for (const [region, expected] of regions) {
        if (service === "signin" && name === "ordinary" && OF_SPEC.test(region)) continue;
        const found = find({ region, ...variant });
        const [host, signedFor = region] = expected[index]!.split(" ");
        assert.equal(found.endpoint, `https://${host}`);
        if (service !== "signin") assert.equal(found.region, signedFor, region);
        assert.ok(isAtHost(new URL(found.endpoint), AWS_HOSTS), host);
      }
    });
  });

  Deno.test(`${service}: an endpoint that is given is asked as it stands, FIPS or not`, () => {
    const endpoint = "http://127.0.0.1:4566";
    for (const [, variant] of VARIANTS) {
      assert.equal(find({ region: "eu-west-1", ...variant }, endpoint).endpoint, endpoint);
    }
  });
}

Deno.test("aws-global is asked at the global endpoints, and signed for us-east-1", () => {
  for (const service of ["iam", "sts", "sts legacy"] as const) {
    const { endpoint, region } = SERVICES[service]({ region: "aws-global" });
    assert.match(endpoint, /^https:\/\/(iam|sts)\.amazonaws\.com$/);
    assert.equal(region, "us-east-1");
  }
});

Deno.test("where AWS has its own addresses of a kind, it is told which, and that not every region has them", () => {
  assert.deepEqual(describeAddress("IAM", {}, undefined), { address: "IAM" });
  assert.deepEqual(describeAddress("IAM", { fips: "a" }, "http://x"), { address: "http://x" });
  for (
    const [variant, kinds, settings] of [
      [{ fips: "a" }, "FIPS", "a"],
      [{ dualStack: "b" }, "dual-stack", "b"],
      [{ fips: "a", dualStack: "b" }, "FIPS and dual-stack", "a and b"],
    ] as const
  ) {
    assert.deepEqual(describeAddress("IAM", variant, undefined), {
      address: `IAM (${kinds})`,
      hint: `not every region has a ${kinds} endpoint: see ${settings}`,
    });
  }
});
