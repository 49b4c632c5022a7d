import type { Permission } from "../types.ts";

/** Gives up every permission but these: what is given up does not come back in this process. */
export function keepPermissions(needed: readonly Permission[]): void {
  for (const name of ["net", "run", "write", "ffi"] as const) {
    if (!needed.includes(name)) Deno.permissions.revokeSync({ name });
  }
}
