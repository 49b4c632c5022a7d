import { CompactEncrypt } from "jose/jwe/compact/encrypt";
import { ALGORITHM, ENCRYPTION } from "./jwe.ts";

/** The compact JWE of some text under a passphrase. */
export async function seal(text: string, passphrase: string, p2c: number): Promise<string> {
  return await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION })
    .setKeyManagementParameters({ p2c })
    .encrypt(new TextEncoder().encode(passphrase));
}
