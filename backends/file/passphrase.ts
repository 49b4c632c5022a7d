import { VaultError, WrongPassphraseError } from "../../src/errors.ts";
import type { Context, Env } from "../../src/types.ts";
import type { PassphraseRequest } from "./unlock.ts";

const VARIABLE = "AWS_VAULT_FILE_PASSPHRASE";
const NEW_VARIABLE = "AWS_VAULT_FILE_NEW_PASSPHRASE";

/** Whether the environment says it, so that nobody is asked. */
export function hasPassphrase(env: Env): boolean {
  return env.get(VARIABLE) !== undefined;
}

type PassphraseContext = Pick<Context, "env" | "terminal" | "tell" | "passphrases" | "platform">;

/**
 * The passphrase of the `file` backend: AWS_VAULT_FILE_PASSPHRASE, else the one that is
 * held for us, else asked on the terminal; twice for a new keyring, until both are alike.
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
  if (refused === undefined) {
    const held = await ctx.passphrases?.find(directory);
    if (held !== undefined) return held;
  } else await ctx.passphrases?.forget(directory);
  if (!ctx.terminal.available()) {
    throw new VaultError(
      "passphrase",
      `the keyring in ${directory} needs its passphrase, and there is no terminal to ask on`,
      await ctx.passphrases?.isLocked?.() ? [UNLOCK_HINT] : hintsAtPassphrase(ctx),
    );
  }
  if (isNew) {
    return await choosePassphrase(
      `Please choose a passphrase for the new keyring ${directory}: `,
      ctx,
    );
  }
  if (refused !== undefined) ctx.tell(`Wrong passphrase: it does not open ${refused}. Try again.`);
  return await ctx.terminal.ask(`Enter passphrase to unlock ${directory}: `, { secret: true });
}

const UNLOCK_HINT =
  "the agent is locked, as it is after an hour unused or a machine's sleep; unlock it in a terminal: " +
  "aws-vault agent start";

function hintsAtPassphrase({ platform }: PassphraseContext): string[] {
  return [
    `set ${VARIABLE}, or choose another keyring with --backend;`,
    platform === "windows"
      ? "programs that aws-vault has started itself are never given that variable"
      : "programs that aws-vault has started itself never get it: for them, aws-vault agent start",
  ];
}

/**
 * The passphrase that a keyring is to have from now on, where AWS_VAULT_FILE_NEW_PASSPHRASE says it.
 *
 * Throws `VaultError("passphrase")` for an empty one.
 */
export function readGivenPassphrase(env: Env): string | undefined {
  const given = env.get(NEW_VARIABLE);
  if (given !== "") return given;
  throw new VaultError("passphrase", `${NEW_VARIABLE} is empty, and would protect nothing`, [
    "set it, or unset it to be asked",
  ]);
}

/** Asks for it, twice, on the terminal. */
export async function askNewPassphrase(directory: string, ctx: PassphraseContext): Promise<string> {
  if (ctx.terminal.available()) {
    return await choosePassphrase(`Please choose the new passphrase for ${directory}: `, ctx);
  }
  throw new VaultError("passphrase", "there is no terminal to ask for the new passphrase on", [
    `set ${NEW_VARIABLE}`,
  ]);
}

/** A slip of the fingers would lock a keyring for good. */
async function choosePassphrase(question: string, ctx: PassphraseContext): Promise<string> {
  const ask = (message: string) => ctx.terminal.ask(message, { secret: true });
  for (;;) {
    const chosen = await ask(question);
    if (chosen === "") ctx.tell("An empty passphrase protects nothing.");
    else if (await ask("Enter it again: ") === chosen) return chosen;
    else ctx.tell("The two passphrases differ; nothing is lost, once more from the first.");
  }
}
