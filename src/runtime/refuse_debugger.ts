import { takeHarmlessly } from "./signals.ts";

let done = false;

/**
 * Keeps `deno run` from opening a debugger for whoever sends it SIGUSR1, where the launcher has not
 * blocked that signal. To be called before a run waits for anything: Deno begins to listen half a
 * second after its start.
 *
 * Deno has one handler for all who listen for a signal, set when the first of them comes. That is we,
 * and a function that does nothing takes its place: who comes later sets none. Programs that are
 * started get the signal as it was, since they inherit no handler. Without a C library all stays.
 */
export function refuseDebugger(): void {
  if (done || Deno.build.os === "windows") return;
  done = true;
  const listener = () => {};
  Deno.addSignalListener("SIGUSR1", listener);
  if (!takeHarmlessly("SIGUSR1")) Deno.removeSignalListener("SIGUSR1", listener);
}
