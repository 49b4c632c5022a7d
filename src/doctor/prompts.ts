import { DRIVER_NAMES, listDrivers } from "../prompt/mod.ts";
import type { Context } from "../types.ts";
import type { Finding } from "./finding.ts";

/** The driver that MFA codes are to be asked by. */
export function checkPrompt(named: string | undefined, ctx: Context): Finding[] {
  const name = named || ctx.env.get("AWS_VAULT_PROMPT");
  const offered = listDrivers(ctx);
  if (!name || offered.includes(name)) return [];
  const why = DRIVER_NAMES.includes(name) ? "cannot be used here" : "is no prompt driver";
  return [{
    id: "prompt.driver",
    severity: "error",
    message: `${name}, of ${named ? "--prompt" : "AWS_VAULT_PROMPT"}, ${why}`,
    effect: "whatever needs an MFA code ends with an error",
    wayOut: `install its program, or name one that is offered here: ${offered.join(", ")}`,
  }];
}
