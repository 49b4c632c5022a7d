import { VaultError } from "../errors.ts";
import type { AskOptions, PromptDriver } from "../types.ts";
import type { PromptContext } from "./context.ts";

/** The key waits 15 seconds for its touch; a password may be asked for before. */
const TIMEOUT_SECONDS = 120;

/**
 * Reads the code off a YubiKey by ykman, by the name of the OATH account: the MFA device's serial,
 * or YKMAN_OATH_CREDENTIAL_NAME. What ykman says (`Touch your YubiKey...`) reaches the user.
 */
export function createDriver(ctx: PromptContext): PromptDriver {
  return { name: "ykman", ask: (message, options) => readCode(message, options, ctx) };
}

async function readCode(message: string, options: AskOptions, ctx: PromptContext): Promise<string> {
  const account = ctx.env.get("YKMAN_OATH_CREDENTIAL_NAME") || options.serial;
  if (account === undefined) {
    throw new VaultError("prompt", `ykman gives MFA codes alone, and this is asked: ${message}`);
  }
  const args = formatArguments(account, ctx);
  ctx.debug(`running ykman ${args.join(" ")}`);
  const result = await ctx.processes.run({
    kind: "device",
    command: "ykman",
    args,
    timeoutSeconds: TIMEOUT_SECONDS,
    signal: options.signal,
  });
  if (result.code === 0) return new TextDecoder().decode(result.stdout).trim();
  throw new VaultError("prompt", `ykman gave no code for ${account} (exit code ${result.code})`, [
    "what it said itself, if anything, stands above; see the key's accounts with: ykman oath accounts list",
    "an account of another name is named by YKMAN_OATH_CREDENTIAL_NAME",
  ]);
}

function formatArguments(account: string, ctx: PromptContext): string[] {
  const device = ctx.env.get("YKMAN_OATH_DEVICE_SERIAL");
  return [
    ...(device ? ["--device", device] : []),
    ...(isOld(ctx) ? ["oath", "code"] : ["oath", "accounts", "code"]),
    "--single",
    account,
  ];
}

/** ykman 4 moved `oath code` to `oath accounts code`. */
function isOld({ env }: PromptContext): boolean {
  const version = env.get("AWS_VAULT_YKMAN_VERSION") || "4";
  if (/^\d+(\.|$)/.test(version)) return parseInt(version) < 4;
  throw new VaultError(
    "config",
    `AWS_VAULT_YKMAN_VERSION is \`${version}\`, and no version of ykman`,
    [
      "it is 1, 2 or 3 for the commands of that ykman; for those of later ones unset it",
    ],
  );
}
