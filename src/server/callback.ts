import { formatPage, listenForBrowser } from "./browser.ts";
import type { HttpResponse } from "./http_message.ts";

const PATH = "/oauth/callback";

/** What a browser brought from the page it was sent to. */
export type BrowserAnswer =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "error"; readonly error: string; readonly description?: string }
  | { readonly kind: "wrong state" };

/** A place on this machine that a browser comes back to. */
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
  const { promise: answer, resolve } = Promise.withResolvers<BrowserAnswer>();
  let isAnswered = false;
  const { address, close } = listenForBrowser(PATH, ({ searchParams }) => {
    if (isAnswered) return formatPage(400, "Already answered", "This sign-in was answered before.");
    const found = readAnswer(searchParams, state);
    if (found === undefined) {
      return formatPage(400, "No answer", "There is no sign-in in this address.");
    }
    isAnswered = true;
    resolve(found);
    return pageFor(found);
  });
  return { redirectUri: address, answer, close };
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
      return formatPage(200, "You can close this window", "aws-vault goes on in your terminal.");
    case "wrong state":
      return formatPage(
        400,
        "This was another sign-in",
        "Its answer was not taken. Close this window and begin again in your terminal.",
      );
    case "error": {
      const { error, description = error } = answer;
      return formatPage(
        400,
        error === "access_denied" ? "The sign-in was refused" : "The sign-in failed",
        `AWS says: ${description}. You can close this window; your terminal says what to do.`,
      );
    }
  }
}
