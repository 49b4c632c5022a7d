import { requireRight } from "../require.ts";

const AS_ROOT = Deno.uid() === 0;
/** A user without root's rights gets them in a namespace of its own, where the kernel allows it. */
const UNSHARE = AS_ROOT ? ["-m"] : ["-m", "-r"];
/** Root without the right to pass over file modes. */
const WITHOUT_OVERRIDE = ["--bounding-set=-dac_override,-dac_read_search"];

/** Whether tests can mount file systems that nobody else sees. */
export const HAS_MOUNTS = requireRight("unshare", [
  ...UNSHARE,
  "mount",
  "-t",
  "tmpfs",
  "x",
  "/mnt",
]);

/** Whether file modes bind what a test runs. */
export const HAS_MODES = !AS_ROOT || requireRight("setpriv", [...WITHOUT_OVERRIDE, "true"]);

/** A command that runs after `prepare`, a script that may mount, and before `afterwards`. */
export function withMounts(prepare: string, command: string, afterwards = ":"): string[] {
  const script = `set -e; ${prepare}; set +e; "$@"; code=$?; ${afterwards}; exit $code`;
  return ["unshare", ...UNSHARE, "sh", "-c", script, "sh", command];
}

/** The keyring's directory, for such a script. */
export const KEYS = '"$HOME/.awsvault/keys"';

/** The keyring on a small file system of its own, which is full. */
export const FULL_DISK =
  `cp -a ${KEYS} "$HOME/copy"; mount -t tmpfs -o size=64k,mode=700 x ${KEYS};` +
  `cp -a "$HOME/copy/." ${KEYS}; dd if=/dev/zero of=${KEYS}/fill bs=4k 2>/dev/null || true`;

/** A command that file modes bind as they bind any user. */
export function boundByModes(...command: string[]): string[] {
  return AS_ROOT ? ["setpriv", ...WITHOUT_OVERRIDE, ...command] : command;
}

/** A command that has no right, and starts none that has one, beyond those of any user. */
export function withoutRights(...command: string[]): string[] {
  return AS_ROOT ? ["setpriv", "--bounding-set=-all", ...command] : command;
}

/** Whether files can be given to others. */
export const IS_ROOT = AS_ROOT;

/** A command run by another user; undefined where we may not become one. */
export function otherUser(id: number, ...command: string[]): string[] | undefined {
  const become = [`--reuid=${id}`, `--regid=${id}`, "--clear-groups"];
  return requireRight("setpriv", [...become, "true"])
    ? ["setpriv", ...become, ...command]
    : undefined;
}

/** One who may read all files: Deno and this checkout may lie in root's home. */
export function otherReader(id: number, ...command: string[]): string[] | undefined {
  const caps = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
  const may = otherUser(id, "true") && requireRight("setpriv", [...caps, "true"]);
  return may ? otherUser(id)?.concat(caps, command) : undefined;
}
