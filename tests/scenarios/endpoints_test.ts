import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { startAwsHosts } from "./aws_hosts.ts";
import { assertRefused } from "./harness.ts";
import { MFA_SECRET, MFA_SERIAL, ROLE, startVault, type Vault } from "./vault.ts";

const ignore = !requireProgram("openssl");
const START_URL = "https://d-1234567890.awsapps.com/start";
const REGION = "region = us-west-2\n";
const FIPS = "use_fips_endpoint = true\n";
const READER = `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = work\n${REGION}`;
const SSO = `[profile sso]\nsso_start_url = ${START_URL}\nsso_region = us-west-2\n` +
  "sso_account_id = 111111111111\nsso_role_name = Dev\n";
const MFA = `mfa_serial = ${MFA_SERIAL}\n`;
const GOV = { AWS_REGION: "us-gov-east-1" };
const READ = ["exec", "-n", "reader", "--json"];

interface Case {
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** The hosts that are asked, each once, in order. */
  readonly hosts: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "use_fips_endpoint leads to FIPS hosts": {
    config: READER + FIPS,
    args: READ,
    hosts: ["sts-fips.us-west-2.amazonaws.com"],
  },
  "use_dualstack_endpoint leads to dual-stack hosts, in any letter case": {
    config: READER + "use_dualstack_endpoint = TRUE\n",
    args: READ,
    hosts: ["sts.us-west-2.api.aws"],
  },
  "the variables lead to hosts that are both": {
    config: READER,
    env: { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" },
    args: READ,
    hosts: ["sts-fips.us-west-2.api.aws"],
  },
  "a region may be called fips-REGION or REGION-fips": {
    config: READER,
    args: [...READ, "--region", "us-west-2-fips"],
    hosts: ["sts-fips.us-west-2.amazonaws.com"],
  },
  "a variable that says false stands before the file": {
    config: READER + FIPS,
    env: { AWS_USE_FIPS_ENDPOINT: "false" },
    args: READ,
    hosts: ["sts.us-west-2.amazonaws.com"],
  },
  "FIPS stands before sts_regional_endpoints = legacy": {
    config: READER + FIPS + "sts_regional_endpoints = legacy\n",
    args: READ,
    hosts: ["sts-fips.us-west-2.amazonaws.com"],
  },
  "AWS_STS_REGIONAL_ENDPOINTS stands before the file, in any letter case": {
    config: READER + "sts_regional_endpoints = regional\n",
    env: { AWS_STS_REGIONAL_ENDPOINTS: "Legacy" },
    args: READ,
    hosts: ["sts.amazonaws.com"],
  },
  "AWS_STS_REGIONAL_ENDPOINTS that is empty counts for nothing": {
    config: READER + "sts_regional_endpoints = legacy\n",
    env: { AWS_STS_REGIONAL_ENDPOINTS: "" },
    args: READ,
    hosts: ["sts.amazonaws.com"],
  },
  "GovCloud's ordinary hosts are FIPS hosts": {
    config: READER + FIPS,
    args: [...READ, "--region", "us-gov-west-1"],
    hosts: ["sts.us-gov-west-1.amazonaws.com"],
  },
  "a source profile that says nothing is asked for as the profile on the command line": {
    config: `[profile work]\nregion = us-east-1\n${MFA}${READER}${MFA}${FIPS}`,
    args: ["exec", "reader", "--json"],
    hosts: ["sts-fips.us-east-1.amazonaws.com", "sts-fips.us-west-2.amazonaws.com"],
  },
  "rotate asks IAM at its FIPS host": {
    config: `[profile work]\n${REGION}${FIPS}`,
    args: ["rotate", "-n", "work"],
    hosts: ["iam-fips.amazonaws.com", "sts-fips.us-west-2.amazonaws.com"],
  },
  "signing in and its role's credentials come from FIPS hosts": {
    config: SSO + FIPS,
    args: ["exec", "--stdout", "sso", "--json"],
    hosts: ["oidc-fips.us-west-2.amazonaws.com", "portal.sso-fips.us-west-2.amazonaws.com"],
  },
};

for (const [what, { config, env, args, hosts }] of Object.entries(CASES)) {
  Deno.test({ name: `${what} (openssl)`, ignore }, async () => {
    await using vault = await startVault(config);
    addSso(vault);
    await using there = await startAwsHosts(vault.home.path, hosts, vault.aws.url);
    const code = await totp(MFA_SECRET, Date.now());
    const ran = await vault.run([...args, ...args[0] === "exec" ? ["-t", code] : []], {
      env: { ...there.env, AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined, ...env },
    });
    assert.equal(ran.code, 0, ran.stderr + there.asked);
    assert.deepEqual([...new Set(there.asked)].sort(), hosts.map((host) => `${host}:443`));
  });
}

for (
  const [host, env] of [
    ["sts-fips.eu-west-1.amazonaws.com", { AWS_USE_FIPS_ENDPOINT: "true" }],
    ["sts.eu-west-1.api.aws", { AWS_USE_DUALSTACK_ENDPOINT: "True" }],
    ["sts.eu-west-1.amazonaws.com", { AWS_USE_FIPS_ENDPOINT: "false" }],
    ["sts.us-gov-east-1.amazonaws.com", { ...GOV, AWS_USE_FIPS_ENDPOINT: "true" }],
    ["sts.us-gov-east-1.amazonaws.com", { AWS_REGION: "us-gov-east-1-fips" }],
  ] as const
) {
  const set = Object.entries(env).map((pair) => pair.join("=")).join(" ");
  Deno.test({
    name: `with ${set} the AWS CLI under exec asks ${host} too (aws, openssl)`,
    ignore: ignore || !requireProgram("aws"),
  }, async () => {
    await using vault = await startVault();
    await using there = await startAwsHosts(vault.home.path, [host], vault.aws.url);
    const ran = await vault.run(["exec", "work", "--", "aws", "sts", "get-caller-identity"], {
      env: { ...there.env, AWS_ENDPOINT_URL: undefined, ...env },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).Arn, "arn:aws:iam::111111111111:user/jon");
    assert.deepEqual(there.asked, [`${host}:443`, `${host}:443`]);
  });
}

Deno.test("an endpoint that is given is asked as it stands beside FIPS, as by the AWS CLI", async () => {
  await using vault = await startVault(READER + FIPS);
  const env = { AWS_USE_DUALSTACK_ENDPOINT: "true" };
  const ran = await vault.run(READ, { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
});

Deno.test("who has no FIPS endpoint to reach is told that not every region has one, and who asks", async () => {
  await using vault = await startVault(READER + FIPS);
  // A proxy that is not there: no name is looked up outside this machine.
  const env = { AWS_ENDPOINT_URL: undefined, HTTPS_PROXY: "http://127.0.0.1:9" };
  const ran = await vault.run(READ, { env: { ...env, AWS_REGION: undefined } });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /AssumeRole.*: cannot reach STS in us-west-2 \(FIPS\): /);
  assert.match(
    ran.stderr,
    /\n {2}not every region has a FIPS endpoint: see \S+config, line 5, use_fips_endpoint of \[profile reader\]\n/,
  );
});

Deno.test("no request goes around a proxy whose address cannot be read: the variable is named, its password not", async () => {
  await using vault = await startVault(READER);
  const away = vault.aws.url.replace("127.0.0.1", "0.0.0.0"); // no address of this machine's own
  const env = { AWS_ENDPOINT_URL: away, HTTP_PROXY: "http://jo:pass^word@127.0.0.1:9" };
  for (const args of [READ, ["login", "--stdout", "reader"]]) {
    const ran = await vault.run(args, { env });
    assertRefused(ran, /error: HTTP_PROXY holds no address of a proxy\n {2}write it as http:/);
    assert.doesNotMatch(ran.stderr, /pass\^word/);
  }
  assert.deepEqual(vault.aws.calls, []);
});

Deno.test("explain tells the FIPS host, who asks for it, and what a program does not see of it", async () => {
  await using vault = await startVault(READER + FIPS);
  const ask = async (env: Record<string, string>) => {
    const all = { AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined, ...env };
    const ran = await vault.run(["explain", "reader", "--no-session", "--json"], { env: all });
    const { requests, settings, remarks } = JSON.parse(ran.stdout);
    const named = settings.find(({ name }: { name: string }) => name === "use_fips_endpoint");
    return [requests[0].endpoint, named.value, named.from, remarks.join("\n")];
  };
  const [endpoint, value, from, remarks] = await ask({});
  assert.deepEqual([endpoint, value], ["https://sts-fips.us-west-2.amazonaws.com", "true"]);
  const { path, ...place } = from;
  assert.deepEqual(place, { kind: "file", line: 5, section: "[profile reader]" });
  assert.equal(path, vault.config);
  assert.match(remarks, /sees nothing of use_fips_endpoint .* AWS_USE_FIPS_ENDPOINT=true/);
  const byVariable = await ask({ AWS_USE_FIPS_ENDPOINT: "true" });
  assert.deepEqual(byVariable.slice(0, 3), [
    "https://sts-fips.us-west-2.amazonaws.com",
    "true",
    { kind: "environment", name: "AWS_USE_FIPS_ENDPOINT" },
  ]);
  assert.doesNotMatch(byVariable[3], /sees nothing/);
});

Deno.test("a session serves whichever endpoint the next run asks", async () => {
  await using vault = await startVault();
  const first = await vault.run(["exec", "work", "--json"]);
  const env = { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" };
  assert.equal((await vault.run(["exec", "work", "--json"], { env })).stdout, first.stdout);
  assert.equal(vault.aws.calls.length, 1);
});

function addSso(vault: Vault): void {
  vault.aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
    approvesAtOnce: true,
  });
}
