import { expandHome, homeOf, joinPath } from "../../paths.ts";
import type { Env } from "../../types.ts";

/** Where the AWS CLI keeps its sign-ins to IAM Identity Center, where a home is known. */
export function ssoCacheDirectory(env: Env): string | undefined {
  const home = homeOf(env);
  return home && joinPath(home, ".aws", "sso", "cache");
}

/** Where it keeps those of `aws login`: AWS_LOGIN_CACHE_DIRECTORY, or a directory of its own. */
export function loginCacheDirectory(env: Env): string | undefined {
  const home = homeOf(env);
  const named = env.get("AWS_LOGIN_CACHE_DIRECTORY");
  return named ? expandHome(named, home) : home && joinPath(home, ".aws", "login", "cache");
}

/** Whether a file has such a name as only our temporary files have there: they hold tokens. */
export function isCacheTemporary(name: string): boolean {
  return /\.json\.tmp-[\da-f]{16}$/.test(name);
}
