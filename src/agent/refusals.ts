import { asksForJson, listOptions, type SplitArguments, splitChild } from "../cli/arguments.ts";
import type { Context } from "../types.ts";
import type { AgentRequest } from "./protocol.ts";

type RefusalContext = Pick<Context, "env" | "peers" | "platform">;

/** The command line as `cli/mod.ts` parts it. */
export function split({ args, variables }: AgentRequest): SplitArguments {
  return splitChild(args, { hasProfile: Boolean(variables.get("AWS_PROFILE")) });
}

/**
 * Why the caller is to see to a request itself, as far as the request shows it; undefined where the
 * agent may try.
 */
export function findRefusal(request: AgentRequest, ctx: RefusalContext): string | undefined {
  const line = split(request);
  if (line.command !== "exec" && line.command !== "export") return "it is for exec and export";
  return findOtherWorld(request, ctx) ?? findRelative(request, line) ??
    (line.command === "exec" ? findProgramRefusal(request, line, ctx) : undefined);
}

/** Deno reads these for the whole process: requests to AWS would go another way than the caller's. */
const OF_THE_NETWORK = [
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "DENO_CERT", "DENO_TLS_CA_STORE"],
];
/** Their hosts and files are permitted to a process when it starts. */
const OF_PERMISSIONS =
  /^AWS_(ENDPOINT_URL.*|EC2_METADATA_SERVICE_ENDPOINT|CONTAINER_CREDENTIALS_FULL_URI|VAULT_ALLOW_NET|VAULT_AUDIT_LOG|LOGIN_CACHE_DIRECTORY)$/;

function findOtherWorld(
  { variables }: AgentRequest,
  { env }: RefusalContext,
): string | undefined {
  if (variables.get("HOME") !== env.get("HOME")) return "HOME is another one";
  const differs = (name: string) => (variables.get(name) || "") !== (ownValue(name, env) || "");
  const hosts = [...variables.keys()].filter((name) =>
    OF_PERMISSIONS.test(name) && variables.get(name)
  );
  const other = [...OF_THE_NETWORK, ...hosts].find(differs);
  return other && `${other} is not what the agent was started with`;
}

/** The launcher has put away what Deno would obey. */
function ownValue(name: string, env: Context["env"]): string | undefined {
  const kept = env.get(`AWS_VAULT_KEPT_${name}`);
  return name.startsWith("DENO_") ? kept : kept ?? env.get(name);
}

const OF_A_PATH = /^AWS_.*_(FILE|DIR|DIRECTORY|LOG|PATH)$/;

/** The agent stands in another directory. */
function findRelative(
  { variables }: AgentRequest,
  { own }: SplitArguments,
): string | undefined {
  const isRelative = (path: string) => path !== "" && !/^(\/|~\/)/.test(path);
  const variable = [...variables].find(([name, value]) =>
    OF_A_PATH.test(name) && isRelative(value)
  );
  if (variable !== undefined) return `${variable[0]} is a relative path`;
  const special = [...variables].find(([name, value]) => OF_A_PATH.test(name) && isSpecial(value));
  if (special !== undefined) return `${special[0]} is a pipe or a device`;
  const flag = own.find((word, index) => {
    if (!/^--[a-z]+-dir(=|$)/.test(word)) return false;
    return isRelative(word.includes("=") ? word.replace(/^.*?=/, "") : own[index + 1] ?? "");
  });
  return flag && `${flag} is a relative path`;
}

/** What only the caller has open (`<(…)`), or what can be read only once. */
function isSpecial(path: string): boolean {
  if (/^\/(dev|proc)\//.test(path)) return true;
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return !isFile && !isDirectory;
  } catch {
    return false;
  }
}

const OF_A_SERVER = /^(-s|--((ecs-|ec2-)?server|lazy|imdsv2).*)$/;

/** What `exec` may be asked to do beside starting one program in the caller's place. */
function findProgramRefusal(
  request: AgentRequest,
  { own, child }: SplitArguments,
  ctx: RefusalContext,
): string | undefined {
  if (listOptions(own).some((option) => OF_A_SERVER.test(option))) {
    return "it is to stay as a server";
  }
  if (asksForJson(own)) return undefined;
  if (child.length === 0) return "it is for a shell on the user's terminal";
  if (child[0]!.startsWith("-")) return "the program's name begins with -";
  if (!isFound(child[0]!, request)) return "its program is not to be found";
  return findLostVariable(request, ctx);
}

/** As `sh` looks for a program; where it finds none, the caller has the words for it. */
function isFound(command: string, { variables }: AgentRequest): boolean {
  const standing = variables.get("PWD") ?? "";
  const directories = command.includes("/") ? [""] : variables.get("PATH")?.split(":") ?? [];
  return directories.some((directory) => {
    const path = directory === "" ? command : `${directory}/${command}`;
    return isProgram(path.startsWith("/") ? path : `${standing}/${path}`);
  });
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** Names that some `sh` gives a meaning or a value of its own when it starts. */
const CHANGED_BY_SHELLS = [
  ...["IFS", "PS1", "PS2", "PS4", "OPTIND", "OPTARG", "PPID", "LINENO", "ENV", "RANDOM"],
  ...["AWS_VAULT_NOFILE", "AWS_VAULT_KEPT"],
];

const entriesRead = new WeakMap<AgentRequest, string[]>();

/** Elsewhere than on Linux nobody tells; there `sh` is one that keeps all. */
function readEntries(request: AgentRequest, { peers }: RefusalContext): string[] | undefined {
  const known = entriesRead.get(request);
  if (known !== undefined) return known;
  const decoder = new TextDecoder("latin1");
  const entries = peers.environmentOf(request.processId)?.map((entry) => decoder.decode(entry));
  if (entries !== undefined) entriesRead.set(request, entries);
  return entries;
}

/** What an `sh` has exported of its own accord, beside what it was given. */
export function findAdded(request: AgentRequest, ctx: RefusalContext): string[] {
  const entries = readEntries(request, ctx);
  const isNew = (name: string) => !entries?.some((entry) => entry.startsWith(`${name}=`));
  return entries === undefined ? [] : ["OLDPWD", "PWD", "SHLVL"].filter(isNew);
}

/**
 * The program gets its environment from the launcher, an `sh`: undefined where that has it as it
 * was given.
 */
function findLostVariable(request: AgentRequest, ctx: RefusalContext): string | undefined {
  if (ctx.platform !== "linux") return undefined;
  const { variables } = request;
  const entries = readEntries(request, ctx);
  if (entries === undefined) return "its environment cannot be seen";
  const names = entries.map((entry) => entry.split("=", 1)[0]!);
  const lost = entries.find((entry, index) => {
    const name = names[index]!;
    if (name === "PWD") return entry !== `PWD=${variables.get("PWD")}`;
    if (name === "OLDPWD") return !isDirectory(entry.slice("OLDPWD=".length));
    return !entry.includes("=") || !/^([A-Za-z][A-Za-z0-9_]*|_)$/.test(name) ||
      CHANGED_BY_SHELLS.includes(name) || names.indexOf(name) !== index;
  });
  return lost === undefined ? undefined : "`sh` would change its environment";
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
