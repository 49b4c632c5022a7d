/** Counts where AWS draws lots, so that every run of a test sees the same names and secrets. */
export class IdSource {
  #count = 0;

  #next(width: number): string {
    this.#count++;
    return String(this.#count).padStart(width, "0");
  }

  /** Twenty characters, as AWS's: `AKIA` for long-term keys, `ASIA` for temporary ones. */
  accessKeyId(prefix: "AKIA" | "ASIA"): string {
    return `${prefix}FAKE${this.#next(12)}`;
  }

  /** Forty characters, with the two that tempt people to forget percent-encoding. */
  secretAccessKey(): string {
    return `fake/secret+access/key/${this.#next(17)}`;
  }

  /** As long as the short ones of AWS are, for keyrings and environments that mind length. */
  sessionToken(): string {
    return `${`FakeSessionToken/${this.#next(12)}+`.padEnd(350, "x")}==`;
  }

  uniqueId(prefix: "AIDA" | "AROA"): string {
    return `${prefix}FAKE${this.#next(12)}`;
  }

  requestId(): string {
    return `00000000-0000-4000-8000-${this.#next(12)}`;
  }

  /** An opaque name for anything else: client ids, device codes, bearer tokens. */
  opaque(kind: string): string {
    return `fake-${kind}-${this.#next(12)}`;
  }

  /** What a person reads off one screen and compares with another: `FAKE-0007`. */
  userCode(): string {
    return `FAKE-${this.#next(4)}`;
  }

  /** Thirty-two base32 characters, as CreateVirtualMFADevice hands out. */
  mfaSecret(): string {
    const digits = this.#next(32).replace(/[01]/g, (digit) => digit === "0" ? "A" : "B");
    return digits.replace(/[89]/g, (digit) => digit === "8" ? "C" : "D");
  }
}
