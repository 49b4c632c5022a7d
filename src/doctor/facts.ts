import {
  type BackendSettings,
  findCandidates,
  type KeyringDescription,
} from "../../backends/mod.ts";
import { listDrivers } from "../prompt/mod.ts";
import type { Context } from "../types.ts";
import type { Status } from "./agent.ts";
import type { ConfigView } from "./finding.ts";

/** What was looked at, fault or none. */
export interface Facts {
  readonly config: { readonly path: string; readonly profiles: number };
  /** Absent where settings are wrong. */
  readonly backend?: string;
  /** Of the `file` backend, where its items lie. */
  readonly directory?: string;
  /** Where sessions go, if elsewhere. */
  readonly sessionBackend?: string;
  readonly backends: readonly { readonly name: string; readonly obstacle?: string }[];
  /** Where the keyring's passphrase comes from. */
  readonly passphrase?: string;
  /** The ways to ask for an MFA code that can be used here. */
  readonly prompts: readonly string[];
  readonly programs: readonly {
    readonly name: string;
    readonly path: string;
    readonly version?: string;
  }[];
  /** As `agent status --json` has it. */
  readonly agent: Status;
  readonly deno: string;
  readonly platform: string;
}

export async function gatherFacts(
  settings: BackendSettings,
  view: ConfigView,
  keyring: KeyringDescription | undefined,
  agent: Status,
  ctx: Context,
): Promise<Facts> {
  return {
    config: { path: view.file.path, profiles: view.file.readableNames("profile").length },
    backend: keyring?.name,
    directory: keyring?.directory,
    sessionBackend: keyring?.sessions,
    backends: keyring === undefined ? [] : [...findCandidates(settings, ctx)],
    passphrase: keyring?.passphrase,
    prompts: listDrivers(ctx),
    programs: await findPrograms(ctx),
    agent,
    deno: Deno.version.deno,
    platform: ctx.platform,
  };
}

/** Programs that this tool may start, and how each says its version. */
const PROGRAMS: Readonly<Record<string, readonly string[] | undefined>> = {
  "docker-credential-osxkeychain": ["version"],
  "docker-credential-pass": ["version"],
  "docker-credential-secretservice": ["version"],
  "docker-credential-wincred": ["version"],
  "gpg": ["--version"],
  "kdialog": ["--version"],
  "pass": ["version"],
  "secret-tool": ["--version"],
  "security": undefined,
  "ykman": ["--version"],
  "zenity": ["--version"],
};

async function findPrograms(ctx: Context) {
  const found = Object.entries(PROGRAMS).flatMap(([name, args]) => {
    const path = ctx.processes.find(name);
    return path === undefined ? [] : [{ name, path, args }];
  });
  return await Promise.all(found.map(async ({ name, path, args }) => {
    const version = args && await readVersion(path, args, ctx);
    return { name, path, ...(version && { version }) };
  }));
}

async function readVersion(
  command: string,
  args: readonly string[],
  ctx: Context,
): Promise<string | undefined> {
  try {
    const { stdout } = await ctx.processes.run({
      kind: "dialog",
      command,
      args,
      timeoutSeconds: 5,
    });
    const text = new TextDecoder().decode(stdout);
    return /v?\d+\.\d+[\w.-]*/.exec(text)?.[0];
  } catch {
    return undefined;
  }
}
