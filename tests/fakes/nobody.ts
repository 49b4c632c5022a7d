import type { Context } from "../../src/types.ts";

export function unwanted(): never {
  throw new Error("nobody is asked here");
}

/** The parts of a world in which nobody else is: whoever asks one fails the test. */
export const NOBODY = {
  companions: { startAsRoot: unwanted, startAgain: unwanted },
  peers: {
    ask: unwanted,
    userId: unwanted,
    environmentOf: unwanted,
    nameOf: unwanted,
    isStopped: unwanted,
    detach: unwanted,
    releaseMemory: unwanted,
  },
  protectMemory() {},
  caller: () => Promise.resolve({ pid: 1 }),
  keepPermissions() {},
  progress() {},
} satisfies Partial<Context>;
