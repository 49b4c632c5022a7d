import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";

/** Long-term keys as they are given to us. */
export interface NewKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly mfaSerial?: string;
}

const MISSING_TERMINAL = "there is no terminal to ask for the keys on";

/** The keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
export function readEnvironment({ env, note }: Pick<Context, "env" | "note">): NewKeys {
  const read = (name: string): string => {
    const value = trim(env.get(name) ?? "", name, note);
    if (value !== "") return value;
    throw new VaultError("usage", `${name} is not set, and --env takes the keys from there`, [
      "set both variables, or leave out --env to be asked on the terminal",
    ]);
  };
  const accessKeyId = read("AWS_ACCESS_KEY_ID");
  refuseTemporary(accessKeyId);
  return { accessKeyId, secretAccessKey: read("AWS_SECRET_ACCESS_KEY") };
}

/** Asks for keys on the terminal. */
export class KeyQuestions {
  readonly #ctx: Pick<Context, "terminal" | "note">;

  constructor(ctx: Pick<Context, "terminal" | "note">) {
    this.#ctx = ctx;
  }

  async ask({ withMfa }: { withMfa: boolean }): Promise<NewKeys> {
    if (!this.#ctx.terminal.available()) {
      throw new VaultError("prompt", MISSING_TERMINAL, [
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and use --env",
      ]);
    }
    const accessKeyId = await this.#askFor("Access Key ID", false);
    refuseTemporary(accessKeyId);
    const secretAccessKey = await this.#askFor("Secret Access Key", true);
    const mfaSerial = withMfa
      ? await this.#askFor("MFA Device ARN", false, " (If MFA is not enabled, leave this blank)")
      : undefined;
    return { accessKeyId, secretAccessKey, mfaSerial };
  }

  async #askFor(what: string, secret: boolean, remark?: string): Promise<string> {
    const typed = await this.#ctx.terminal.ask(`Enter ${what}${remark ?? ""}: `, { secret });
    const value = trim(typed, `the ${what}`, this.#ctx.note);
    if (value !== "" || remark !== undefined) return value;
    throw new VaultError("usage", `no ${what} was entered; nothing was stored`, [
      "an access key has an id and a secret",
    ]);
  }
}

/** Keys are pasted, with blanks and line ends around them that are no part of any. */
function trim(value: string, what: string, note: (text: string) => void): string {
  const trimmed = value.trim();
  if (trimmed !== value && trimmed !== "") note(`The blanks around ${what} were cut off.`);
  return trimmed;
}

/** What is stored is used for years: keys that end in hours would fail without a word why. */
function refuseTemporary(accessKeyId: string): void {
  if (!/^ASIA/i.test(accessKeyId)) return;
  throw new VaultError(
    "usage",
    `${accessKeyId} is the id of a temporary key, which ends within hours and works with its session token alone; nothing was stored`,
    ["store the long-term key (AKIA…) of an IAM user", "or use the profile it was made from"],
  );
}
