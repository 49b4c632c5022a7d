import { VaultError } from "../errors.ts";

/**
 * A region's name as a host's name can hold it, which is botocore's rule too: letters, digits and
 * hyphens. `setting` names where it stands for the error.
 */
export function parseRegion(text: string, setting: string): string {
  if (/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(text)) return text;
  throw badRegion(text, setting);
}

/**
 * The region that `us-east-1-fips` and `fips-us-east-1` mean. AWS had such names before there were
 * settings for FIPS endpoints; botocore takes them still.
 */
export function trimFips(region: string): string {
  return region.replace("fips-", "").replace("-fips", "");
}

/** Of AWS's own, as `eu-central-1` or `us-gov-west-1`: what its addresses are made from. */
export function isAwsRegion(text: string): boolean {
  return /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(trimFips(text));
}

/** Of those that STS and IAM are asked in: with `aws-global`, as AWS names that of the endpoints for all. */
export function isStsRegion(text: string): boolean {
  return text === "aws-global" || isAwsRegion(text);
}

/** The error of a region that no host's name can hold, or that AWS has none like. */
export function badRegion(text: string, setting: string): VaultError {
  return new VaultError("config", `${setting}: ${JSON.stringify(text)} is no region name`, [
    "write one such as eu-central-1 or us-east-1",
  ]);
}
