import { LIBC_PATHS } from "../src/runtime/libc_paths.ts";

/** Variables the tool reads, or hands on by name to a helper program. */
const ENVIRONMENT = [
  ...["AWS_*", "HOME", "USERPROFILE", "PATH", "PATHEXT", "SHELL", "USER", "USERNAME", "LOGNAME"],
  ...["LANG", "LANGUAGE", "LC_*", "TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "TMPDIR", "TZ"],
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
 * Hosts of AWS in every partition, the console's sign-in, this machine, and the addresses at which
 * EC2, ECS and EKS hand out credentials.
 */
const HOSTS = [
  ...["*.amazonaws.com", "*.api.aws", "*.aws.amazon.com"],
  ...["*.amazonaws.com.cn", "*.api.amazonwebservices.com.cn", "signin.amazonaws.cn"],
  ...["signin.amazonaws-us-gov.com", "*.signin.amazonaws-us-gov.com"],
  ...["*.amazonaws.eu", "*.api.amazonwebservices.eu", "*.signin.amazonaws-eusc.eu"],
  ...["signin.amazonaws-eusc.eu", "*.c2s.ic.gov", "*.sc2s.sgov.gov"],
  ...["127.0.0.1", "localhost", "[::1]"],
  ...["169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]", "[fd00:ec2::23]"],
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

export const NET_HOSTS = HOSTS.join(",");
