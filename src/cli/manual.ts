import type { Command } from "@commander-js/extra-typings";
import type { World } from "../types.ts";

/** What `--help-long` and the man page say beside the commands: a heading, and terms with a text. */
export interface Chapter {
  readonly title: string;
  readonly entries: readonly (readonly [term: string, text: string])[];
}

/** In the order they are printed. The handbook has every variable and setting. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: "Environment",
    entries: [
      ["AWS_PROFILE", "The profile, where the command line names none."],
      ["AWS_CONFIG_FILE", "The config file, in place of ~/.aws/config."],
      ["AWS_REGION, AWS_DEFAULT_REGION", "The region, before that of the profile."],
      ["AWS_VAULT", "Set for the programs of exec: the profile's name."],
      [
        "AWS_VAULT_BACKEND, AWS_VAULT_PROMPT, ...",
        "Stand for options; the help of an option names its variable in parentheses.",
      ],
      [
        "AWS_VAULT_FILE_PASSPHRASE",
        "The passphrase of the file backend, in place of a question. No program inherits it.",
      ],
      [
        "AWS_VAULT_FILE_NEW_PASSPHRASE",
        "The passphrase that change-passphrase gives it, in place of a question.",
      ],
      ["AWS_VAULT_FILE_P2C", "Rounds of PBKDF2 for its new files, 8192 (default) to 1300000."],
      ["AWS_VAULT_AUDIT_LOG", "A file that each hand-out of credentials is written to."],
      ["AWS_VAULT_DISABLE_HELP_MESSAGE", "true: no message when a subshell starts."],
      [
        "YKMAN_OATH_CREDENTIAL_NAME, YKMAN_OATH_DEVICE_SERIAL, AWS_VAULT_YKMAN_VERSION",
        "For the prompt driver ykman: which account, on which YubiKey, " +
        "and whose commands (1, 2 or 3).",
      ],
      [
        "AWS_SESSION_TOKEN_TTL, AWS_CHAINED_SESSION_TOKEN_TTL, AWS_ASSUME_ROLE_TTL",
        "Lengths of what is asked for, such as 45m or 1h30m " +
        "(default: 1h, but 8h for a session that a role is assumed with).",
      ],
      ["AWS_FEDERATION_TOKEN_TTL", "The same of a user's session in the console (default: 1h)."],
      [
        "AWS_MIN_TTL",
        "How long a kept session has to last to be used, such as 10m (default: 5m).",
      ],
      [
        "AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT",
        "true: AWS's FIPS or dual-stack endpoints are asked.",
      ],
      ["AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, ...", "Other addresses of AWS's services."],
      ["AWS_VAULT_ALLOW_NET", "Hosts that may be asked beside AWS's own, separated by commas."],
      [
        "HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE",
        "A proxy, who is asked without it, and a file with certificate authorities.",
      ],
      ["BROWSER", "What opens links."],
    ],
  },
  {
    title: "Files",
    entries: [
      ["~/.aws/config", "Profiles, as the AWS CLI reads them."],
      ["~/.awsvault/keys/", "The keyring of the file backend: one encrypted file for each item."],
    ],
  },
  {
    title: "Exit status",
    entries: [
      ["0", "Done."],
      ["1", "An error, told on standard error with ways out."],
      ["126, 127", "What exec was to start is no program, or was not found."],
      ["130", "A profile was to be picked, and Esc was pressed."],
      ["any other", "Exec ends as its program did: with its code, or by its signal."],
    ],
  },
];

const WIDTH = 80;

/** `--help-long`: the help of a program, of all its commands, and the chapters. */
export function printLongHelp(program: Command, world: Pick<World, "out">): void {
  const print = (command: Command) => {
    world.out(command.helpInformation());
    for (const sub of command.createHelp().visibleCommands(command)) {
      world.out("\n");
      print(sub as Command);
    }
  };
  print(program);
  world.out("\n" + formatChapters());
}

/** The chapters as `--help-long` has them, 80 columns wide. */
function formatChapters(): string {
  return CHAPTERS.map(({ title, entries }) => {
    const lines = entries.flatMap(([term, text]) => [`  ${term}`, ...wrap(text, "      ")]);
    return `${title}:\n${lines.join("\n")}\n`;
  }).join("\n");
}

function wrap(text: string, indent: string): string[] {
  const lines = [indent];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === indent) lines[lines.length - 1] += word;
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] += ` ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
