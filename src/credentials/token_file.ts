import { readPlainFile } from "../files.ts";

/** STS takes 20,000 characters. */
const MAX_BYTES = 1024 * 1024;

/** The text of a file that holds a token. Throws a plain error that says why it cannot be read. */
export async function readTokenFile(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, which no token has`);
  return new TextDecoder().decode(readPlainFile(path));
}
