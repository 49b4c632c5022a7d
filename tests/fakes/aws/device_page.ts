import { html, type Incoming, type Operation, readForm, type Reply } from "./http.ts";
import { showMessage, showQuestion } from "./page.ts";
import type { World } from "./world.ts";
import { escapeMarkup } from "./xml.ts";

const ENTER_CODE = `<h1>Authorize a device</h1>
<form method="get" action="/device">
<label>Code <input name="user_code" autofocus></label> <button>Next</button></form>`;

function askForDevice(world: World, userCode: string): Reply {
  const authorization = world.sso.findByUserCode(userCode);
  if (authorization?.state !== "pending" || world.now() >= authorization.expiresMs) {
    return showMessage(404, "This code is unknown, used or expired");
  }
  const { userCode: code, client } = authorization;
  const shown = `<strong id="user-code">${escapeMarkup(code)}</strong>`;
  return showQuestion({
    text: `Allow ${client.name} to access your data?`,
    note: `<p>The code on your other screen should be ${shown}</p>`,
    action: "/device",
    fields: new URLSearchParams({ user_code: code }),
    approve: "Approve",
    deny: "Deny",
  });
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
      return userCode ? askForDevice(world, userCode) : html(200, ENTER_CODE);
    },
    refuse: (error) => showMessage(error.status, error.message),
  };
}
