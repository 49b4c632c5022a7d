import { hash } from "../src/digest.ts";

/** The SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  return await hash(await Deno.readFile(path));
}

/** Writes `SHA256SUMS` of a directory's files, as `sha256sum -c` reads it. */
export async function writeChecksums(directory: string): Promise<void> {
  const names = [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile)
    .map(({ name }) => name).filter((name) => name !== "SHA256SUMS").sort();
  const lines: string[] = [];
  for (const name of names) lines.push(`${await hashFile(`${directory}/${name}`)}  ${name}\n`);
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, lines.join(""));
}
