import { type Incoming, type Operation, readForm, type Reply } from "./http.ts";
import { CODE_GRANT } from "./oidc_parts.ts";
import { showMessage, showQuestion } from "./page.ts";
import type { OidcClient, SsoInstance } from "./sso_state.ts";
import type { World } from "./world.ts";

const CODE_SECONDS = 60;

/** What a browser asks at `/authorize`, once it is known whom to send it back to. */
interface Request {
  readonly client: OidcClient;
  readonly instance: SsoInstance;
  readonly redirectUri: string;
  readonly state: string;
  readonly challenge: string;
}

/** RFC 8252, section 7.3: of a loopback address the port may be any. */
function isRegistered(client: OidcClient, redirectUri: string): boolean {
  return client.redirectUris.includes(redirectUri.replace(/^(http:\/\/127\.0\.0\.1):\d+\//, "$1/"));
}

/** The fault, in OAuth's word, of a request whose client and redirect address are good. */
function findFault(client: OidcClient, form: URLSearchParams): string | undefined {
  const scopes = (form.get("scopes") ?? "").split(" ").filter((scope) => scope !== "");
  if (form.get("response_type") !== "code") return "unsupported_response_type";
  if (!client.grantTypes.includes(CODE_GRANT)) return "unauthorized_client";
  if (!scopes.every((scope) => client.scopes.includes(scope))) return "invalid_scope";
  const isChallenge = /^[\w-]{43}$/.test(form.get("code_challenge") ?? "");
  if (form.get("code_challenge_method") !== "S256" || !isChallenge) return "invalid_request";
  return form.get("state") ? undefined : "invalid_request";
}

function sendBack(redirectUri: string, answer: Readonly<Record<string, string>>): Reply {
  const location = `${redirectUri}?${new URLSearchParams(answer)}`;
  return { status: 302, headers: { location }, body: "" };
}

function grant(world: World, { client, instance, redirectUri, state, challenge }: Request): Reply {
  const code = world.ids.opaque("authorization-code");
  const expiresMs = world.now() + CODE_SECONDS * 1000;
  world.sso.codes.set(code, { client, instance, redirectUri, challenge, expiresMs });
  return sendBack(redirectUri, { code, state });
}

function askForAccess(client: OidcClient, form: URLSearchParams): Reply {
  return showQuestion({
    text: `Allow ${client.name} to access your data?`,
    action: "/authorize",
    fields: form,
    approve: "Allow access",
    deny: "Deny access",
  });
}

function answer(world: World, form: URLSearchParams): Reply {
  const client = world.sso.clients.get(form.get("client_id") ?? "");
  const redirectUri = form.get("redirect_uri") ?? "";
  // Whoever cannot be told from a stranger is not sent anywhere: RFC 6749, section 4.1.2.1.
  if (!client || !isRegistered(client, redirectUri)) {
    return showMessage(400, "This client, or where it wants the answer, is unknown");
  }
  const state = form.get("state") ?? "";
  const fault = findFault(client, form);
  if (fault) return sendBack(redirectUri, { error: fault, state });
  const instance = world.sso.findInstance(client.issuerUrl ?? "")!;
  const decision = instance.approvesAtOnce ? "approve" : form.get("decision");
  if (decision === "approve") {
    const challenge = form.get("code_challenge")!;
    return grant(world, { client, instance, redirectUri, state, challenge });
  }
  if (decision !== "deny") return askForAccess(client, form);
  const error_description = "The user denied the request";
  return sendBack(redirectUri, { error: "access_denied", error_description, state });
}

/** The page at `/authorize`, for a person or a headless browser; not an AWS call. */
export function findAuthorizePage(world: World, request: Incoming): Operation | undefined {
  if (request.path !== "/authorize") return undefined;
  const form = readForm(request);
  return {
    service: "none",
    action: "Authorize",
    params: Object.fromEntries(form),
    run: () => answer(world, form),
    refuse: (error) => showMessage(error.status, error.message),
  };
}
