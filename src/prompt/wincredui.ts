import type { PromptDriver } from "../types.ts";
import { askDialog } from "./dialog.ts";
import type { PromptContext } from "./context.ts";

const MESSAGE = "AWS_VAULT_PROMPT_MESSAGE";
const CANCELLED = 2;

/** The message comes by the environment, so that nothing in it can be a part of the script. */
const SCRIPT = [
  `$answer = $Host.UI.PromptForCredential('aws-vault', $env:${MESSAGE}, 'MFA code', '')`,
  `if ($null -eq $answer) { exit ${CANCELLED} }`,
  "[Console]::Out.Write($answer.GetNetworkCredential().Password)",
].join("; ");

/** Asks in the credential dialog of Windows, which PowerShell 5 opens; the code is its password. */
export function createDriver(ctx: PromptContext): PromptDriver {
  return {
    name: "wincredui",
    ask(message, options) {
      return askDialog(
        {
          command: "powershell",
          args: ["-NoProfile", "-Command", SCRIPT],
          extraEnvironment: { [MESSAGE]: message },
          isCancelled: (result) => result.code === CANCELLED,
        },
        options,
        ctx,
      );
    },
  };
}
