/** The SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

/** Writes `SHA256SUMS` of a directory's files, as `sha256sum -c` reads it. */
export async function writeChecksums(directory: string): Promise<void> {
  const names = [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile)
    .map(({ name }) => name).filter((name) => name !== "SHA256SUMS").sort();
  const lines: string[] = [];
  for (const name of names) lines.push(`${await hashFile(`${directory}/${name}`)}  ${name}\n`);
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, lines.join(""));
}
