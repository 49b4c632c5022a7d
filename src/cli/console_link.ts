import { VaultError } from "../errors.ts";
import { startBrowser } from "../prompt/browser.ts";
import type { Context } from "../types.ts";

/** A browser may have to start first, and on the first day to be chosen. */
const PATIENCE_SECONDS = 60;

/**
 * Opens a link that is worth a session, without it standing in any program's arguments. The browser
 * gets it from a page that only this user can read, or, on Windows, from us: there a `.html` file
 * may be an editor's, and a program that waits to remove it would need a console or hold our streams.
 * (What a page is for, that other users see arguments, is not so there.)
 */
export async function openConsoleLink(link: string, ctx: Context): Promise<void> {
  if (ctx.platform !== "windows") return await open(link, ctx, { secret: true });
  const { serveLinkOnce } = await import("../server/link_once.ts");
  const { address, taken, close } = serveLinkOnce(link);
  const patience = new AbortController();
  const giveUp = async () => {
    await open(address, ctx);
    await ctx.clock.sleep(PATIENCE_SECONDS * 1000, patience.signal);
    throw noBrowser(`no browser came for the sign-in link within ${PATIENCE_SECONDS} seconds`);
  };
  try {
    await Promise.race([taken, giveUp()]);
  } finally {
    patience.abort();
    await close();
  }
}

async function open(
  link: string,
  ctx: Context,
  options?: { readonly secret: boolean },
): Promise<void> {
  const why = await startBrowser(link, ctx, options);
  if (why !== undefined) {
    throw noBrowser(`no browser could be opened for signing in to the console (${why})`);
  }
}

/** The link is worth a session: it is printed to whoever asks for it alone. */
function noBrowser(why: string): VaultError {
  return new VaultError("process", why, [
    "print the link instead with --stdout; BROWSER names another browser",
  ]);
}
