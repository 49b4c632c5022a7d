import type { Caller } from "../types.ts";
import { nameOfProcess } from "./peers.ts";

/** This process, and its parent as far as the system tells. */
export function findCaller(): Caller {
  const { pid, ppid } = Deno;
  const name = nameOfProcess(ppid);
  return { pid, parent: { pid: ppid, ...(name && { name }) } };
}
