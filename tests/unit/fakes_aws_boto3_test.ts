import assert from "node:assert/strict";
import { type FakeAws, startFakeAws, totp, type User } from "../fakes/aws/mod.ts";
import { requirePython } from "../require.ts";
import { type Keys, keysOf } from "./fakes_aws_client.ts";

/** Makes the calls it reads from standard input, one after the other, with boto3. */
const SCRIPT = `
import json, sys, boto3, botocore.config, botocore.exceptions
config = botocore.config.Config(retries={"max_attempts": 0})
plan = json.load(sys.stdin)
answers = []
for step in plan["steps"]:
    keys = plan["keys"] if step.get("keys") is None else answers[step["keys"]]["Credentials"]
    client = boto3.client(step["service"], endpoint_url=plan["url"], config=config,
        region_name="us-east-1" if step["service"] == "iam" else "eu-west-1", aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"))
    try:
        answer = getattr(client, step["call"])(**step.get("params", {}))
    except botocore.exceptions.ClientError as error:
        answer = error.response
    answers.append(answer)
print(json.dumps(answers, default=str))
`;

interface Step {
  readonly service: "sts" | "iam" | "sso" | "sso-oidc";
  readonly call: string;
  readonly params?: Record<string, unknown>;
  /** The step whose answer's credentials sign; the user's long-term keys unless told. */
  readonly keys?: number;
}

type Answer = Record<string, Record<string, unknown>>;

const ignore = !requirePython("boto3");

async function runBoto3(aws: FakeAws, keys: Keys, steps: Step[]): Promise<Answer[]> {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = keys;
  const env = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const child = new Deno.Command("python3", {
    args: ["-c", SCRIPT],
    env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const plan = { url: aws.url, keys: { AccessKeyId, SecretAccessKey }, steps };
  await writer.write(new TextEncoder().encode(JSON.stringify(plan)));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success, "boto3 failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function readCode(answer: Answer | undefined): string {
  return `${answer?.["Error"]?.["Code"]} ${answer?.["ResponseMetadata"]?.["HTTPStatusCode"]}`;
}

async function mfaParams({ mfaDevices: [device] }: User) {
  assert.ok(device);
  const TokenCode = await totp(device.secretBase32, Date.now());
  return { SerialNumber: device.serial, TokenCode };
}

Deno.test(
  { name: "boto3's own signatures are taken, from keys to chained roles", ignore },
  async () => {
    await using aws = await startFakeAws();
    const jon = aws.addUser({ name: "jon", mfa: [{}] });
    const first = aws.addRole({ arn: "arn:aws:iam::222222222222:role/a", trusts: [jon.arn] });
    const second = aws.addRole({
      arn: "arn:aws:iam::333333333333:role/path/b",
      trusts: [first.arn],
      allowsTags: true,
    });
    const Tags = [{ Key: "team", Value: "a + b = ü" }];
    const RoleSessionName = "me";
    const answers = await runBoto3(aws, keysOf(jon), [
      { service: "sts", call: "get_session_token", params: await mfaParams(jon) },
      {
        service: "sts",
        call: "assume_role",
        params: { RoleArn: first.arn, RoleSessionName },
        keys: 0,
      },
      {
        service: "sts",
        call: "assume_role",
        params: { RoleArn: second.arn, RoleSessionName, Tags },
        keys: 1,
      },
      { service: "sts", call: "get_caller_identity", keys: 2 },
      { service: "iam", call: "create_access_key", keys: 0 },
      { service: "iam", call: "list_access_keys" },
      {
        service: "sts",
        call: "get_federation_token",
        params: { Name: "jon" },
      },
    ]);
    assert.equal(answers[3]?.["Arn"], "arn:aws:sts::333333333333:assumed-role/b/me");
    assert.equal(answers[4]?.["AccessKey"]?.["AccessKeyId"], jon.accessKeys[1]?.id);
    assert.equal(answers[5]?.["AccessKeyMetadata"]?.["length"], 2);
    assert.equal(answers[6]?.["FederatedUser"]?.["FederatedUserId"], "111111111111:jon");
    assert.deepEqual(aws.calls.map(({ status }) => status), answers.map(() => 200));
    assert.deepEqual(aws.calls.map(({ region }) => region), [
      ...Array(4).fill("eu-west-1"),
      ...["us-east-1", "us-east-1", "eu-west-1"],
    ]);
  },
);

Deno.test({ name: "boto3 reads the refusals as AWS's", ignore }, async () => {
  await using aws = await startFakeAws();
  const jon = aws.addUser({ name: "jon", mfa: [{}] });
  const session: Step = { service: "sts", call: "get_session_token", params: await mfaParams(jon) };
  const answers = await runBoto3(aws, keysOf(jon), [
    session,
    session,
    { service: "sts", call: "get_session_token", keys: 0 },
    { service: "iam", call: "create_access_key" },
    { service: "iam", call: "create_access_key" },
    { service: "iam", call: "delete_access_key", params: { AccessKeyId: "AKIA000000000000NONE" } },
  ]);
  assert.deepEqual(answers.slice(1).map(readCode), [
    "AccessDenied 403",
    "AccessDenied 403",
    "undefined 200",
    "LimitExceeded 409",
    "NoSuchEntity 404",
  ]);
});

Deno.test(
  { name: "boto3's signatures are refused with a wrong secret and a wrong clock", ignore },
  async () => {
    let skewMs = 0;
    await using aws = await startFakeAws({ now: () => Date.now() + skewMs });
    const keys = keysOf(aws.addUser({ name: "jon" }));
    const step: Step = { service: "sts", call: "get_caller_identity" };
    const [wrong] = await runBoto3(aws, { ...keys, secretAccessKey: "guess" }, [step]);
    assert.equal(readCode(wrong), "SignatureDoesNotMatch 403");
    skewMs = 6 * 60_000;
    const [late] = await runBoto3(aws, keys, [step]);
    assert.match(String(late?.["Error"]?.["Message"]), /^Signature expired/);
  },
);

Deno.test(
  { name: "boto3 signs in by device code and gets a role's credentials", ignore },
  async () => {
    await using aws = await startFakeAws();
    const account = { id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] };
    const startUrl = "https://d-123.awsapps.com/start";
    aws.addSsoInstance({ startUrl, accounts: [account], approvesAtOnce: true });
    const keys = keysOf(aws.addUser({ name: "jon" }));
    const register = { clientName: "boto3", clientType: "public", scopes: ["sso:account:access"] };
    const [client] = await runBoto3(aws, keys, [
      { service: "sso-oidc", call: "register_client", params: register },
    ]);
    const { clientId, clientSecret } = client ?? {};
    const start = { clientId, clientSecret, startUrl };
    const [device] = await runBoto3(aws, keys, [
      { service: "sso-oidc", call: "start_device_authorization", params: start },
    ]);
    const grantType = "urn:ietf:params:oauth:grant-type:device_code";
    const grant = { clientId, clientSecret, grantType, deviceCode: device?.["deviceCode"] };
    const [token, used] = await runBoto3(aws, keys, [
      { service: "sso-oidc", call: "create_token", params: grant },
      { service: "sso-oidc", call: "create_token", params: grant },
    ]);
    assert.equal(readCode(used), "InvalidGrantException 400");
    const accessToken = token?.["accessToken"];
    const role = { accessToken, accountId: account.id, roleName: "Dev" };
    const [credentials, refused] = await runBoto3(aws, keys, [
      { service: "sso", call: "get_role_credentials", params: role },
      { service: "sso", call: "get_role_credentials", params: { ...role, roleName: "Ops" } },
    ]);
    assert.match(String(credentials?.["roleCredentials"]?.["accessKeyId"]), /^ASIA/);
    assert.equal(readCode(refused), "ForbiddenException 403");
  },
);
