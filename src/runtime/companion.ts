import { describeCause, VaultError } from "../errors.ts";

/** Reads a companion's standard output by the line; undefined once that is closed. */
export function lineReader(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): () => Promise<string | undefined> {
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  return async () => {
    while (!pending.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      pending += value;
    }
    const line = pending.slice(0, pending.indexOf("\n"));
    pending = pending.slice(line.length + 1);
    return line;
  };
}

/** A companion that the system did not start. */
export function cannotStart(program: string, error: unknown): VaultError {
  return new VaultError("process", `${program} cannot be started: ${describeCause(error)}`);
}
