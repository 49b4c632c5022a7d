import assert from "node:assert/strict";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { IAM_ACTIONS } from "../fakes/aws/iam.ts";
import { STS_ACTIONS, UNSIGNED_STS_ACTIONS } from "../fakes/aws/sts.ts";
import { requirePython } from "../require.ts";
import { call, keysOf, START_MS } from "./fakes_aws_client.ts";

/** A parameter of botocore's models, as the query protocol names it. */
interface Rule {
  readonly name: string;
  readonly required: boolean;
  readonly type: "string" | "integer";
  readonly min: number | null;
  readonly max: number | null;
  readonly pattern: string | null;
}

/** By action. Members of lists are the first of theirs; the blob and boolean ones are none of ours. */
const SCRIPT = `
import botocore.session, json, sys
loader = botocore.session.get_session().get_component("data_loader")
rules = {}
for service, actions in json.load(sys.stdin).items():
    model = loader.load_service_model(service, "service-2")
    shapes = model["shapes"]
    def flatten(name, shape, required):
        if shape["type"] == "structure":
            for member, to in shape["members"].items():
                yield from flatten(f"{name}.{member}" if name else member, shapes[to["shape"]],
                    member in shape.get("required", []) and (required or not name))
        elif shape["type"] == "list":
            yield from flatten(f"{name}.member.1", shapes[shape["member"]["shape"]], False)
        else:
            yield {"name": name, "required": required, "type": shape["type"],
                **{key: shape.get(key) for key in ("min", "max", "pattern")}}
    for action in actions:
        to = model["operations"][action].get("input")
        rules[action] = list(flatten("", shapes[to["shape"]], True)) if to else []
print(json.dumps(rules))
`;

async function readRules(): Promise<Record<string, Rule[]>> {
  const child = new Deno.Command("python3", {
    args: ["-c", SCRIPT],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const sts = [...STS_ACTIONS.keys(), ...UNSIGNED_STS_ACTIONS.keys()];
  const services = { sts, iam: [...IAM_ACTIONS.keys()] };
  await writer.write(new TextEncoder().encode(JSON.stringify(services)));
  await writer.close();
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Parameters that AWS has and the stand-in refuses, for it would do nothing with them. */
const LEFT_OUT = /^(PolicyArns|ProvidedContexts|ProviderId|Marker|MaxItems)\b/;

/** Values of a parameter that break its rules. */
function* breakRule({ type, min, max, pattern }: Rule): Generator<string> {
  if (type === "integer") {
    yield* [String(min! - 1), String(max! + 1), "1.5", "x"];
    return;
  }
  if (min !== null && min > 0) yield "1".repeat(min - 1);
  if (max !== null) yield "1".repeat(max + 1);
  const length = Math.max(min ?? 0, 6);
  if (pattern !== null) yield "\u0007".repeat(length);
}

const ROLE_ARN = "arn:aws:iam::222222222222:role/admin";
/** What the required parameters are where nothing is wrong with them. */
const GOOD: Readonly<Record<string, string>> = {
  RoleArn: ROLE_ARN,
  RoleSessionName: "me",
  WebIdentityToken: "head.body.sign",
  Name: "jon",
  UserName: "jon",
  VirtualMFADeviceName: "new",
  SerialNumber: "arn:aws:iam::111111111111:mfa/jon",
  AuthenticationCode1: "123456",
  AuthenticationCode2: "123456",
  Status: "Active",
};
const TAG = { "Tags.member.1.Key": "team", "Tags.member.1.Value": "a" };

type Request = readonly [action: string, params: Record<string, string>];

/** Calls of an action that are each wrong in one thing. */
function* breakCall(action: string, all: readonly Rule[], good: Request[1]): Generator<Request> {
  const rules = all.filter(({ name }) => !LEFT_OUT.test(name));
  const needed = rules.filter(({ required }) => required).map(({ name }) => name);
  const base = Object.fromEntries(needed.map((name) => [name, good[name]!]));
  for (const name of needed) {
    const { [name]: _, ...rest } = base;
    yield [action, rest];
  }
  for (const rule of rules) {
    const tags = rule.name.startsWith("Tags.") ? TAG : {};
    for (const value of breakRule(rule)) yield [action, { ...base, ...tags, [rule.name]: value }];
  }
  yield [action, { ...base, Nonsense: "1" }];
}

Deno.test({
  name: "what botocore's models forbid of STS' and IAM's parameters is refused (python3, botocore)",
  ignore: !requirePython("botocore"),
  async fn() {
    await using aws = await startFakeAws({ now: () => START_MS });
    const jon = aws.addUser({ name: "jon", mfa: [{}] });
    aws.addRole({ arn: ROLE_ARN, trusts: ["*"], allowsTags: true, allowsSourceIdentity: true });
    const good: Record<string, string> = { ...GOOD, AccessKeyId: keysOf(jon).accessKeyId };
    const calls = Object.entries(await readRules())
      .flatMap(([action, rules]) => [...breakCall(action, rules, good)]);
    assert.ok(calls.length > 100, `${calls.length} calls`);
    for (const [action, params] of calls) {
      const { code } = await call(aws, keysOf(jon), action, params);
      assert.match(code, /^(ValidationError|MalformedInput)$/, action + JSON.stringify(params));
    }
  },
});
