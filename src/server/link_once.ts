import { type BrowserListener, formatPage, listenForBrowser } from "./browser.ts";

/** A link behind an address that is good once. */
export interface LinkOnce extends BrowserListener {
  /** Settles when somebody has been sent on to the link. */
  readonly taken: Promise<void>;
}

const PATH_BYTES = 24;

/**
 * Sends the first who asks on to `link`, and tells the next ones that they are too late: whoever
 * comes upon the address afterwards has nothing, and one who was faster is noticed. The address
 * cannot be guessed.
 */
export function serveLinkOnce(link: string): LinkOnce {
  const path = "/" + crypto.getRandomValues(new Uint8Array(PATH_BYTES)).toHex();
  const { promise: taken, resolve } = Promise.withResolvers<void>();
  let isTaken = false;
  const listener = listenForBrowser(path, () => {
    if (isTaken) return formatPage(400, TOO_LATE, "Ask for a new one in your terminal.");
    isTaken = true;
    resolve();
    const page = formatPage(
      302,
      "Signing in to the AWS console",
      "Your browser goes on by itself.",
    );
    return { ...page, headers: { ...page.headers, Location: link } };
  });
  return { ...listener, taken };
}

const TOO_LATE = "This link was opened before";
