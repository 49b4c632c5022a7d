import { AwsError } from "./aws_error.ts";
import {
  html,
  type Incoming,
  json,
  listUnknown,
  type Operation,
  readForm,
  type Reply,
} from "./http.ts";
import { formatArn, type Principal } from "./principals.ts";
import type { TemporaryCredentials, World } from "./world.ts";
import { escapeMarkup } from "./xml.ts";

const SIGNIN_TOKEN_MS = 15 * 60_000;

function badRequest(message: string): AwsError {
  return new AwsError("BadRequest", 400, message);
}

function parseSession(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // The refusal below says it.
  }
  throw badRequest("Session is no JSON object");
}

function findCredentials(world: World, sessionText: string): TemporaryCredentials {
  const { sessionId, sessionKey, sessionToken, ...others } = parseSession(sessionText);
  const [other] = Object.keys(others);
  if (other !== undefined) throw badRequest(`Session has nothing that is called ${other}`);
  const known = world.temporaryCredentials.get(String(sessionId));
  const isRight = known?.secretAccessKey === sessionKey && known?.sessionToken === sessionToken;
  if (known && isRight && world.now() < known.expiresMs) return known;
  throw badRequest("Session holds no valid temporary credentials");
}

/** The console takes a length from plain role sessions alone, within what the role allows. */
function checkDuration(principal: Principal, text: string | null): void {
  if (text === null) return;
  if (principal.kind !== "role") throw badRequest("SessionDuration is only for role credentials");
  if (principal.isChained) {
    throw badRequest("SessionDuration is not allowed with role chaining");
  }
  const seconds = /^\d+$/.test(text) ? Number(text) : 0;
  const limit = Math.min(43_200, principal.role.maxSessionDurationSeconds);
  if (seconds >= 900 && seconds <= limit) return;
  throw badRequest(`SessionDuration must be from 900 to ${limit}`);
}

function getSigninToken(world: World, form: URLSearchParams): Reply {
  const { principal } = findCredentials(world, form.get("Session") ?? "");
  if (principal.kind === "session") {
    throw badRequest("GetSessionToken credentials can't sign in to the console");
  }
  checkDuration(principal, form.get("SessionDuration"));
  const token = world.ids.opaque("signin-token");
  const expiresMs = world.now() + SIGNIN_TOKEN_MS;
  world.signinTokens.set(token, { arn: formatArn(principal), expiresMs });
  return json(200, { SigninToken: token });
}

/** In AWS's place a redirect to the console, which this machine has none of. */
function logIn(world: World, form: URLSearchParams): Reply {
  const token = world.signinTokens.get(form.get("SigninToken") ?? "");
  const destination = form.get("Destination");
  if (!token || world.now() >= token.expiresMs) throw badRequest("SigninToken is not valid");
  if (!destination) throw badRequest("Destination is missing");
  return html(
    200,
    `<h1>Signed in as <span id="arn">${escapeMarkup(token.arn)}</span></h1>
<p>Destination: <code id="destination">${escapeMarkup(destination)}</code></p>`,
  );
}

function logOut(_world: World, form: URLSearchParams): Reply {
  const location = form.get("redirect_uri") ?? "/";
  return { status: 302, headers: { location }, body: "" };
}

interface SigninAction {
  /** What it takes, as its documentation has it. */
  readonly names: readonly string[];
  run(world: World, form: URLSearchParams): Reply;
}

const ACTIONS: Readonly<Record<string, SigninAction>> = {
  "/federation getSigninToken": { names: ["Session", "SessionDuration"], run: getSigninToken },
  "/federation login": { names: ["Issuer", "Destination", "SigninToken"], run: logIn },
  "/oauth logout": { names: ["redirect_uri"], run: logOut },
};

/** The console's federation endpoint, and the sign-out that browsers are sent through. */
export function findSigninOperation(world: World, request: Incoming): Operation | undefined {
  const form = readForm(request);
  const action = form.get("Action") ?? "";
  const found = ACTIONS[`${request.path} ${action}`];
  if (!found) return undefined;
  const params = Object.fromEntries(form);
  return {
    service: "signin",
    action,
    params,
    run() {
      const unknown = listUnknown(params, ["Action", ...found.names]);
      if (unknown.length > 0) throw badRequest(`Unknown parameters: ${unknown}`);
      return found.run(world, form);
    },
    refuse: (error) => html(error.status, `<h1>${escapeMarkup(error.message)}</h1>`),
  };
}
