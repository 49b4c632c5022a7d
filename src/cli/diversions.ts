import { IniFile } from "../config/ini.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { readPlainFile } from "../files.ts";
import type { Context } from "../types.ts";
import type { App } from "./app.ts";
import { readSection } from "./sections.ts";

/** Settings that give a profile credentials of its own, in some SDK at least. */
const CREDENTIAL_SETTINGS = [
  ...["aws_access_key_id", "credential_process", "role_arn", "web_identity_token_file"],
  ...["sso_account_id", "login_session"],
];

/**
 * Tells of a `[default]` with credentials: SDKs look into the files before they ask a server, and
 * the program would be somebody else without a word.
 */
export function warnOfDefault(app: App): void {
  const found = findSetting(app.config()) ?? findSetting(loadCredentialsFile(app.ctx.env));
  if (found === undefined) return;
  app.ctx.note(
    `aws-vault: warning: [default] has credentials (${found}): AWS SDKs take those before this server's\n` +
      "  give that section another name, or run the program without a server",
  );
}

function findSetting(file: IniFile | undefined): string | undefined {
  const section = file && readSection(file, "profile", "default");
  const key = CREDENTIAL_SETTINGS.find((name) => section?.get(name)?.value);
  return key && `${file!.path}, line ${section!.get(key)!.line}: ${key}`;
}

/** The credentials file, where it is there and readable. */
function loadCredentialsFile(env: Context["env"]): IniFile | undefined {
  const path = credentialsPath(env);
  if (path === undefined) return undefined;
  try {
    return new IniFile(path, new TextDecoder().decode(readPlainFile(path)));
  } catch {
    return undefined;
  }
}
