import { html, type Incoming, type Operation, readForm, type Reply } from "./http.ts";
import type { World } from "./world.ts";
import { escapeMarkup } from "./xml.ts";

const ENTER_CODE = `<h1>Authorize a device</h1>
<form method="get" action="/device">
<label>Code <input name="user_code" autofocus></label> <button>Next</button></form>`;

function showMessage(status: number, message: string): Reply {
  return html(status, `<h1>${escapeMarkup(message)}</h1>`);
}

function showQuestion(world: World, userCode: string): Reply {
  const authorization = world.sso.findByUserCode(userCode);
  if (authorization?.state !== "pending" || world.now() >= authorization.expiresMs) {
    return showMessage(404, "This code is unknown, used or expired");
  }
  const code = escapeMarkup(authorization.userCode);
  const name = escapeMarkup(authorization.client.name);
  return html(
    200,
    `<h1>Allow ${name} to access your data?</h1>
<p>The code on your other screen should be <strong id="user-code">${code}</strong></p>
<form method="post" action="/device"><input type="hidden" name="user_code" value="${code}">
<button id="approve" name="decision" value="approve">Approve</button>
<button id="deny" name="decision" value="deny">Deny</button></form>`,
  );
}

function decide(world: World, form: URLSearchParams): Reply {
  const decision = form.get("decision");
  if (decision !== "approve" && decision !== "deny") return showMessage(400, "Approve or deny?");
  const state = decision === "approve" ? "approved" : "denied";
  const isDecided = world.sso.decide(form.get("user_code") ?? "", state, world.now());
  if (!isDecided) return showMessage(404, "This code is unknown, used or expired");
  return showMessage(200, `Request ${state}`);
}

/** The page at verificationUri, for a person or a headless browser; not an AWS call. */
export function findDevicePage(world: World, request: Incoming): Operation | undefined {
  if (request.path !== "/device") return undefined;
  const form = readForm(request);
  const userCode = form.get("user_code");
  return {
    service: "none",
    action: request.method === "POST" ? "DecideDevice" : "ShowDevice",
    params: Object.fromEntries(form),
    run() {
      if (request.method === "POST") return decide(world, form);
      return userCode ? showQuestion(world, userCode) : html(200, ENTER_CODE);
    },
    refuse: (error) => showMessage(error.status, error.message),
  };
}
