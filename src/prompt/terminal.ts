import { VaultError } from "../errors.ts";
import type { Context, PromptDriver } from "../types.ts";
import { nameDevice } from "./device.ts";

/** Asks on the controlling terminal. */
export function createDriver(ctx: Pick<Context, "terminal">): PromptDriver {
  return {
    name: "terminal",
    ask(message, options) {
      if (ctx.terminal.available()) return ctx.terminal.ask(message, options);
      throw new VaultError("prompt", "an MFA code is needed, and there is no terminal to ask on", [
        ...nameDevice(options),
        "give it with --mfa-token, set mfa_process in the config file,",
        "or choose a graphical driver with --prompt (AWS_VAULT_PROMPT)",
      ]);
    },
  };
}
