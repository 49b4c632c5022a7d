import type { IniFile } from "../config/ini.ts";
import type { ProfileConfig } from "../config/profile.ts";
import { resolveProfile } from "../config/resolve.ts";
import type { Env } from "../types.ts";
import type { App } from "./app.ts";

/** The profiles whose credentials begin with `holder`'s keys: sessions kept for them go with those. */
export function listDependants(holder: string, app: App): string[] {
  const file = app.config();
  const others = file.names("profile").filter((name) =>
    name !== holder && comesFrom(holder, name, file, app.ctx.env)
  );
  return [holder, ...others];
}

function comesFrom(holder: string, name: string, file: IniFile, env: Env): boolean {
  try {
    return walkChain(name, file, env).some(({ profile }) => profile === holder);
  } catch {
    return false; // a fault in some other profile's settings is none of this one's
  }
}

/** A profile and its source profiles, outwards in. */
export function walkChain(profile: string, file: IniFile, env: Env): ProfileConfig[] {
  const chain: ProfileConfig[] = [];
  let next: ProfileConfig | undefined = resolveProfile(profile, file, env, {});
  for (; next !== undefined; next = next.sourceProfile) chain.push(next);
  return chain;
}
