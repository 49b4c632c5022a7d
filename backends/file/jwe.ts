import { BackendError } from "../../src/errors.ts";
import { MAX_ROUNDS, MIN_ROUNDS } from "../settings.ts";

/** PBKDF2 rounds: what the Go tool writes. */
export const DEFAULT_P2C = MIN_ROUNDS;
/** Rounds that are read; more would only hang the reader. */
export const MAX_P2C = MAX_ROUNDS;

const ALGORITHM = "PBES2-HS256+A128KW";
const ENCRYPTION = "A256GCM";

/** The compact JWE of some text under a passphrase. */
export async function seal(text: string, passphrase: string, p2c: number): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const members = { alg: ALGORITHM, enc: ENCRYPTION, p2c, p2s: encode(salt) };
  const header = encode(toBytes(JSON.stringify(members)));
  const wrapping = await deriveWrapping(passphrase, salt, p2c, "wrapKey");
  const content = await crypto.subtle.generateKey(CONTENT, true, ["encrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", content, wrapping, WRAPPING.name);
  const sealed = await crypto.subtle.encrypt(gcm(iv, header), content, toBytes(text));
  const parts = [wrapped, iv, sealed.slice(0, -TAG_BYTES), sealed.slice(-TAG_BYTES)];
  return [header, ...parts.map((part) => encode(new Uint8Array(part)))].join(".");
}

/** Items that have been opened before, for whoever opens the same ones again and again. */
export type OpenedItems = Map<string, string>;

const MOST_OPENED = 500;

/**
 * The text of a compact JWE; `undefined` when the passphrase does not open it.
 *
 * Throws `BackendError` for what is no JWE of ours, whatever the passphrase.
 */
export async function open(
  jwe: string,
  passphrase: string,
  path: string,
  opened?: OpenedItems,
): Promise<string | undefined> {
  const key = `${passphrase}\0${jwe}`;
  const known = opened?.get(key);
  if (known !== undefined) return known;
  const text = await decrypt(jwe, passphrase, path);
  if (text === undefined || opened === undefined) return text;
  if (opened.size >= MOST_OPENED) opened.clear();
  opened.set(key, text);
  return text;
}

async function decrypt(
  jwe: string,
  passphrase: string,
  path: string,
): Promise<string | undefined> {
  const { header, p2c, salt, wrapped, iv, sealed } = parse(jwe, path);
  const wrapping = await deriveWrapping(passphrase, salt, p2c, "unwrapKey");
  const { subtle } = crypto;
  try {
    const content = await subtle.unwrapKey(
      "raw",
      wrapped,
      wrapping,
      WRAPPING.name,
      CONTENT,
      false,
      [
        "decrypt",
      ],
    );
    return new TextDecoder().decode(await subtle.decrypt(gcm(iv, header), content, sealed));
  } catch {
    return undefined; // both steps prove the passphrase, and one that fails tells no more than that
  }
}

interface Parts {
  /** As it stands in the file: it is authenticated with the content. */
  readonly header: string;
  readonly p2c: number;
  readonly salt: Bytes;
  readonly wrapped: Bytes;
  readonly iv: Bytes;
  /** The ciphertext, and its tag behind it, as WebCrypto has them. */
  readonly sealed: Bytes;
}

type Bytes = Uint8Array<ArrayBuffer>;

function parse(jwe: string, path: string): Parts {
  const [header = "", ...rest] = jwe.split(".");
  try {
    const { alg, enc, p2c, p2s, ...others } = JSON.parse(new TextDecoder().decode(decode(header)));
    const [salt, wrapped, iv, text, tag] = [p2s, ...rest].map(decode) as Parts["salt"][];
    const isOurs = rest.length === 4 && alg === ALGORITHM && enc === ENCRYPTION &&
      Number.isSafeInteger(p2c) && p2c > 0 && salt!.length >= MIN_SALT_BYTES &&
      iv!.length === IV_BYTES && tag!.length === TAG_BYTES;
    // `crit` names what a reader must know, and `zip` would have to be obeyed.
    if (!isOurs || "crit" in others || "zip" in others) throw damaged(path);
    if (p2c > MAX_P2C) throw tooManyRounds(path);
    const sealed = new Uint8Array([...text!, ...tag!]);
    return { header, p2c, salt: salt!, wrapped: wrapped!, iv: iv!, sealed };
  } catch (error) {
    throw error instanceof BackendError ? error : damaged(path);
  }
}

/** The key that wraps the content's (RFC 7518, section 4.8): the salt is led by the algorithm. */
async function deriveWrapping(
  passphrase: string,
  p2s: Bytes,
  iterations: number,
  usage: "wrapKey" | "unwrapKey",
): Promise<CryptoKey> {
  const { subtle } = crypto;
  const base = await subtle.importKey("raw", toBytes(passphrase), "PBKDF2", false, ["deriveKey"]);
  const salt = new Uint8Array([...toBytes(ALGORITHM), 0, ...p2s]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return await subtle.deriveKey(way, base, WRAPPING, false, [usage]);
}

const WRAPPING = { name: "AES-KW", length: 128 };
const CONTENT = { name: "AES-GCM", length: 256 };
const SALT_BYTES = 16;
/** RFC 7518, section 4.8.1.1. */
const MIN_SALT_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;

function gcm(iv: Bytes, header: string): AesGcmParams {
  return { name: CONTENT.name, iv, additionalData: toBytes(header) };
}

function toBytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function encode(bytes: Bytes): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decode(text: string): Bytes {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function tooManyRounds(path: string): BackendError {
  return new BackendError("file", `${path} asks for more than ${MAX_P2C} rounds of PBKDF2 (p2c)`, [
    "no version of the tool writes that: the file is damaged, or somebody tampered with it",
    "put it back from a backup, or store it anew, which replaces it",
  ]);
}

function damaged(path: string): BackendError {
  return new BackendError("file", `${path} is damaged: it is no encrypted item`, [
    "put it back from a backup, or store it anew, which replaces it",
  ]);
}
