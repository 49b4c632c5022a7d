import { VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import { adviseOnOrigin } from "./refusal_hints.ts";

/** What a header carries of an id or a token. */
const VISIBLE = /^[\x21-\x7e]*$/;

/**
 * Keys that a request can be signed with. Throws `VaultError("credentials")` for those of which a
 * part goes into its headers and cannot, such as an id with the line end that was copied with it.
 */
export function checkSigningKeys(keys: Credentials, profile: string): Credentials {
  const { accessKeyId, sessionToken = "" } = keys;
  if (VISIBLE.test(accessKeyId) && VISIBLE.test(sessionToken)) return keys;
  const part = VISIBLE.test(accessKeyId) ? "session token" : "access key id";
  throw new VaultError(
    "credentials",
    `profile ${profile}: the ${part} to sign with has a blank, a line end or a letter that none has`,
    [adviseOnOrigin(profile)],
  );
}
