import { openFile } from "../../backends/file.ts";
import { readStoredKeys, writeStoredKeys } from "../../src/credentials/stored_keys.ts";
import type { SecretBackend } from "../../src/types.ts";
import { type FakeAws, type FakeAwsOptions, startFakeAws, type User } from "../fakes/aws/mod.ts";
import { Home, type Ran, run, type RunOptions } from "./harness.ts";

export const PASSPHRASE = "correct horse";
export const MFA_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
export const MFA_SERIAL = "arn:aws:iam::111111111111:mfa/jon";
export const ROLE = "arn:aws:iam::222222222222:role/reader";

/** A home with the stand-in's user's keys in its keyring, under the profile `work`. */
export class Vault implements AsyncDisposable {
  readonly home = new Home();
  readonly aws: FakeAws;
  readonly user: User;

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.user = aws.addUser({ name: "jon", mfa: [{ secretBase32: MFA_SECRET }] });
    aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  }

  get keyring(): string {
    return `${this.home.path}/.awsvault/keys`;
  }

  get config(): string {
    return `${this.home.path}/.aws/config`;
  }

  /** The environment that leads to the stand-in, for runs that do not go through `run`. */
  get env(): Record<string, string> {
    return { AWS_ENDPOINT_URL: this.aws.url, AWS_REGION: "eu-west-1" };
  }

  /** Runs the command; `env` is put over the vault's own. */
  run(args: readonly string[], more: Partial<RunOptions> = {}): Promise<Ran> {
    return run(args, { ...more, home: this.home, env: { ...this.env, ...more.env } });
  }

  /** `add PROFILE --env` of some keys. */
  add(profile: string, id: string, more: Partial<RunOptions> = {}, ...flags: string[]) {
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: `secret of ${id}`, ...more.env };
    return this.run(["add", profile, "--env", ...flags], { ...more, env });
  }

  /** The keyring, opened here as another reader would. */
  open(passphrase = PASSPHRASE): SecretBackend {
    return openKeyring(this.keyring, passphrase);
  }

  async readKeyId(profile: string): Promise<string | undefined> {
    return (await readStoredKeys(this.open(), profile))?.accessKeyId;
  }

  sessionNames(): string[] {
    return listNames(this.keyring).filter((name) => name.includes(","));
  }

  /** Every file the user owns, by its path below the home, with its content; not the lock files. */
  snapshot(): Record<string, string> {
    return readTree(this.home.path, (path) => !path.startsWith(".awsvault/locks"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aws[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

/** A vault whose config file holds this, and whose keyring holds `work`. */
export async function startVault(
  config = "[profile work]\n",
  options?: FakeAwsOptions,
): Promise<Vault> {
  const vault = new Vault(await startFakeAws(options));
  vault.home.write(".aws/config", config);
  const [key] = vault.user.accessKeys;
  await storeKeys(vault.keyring, "work", key!.id, key!.secret);
  return vault;
}

export function openKeyring(directory: string, passphrase = PASSPHRASE): SecretBackend {
  const clock = { now: Date.now, sleep: () => Promise.resolve() };
  const ctx = { clock, debug: () => {}, note: () => {} };
  return openFile({ directory, passphrase: () => Promise.resolve(passphrase) }, ctx);
}

export async function storeKeys(directory: string, profile: string, id: string, secret: string) {
  const keys = { accessKeyId: id, secretAccessKey: secret };
  await writeStoredKeys(openKeyring(directory), profile, keys);
}

export function listNames(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

function readTree(root: string, wanted: (path: string) => boolean): Record<string, string> {
  const files: Record<string, string> = {};
  const walk = (path: string) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(`${root}/${path}`)) {
      const below = path === "" ? name : `${path}/${name}`;
      if (!wanted(below)) continue;
      if (isDirectory) walk(below);
      else files[below] = isSymlink ? "a link" : Deno.readTextFileSync(`${root}/${below}`);
    }
  };
  walk("");
  return files;
}

/** The permission bits of a file, such as "600". */
export function modeOf(path: string): string {
  return ((Deno.lstatSync(path).mode ?? 0) & 0o777).toString(8);
}

/** The command behind a few lines of `sh` that end with `exec "$@"`. */
export function behind(script: string, command: string): string[] {
  return ["sh", "-c", `${script}; exec "$@"`, "sh", command];
}
