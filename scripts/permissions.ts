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
    "NO_PROXY",
    "COLUMNS",
    "TMPDIR",
    "TZ",
  ],
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
 * The flags `deno` starts the tool with, but for hosts and paths that the environment names.
 * `read` is whole because a config file may name any file (a web identity token, a helper in PATH);
 * `run` because `exec` runs what it is told. What a command does not need of these it gives up
 * before it starts (src/permissions.ts).
 */
export const FIXED_FLAGS = [
  "--no-prompt",
  `--allow-env=${ENVIRONMENT.join(",")}`,
  "--allow-read",
  "--allow-run",
  `--allow-ffi=${LIBC_PATHS.join(",")}`,
];

export const NET_HOSTS = AWS_HOSTS.join(",");
