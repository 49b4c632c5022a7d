import { authenticate, type Caller } from "./authenticate.ts";
import { AwsError } from "./aws_error.ts";
import { type Incoming, type Operation, readForm, type Reply } from "./http.ts";
import { IAM_ACTIONS } from "./iam.ts";
import { requireIamAccess } from "./iam_access.ts";
import { PARAMETERS } from "./parameters.ts";
import { Params } from "./params.ts";
import { STS_ACTIONS, UNSIGNED_STS_ACTIONS } from "./sts.ts";
import type { World } from "./world.ts";
import { renderXml, type XmlObject } from "./xml.ts";

/** One signed call; its result goes inside `<ActionResult>`. Undefined: there is no result. */
export type QueryAction = (
  world: World,
  caller: Caller,
  params: Params,
) => XmlObject | undefined | Promise<XmlObject | undefined>;

const NAMESPACES = {
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
};
const VERSIONS = { sts: "2011-06-15", iam: "2010-05-08" };

function replyXml(status: number, requestId: string, body: string): Reply {
  const headers = { "content-type": "text/xml", "x-amzn-requestid": requestId };
  return { status, headers, body };
}

function refuse(world: World, service: "sts" | "iam", error: AwsError): Reply {
  const requestId = world.ids.requestId();
  const body = renderXml({
    Error: {
      Type: error.status < 500 ? "Sender" : "Receiver",
      Code: error.code,
      Message: error.message,
    },
    RequestId: requestId,
  });
  const xmlns = NAMESPACES[service];
  return replyXml(
    error.status,
    requestId,
    `<ErrorResponse xmlns="${xmlns}">${body}</ErrorResponse>`,
  );
}

function answer(world: World, service: "sts" | "iam", action: string, result?: XmlObject): Reply {
  const requestId = world.ids.requestId();
  const body = renderXml({
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
  const name = `${action}Response`;
  const xmlns = NAMESPACES[service];
  return replyXml(200, requestId, `<${name} xmlns="${xmlns}">${body}</${name}>`);
}

async function run(world: World, request: Incoming, service: "sts" | "iam", form: URLSearchParams) {
  const action = form.get("Action") ?? "";
  const version = form.get("Version") ?? "NO_VERSION_SPECIFIED";
  const signed = (service === "sts" ? STS_ACTIONS : IAM_ACTIONS).get(action);
  const unsigned = service === "sts" ? UNSIGNED_STS_ACTIONS.get(action) : undefined;
  if (version !== VERSIONS[service] || !(signed || unsigned)) {
    const message = `Could not find operation ${action} for version ${version}`;
    throw new AwsError("InvalidAction", 400, message);
  }
  const readParams = () => {
    const own = [...form].filter(([name]) => name !== "Action" && name !== "Version");
    return new Params(own, PARAMETERS[action]!);
  };
  if (unsigned) return unsigned(world, readParams());
  const caller = await authenticate(world, request, service);
  if (service === "iam") requireIamAccess(caller, action);
  return await signed?.(world, caller, readParams());
}

/** The query protocol at `/`: STS and IAM, told apart by their actions. */
export function findQueryOperation(world: World, request: Incoming): Operation | undefined {
  if (request.path !== "/") return undefined;
  const form = readForm(request);
  const action = form.get("Action");
  if (!action) return undefined;
  const service = IAM_ACTIONS.has(action) ? "iam" : "sts";
  return {
    service,
    action,
    params: Object.fromEntries(form),
    run: async () => answer(world, service, action, await run(world, request, service, form)),
    refuse: (error) => refuse(world, service, error),
  };
}
