import { MFA_CODE, type Setting } from "../config/profile.ts";
import { shorten, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import type { MfaRequest } from "./steps.ts";

const MAX_TRIES = 3;

/** The codes of this run: each MFA device is asked once, whoever needs its code. */
export class MfaCodes {
  readonly #ctx: Context;
  readonly #codes = new Map<string, Promise<string>>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** The six digits for a serial: from `--mfa-token`, `mfa_process` or the prompt driver. */
  code(request: MfaRequest): Promise<string> {
    const known = this.#codes.get(request.serial);
    if (known !== undefined) return known;
    const code = this.#find(request);
    this.#codes.set(request.serial, code);
    return code;
  }

  /** A code AWS refused is not offered again; true when the user can be asked for another. */
  refuse(request: MfaRequest): boolean {
    this.#codes.delete(request.serial);
    return request.token === undefined && request.process === undefined;
  }

  async #find(request: MfaRequest): Promise<string> {
    if (request.token !== undefined) return request.token; // looked at as it was read
    if (request.process !== undefined) return await this.#runProcess(request.process);
    return await this.#ask(request.serial);
  }

  async #runProcess(command: Setting): Promise<string> {
    const { describeCommand, runShell } = await import("./shell.ts");
    const printed = (await runShell(command, this.#ctx)).trim();
    if (MFA_CODE.test(printed)) return printed;
    throw new VaultError("process", `${describeCommand(command)} printed no six-digit code`, [
      "it has to print the code and nothing else on its standard output",
    ]);
  }

  async #ask(serial: string): Promise<string> {
    const driver = await this.#ctx.prompt();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await driver.ask(`Enter MFA code for ${shorten(serial)}: `, {
        secret: false,
        serial,
      });
      const code = answer.trim();
      if (MFA_CODE.test(code)) return code;
      this.#ctx.tell("An MFA code is six digits.");
    }
    throw new VaultError("prompt", `no six-digit MFA code for ${serial} was given`);
  }
}
