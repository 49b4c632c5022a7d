import type { Context } from "../../types.ts";

/** SPEC §8: whether a browser on this machine, which can come back to us, is to be expected. */
export function hasBrowserHere({ env, platform }: Pick<Context, "env" | "platform">): boolean {
  const has = (name: string) => Boolean(env.get(name));
  if (has("SSH_CONNECTION")) return false;
  return platform !== "linux" ||
    ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME", "WSL_INTEROP"].some(has);
}
