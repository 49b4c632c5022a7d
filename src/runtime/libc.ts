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

/**
 * Strings as C has a list of them: their addresses, then none. They are never freed: they are for a
 * program that is started. Undefined where there is no C library.
 */
export function toPointers(
  texts: readonly Uint8Array[],
): BigUint64Array<ArrayBuffer> | undefined {
  // Declared as a number: Deno's pointer objects take the right to call anything anywhere.
  const libc = openLibc({ strdup: { parameters: ["buffer"], result: "usize" } });
  return libc && new BigUint64Array([...texts.map((text) => libc.strdup(toCString(text))), 0n]);
}
