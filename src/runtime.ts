import { systemClock } from "./runtime/clock.ts";
import { createEnv } from "./runtime/env.ts";
import { findHelper } from "./runtime/find_program.ts";
import { protectMemory } from "./runtime/memory.ts";
import { finish } from "./runtime/finish.ts";
import { inheritEnvironment } from "./runtime/inherited_environment.ts";
import { createOutput } from "./runtime/output.ts";
import { peers } from "./runtime/peers.ts";
import { keepPermissions } from "./runtime/permissions.ts";
import { end } from "./runtime/signals.ts";
import { createTerminal } from "./runtime/terminal.ts";
import { doMeanwhile } from "./runtime/timer.ts";
import type { Exit, HelperKind, World } from "./types.ts";

/** The world as it is: what `main` gives a run. The only part that touches Deno's own functions. */
export type Runtime = World & {
  readonly args: string[];
  /** Ends the process, by a code or as a child did. */
  end(exit: Exit): never;
  /** Ends it as the last thing there is to do. */
  finish(exit: Exit): void;
};

/** A person is asked by these, who may let them wait. */
const ASKING: readonly HelperKind[] = ["dialog", "device", "mfa_command"];

/** Another program that takes longer may be asking too: gpg by its pinentry, a sign-in of its own. */
const QUICK_MS = 500;

const loadRest = async () => await (await import("./rest.ts")).loadRest();

export function createRuntime(): Runtime {
  const platform = Deno.build.os === "darwin" || Deno.build.os === "windows"
    ? Deno.build.os
    : "linux";
  const inherited = inheritEnvironment(); // before memory is closed, to us too
  const env = createEnv(platform);
  const terminal = createTerminal(platform);
  const output = createOutput();
  const own = {
    isInputTerminal: () => Deno.stdin.isTerminal(),
    isErrorTerminal: () => Deno.stderr.isTerminal(),
    hasTerminal: () => platform !== "windows" && terminal.available(),
    note: output.note,
    inherited,
  };
  let debugging = false;
  let idle = true;
  const busily = <A extends unknown[], R>(
    work: (...args: A) => R,
    isSecret: (...args: A) => boolean = () => true, // what helper programs and users answer may be
  ) =>
  (...args: A): R => {
    idle = false;
    if (isSecret(...args)) protectMemory();
    return work(...args);
  };
  return {
    platform,
    clock: systemClock,
    env,
    // What starts programs is loaded when one is started.
    processes: {
      find: (name) => findHelper(name, env, platform),
      run: busily(
        async (request) => {
          const { createProcesses } = await import("./runtime/processes.ts");
          if (ASKING.includes(request.kind)) await loadRest();
          const running = createProcesses(env, platform, own).run(request);
          return await doMeanwhile(QUICK_MS, running, loadRest);
        },
        ({ kind }) => kind !== "system",
      ),
    },
    children: {
      run: busily(async (request) =>
        await (await import("./runtime/children.ts")).runChild(request, env, platform, inherited)
      ),
    },
    companions: {
      startAsRoot: busily(async (request) =>
        (await import("./runtime/companion.ts")).createCompanions(env).startAsRoot(request)
      ),
      startAgain: busily(async (words) =>
        (await import("./runtime/companion.ts")).createCompanions(env, undefined, inherited)
          .startAgain(words)
      ),
    },
    peers,
    terminal: {
      ...terminal,
      ask: busily(async (message, options) => {
        await loadRest();
        return await terminal.ask(message, options);
      }),
    },
    caller: async () => (await import("./runtime/caller.ts")).findCaller(),
    protectMemory,
    keepPermissions,
    args: Deno.args,
    out: output.out,
    note: output.note,
    outStyled: output.outStyled,
    progress: output.progress,
    setDebug: (on) => debugging = on,
    debug(text) {
      if (debugging) output.note(text);
    },
    end,
    finish: (exit) => finish(exit, idle, output),
  };
}
