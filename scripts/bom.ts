import { VERSION } from "../src/cli/version.ts";
import type { Component } from "./components.ts";

/** The Deno this is made with and runs on, which packages of ours bring along. */
export function denoItself(): Component {
  return { name: "deno", version: Deno.version.deno, license: "MIT" };
}

/**
 * A list of what is in the program, as CycloneDX 1.6 has it
 * (https://cyclonedx.org/docs/1.6/json/). It has no serial number and no time, so that two builds
 * of the same sources make the same.
 */
export function formatBom(components: readonly Component[]): string {
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `pkg:npm/aws-vault@${VERSION}`,
        name: "aws-vault",
        version: VERSION,
      },
    },
    components: components.map(formatComponent),
  };
  return JSON.stringify(bom, undefined, 2) + "\n";
}

function formatComponent({ name, version, license, sha512 }: Component) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses: [{ license: { id: license } }],
    ...(sha512 === undefined ? {} : { hashes: [{ alg: "SHA-512", content: sha512 }] }),
  };
}

/** The licences of what is in the bundle, whose texts have to go with it. */
export function formatLicenses(components: readonly Component[]): string {
  const byText = Object.groupBy(
    components,
    ({ licenseText }) => licenseText?.trim() ?? "Their packages have no text of it.",
  );
  const entries = Object.entries(byText).map(([text, alike]) => {
    const names = alike!.map(({ name, version, license }) => `${name} ${version} (${license})\n`);
    return `${names.join("")}\n${text}\n`;
  });
  return `aws-vault has code of these packages in it.\n\n${
    entries.join(`\n${"-".repeat(78)}\n\n`)
  }`;
}
