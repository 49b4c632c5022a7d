import { HttpServer } from "./http.ts";
import type { HttpRequest, HttpResponse } from "./http_message.ts";
import { text } from "./http_message.ts";

const PATH = "/oauth/callback";

/** What a browser brought from the page it was sent to. */
export type BrowserAnswer =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "error"; readonly error: string; readonly description?: string }
  | { readonly kind: "wrong state" };

export interface CallbackServer {
  /** `http://127.0.0.1:PORT/oauth/callback` */
  readonly redirectUri: string;
  /** The first answer that comes; what comes after it is told so. */
  readonly answer: Promise<BrowserAnswer>;
  /** Answers no one any more, but lets the page that is under way arrive. */
  close(): Promise<void>;
}

/**
 * Waits on a free port of 127.0.0.1 for a browser that comes back from a sign-in with `state`
 * (RFC 8252, section 7.3). Throws what `Deno.listen` throws.
 */
export function listenForCallback(state: string): CallbackServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${listener.addr.port}`;
  const { promise: answer, resolve } = Promise.withResolvers<BrowserAnswer>();
  let isAnswered = false;
  const handle = (request: HttpRequest): HttpResponse => {
    const { pathname, searchParams } = new URL(request.target, `http://${host}`);
    if (request.headers.get("host") !== host) return text(421, "not the host this is for\n");
    if (pathname !== PATH) return text(404, "nothing is here\n");
    if (request.method !== "GET") return text(405, "only GET is answered\n");
    if (isAnswered) return page(400, "Already answered", "This sign-in was answered before.");
    const found = readAnswer(searchParams, state);
    if (found === undefined) return page(400, "No answer", "There is no sign-in in this address.");
    isAnswered = true;
    resolve(found);
    return pageFor(found);
  };
  // The addresses it would log hold a code.
  const quiet = { debug: () => {} };
  const server = new HttpServer(listener, (request) => Promise.resolve(handle(request)), quiet);
  return { redirectUri: `http://${host}${PATH}`, answer, close: () => server.finish() };
}

function readAnswer(params: URLSearchParams, state: string): BrowserAnswer | undefined {
  const code = params.get("code");
  const error = params.get("error");
  if (!code && !error) return undefined;
  if (params.get("state") !== state) return { kind: "wrong state" };
  if (error) {
    return { kind: "error", error, description: params.get("error_description") ?? undefined };
  }
  return { kind: "code", code: code! };
}

function pageFor(answer: BrowserAnswer): HttpResponse {
  switch (answer.kind) {
    case "code":
      return page(200, "You can close this window", "aws-vault goes on in your terminal.");
    case "wrong state":
      return page(
        400,
        "This was another sign-in",
        "Its answer was not taken. Close this window and begin again in your terminal.",
      );
    case "error": {
      const { error, description = error } = answer;
      return page(
        400,
        error === "access_denied" ? "The sign-in was refused" : "The sign-in failed",
        `AWS says: ${description}. You can close this window; your terminal says what to do.`,
      );
    }
  }
}

/** Self-contained: nothing is loaded, and nothing in it runs. */
function page(status: number, title: string, message: string): HttpResponse {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>aws-vault: ${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(message)}</p>
</body>
</html>
`;
  return {
    status,
    contentType: "text/html; charset=utf-8",
    body,
    headers: {
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
      "Referrer-Policy": "no-referrer",
    },
  };
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (mark) => entities[mark]!);
}
