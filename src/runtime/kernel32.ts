/** Opens kernel32 for some of its functions; undefined where we are not on Windows, or may not. */
export function openKernel<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols>["symbols"] | undefined {
  if (Deno.build.os !== "windows") return undefined;
  try {
    const root = Deno.env.get("SystemRoot") ?? "C:\\Windows";
    return Deno.dlopen(`${root}\\System32\\kernel32.dll`, symbols).symbols;
  } catch {
    return undefined;
  }
}

/** A string as Windows has it: UTF-16, with a NUL at its end. */
export function toWide(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from({ length: text.length + 1 }, (_, at) => text.charCodeAt(at)); // NaN is 0
  return new Uint8Array(units.buffer);
}
