import type { HelperKind } from "../types.ts";

/**
 * What a helper program gets of what is ours. Never the keyring's passphrase, and never our standard
 * input: what is piped to us is for the program of `exec`.
 */
export interface Inheritance {
  /** The variables it sees where they are set, or all. */
  readonly variables: readonly string[] | "all";
  /** Those it does not see, of all. */
  readonly withheld?: readonly string[];
  /** Its standard input where it is given no bytes; "terminal" is the controlling one, if any. */
  readonly input: "terminal" | "none";
  /**
   * Its standard error. "captured" is for an error of ours; "shown" reaches the user line by line,
   * with its control characters shown; "terminal" is a dialogue of its own, shown where there is
   * none.
   */
  readonly errors: "captured" | "shown" | "terminal";
}

/** What programs need to find their user, language, screen, terminal and session: no secret. */
const DESKTOP = [
  ...["PATH", "HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "LANG", "LANGUAGE", "LC_ALL"],
  ...["LC_CTYPE", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"],
  ...["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"],
  ...["XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"],
];

/** What `pass`, its gpg, their agents, and git where the store is in it, see besides. */
const PASS = [
  ...["GNUPGHOME", "GPG_TTY", "PINENTRY_USER_DATA", "SSH_AUTH_SOCK"],
  ...["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"],
  ...["GIT_CONFIG_GLOBAL", "GIT_SSH_COMMAND", "PASSWORD_STORE_DIR", "PASSWORD_STORE_KEY"],
  ...["PASSWORD_STORE_GPG_OPTS", "PASSWORD_STORE_UMASK", "PASSWORD_STORE_SIGNING_KEY"],
  ...["PASSWORD_STORE_ENABLE_EXTENSIONS", "PASSWORD_STORE_EXTENSIONS_DIR"],
];

/** Our own AWS credentials, where there are any: nothing to a browser. */
const CREDENTIALS = [
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
];

/** By kinds: the only place that says what a helper program gets. */
export const INHERITANCE: Readonly<Record<HelperKind, Inheritance>> = {
  command: { variables: "all", input: "terminal", errors: "shown" },
  mfa_command: { variables: "all", input: "terminal", errors: "terminal" },
  // On standard input `pass` finds the terminal that pinentry is to ask on.
  keyring: { variables: [...DESKTOP, ...PASS], input: "terminal", errors: "captured" },
  dialog: { variables: DESKTOP, input: "none", errors: "captured" },
  device: { variables: DESKTOP, input: "terminal", errors: "terminal" },
  opener: { variables: "all", withheld: CREDENTIALS, input: "none", errors: "captured" },
  system: { variables: [], input: "none", errors: "captured" },
};

/** A program, and how its streams are to be opened. */
export interface Invocation {
  readonly path: string;
  readonly args: readonly string[];
  readonly stdin: "inherit" | "piped" | "null";
  readonly stderr: "inherit" | "piped" | "null";
}

/** What is known of our own streams. */
export interface OwnStreams {
  readonly isInputTerminal: () => boolean;
  readonly isErrorTerminal: () => boolean;
  /** Whether there is a controlling terminal, whatever the streams are. */
  readonly hasTerminal: () => boolean;
}

/**
 * Puts the terminal where the kind has it. Where it is not on our own stream already, the shell
 * opens it: by its own name, for `tty` and gpg's agent find none under /dev/tty.
 */
export function connect(
  path: string,
  args: readonly string[],
  { input, errors }: Inheritance,
  own: OwnStreams,
): Invocation {
  const isAsked = input === "terminal" && !own.isInputTerminal();
  const isTold = errors === "terminal" && !own.isErrorTerminal();
  const opens = (isAsked || isTold) && own.hasTerminal();
  const stdin = input === "terminal" && !isAsked ? "inherit" : "null";
  if (!opens) {
    const stderr = errors === "terminal" && !isTold ? "inherit" : "piped";
    return { path, args, stdin, stderr };
  }
  const stderr = errors !== "terminal" ? "piped" : isTold ? "null" : "inherit";
  const redirections = `${isAsked ? ' <"$t"' : ""}${isTold ? ' 2>"$t"' : ""}`;
  const script = `${FIND_TERMINAL}; exec "$0" "$@"${redirections}`;
  return { path: "/bin/sh", args: ["-c", script, path, ...args], stdin, stderr };
}

const FIND_TERMINAL = 't=/dev/$(ps -o tty= -p "$$" 2>/dev/null | tr -d " "); ' +
  '[ -c "$t" ] && [ -r "$t" ] && [ -w "$t" ] || t=/dev/tty';
