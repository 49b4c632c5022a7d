import assert from "node:assert/strict";
import { isAtHost, readHosts } from "../../../src/runtime/hosts.ts";

function allows(url: string, env: Record<string, string> = {}): boolean {
  return isAtHost(new URL(url), readHosts((name) => env[name]));
}

Deno.test("AWS's hosts are allowed in every partition, where machines and containers ask, and nothing that only looks like them", () => {
  assert.ok(allows("https://sts.eu-west-1.amazonaws.com"));
  assert.ok(allows("https://sts.cn-north-1.amazonaws.com.cn/"));
  const metadata = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]"];
  for (const host of [...metadata, "[fd00:ec2::23]", "127.0.0.1:99", "localhost", "[::1]"]) {
    assert.ok(allows(`http://${host}/x`), host);
  }
  assert.ok(!allows("https://amazonaws.com.evil.example"));
  assert.ok(!allows("https://evilamazonaws.com"));
  assert.ok(!allows("https://sts.example.com"));
});

Deno.test("hosts of endpoint variables and AWS_VAULT_ALLOW_NET are allowed, a port alone where one is named", () => {
  const env = {
    AWS_ENDPOINT_URL_STS: "https://user@sts.example.com:8443/path?x#y",
    AWS_VAULT_ALLOW_NET: "iam.example.com,*.corp.example,10.0.0.7:99, bad host",
  };
  assert.ok(allows("https://sts.example.com:8443", env));
  assert.ok(!allows("https://sts.example.com", env));
  assert.ok(allows("https://iam.example.com:1", env));
  assert.ok(allows("https://a.b.corp.example", env));
  assert.ok(allows("http://10.0.0.7:99", env));
  assert.ok(!allows("http://10.0.0.7", env));
  const usual = { AWS_VAULT_ALLOW_NET: "a.example:443,b.example:80" };
  assert.ok(allows("https://a.example", usual) && allows("http://b.example", usual));
  assert.ok(!allows("http://a.example", usual) && !allows("https://b.example", usual));
  for (
    const name of [
      ...["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"],
      ...["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SIGNIN"],
      ...["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
    ]
  ) assert.ok(allows("http://a.example", { [name]: "http://a.example/" }), name);
});
