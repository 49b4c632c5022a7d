/** Holds the import arrows, and what a start loads, against docs/design.md; there are no circles. */
import { BACKENDS, COMMANDS, OTHER_ENTRIES, staysOutOfStart } from "./start_rule.ts";

/** Who may import whom, by the first rule whose pattern fits; everyone may import EVERYONE. */
const EVERYONE =
  "types errors characters counts expiry files paths digest quoting waiting accept rest"
    .split(" ")
    .map((name) => `src/${name}.ts`);
const ALLOWED: readonly (readonly [importer: string, targets: readonly string[]])[] = [
  ["compiled.ts", ["main.ts", "src/runtime/guard_requests.ts"]],
  ["quick.ts", ["src/cli/completion/mod.ts", "src/cli/version.ts", "src/runtime.ts"]],
  ["credential_process.ts", ["src/cli/credential_process.ts", "src/world.ts"]],
  ["main.ts", ["src/cli/mod.ts", "src/world.ts"]],
  ["src/world.ts", ["src/runtime.ts", "src/agent/client.ts"]],
  ["src/runtime.ts", ["src/runtime/"]],
  ["src/runtime/", ["src/runtime/"]],
  ["src/permissions.ts", ["src/credentials/steps.ts"]],
  ["src/cli/commands/agent_", ["src/cli/", "src/agent/", "src/config/duration.ts", "src/prompt/"]],
  ["src/agent/client.ts", ["src/agent/"]],
  ["src/agent/", [
    "src/agent/",
    "src/cli/arguments.ts",
    "src/cli/version.ts",
    "src/runtime/plain_text.ts",
  ]],
  ["src/cli/program.ts", ["src/cli/", "src/prompt/", "src/permissions.ts"]],
  ["src/cli/table.ts", ["src/runtime/plain_text.ts"]],
  ["src/cli/commands/proxy.ts", ["src/cli/", "src/server/", "src/runtime/listen.ts"]],
  ["src/cli/", [
    "src/cli/",
    "src/config/",
    "src/credentials/",
    "src/doctor/",
    "src/server/",
    "src/prompt/",
    "src/aws/",
    "src/permissions.ts",
    "backends/mod.ts",
    "completions/",
  ]],
  ["src/doctor/agent.ts", ["src/doctor/", "src/agent/client.ts", "src/agent/place.ts"]],
  ["src/doctor/online.ts", [
    "src/doctor/",
    "src/config/",
    "src/aws/send.ts",
    "src/aws/addresses.ts",
    "src/aws/proxy.ts",
  ]],
  ["src/doctor/", [
    "src/doctor/",
    "src/config/",
    "src/credentials/session_key.ts",
    "src/credentials/signin/cli_places.ts",
    "src/prompt/mod.ts",
    "backends/mod.ts",
  ]],
  ["src/config/", ["src/config/"]],
  ["src/credentials/plan.ts", [
    "src/credentials/plan_steps.ts",
    "src/credentials/steps.ts",
    "src/credentials/targets.ts",
    "src/config/profile.ts",
  ]],
  ["src/credentials/plan_steps.ts", [
    "src/credentials/steps.ts",
    "src/credentials/targets.ts",
    "src/config/profile.ts",
  ]],
  ["src/credentials/targets.ts", [
    "src/credentials/steps.ts",
    "src/config/profile.ts",
    "src/config/region.ts",
  ]],
  ["src/credentials/signin/", [
    "src/credentials/",
    "src/aws/",
    "src/prompt/browser.ts",
    "src/server/callback.ts",
  ]],
  ["src/credentials/", [
    "src/credentials/",
    "src/aws/",
    "src/config/profile.ts",
    "src/config/endpoint.ts",
  ]],
  ["src/aws/", ["src/aws/", "src/credentials/steps.ts"]],
  ["src/prompt/picker.ts", ["src/prompt/", "src/runtime/plain_text.ts"]],
  ["src/prompt/", ["src/prompt/"]],
  ["src/server/", ["src/server/"]],
  ["backends/", ["backends/"]],
  ["completions/", []],
];

/** Only these reach AWS's packages. */
const AWS_CLIENTS = "src/aws/";
/** Only `import()` reaches these from outside. */
const BEHIND_IMPORT = [AWS_CLIENTS, "src/server/"];

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
}
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

const root = new URL("..", import.meta.url).href;
const modules = await readGraph();
const byName = new Map(modules.map((module) => [module.specifier, module]));
const faults = [...modules.flatMap(checkModule), ...checkCircles(), ...checkStart()];
for (const fault of faults) console.error(fault);
console.log(`import table: ${modules.length} modules, ${faults.length} faults`);
if (faults.length > 0) Deno.exit(1);

async function readGraph(): Promise<Module[]> {
  const found = new Map<string, Module>();
  for (const entry of ["compiled.ts", ...OTHER_ENTRIES]) { // each leads to all that starts with it
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: new URL(root),
      stderr: "inherit",
    }).output();
    const graph = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
    for (const module of graph.modules) found.set(module.specifier, module);
  }
  return [...found.values()].filter((module) => module.specifier.startsWith(root));
}

function checkModule(module: Module): string[] {
  const importer = local(module.specifier);
  if (EVERYONE.includes(importer)) return [];
  const rule = ALLOWED.find(([pattern]) => fits(importer, pattern));
  if (rule === undefined) return [`${importer}: no rule of the import table speaks of it`];
  return (module.dependencies ?? []).flatMap((dependency) => {
    const specifier = targetOf(dependency);
    if (!specifier.startsWith(root)) return checkPackage(importer, dependency);
    const target = local(specifier);
    const free = EVERYONE.includes(target) || rule[1].some((pattern) => fits(target, pattern));
    if (!free || isBetweenSiblings(importer, target)) return [`${importer} imports ${target}`];
    const onlyLazily = BEHIND_IMPORT.find((pattern) => fits(target, pattern));
    if (onlyLazily === undefined || fits(importer, onlyLazily)) return [];
    if (dependency.isDynamic || dependency.code === undefined) return [];
    return [`${importer} imports ${target} other than by import()`];
  });
}

/** No backend knows another, only their mod.ts does; no command another, only the table. */
function isBetweenSiblings(importer: string, target: string): boolean {
  return BACKENDS.includes(target) && importer !== "backends/mod.ts" ||
    fits(target, COMMANDS) && importer !== "src/cli/mod.ts";
}

function checkPackage(importer: string, { specifier }: Dependency): string[] {
  if (specifier.startsWith("@aws-sdk/") && !fits(importer, AWS_CLIENTS)) {
    return [`${importer} imports ${specifier}`];
  }
  return specifier.startsWith("node:") ? [`${importer} imports ${specifier}`] : [];
}

/** A module may not come back to itself, by imports of types and by `import()` neither. */
function checkCircles(): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  const visit = (specifier: string, path: readonly string[]) => {
    if (path.includes(specifier)) {
      const circle = [...path.slice(path.indexOf(specifier)), specifier];
      faults.push(`a circle of imports: ${circle.map(local).join(" → ")}`);
    }
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const dependency of byName.get(specifier)?.dependencies ?? []) {
      visit(targetOf(dependency), [...path, specifier]);
    }
  };
  for (const { specifier } of modules) visit(specifier, []);
  return faults;
}

/** What every start loads, before anything is decided. */
function checkStart(): string[] {
  const seen = new Set<string>();
  const faults: string[] = [];
  const visit = (specifier: string, from: string) => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    const name = specifier.startsWith(root) ? local(specifier) : specifier;
    if (staysOutOfStart(name)) faults.push(`every start loads ${name}, by way of ${from}`);
    for (const dependency of byName.get(specifier)?.dependencies ?? []) {
      if (dependency.isDynamic || dependency.code?.specifier === undefined) continue;
      visit(dependency.code.specifier, name);
    }
  };
  visit(`${root}main.ts`, "the command line");
  return faults;
}

function targetOf({ code, type }: Dependency): string {
  return code?.specifier ?? type?.specifier ?? "";
}

function local(specifier: string): string {
  return specifier.slice(root.length);
}

function fits(path: string, pattern: string): boolean {
  return /[/_]$/.test(pattern) ? path.startsWith(pattern) : path === pattern;
}
