import { loginCacheDirectory, ssoCacheDirectory } from "../credentials/signin/cli_places.ts";
import { homeOf, joinPath } from "../paths.ts";
import type { Finding, MachineView } from "./finding.ts";
import { checkMode, listFiles, look } from "./modes.ts";

/** So long after a sign-in to the console AWS renews its credentials. */
const CONSOLE_HOURS = 12;

/** What the AWS CLI keeps of its own: tokens and credentials, in plain text. */
export function checkCliCaches({ ctx }: MachineView): Finding[] {
  const home = homeOf(ctx.env);
  const login = loginCacheDirectory(ctx.env);
  const others = [ssoCacheDirectory(ctx.env), home && joinPath(home, ".aws", "cli", "cache")];
  const files = [login, ...others].flatMap(listCached);
  return [
    ...ctx.platform === "windows" ? [] : files.flatMap((path) => checkMode(path, 0o077, READABLE)),
    ...listCached(login).flatMap((path) => checkSignIn(path, ctx.clock.now())),
  ];
}

const READABLE = {
  what: "others may read it",
  effect: "the AWS CLI's tokens and credentials in it are theirs",
};

/** The AWS CLI writes the file anew each time it renews: an old one is of no more use to anybody. */
function checkSignIn(path: string, nowMs: number): Finding[] {
  const writtenMs = look(path)?.mtime?.getTime() ?? 0;
  if (nowMs - writtenMs > CONSOLE_HOURS * 3_600_000) return [];
  return [{
    id: "credentials.plain-sign-in",
    severity: "note",
    file: path,
    message: "a sign-in of `aws login` lies here in plain text",
    effect:
      `every program that you start can read it, and renew it for up to ${CONSOLE_HOURS} hours`,
    wayOut:
      "sign in with aws-vault signin PROFILE, which keeps it in the keyring, after: aws logout",
  }];
}

function listCached(directory: string | undefined): string[] {
  return directory === undefined
    ? []
    : listFiles(directory).filter((path) => path.endsWith(".json"));
}
