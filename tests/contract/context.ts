import { createFakeEnv } from "../fakes/env.ts";
import type { BackendContext } from "../../backends/settings.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createProcesses } from "../../src/runtime/processes.ts";
import { BackendError } from "../../src/errors.ts";

/** A context with real programs, a plain-object environment, and what `debug` and `note` were told. */
export interface TestContext extends BackendContext {
  readonly debugged: string[];
  /** Every program that was started, with its arguments. */
  readonly started: string[][];
}

export function createTestContext(
  variables: Readonly<Record<string, string>>,
  platform: BackendContext["platform"] = Deno.build.os === "windows" ? "windows" : "linux",
): TestContext {
  const debugged: string[] = [];
  const started: string[][] = [];
  const env = createFakeEnv(variables);
  const processes = createProcesses(env, platform, {
    isInputTerminal: () => false,
    isErrorTerminal: () => false,
    hasTerminal: () => false,
    note: () => {},
    inherited: { lend: () => () => {} },
  });
  return {
    platform,
    env,
    debugged,
    started,
    clock: systemClock,
    processes: {
      find: (name) => processes.find(name),
      run(request) {
        started.push([request.command, ...request.args]);
        return processes.run(request);
      },
    },
    terminal: {
      available: () => false,
      ask: () => Promise.reject(new BackendError("test", "a test has no terminal")),
      isOutput: () => false,
    },
    note: (text) => debugged.push(text),
    tell: (text) => debugged.push(text),
    debug: (text) => debugged.push(text),
  };
}

/** A directory of a test's own, removed with all in it at the end of its scope. */
export function makeTemporary(prefix = "vault-"): Disposable & { path: string } {
  const path = Deno.makeTempDirSync({ prefix });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Writes an executable script and returns its path. */
export function writeProgram(directory: string, name: string, text: string): string {
  const path = `${directory}/${name}`;
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, 0o755);
  return path;
}

/** Runs a program to its end and returns its standard output; throws if it fails. */
export async function runToEnd(
  command: string,
  args: string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    env,
    clearEnv: true,
    stdin: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}
