import { LIBC_PATHS } from "./libc_paths.ts";

/**
 * Opens the C library for some of its functions; undefined where there is none that we know
 * (Windows) or calling it is not permitted. Callers do without, then.
 */
export function openLibc<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols>["symbols"] | undefined {
  const suffix = Deno.build.os === "darwin" ? ".dylib" : ".so.6";
  for (const path of LIBC_PATHS) {
    if (!path.endsWith(suffix)) continue;
    try {
      return Deno.dlopen(path, symbols).symbols;
    } catch { /* not here, or not permitted: perhaps the next */ }
  }
  return undefined;
}

/** A string as C has it. */
export function toCString(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}
