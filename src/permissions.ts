/** Commands that talk to no one: the others need the network for AWS. */
const OFFLINE = ["add", "clear", "list", "migrate-backend", "remove"];

/**
 * Gives up, for the rest of this process, what `command` can do without of the permissions the
 * tool was started with, so that a fault in it reaches no further.
 */
export function giveUpPermissions(command: string): void {
  if (OFFLINE.includes(command)) Deno.permissions.revokeSync({ name: "net" });
}
