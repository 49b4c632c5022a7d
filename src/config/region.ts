import { consistsOf, DIGITS, LETTERS, LOWER_CASE } from "../characters.ts";
import { VaultError } from "../errors.ts";

/**
 * A region's name as a host's name can hold it, which is botocore's rule too: letters, digits and
 * hyphens. `setting` names where it stands for the error.
 */
export function parseRegion(text: string, setting: string): string {
  const isOpen = text.startsWith("-") || text.endsWith("-");
  if (text.length <= 63 && !isOpen && consistsOf(LETTERS + DIGITS + "-", text)) return text;
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
  const [place = "", ...parts] = trimFips(text).split("-");
  const number = parts.pop() ?? "";
  return place.length >= 2 && parts.length > 0 && consistsOf(DIGITS, number) &&
    [place, ...parts].every((part) => consistsOf(LOWER_CASE, part));
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
