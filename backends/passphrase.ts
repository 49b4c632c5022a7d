import { VaultError } from "../src/errors.ts";
import type { Context } from "../src/types.ts";

/**
 * The passphrase of the `file` backend: AWS_VAULT_FILE_PASSPHRASE, else asked on the terminal;
 * twice with `confirm`, for a slip of the fingers would lock a new keyring for good.
 *
 * Throws `VaultError("passphrase")` where there is no way to ask, or the two differ.
 */
export async function readPassphrase(
  directory: string,
  ctx: Pick<Context, "env" | "terminal">,
  options: { confirm: boolean },
): Promise<string> {
  const given = ctx.env.get("AWS_VAULT_FILE_PASSPHRASE");
  if (given !== undefined) return given;
  if (!ctx.terminal.available()) {
    throw new VaultError(
      "passphrase",
      `the keyring in ${directory} needs its passphrase, and there is no terminal to ask on`,
      ["set AWS_VAULT_FILE_PASSPHRASE, or choose another keyring with --backend"],
    );
  }
  const ask = (message: string) => ctx.terminal.ask(message, { secret: true });
  const passphrase = await ask(`Enter passphrase to unlock ${directory}: `);
  if (options.confirm && await ask("Enter it again, the keyring is new: ") !== passphrase) {
    throw new VaultError("passphrase", "the two passphrases differ; nothing was stored");
  }
  return passphrase;
}
