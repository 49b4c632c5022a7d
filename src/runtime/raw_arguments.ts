import { readProcFile, splitAtNul } from "./proc_file.ts";

/** What Linux lets arguments and environment take together with the usual 8 MiB of stack. */
const MAX_ARGUMENT_BYTES = 2 * 1024 * 1024;

/**
 * The last arguments we were started with as the bytes they are: Deno's strings have what is not
 * UTF-8 replaced. Only Linux tells (/proc/self/cmdline); elsewhere, and for strings that are not our
 * last arguments, it is the strings' UTF-8.
 */
export function recoverArguments(args: readonly string[]): Uint8Array[] {
  const encoder = new TextEncoder();
  const encoded = args.map((arg) => encoder.encode(arg));
  if (!args.some((arg) => arg.includes("\ufffd"))) return encoded;
  const raw = splitAtNul(readProcFile("/proc/self/cmdline", MAX_ARGUMENT_BYTES)).slice(
    -args.length,
  );
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const same = raw.length === args.length &&
    raw.every((bytes, i) => decoder.decode(bytes) === args[i]);
  return same ? raw : encoded;
}
