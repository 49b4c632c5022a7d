import { countOf } from "../../counts.ts";
import { asArgument, describeCause, VaultError } from "../../errors.ts";
import type { Context, Credentials, SecretBackend } from "../../types.ts";
import {
  deleteCommand,
  explainLimit,
  findOrphan,
  isKeyLimit,
  isKnown,
  isMissingKey,
  isRefusal,
  listKeys,
  type RotationCalls,
  whileLate,
} from "./aws.ts";
import { type Journal, readJournal, removeJournal, writeJournal } from "./journal.ts";
import { KeyItem } from "./key_item.ts";
import { removeSessions } from "../sessions.ts";
import { maskKeyId, readStoredKeys } from "../stored_keys.ts";

export interface RotationRequest {
  /** The profile whose stored keys are rotated. */
  readonly profile: string;
  /** The command line that goes on with it: the role or the user that may do so, and no session. */
  readonly again: string;
  /** The profiles whose sessions come from those keys. */
  readonly dependants: readonly string[];
  readonly backend: SecretBackend;
  readonly calls: RotationCalls;
  readonly ctx: Pick<Context, "clock" | "out" | "note" | "debug">;
}

/**
 * Replaces a profile's long-term keys by new ones. At every moment the keyring holds a key that
 * works; what is interrupted, by a fault or a kill, is finished or undone by the next call.
 */
export class Rotation {
  readonly #profile: string;
  readonly #request: RotationRequest;
  readonly #backend: SecretBackend;
  readonly #item: KeyItem;
  readonly #calls: RotationCalls;
  readonly #ctx: RotationRequest["ctx"];

  constructor(request: RotationRequest) {
    this.#request = request;
    this.#profile = request.profile;
    this.#backend = request.backend;
    this.#item = new KeyItem(request.backend, request.profile, request.ctx);
    this.#calls = request.calls;
    this.#ctx = request.ctx;
  }

  async run(): Promise<void> {
    if (await this.#resume()) return;
    const old = await readStoredKeys(this.#backend, this.#profile);
    if (old === undefined) throw this.#nothingStored();
    this.#ctx.out("Creating a new access key\n");
    await this.#calls.prepare(old);
    const journal = await this.#makeKey(old);
    if (!await this.#proves(journal.newKey)) {
      throw await this.#undo(journal.newKey, old, "AWS does not know it after 20 seconds");
    }
    await this.#store(journal.newKey, old);
    await this.#finish(journal);
  }

  /** Finishes what an earlier call left (true), or undoes it, or there was nothing (false). */
  async #resume(): Promise<boolean> {
    const journal = await readJournal(this.#backend, this.#profile);
    if (journal === undefined) return false;
    this.#ctx.note(`An earlier rotation of ${this.#profile} was interrupted.`);
    const stored = await this.#item.read();
    if (hasNewKey(journal)) return await this.#resumeWithKey(journal, stored);
    if (stored !== undefined) await this.#deleteOrphan(journal, stored);
    await this.#removeJournal();
    return false;
  }

  async #resumeWithKey(journal: FullJournal, stored: Credentials | undefined): Promise<boolean> {
    const { newKey, oldKeyId } = journal;
    const isReplaced = stored !== undefined &&
      stored.accessKeyId !== oldKeyId && stored.accessKeyId !== newKey.accessKeyId;
    if (!isReplaced && await this.#proves(newKey)) {
      if (stored?.accessKeyId !== newKey.accessKeyId) await this.#store(newKey, stored);
      await this.#finish(journal);
      this.#ctx.note("That one is finished now; there was no other.");
      return true;
    }
    if (stored === undefined || stored.accessKeyId === newKey.accessKeyId) {
      throw this.#nothingStored(newKey);
    }
    await this.#calls.prepare(stored);
    await this.#delete(newKey.accessKeyId, stored);
    await this.#removeJournal();
    this.#ctx.note(`Its new key ${maskKeyId(newKey.accessKeyId)} is deleted; beginning anew.`);
    return false;
  }

  async #makeKey(old: Credentials): Promise<FullJournal> {
    const begun = {
      profile: this.#profile,
      oldKeyId: old.accessKeyId,
      beganAtMs: this.#ctx.clock.now(),
    };
    try {
      await writeJournal(this.#backend, begun);
    } catch (error) {
      throw withHint(error, "no new key was made; the old one is stored and works as before");
    }
    const newKey = await this.#createKey(old);
    this.#ctx.out(`Created new access key ${maskKeyId(newKey.accessKeyId)}\n`);
    const journal = { ...begun, newKey };
    try {
      await writeJournal(this.#backend, journal);
    } catch (error) {
      throw await this.#undo(newKey, old, error);
    }
    return journal;
  }

  async #createKey(old: Credentials): Promise<Credentials> {
    try {
      return await this.#calls.createKey(old);
    } catch (error) {
      if (!isRefusal(error)) {
        throw withHint(error, `perhaps AWS made a key: ${this.#request.again} looks for it`);
      }
      await this.#removeJournal();
      if (!isKeyLimit(error)) throw error;
      const listed = await listKeys(old, this.#calls, this.#ctx).catch(() => undefined);
      throw explainLimit(error, this.#profile, old, listed);
    }
  }

  /** Whether the new key works; nothing is stored before it does. */
  async #proves(newKey: Credentials): Promise<boolean> {
    try {
      return await isKnown(newKey, this.#calls, this.#ctx);
    } catch (error) {
      throw withHint(
        error,
        `what is stored is as it was; ${this.#request.again} goes on from here`,
      );
    }
  }

  /** Puts the new key in the old one's place and reads it back; else the old one is put back. */
  async #store(newKey: Credentials, old: Credentials | undefined): Promise<void> {
    try {
      await this.#item.write(newKey);
    } catch (error) {
      throw await this.#undo(newKey, old, error);
    }
  }

  /** What is left once the new key is stored: all of it can be done again. */
  async #finish(journal: FullJournal): Promise<void> {
    const { newKey, oldKeyId } = journal;
    await this.#calls.prepare(newKey);
    await this.#dropSessions();
    this.#ctx.out(`Deleting old access key ${maskKeyId(oldKeyId)}\n`);
    try {
      await this.#delete(oldKeyId, newKey);
    } catch (error) {
      const why = describeCause(error);
      throw new VaultError(
        "aws",
        `the new key is stored and works; the old one, ${oldKeyId}, could not be deleted: ${why}`,
        [
          ...hintsOf(error),
          `${this.#request.again} tries that again, and then is done`,
          "a key that must not be used meanwhile can be made inactive in the IAM console",
        ],
        error,
      );
    }
    this.#ctx.out(`Deleted old access key ${maskKeyId(oldKeyId)}\n`);
    await this.#removeJournal();
    this.#ctx.out("Finished rotating access key\n");
  }

  async #dropSessions(): Promise<void> {
    try {
      const removed = await removeSessions(this.#backend, this.#request.dependants);
      if (removed > 0) {
        this.#ctx.out(`Deleted ${countOf(removed, "session")} made with the old key\n`);
      }
    } catch (error) {
      this.#ctx.note(
        `aws-vault: warning: sessions made with the old key are still kept: ${
          describeCause(error)
        }\n  until they are gone they are handed out: aws-vault clear ${asArgument(this.#profile)}`,
      );
    }
  }

  /** A key that is not there any more is deleted. */
  async #delete(id: string, keys: Credentials): Promise<void> {
    try {
      await whileLate(this.#ctx, () => this.#calls.deleteKey(id, keys));
    } catch (error) {
      if (!isMissingKey(error)) throw error;
    }
  }

  /**
   * Takes a new key back that could not be put to use; the error says what came of it. It is
   * deleted only once the old one is known to be stored.
   */
  async #undo(
    newKey: Credentials,
    old: Credentials | undefined,
    cause: unknown,
  ): Promise<VaultError> {
    const why = `the new key could not be put to use: ${describeCause(cause)}`;
    const hints = hintsOf(cause);
    if (old === undefined || !await this.#item.ensure(old)) {
      return await this.#rescue(newKey, why, hints);
    }
    try {
      await this.#calls.prepare(old);
      await this.#delete(newKey.accessKeyId, old);
    } catch (error) {
      return new VaultError(
        "backend",
        `${why}; nor could it be deleted again: ${describeCause(error)}`,
        [
          "the old key is stored and works as before",
          ...hints,
          ...hintsOf(error),
          `the new one, ${newKey.accessKeyId}, is not needed: ${this.#request.again} goes on from here,`,
          `or delete it with: ${deleteCommand(this.#profile, newKey.accessKeyId)}`,
        ],
        cause,
      );
    }
    await this.#removeJournal();
    return new VaultError("backend", `${why}; it was deleted again`, [
      "the old key is stored and works as before",
      ...hints,
    ], cause);
  }

  /** The keyring has lost the old key: the new one must not be lost too. */
  async #rescue(
    newKey: Credentials,
    why: string,
    hints: readonly string[],
  ): Promise<VaultError> {
    const journal = await readJournal(this.#backend, this.#profile).catch(() => undefined);
    if (journal?.newKey?.accessKeyId !== newKey.accessKeyId) {
      this.#ctx.note(
        "The keyring took neither the new key nor the old one. This is shown once, keep it safe:\n" +
          `  access key id      ${newKey.accessKeyId}\n` +
          `  secret access key  ${newKey.secretAccessKey}\n` +
          `Once the keyring can be written, store it with: aws-vault add ${
            asArgument(this.#profile)
          }`,
      );
    }
    return new VaultError("backend", `${why}; both keys still work, none was deleted`, [
      ...hints,
      `once the keyring can be written: ${this.#request.again}`,
    ]);
  }

  /** Deletes the key an interrupted call made without our getting to know its secret. */
  async #deleteOrphan(journal: Journal, stored: Credentials): Promise<void> {
    await this.#calls.prepare(stored);
    const keys = await listKeys(stored, this.#calls, this.#ctx);
    const orphan = findOrphan(keys ?? [], stored.accessKeyId, journal.beganAtMs);
    if (orphan === undefined) return;
    await this.#delete(orphan.id, stored);
    this.#ctx.note(`Its new key ${maskKeyId(orphan.id)}, never used, is deleted.`);
  }

  /** Where it stays, the next call finds nothing left to do and removes it. */
  async #removeJournal(): Promise<void> {
    try {
      await removeJournal(this.#backend, this.#profile);
    } catch (error) {
      this.#ctx.debug(`the rotation's journal stays for now: ${describeCause(error)}`);
    }
  }

  #nothingStored(dead?: Credentials): VaultError {
    const tail = dead && `, and AWS does not know ${dead.accessKeyId}`;
    return new VaultError(
      "credentials",
      `the keyring has no working keys for profile ${this.#profile}${tail ?? ""}`,
      [`make keys in the IAM console and store them with: aws-vault add ${
        asArgument(this.#profile)
      }`],
    );
  }
}

type FullJournal = Journal & { readonly oldKeyId: string; readonly newKey: Credentials };

function hasNewKey(journal: Journal): journal is FullJournal {
  return journal.oldKeyId !== undefined && journal.newKey !== undefined;
}

function hintsOf(error: unknown): readonly string[] {
  return error instanceof VaultError ? error.hints : [];
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof VaultError)) return error;
  return new VaultError(error.code, error.message, [...error.hints, hint], error);
}
