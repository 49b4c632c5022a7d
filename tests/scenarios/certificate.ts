/** A certificate for some hosts and its key, and the file to name as the authority that vouches for it. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly path: string;
}

/** Made by `openssl`, in files below a directory. */
export async function makeCertificate(
  directory: string,
  hosts: readonly string[],
): Promise<Certificate> {
  const [key, path] = [`${directory}/key.pem`, `${directory}/cert.pem`];
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", `subjectAltName=${names}`, "-addext", "basicConstraints=CA:FALSE"],
      ...["-keyout", key, "-out", path],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { cert: Deno.readTextFileSync(path), key: Deno.readTextFileSync(key), path };
}
