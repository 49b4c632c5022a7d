import { openLibc } from "./libc.ts";
import { SIG_IGN, signalNumber, signalsIgnoredAtStart } from "./signals.ts";

/** Listens to those signals that were not ignored at the start; the answer ends the listening. */
export function listen(
  names: readonly Deno.Signal[],
  onSignal: (name: Deno.Signal) => void,
): () => void {
  const ignored = signalsIgnoredAtStart();
  const listeners = names.filter((name) => !ignored.has(name))
    .map((name) => [name, () => onSignal(name)] as const)
    .filter(([name, listener]) => {
      try {
        Deno.addSignalListener(name, listener);
        return true;
      } catch {
        return false; // Windows knows few of them
      }
    });
  // With the first listener Deno begins to handle SIGHUP, SIGINT and SIGTERM itself.
  const libc = openLibc({ signal: { parameters: ["i32", "usize"], result: "usize" } });
  for (const name of ignored) libc?.signal(signalNumber(name)!, SIG_IGN);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}
