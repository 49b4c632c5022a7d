import type { BackendSettings } from "../../backends/mod.ts";
import { IniFile } from "../config/ini.ts";
import { UTF16_MARK } from "../config/ini_text.ts";
import { configPath, readConfigText } from "../config/load.ts";
import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { lookAtAgent } from "./agent.ts";
import { checkCliCaches } from "./cli_caches.ts";
import { checkDefault } from "./config_default.ts";
import { checkKeys } from "./config_keys.ts";
import { checkNames } from "./config_names.ts";
import { checkReaders } from "./config_readers.ts";
import { checkSources } from "./config_sources.ts";
import { checkSyntax } from "./config_syntax.ts";
import { checkValues } from "./config_values.ts";
import { passOverNoText } from "./encoding.ts";
import { checkEnvironment } from "./environment.ts";
import { type Facts, gatherFacts } from "./facts.ts";
import { type ConfigView, type Finding, joinHints } from "./finding.ts";
import { lookIntoKeyring } from "./keyring.ts";
import { checkEmptyItems, checkLeftovers, checkUnreadable } from "./leftovers.ts";
import { readLines } from "./lines.ts";
import { checkModes } from "./modes.ts";
import { checkConfigKeys, checkCredentials } from "./plain_keys.ts";
import { readProfiles } from "./profiles.ts";
import { checkPrompt } from "./prompts.ts";

export type { Facts } from "./facts.ts";
export type { Finding } from "./finding.ts";

export interface DoctorSettings extends BackendSettings {
  /** `--prompt`. */
  readonly prompt?: string;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly facts: Facts;
}

/** Looks at everything that can be looked at without a secret, a question or a request. */
export async function diagnose(
  settings: DoctorSettings,
  world: Context,
  { online }: { readonly online: boolean },
): Promise<Diagnosis> {
  const { env, findings: listNoText } = passOverNoText(world.env);
  const ctx = { ...world, env };
  const keyring = await lookIntoKeyring(settings, ctx);
  const { file, lines, findings } = readConfig(ctx);
  const view = { file, lines, keys: keyring.keys };
  const machine = { ...view, ctx };
  const directory = keyring.description?.directory;
  const agent = await lookAtAgent(ctx);
  const { checkOnline } = online ? await import("./online.ts") : { checkOnline: undefined };
  return {
    findings: [
      ...findings,
      ...checkConfig(view),
      ...checkCredentials(machine),
      ...checkConfigKeys(machine),
      ...checkModes(machine, directory),
      ...checkCliCaches(machine),
      ...keyring.findings,
      ...checkLeftovers(machine, directory),
      ...checkEmptyItems(machine, directory),
      ...checkUnreadable(directory),
      ...agent.findings,
      ...checkPrompt(settings.prompt, ctx),
      ...checkEnvironment(machine),
      ...await checkOnline?.(machine) ?? [],
      ...listNoText(),
    ],
    facts: await gatherFacts(settings, view, keyring.description, agent.status, ctx),
  };
}

/** What is wrong with a config file, or read otherwise by others; in the order of its lines. */
export function checkConfig(view: ConfigView): Finding[] {
  const profiles = readProfiles(view);
  return [
    ...checkSyntax(view),
    ...checkKeys(view),
    ...checkValues(view),
    ...checkNames(view, profiles),
    ...checkDefault(view, profiles),
    ...checkSources(view, profiles),
    ...checkReaders(view),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

interface ReadConfig extends Omit<ConfigView, "keys"> {
  readonly findings: readonly Finding[];
}

/** A file that cannot be read at all is a finding like others; the rest is looked at without it. */
function readConfig({ env }: Pick<Context, "env">): ReadConfig {
  try {
    return readSections(env);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const path = env.get("AWS_CONFIG_FILE") || env.get("HOME") ? configPath(env) : "";
    return {
      file: new IniFile(path, ""),
      lines: [],
      findings: [{
        id: "config.unreadable",
        severity: "error",
        ...(path !== "" && { file: path }),
        message: error.message,
        effect: "no command that needs the config file works",
        wayOut: joinHints(error.hints) || "check its owner and mode",
      }],
    };
  }
}

/** A broken line before the first header, which keeps others from reading the file, is in `lines` alone. */
function readSections(env: Context["env"]): ReadConfig {
  const path = configPath(env);
  const { text, isUtf8 } = readConfigText(path);
  const mark = ["\ufeff", UTF16_MARK].find((mark) => text.startsWith(mark)) ?? "";
  const readable = text.slice(mark.length).split("\n");
  const lines = readLines(readable.join("\n"));
  for (const line of lines) {
    if (line.kind === "broken" && line.section === undefined) readable[line.number - 1] = "";
  }
  return { file: new IniFile(path, mark + readable.join("\n"), isUtf8), lines, findings: [] };
}
