import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";

/** Refuses what Windows has nothing for: root, and a server at another machine's address. */
export function needPosix(what: string, { platform }: Pick<Context, "platform">): void {
  if (platform !== "windows") return;
  throw new VaultError("usage", `${what} needs a POSIX system, with root or sudo`, [
    "on Windows use --ecs-server, or no server",
  ]);
}
