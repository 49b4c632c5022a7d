import { systemClock } from "./runtime/clock.ts";
import { createEnv } from "./runtime/env.ts";
import { findHelper } from "./runtime/find_program.ts";
import { protectMemory } from "./runtime/memory.ts";
import { finish } from "./runtime/finish.ts";
import { type InheritedEnvironment, inheritEnvironment } from "./runtime/inherited_environment.ts";
import { createOutput } from "./runtime/output.ts";
import { peers } from "./runtime/peers.ts";
import { refuseDebugger } from "./runtime/refuse_debugger.ts";
import type { Surroundings } from "./runtime/processes.ts";
import { keepPermissions } from "./runtime/permissions.ts";
import { end } from "./runtime/signals.ts";
import { createTerminal } from "./runtime/terminal.ts";
import { doMeanwhile } from "./runtime/timer.ts";
import type { Context, Env, Exit, HelperKind, World } from "./types.ts";

/** The world as it is: what `main` gives a run. The only part that touches Deno's own functions. */
export type Runtime = World & {
  readonly args: string[];
  /** Ends the process, by a code or as a child did. */
  end(exit: Exit): never;
  /** Ends it as the last thing there is to do. */
  finish(exit: Exit, hasWaited?: boolean): void;
};

/** A person is asked by these, who may let them wait. */
const ASKING: readonly HelperKind[] = ["dialog", "device", "mfa_command"];

/** Another program that takes longer may be asking too: gpg by its pinentry, a sign-in of its own. */
const QUICK_MS = 500;

const loadRest = async () => await (await import("./rest.ts")).loadRest();

/**
 * Takes what is secret out of the environment, and what the launcher has left there for us.
 *
 * @param isUnblocked the launcher has not blocked the signal that opens Deno's debugger: that is kept
 * out before the run waits for a program, a person, a request or another run
 */
export function createRuntime(isUnblocked = false): Runtime {
  const beforeWaiting = () => {
    if (isUnblocked) refuseDebugger();
  };
  const platform = Deno.build.os === "darwin" || Deno.build.os === "windows"
    ? Deno.build.os
    : "linux";
  const inherited = inheritEnvironment(); // before memory is closed, to us too
  const env = createEnv(platform);
  const terminal = createTerminal(platform);
  const output = createOutput();
  let debugging = false;
  let idle = true;
  const busily: Busily = (work, isSecret = () => true) => (...args) => {
    idle = false;
    beforeWaiting();
    if (isSecret(...args)) protectMemory();
    return work(...args);
  };
  const own = {
    isInputTerminal: () => Deno.stdin.isTerminal(),
    isErrorTerminal: () => Deno.stderr.isTerminal(),
    hasTerminal: () => platform !== "windows" && terminal.available(),
    note: output.note,
    inherited,
  };
  return {
    platform,
    clock: {
      now: systemClock.now,
      sleep(milliseconds, signal) {
        beforeWaiting();
        return systemClock.sleep(milliseconds, signal);
      },
    },
    env,
    ...createStarters(env, platform, own, busily),
    peers,
    terminal: {
      ...terminal,
      ask: busily(async (message, options) => {
        await loadRest();
        return await terminal.ask(message, options);
      }),
    },
    caller: async () => (await import("./runtime/caller.ts")).findCaller(),
    protectMemory() {
      beforeWaiting();
      protectMemory();
    },
    keepPermissions,
    args: Deno.args,
    out: output.out,
    note: output.note,
    tell(text) {
      output.note(text);
      if (!Deno.stderr.isTerminal()) terminal.show(text);
    },
    outStyled: output.outStyled,
    progress: output.progress,
    setDebug: (on) => debugging = on,
    debug(text) {
      if (debugging) output.note(text);
    },
    end,
    finish: (exit, hasWaited = false) => finish(exit, idle, output, hasWaited),
  };
}

/**
 * A function that a run may not end by running out after, and whose answers may be secrets: of helper
 * programs and of users all are, but where `isSecret` says otherwise.
 */
type Busily = <A extends unknown[], R>(
  work: (...args: A) => R,
  isSecret?: (...args: A) => boolean,
) => (...args: A) => R;

/** What starts programs, which is loaded when one is started. */
function createStarters(
  env: Env,
  platform: Context["platform"],
  own: Surroundings & { readonly inherited: InheritedEnvironment },
  busily: Busily,
): Pick<World, "processes" | "children" | "companions"> {
  const { inherited } = own;
  return {
    processes: {
      find: (name) => findHelper(name, env, platform),
      run: busily(
        async (request) => {
          const { createProcesses } = await import("./runtime/processes.ts");
          if (ASKING.includes(request.kind)) await loadRest();
          const running = createProcesses(env, platform, own).run(request);
          // Where it is gone already, whoever calls it says so.
          return await doMeanwhile(QUICK_MS, running, () => void loadRest().catch(() => {}));
        },
        ({ kind }) => kind !== "system",
      ),
    },
    children: {
      locate: async (command) =>
        (await import("./runtime/children.ts")).locate(command, env, platform),
      run: busily(async (request) =>
        await (await import("./runtime/children.ts")).runChild(request, env, inherited)
      ),
    },
    companions: {
      startAsRoot: busily(async (request) =>
        (await import("./runtime/start_as_root.ts")).startAsRoot(request, env)
      ),
      startAgain: busily(async (words) =>
        (await import("./runtime/start_again.ts")).startAgain(words, env, inherited)
      ),
    },
  };
}
