import { html, type Reply } from "./http.ts";
import { escapeMarkup } from "./xml.ts";

export function showMessage(status: number, message: string): Reply {
  return html(status, `<h1>${escapeMarkup(message)}</h1>`);
}

/** A question to somebody who is to click one of two buttons. */
export interface Question {
  readonly text: string;
  /** What stands below it, as markup. */
  readonly note?: string;
  /** Where the answer goes: these fields, and `decision`, which is `approve` or `deny`. */
  readonly action: string;
  readonly fields: URLSearchParams;
  readonly approve: string;
  readonly deny: string;
}

export function showQuestion({ text, note = "", action, fields, approve, deny }: Question): Reply {
  const hidden = [...fields].map(([name, value]) =>
    `<input type="hidden" name="${escapeMarkup(name)}" value="${escapeMarkup(value)}">`
  );
  return html(
    200,
    `<h1>${escapeMarkup(text)}</h1>${note}
<form method="post" action="${action}">${hidden.join("")}
<button id="approve" name="decision" value="approve">${approve}</button>
<button id="deny" name="decision" value="deny">${deny}</button></form>`,
  );
}
