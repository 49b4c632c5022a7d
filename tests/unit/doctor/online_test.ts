import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { findAddress } from "../../../src/doctor/online.ts";

for (
  const [config, env, address] of [
    ["", {}, "https://sts.us-east-1.amazonaws.com"],
    ["", { AWS_REGION: "eu-west-1" }, "https://sts.eu-west-1.amazonaws.com"],
    ["", { AWS_REGION: "cn-north-1" }, "https://sts.cn-north-1.amazonaws.com.cn"],
    ["", { AWS_REGION: "eusc-de-east-1" }, "https://sts.eusc-de-east-1.amazonaws.eu"],
    ["region = cn-northwest-1\n", {}, "https://sts.cn-northwest-1.amazonaws.com.cn"],
    ["region = cn-north-1\n", { AWS_REGION: "us-west-2" }, "https://sts.us-west-2.amazonaws.com"],
    ["sts_regional_endpoints = legacy\n", {}, "https://sts.amazonaws.com"],
    ["region = aws-global\n", {}, "https://sts.amazonaws.com"],
    ["use_fips_endpoint = true\n", {}, "https://sts-fips.us-east-1.amazonaws.com"],
    ["", { AWS_USE_DUALSTACK_ENDPOINT: "true" }, "https://sts.us-east-1.api.aws"],
    ["region = us-west-2-fips\n", {}, "https://sts-fips.us-west-2.amazonaws.com"],
    ["endpoint_url = http://127.0.0.1:4566\n", {}, "http://127.0.0.1:4566"],
    ["region = nowhere\n", {}, "https://sts.us-east-1.amazonaws.com"],
    ["region = no region\n", {}, "https://sts.us-east-1.amazonaws.com"],
    ["", { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_STS: "http://b" }, "http://b"],
  ] as const
) {
  const set = config.trim() + Object.entries(env).map((pair) => pair.join("=")).join(", ");
  Deno.test(`the clock is compared with ${address} by ${set || "nothing"}`, async () => {
    const file = new IniFile("config", `[default]\n${config}`);
    const variables: Readonly<Record<string, string>> = env;
    assert.equal(await findAddress({ get: (name) => variables[name] }, file), address);
  });
}
