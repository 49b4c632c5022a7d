import type { ConsoleLogin } from "./console_state.ts";
import { html, type Incoming, type Operation, readForm, type Reply } from "./http.ts";
import { showMessage, showQuestion } from "./page.ts";
import { formatArn } from "./principals.ts";
import type { World } from "./world.ts";
import { escapeMarkup } from "./xml.ts";

const CODE_SECONDS = 600;
const CONFIRMATION = "/v1/sessions/confirmation";
const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/;

/** Where either client of the AWS CLI may have its answer brought. */
function isAddressOf(clientId: string, redirectUri: string, url: string): boolean {
  if (clientId === "arn:aws:signin:::devtools/same-device") return LOOPBACK.test(redirectUri);
  return clientId === "arn:aws:signin:::devtools/cross-device" &&
    redirectUri === url + CONFIRMATION;
}

function findFault(form: URLSearchParams): string | undefined {
  if (form.get("response_type") !== "code") return "unsupported_response_type";
  if (form.get("scope") !== "openid") return "invalid_scope";
  const isChallenge = /^[\w-]{43}$/.test(form.get("code_challenge") ?? "");
  if (form.get("code_challenge_method") !== "SHA-256" || !isChallenge) return "invalid_request";
  return form.get("state") ? undefined : "invalid_request";
}

function sendBack(form: URLSearchParams, answer: Readonly<Record<string, string>>): Reply {
  const query = new URLSearchParams({ ...answer, state: form.get("state") ?? "" });
  return { status: 302, headers: { location: `${form.get("redirect_uri")}?${query}` }, body: "" };
}

function grant(world: World, login: ConsoleLogin, form: URLSearchParams): Reply {
  const code = world.ids.opaque("signin-code");
  world.console.codes.set(code, {
    login,
    clientId: form.get("client_id")!,
    redirectUri: form.get("redirect_uri")!,
    challenge: form.get("code_challenge")!,
    expiresMs: world.now() + CODE_SECONDS * 1000,
  });
  return sendBack(form, { code });
}

function askToContinue(login: ConsoleLogin, form: URLSearchParams): Reply {
  return showQuestion({
    text: `Continue as ${formatArn(login.principal)}?`,
    action: "/v1/authorize",
    fields: form,
    approve: "Continue",
    deny: "Cancel",
  });
}

function authorize(world: World, form: URLSearchParams, url: string): Reply {
  const clientId = form.get("client_id") ?? "";
  if (!isAddressOf(clientId, form.get("redirect_uri") ?? "", url)) {
    return showMessage(400, "This client, or where it wants the answer, is unknown");
  }
  const error = findFault(form);
  if (error !== undefined) return sendBack(form, { error });
  const login = world.console.logins.at(-1);
  if (login === undefined) return html(200, "<h1>Sign in</h1><p>Nobody has a session here.</p>");
  const decision = login.approvesAtOnce ? "approve" : form.get("decision");
  if (decision === "approve") return grant(world, login, form);
  if (decision !== "deny") return askToContinue(login, form);
  return sendBack(form, { error: "access_denied", error_description: "The user cancelled" });
}

/** What somebody copies from one machine's browser to another's terminal. */
function showCode(form: URLSearchParams): Reply {
  const text = btoa(`state=${form.get("state")}&code=${form.get("code")}`);
  return html(200, `<h1>Copy this code</h1><code id="code">${escapeMarkup(text)}</code>`);
}

/** The pages of the sign-in service, for a person or a headless browser; no AWS calls. */
export function findConsolePage(
  world: World,
  request: Incoming,
  url: string,
): Operation | undefined {
  const form = readForm(request);
  const pages: Readonly<Record<string, () => Reply>> = {
    "/v1/authorize": () => authorize(world, form, url),
    [CONFIRMATION]: () => showCode(form),
  };
  const run = pages[request.path];
  if (run === undefined) return undefined;
  return {
    service: "none",
    action: "ConsoleSignIn",
    params: Object.fromEntries(form),
    run,
    refuse: (error) => showMessage(error.status, error.message),
  };
}
