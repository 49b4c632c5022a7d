import type { Metafile } from "esbuild";
import { ROOT } from "./task.ts";

/** A package whose code is in the bundle, or that it cannot do without. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** An SPDX id, as the package gives it. */
  readonly license: string;
  readonly licenseText?: string;
  /** SHA-512 of its archive, in hexadecimal. */
  readonly sha512?: string;
}

/**
 * The packages that esbuild took code from, by name. Throws when one of them does not say its
 * licence, or is not in the lock file.
 */
export async function findComponents(metafile: Metafile): Promise<Component[]> {
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`)) as Lock;
  const directories = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) =>
      /^(.*\/\.deno\/[^/]+\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []
    );
  const components: Component[] = [];
  for (const directory of new Set(directories)) {
    components.push(await readComponent(`${ROOT}/${directory}`, lock));
  }
  return components.sort((a, b) => a.name < b.name ? -1 : 1);
}

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

async function readComponent(directory: string, lock: Lock): Promise<Component> {
  const { name, version, license } = JSON.parse(
    await Deno.readTextFile(`${directory}/package.json`),
  );
  const { integrity } = lock.npm[`${name}@${version}`] ?? {};
  if (typeof license !== "string") throw new Error(`${name} does not say its licence`);
  if (integrity === undefined) throw new Error(`${name}@${version} is not in deno.lock`);
  const licenseText = await readLicense(directory);
  return { name, version, license, licenseText, sha512: toHex(integrity) };
}

async function readLicense(directory: string): Promise<string | undefined> {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  const name = names.find((name) => /^licen[cs]e(\.|$)/i.test(name));
  return name && await Deno.readTextFile(`${directory}/${name}`);
}

function toHex(integrity: string): string {
  return Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
}
