import type { Command } from "@commander-js/extra-typings";
import type { SignInRun, SignInWay } from "../credentials/run.ts";
import type { Context, SecretBackend } from "../types.ts";
import { isOn } from "./variables.ts";

/** The options of every command that may have to sign in. */
export interface SignInOptions {
  readonly stdout?: boolean;
  readonly useDeviceCode?: boolean;
}

/** Adds them. */
export function addSignInOptions(command: Command): Command {
  return command
    .option("--stdout", "Print a sign-in link and open no browser (AWS_VAULT_STDOUT)")
    .option(
      "--use-device-code",
      "Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)",
    ) as Command;
}

/** What a sign-in in a browser needs to know. */
export function signInRun(
  options: SignInOptions,
  ctx: Context,
  backend: SecretBackend,
): SignInRun {
  return { ...signInWay(options, ctx), backend };
}

/** How a person would sign in. */
export function signInWay(options: SignInOptions, ctx: Context): SignInWay {
  const useDeviceCode = options.useDeviceCode ?? isOn(ctx.env, "AWS_VAULT_SSO_DEVICE_CODE");
  return { ctx, useStdout: printsLinks(options, ctx), useDeviceCode };
}

/** Whether links are printed and no browser is opened. */
export function printsLinks({ stdout }: SignInOptions, { env }: Pick<Context, "env">): boolean {
  return stdout ?? isOn(env, "AWS_VAULT_STDOUT");
}
