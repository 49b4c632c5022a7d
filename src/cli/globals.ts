import type { Command } from "@commander-js/extra-typings";
import { VERSION } from "./version.ts";

/** Adds what every command takes: options that stand before or after its name. */
export function addGlobals(command: Command): void {
  command
    .description("A vault for securely storing and accessing AWS credentials in development.")
    .version(VERSION, "-v, --version", "Show the version")
    .helpOption("-h, --help", "Show help")
    .helpCommand(false)
    .option("--help-long", "Show the help of every command")
    .option("--debug", "Tell on standard error what is done and why, never a secret")
    .option(
      "--backend <backend>",
      `The keyring to use: ${
        BACKENDS.join(", ")
      } (default: the first usable one of the platform) ` +
        "(AWS_VAULT_BACKEND)",
    )
    .option(
      "--session-backend <backend>",
      "Where sessions and sign-ins are kept, if not with the keys " +
        "(default: with them) (AWS_VAULT_SESSION_BACKEND)",
    )
    .option(
      "--prompt <driver>",
      `How to ask for MFA codes: ${DRIVERS.join(", ")} (default: terminal, or a window where ` +
        "standard output is not one) (AWS_VAULT_PROMPT)",
    )
    .option(
      "--keychain <name>",
      "Name of the macOS keychain (default: aws-vault) (AWS_VAULT_KEYCHAIN_NAME)",
    )
    .option(
      "--secret-service-collection <name>",
      "Name of the secret-service collection (default: awsvault) " +
        "(AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME)",
    )
    .option(
      "--pass-dir <dir>",
      "Password store of pass (default: ~/.password-store) (AWS_VAULT_PASS_PASSWORD_STORE_DIR)",
    )
    .option(
      "--pass-cmd <program>",
      "The pass program, or one with the same commands (default: pass) (AWS_VAULT_PASS_CMD)",
    )
    .option(
      "--pass-prefix <prefix>",
      "Folder of the entries in pass (default: none) (AWS_VAULT_PASS_PREFIX)",
    )
    .option(
      "--file-dir <dir>",
      "Directory of the file backend (default: ~/.awsvault/keys) (AWS_VAULT_FILE_DIR)",
    )
    .option(
      "--helper <name>",
      "Docker credential helper of the helper backend: NAME of docker-credential-NAME, or a path " +
        "(default: the platform's own) (AWS_VAULT_HELPER)",
    );
  command.options.find(({ long }) => long === "--help-long")?.helpGroup("Options:");
}

/** What `--backend` and `--prompt` take; written here so that help loads neither's modules. */
export const BACKENDS = ["keychain", "wincred", "secret-service", "pass", "file", "helper"];
export const DRIVERS = ["terminal", "osascript", "wincredui", "zenity", "kdialog", "ykman"];
