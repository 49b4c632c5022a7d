import { VaultError, WrongPassphraseError } from "../../src/errors.ts";
import type { Context, Env } from "../../src/types.ts";
import type { PassphraseRequest } from "./unlock.ts";

const VARIABLE = "AWS_VAULT_FILE_PASSPHRASE";

/** Whether the environment says it, so that nobody is asked. */
export function hasPassphrase(env: Env): boolean {
  return env.get(VARIABLE) !== undefined;
}

type PassphraseContext = Pick<Context, "env" | "terminal" | "note">;

/**
 * The passphrase of the `file` backend: AWS_VAULT_FILE_PASSPHRASE, else asked on the terminal;
 * twice for a new keyring, until both are alike.
 *
 * Throws `VaultError("passphrase")` where there is no way to ask, and `WrongPassphraseError` where
 * the variable's was refused: it will be no other the next time.
 */
export async function readPassphrase(
  directory: string,
  ctx: PassphraseContext,
  { isNew, refused }: PassphraseRequest,
): Promise<string> {
  const given = ctx.env.get(VARIABLE);
  if (given !== undefined && refused === undefined) return given;
  if (given !== undefined) {
    throw new WrongPassphraseError(`wrong passphrase: it does not open ${refused}`, [
      `check ${VARIABLE}, or unset it to be asked`,
    ]);
  }
  if (!ctx.terminal.available()) {
    throw new VaultError(
      "passphrase",
      `the keyring in ${directory} needs its passphrase, and there is no terminal to ask on`,
      [`set ${VARIABLE}, or choose another keyring with --backend`],
    );
  }
  if (isNew) return await choosePassphrase(directory, ctx);
  if (refused !== undefined) ctx.note(`Wrong passphrase: it does not open ${refused}. Try again.`);
  return await ctx.terminal.ask(`Enter passphrase to unlock ${directory}: `, { secret: true });
}

/** A slip of the fingers would lock a new keyring for good. */
async function choosePassphrase(directory: string, ctx: PassphraseContext): Promise<string> {
  const ask = (message: string) => ctx.terminal.ask(message, { secret: true });
  for (;;) {
    const chosen = await ask(`Please choose a passphrase for the new keyring ${directory}: `);
    if (chosen === "") ctx.note("An empty passphrase protects nothing.");
    else if (await ask("Enter it again: ") === chosen) return chosen;
    else ctx.note("The two passphrases differ; nothing is lost, once more from the first.");
  }
}
