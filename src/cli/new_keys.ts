import { BackendError, VaultError } from "../errors.ts";
import type { Context, SecretBackend } from "../types.ts";

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
  const fault = findFault(accessKeyId, KEY_ID);
  if (fault !== undefined) {
    throw new VaultError("usage", `AWS_ACCESS_KEY_ID: ${fault}; nothing was stored`, [
      "see that the two variables are not mixed up",
    ]);
  }
  refuseTemporary(accessKeyId);
  const secretAccessKey = read("AWS_SECRET_ACCESS_KEY");
  if (!/\p{Cc}/u.test(secretAccessKey)) return { accessKeyId, secretAccessKey };
  throw new VaultError(
    "usage",
    "AWS_SECRET_ACCESS_KEY has a line end or another control character in it; nothing was stored",
    ["see that the variable holds the secret access key alone"],
  );
}

/** What AWS takes, by its API references of IAM (AccessKeyId) and STS (SerialNumber). */
interface Shape {
  readonly name: string;
  readonly allowed: RegExp;
  readonly allowedInWords: string;
  readonly least: number;
  readonly most: number;
}

const KEY_ID: Shape = {
  name: "an access key id",
  allowed: /^\w*$/,
  allowedInWords: "letters and digits alone",
  least: 16,
  most: 128,
};
const MFA_SERIAL: Shape = {
  name: "an MFA device's ARN or serial number",
  allowed: /^[\w+=/:,.@-]*$/,
  allowedInWords: "letters, digits and +=/:,.@- alone",
  least: 9,
  most: 256,
};

/** What is wrong, but not with what: it may be the secret, given in the wrong place. */
function findFault(value: string, { name, allowed, allowedInWords }: Shape): string | undefined {
  return allowed.test(value) ? undefined : `${name} has ${allowedInWords}, and this has others`;
}

/** Tells of what is stored and AWS will refuse. Stand-ins of AWS take it: so it is no error. */
export function tellOfLengths(keys: NewKeys, note: (text: string) => void): void {
  const given = [[keys.accessKeyId, KEY_ID], [keys.mfaSerial, MFA_SERIAL]] as const;
  for (const [value, { name, least, most }] of given) {
    if (!value || (value.length >= least && value.length <= most)) continue;
    note(
      `aws-vault: warning: ${name} has ${least} to ${most} characters, and this one ` +
        `${value.length}: AWS will refuse it`,
    );
  }
}

const MAX_ANSWERS = 3;

/** Asks for keys on the terminal. */
export class KeyQuestions {
  readonly #ctx: Pick<Context, "terminal" | "note">;

  constructor(ctx: Pick<Context, "terminal" | "note">) {
    this.#ctx = ctx;
  }

  /** @param backend where they will be stored: one that cannot be written to is told first, or unlocked */
  async ask(
    { withMfa, backend }: { withMfa: boolean; backend: SecretBackend },
  ): Promise<NewKeys> {
    if (!this.#ctx.terminal.available()) {
      throw new VaultError("prompt", MISSING_TERMINAL, [
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and use --env",
      ]);
    }
    await backend.checkWritable?.("keys");
    // Who has forgotten the passphrase of a keyring has typed nothing in vain.
    if ((await backend.keys()).length > 0) await backend.unlock?.("keys");
    const accessKeyId = await this.#askUntil(KEY_ID, () => this.#askFor("Access Key ID"));
    refuseTemporary(accessKeyId);
    const secretAccessKey = await this.#askFor("Secret Access Key", { secret: true });
    const askSerial = () =>
      this.#askFor("MFA Device ARN", { remark: " (If MFA is not enabled, leave this blank)" });
    const mfaSerial = withMfa ? await this.#askUntil(MFA_SERIAL, askSerial) : undefined;
    return { accessKeyId, secretAccessKey, mfaSerial };
  }

  /** Who mistypes the last answer need not type the first ones again. */
  async #askUntil(shape: Shape, ask: () => Promise<string>): Promise<string> {
    for (let answers = 1;; answers++) {
      const value = await ask();
      const fault = findFault(value, shape);
      if (fault === undefined) return value;
      if (answers === MAX_ANSWERS) throw new VaultError("usage", `${fault}; nothing was stored`);
      this.#ctx.note(`${fault[0]!.toUpperCase()}${fault.slice(1)}.`);
    }
  }

  async #askFor(
    what: string,
    { secret = false, remark }: { secret?: boolean; remark?: string } = {},
  ): Promise<string> {
    const typed = await this.#ctx.terminal.ask(`Enter ${what}${remark ?? ""}: `, { secret });
    const value = trim(typed, `the ${what}`, this.#ctx.note);
    if (value !== "" || remark !== undefined) return value;
    throw new VaultError("usage", `no ${what} was entered; nothing was stored`, [
      "an access key has an id and a secret",
    ]);
  }
}

/**
 * Stores what was typed. Where the keyring does not take it, that is told, and it is kept until the
 * keyring does, or the person gives up by Ctrl-C.
 */
export async function storeTyped<T>(
  { terminal, note }: Pick<Context, "terminal" | "note">,
  store: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await store();
    } catch (error) {
      const isHeldUp = error instanceof VaultError && error.code === "process"; // by a rotation
      if (!isHeldUp && !(error instanceof BackendError)) throw error;
      note([`aws-vault: warning: ${error.message}`, ...error.hints].join("\n  "));
      await terminal.ask("Press Enter to try again, or Ctrl-C to give up what you typed: ", {
        secret: false,
      });
    }
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
