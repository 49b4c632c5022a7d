/** STS takes 20,000 characters. */
const MAX_BYTES = 1024 * 1024;

/**
 * The text of a file that holds a token. What is no file has perhaps no end, and a pipe that nobody
 * writes to would be waited for without one.
 *
 * Throws a plain error that says why it cannot be read.
 */
export async function readTokenFile(path: string): Promise<string> {
  const { isFile, isDirectory, size } = await Deno.stat(path);
  if (!isFile) throw new Error(`it is ${isDirectory ? "a directory" : "no plain file"}`);
  if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, which no token has`);
  return await Deno.readTextFile(path);
}
