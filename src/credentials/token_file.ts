import { readPlainFile } from "../files.ts";

/** STS takes 20,000 characters. */
const MAX_BYTES = 1024 * 1024;

/** The text of a file that holds a token. Throws a plain error that says why it cannot be read. */
export async function readTokenFile(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, which no token has`);
  const bytes = readPlainFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("it is not UTF-8");
  }
}
