import { HttpServer } from "./http.ts";
import { type HttpRequest, type HttpResponse, text } from "./http_message.ts";

/** A place on this machine that a browser is sent to. */
export interface BrowserListener {
  /** `http://127.0.0.1:PORT` and its path. */
  readonly address: string;
  /** Answers no one any more, but lets the page that is under way arrive. */
  close(): Promise<void>;
}

/**
 * Answers browsers that ask for `path`, on a free port of 127.0.0.1, and asks nothing of others.
 * Throws what `Deno.listen` throws.
 */
export function listenForBrowser(
  path: string,
  answer: (target: URL) => HttpResponse,
): BrowserListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${listener.addr.port}`;
  const handle = (request: HttpRequest): HttpResponse => {
    const target = new URL(request.target, `http://${host}`);
    if (request.headers.get("host") !== host) return text(421, "not the host this is for\n");
    if (target.pathname !== path) return text(404, "nothing is here\n");
    if (request.method !== "GET") return text(405, "only GET is answered\n");
    return answer(target);
  };
  // The addresses it would log are secret.
  const quiet = { debug: () => {} };
  const server = new HttpServer(listener, (request) => Promise.resolve(handle(request)), quiet);
  return { address: `http://${host}${path}`, close: () => server.finish() };
}

/** Self-contained: nothing is loaded, and nothing in it runs. */
export function formatPage(status: number, title: string, message: string): HttpResponse {
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
