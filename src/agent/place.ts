import type { Context } from "../types.ts";

type PlaceContext = Pick<Context, "env" | "peers">;

/** Where agents listen: the first of these that can be, and where they are looked for. */
export function socketPaths({ env }: Pick<Context, "env">): string[] {
  const [runtime, home] = [env.get("XDG_RUNTIME_DIR"), env.get("HOME")];
  return [
    ...(runtime?.startsWith("/") ? [`${runtime}/aws-vault/agent.sock`] : []),
    ...(home?.startsWith("/") ? [`${home}/.awsvault/agent/agent.sock`] : []),
  ];
}

export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

const STICKY = 0o1000;

/**
 * Whether a directory is ours and open to nobody else. Its sticky bit says that it never was: `sh`
 * can ask for that bit and for no mode, and it does not outlive a `chmod 777`.
 */
export function isPrivate(directory: string, { peers }: PlaceContext): boolean {
  try {
    const { isDirectory, mode, uid } = Deno.lstatSync(directory);
    return isDirectory && uid === peers.userId() && ((mode ?? 0) & 0o7777) === (STICKY | 0o700);
  } catch {
    return false;
  }
}

/** Makes the directory, or takes from others what they have of ours. False where it is not ours. */
export function makePrivate(directory: string, ctx: PlaceContext): boolean {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { isDirectory, uid } = Deno.lstatSync(directory);
    if (!isDirectory || uid !== ctx.peers.userId()) return false;
    Deno.chmodSync(directory, STICKY | 0o700);
    return isPrivate(directory, ctx);
  } catch {
    return false;
  }
}

/** The socket of an agent that is ours, if there is one. */
export function findSocket(ctx: PlaceContext): string | undefined {
  return socketPaths(ctx).find((path) => {
    try {
      return Deno.lstatSync(path).isSocket && Deno.lstatSync(path).uid === ctx.peers.userId() &&
        isPrivate(directoryOf(path), ctx);
    } catch {
      return false;
    }
  });
}
