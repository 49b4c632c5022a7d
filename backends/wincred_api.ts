import { BackendError } from "../src/errors.ts";

/** A generic credential of the Credential Manager. */
export interface Credential {
  /** Its name; looked up without regard to case, and kept as it was given. */
  readonly target: string;
  /** 513 characters at most; empty for none. */
  readonly user: string;
  /** 2,560 bytes at most. */
  readonly blob: Uint8Array;
  /** Of one that is kept: when it was written last, in milliseconds since the epoch. */
  readonly writtenMs?: number;
}

/** What the Credential Manager of the signed-in user does; its failures are `BackendError`s. */
export interface CredentialManager {
  read(target: string): Credential | undefined;
  /** False where a credential cannot have that name. */
  write(credential: Credential): boolean;
  /** False where there is none. */
  remove(target: string): boolean;
  /** Those whose target begins so. */
  list(prefix: string): Credential[];
}

/** `CREDENTIALW` of wincred.h on 64 bits, with its fields that are used here. */
const SIZE = 80;
const TYPE = 4;
const TARGET = 8;
const WRITTEN = 24;
const BLOB_SIZE = 32;
const BLOB = 40;
const PERSIST = 48;
const USER = 72;

/** A `FILETIME` counts 100 nanoseconds since 1601. */
const TICKS_PER_MS = 10_000n;
const EPOCH_MS = -11_644_473_600_000;

const CRED_TYPE_GENERIC = 1;
/** For this user at this machine, as the Go tool keeps them. */
const CRED_PERSIST_LOCAL_MACHINE = 2;

/** Memory that is zero at first. */
const LPTR = 0x40;

/**
 * Opens it by advapi32. What Windows answers lies at addresses; it is copied out by a function of
 * kernel32, for Deno's own view of memory would take permission to call any library.
 */
export function openCredentialManager(systemRoot: string): CredentialManager {
  try {
    return new WindowsCredentialManager(systemRoot);
  } catch (error) {
    throw new BackendError(
      "wincred",
      `the Credential Manager cannot be reached: ${error instanceof Error ? error.message : error}`,
      ["it is a part of Windows alone; --backend file works everywhere"],
      error,
    );
  }
}

class WindowsCredentialManager implements CredentialManager {
  readonly #store: ReturnType<typeof openStore>;
  readonly #memory: ReturnType<typeof openMemory>;

  constructor(systemRoot: string) {
    this.#store = openStore(`${systemRoot}\\System32\\advapi32.dll`);
    this.#memory = openMemory(`${systemRoot}\\System32\\kernel32.dll`);
    this.#memory.GetLastError(); // compiled now: later nothing may come before it
  }

  read(target: string): Credential | undefined {
    const address = new BigUint64Array(1);
    if (this.#store.CredReadW(toWide(target), CRED_TYPE_GENERIC, 0, address) === 0) {
      return void this.#acceptAbsence("read");
    }
    try {
      return this.#copy(address[0]!);
    } finally {
      this.#store.CredFree(address[0]!);
    }
  }

  write({ target, user, blob }: Credential): boolean {
    const [name, userName] = [toWide(target), user === "" ? new Uint8Array() : toWide(user)];
    const data = this.#memory.LocalAlloc(LPTR, BigInt(name.length + userName.length + blob.length));
    const struct = new DataView(new ArrayBuffer(SIZE));
    struct.setUint32(TYPE, CRED_TYPE_GENERIC, true);
    struct.setUint32(BLOB_SIZE, blob.length, true);
    struct.setUint32(PERSIST, CRED_PERSIST_LOCAL_MACHINE, true);
    let end = data;
    for (const [field, bytes] of [[TARGET, name], [USER, userName], [BLOB, blob]] as const) {
      if (bytes.length === 0) continue;
      this.#memory.copyIn(end, bytes.slice(), BigInt(bytes.length));
      struct.setBigUint64(field, end, true);
      end += BigInt(bytes.length);
    }
    try {
      const written = this.#store.CredWriteW(new Uint8Array(struct.buffer), 0) !== 0;
      return written || this.#acceptAbsence("written");
    } finally {
      this.#memory.copyIn(data, new Uint8Array(Number(end - data)), end - data); // no secret is left
      this.#memory.LocalFree(data);
    }
  }

  remove(target: string): boolean {
    return this.#store.CredDeleteW(toWide(target), CRED_TYPE_GENERIC, 0) !== 0 ||
      this.#acceptAbsence("removed");
  }

  list(prefix: string): Credential[] {
    const [count, address] = [new Uint32Array(1), new BigUint64Array(1)];
    if (this.#store.CredEnumerateW(toWide(`${prefix}*`), 0, count, address) === 0) {
      this.#acceptAbsence("listed");
      return [];
    }
    try {
      const addresses = new BigUint64Array(this.#bytes(address[0]!, count[0]! * 8).buffer);
      return Array.from(addresses, (each) => this.#copy(each)).filter((found) =>
        found !== undefined
      );
    } finally {
      this.#store.CredFree(address[0]!);
    }
  }

  /** Undefined for one of another type. */
  #copy(address: bigint): Credential | undefined {
    const struct = new DataView(this.#bytes(address, SIZE).buffer);
    if (struct.getUint32(TYPE, true) !== CRED_TYPE_GENERIC) return undefined;
    return {
      target: this.#text(struct.getBigUint64(TARGET, true)),
      user: this.#text(struct.getBigUint64(USER, true)),
      blob: this.#bytes(struct.getBigUint64(BLOB, true), struct.getUint32(BLOB_SIZE, true)),
      writtenMs: Number(struct.getBigUint64(WRITTEN, true) / TICKS_PER_MS) + EPOCH_MS,
    };
  }

  #text(address: bigint): string {
    if (address === 0n) return "";
    const bytes = this.#bytes(address, this.#memory.lstrlenW(address) * 2);
    return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(bytes);
  }

  #bytes(address: bigint, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    if (length > 0) this.#memory.copyOut(bytes, address, BigInt(length));
    return bytes;
  }

  /** False where the last call found nothing; throws for any other failure of it. */
  #acceptAbsence(doing: string): false {
    const code = this.#memory.GetLastError();
    if (code === ERROR_NOT_FOUND) return false;
    const known = FAULTS[code];
    const why = known?.why ?? "Windows refused it";
    throw new BackendError(
      "wincred",
      `the Credential Manager could not be ${doing}: ${why} (error ${code})`,
      [known?.hint ?? "see what `cmdkey /list` says of it, or use --backend file"],
    );
  }
}

const ERROR_NOT_FOUND = 1168;

const FAULTS: Readonly<Record<number, { readonly why: string; readonly hint: string }>> = {
  5: { why: "access is denied", hint: "sign in as its user, or use --backend file" },
  8: { why: "there is no memory or room left for it", hint: "remove credentials with `cmdkey`" },
  1312: {
    why: "this logon has none, as over ssh and in scheduled tasks",
    hint: "sign in at the machine or by remote desktop, or use --backend file",
  },
};

function openStore(path: string) {
  return Deno.dlopen(path, {
    CredReadW: { parameters: ["buffer", "u32", "u32", "buffer"], result: "i32" },
    CredWriteW: { parameters: ["buffer", "u32"], result: "i32" },
    CredDeleteW: { parameters: ["buffer", "u32", "u32"], result: "i32" },
    CredEnumerateW: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" },
    CredFree: { parameters: ["usize"], result: "void" },
  }).symbols;
}

function openMemory(path: string) {
  return Deno.dlopen(path, {
    GetLastError: { parameters: [], result: "u32" },
    LocalAlloc: { parameters: ["u32", "usize"], result: "usize" },
    LocalFree: { parameters: ["usize"], result: "usize" },
    lstrlenW: { parameters: ["usize"], result: "i32" },
    copyIn: {
      name: "RtlMoveMemory",
      parameters: ["usize", "buffer", "usize"],
      result: "void",
    },
    copyOut: {
      name: "RtlMoveMemory",
      parameters: ["buffer", "usize", "usize"],
      result: "void",
    },
  }).symbols;
}

/** UTF-16 with a NUL at its end. */
function toWide(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from({ length: text.length + 1 }, (_, at) => text.charCodeAt(at)); // NaN is 0
  return new Uint8Array(units.buffer);
}
