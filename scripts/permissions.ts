import { AWS_HOSTS } from "../src/runtime/hosts.ts";
import { LIBC_PATHS } from "../src/runtime/libc_paths.ts";

/** Variables the tool reads, or hands on by name to a helper program. */
const ENVIRONMENT = [
  ...["AWS_*", "HOME", "USERPROFILE", "PATH", "PATHEXT", "SHELL", "USER", "USERNAME", "LOGNAME"],
  ...[
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "COLUMNS",
    "TMPDIR",
    "TZ",
  ],
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "DENO_CERT"],
  ...["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_*", "DBUS_*", "BROWSER", "WSL_*"],
  ...[
    "GNUPGHOME",
    "GPG_*",
    "PASSWORD_STORE_*",
    "PINENTRY_*",
    "SSH_AUTH_SOCK",
    "SSH_CONNECTION",
    "YKMAN_*",
    "GIT_*",
  ],
  ...[
    "SUDO_*",
    "SYSTEMROOT",
    "SystemRoot",
    "SYSTEMDRIVE",
    "TEMP",
    "TMP",
    "APPDATA",
    "LOCALAPPDATA",
    "COMSPEC",
    "ProgramData",
  ],
];

/**
 * The flags `deno` starts the tool with, but for hosts and paths that the environment names, and the
 * libraries. `read` is whole because a config file may name any file (a web identity token, a helper
 * in PATH); `run` because `exec` runs what it is told. What a command does not need of these it gives
 * up before it starts (src/permissions.ts).
 */
const COMMON_FLAGS = ["--no-prompt", "--allow-read", "--allow-run"];

/** On Linux and macOS, where the one library is C's. */
export const FIXED_FLAGS = [
  ...COMMON_FLAGS,
  `--allow-env=${ENVIRONMENT.join(",")}`,
  `--allow-ffi=${LIBC_PATHS.join(",")}`,
];

/** Windows' own; there the tool itself puts away what Deno would obey, and gives it back. */
export const WINDOWS_FLAGS = [
  ...COMMON_FLAGS,
  `--allow-env=${[...ENVIRONMENT, "DENO_*", "NODE_*", "OTEL_*", "V8_*"].join(",")}`,
];

/** Windows' libraries for the Credential Manager and the console, below a directory of Windows. */
export function windowsLibraries(systemRoot: string): string {
  return ["advapi32.dll", "kernel32.dll"].map((name) => `${systemRoot}\\System32\\${name}`).join(
    ",",
  );
}

export const NET_HOSTS = AWS_HOSTS.join(",");
