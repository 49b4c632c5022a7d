import { openKernel } from "./kernel32.ts";

const POWERSHELLS = ["powershell.exe", "pwsh.exe"];
const TH32CS_SNAPPROCESS = 2;

/** `PROCESSENTRY32W` of tlhelp32.h on 64 bits, with its fields that are used here. */
const ENTRY_SIZE = 568;
const ENTRY_ID = 8;
const ENTRY_PARENT = 32;
const ENTRY_NAME = 44;

/**
 * The name of the PowerShell that has started us on Windows, by itself or through the cmd.exe that
 * runs our launcher; undefined where another shell did.
 */
export function findPowerShell(): string | undefined {
  const processes = listProcesses();
  let id = Deno.ppid;
  for (const through of ["cmd.exe", ""]) {
    const { name = "", parent = 0 } = processes.get(id) ?? {};
    if (POWERSHELLS.includes(name)) return name;
    if (name !== through) return undefined;
    id = parent;
  }
  return undefined;
}

/** By their ids; names in lower case. */
function listProcesses(): Map<number, { name: string; parent: number }> {
  const found = new Map<number, { name: string; parent: number }>();
  const kernel = openKernel({
    CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "isize" },
    Process32FirstW: { parameters: ["isize", "buffer"], result: "i32" },
    Process32NextW: { parameters: ["isize", "buffer"], result: "i32" },
    CloseHandle: { parameters: ["isize"], result: "i32" },
  });
  if (kernel === undefined) return found;
  const snapshot = kernel.CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  const entry = new DataView(new ArrayBuffer(ENTRY_SIZE));
  const bytes = new Uint8Array(entry.buffer);
  entry.setUint32(0, ENTRY_SIZE, true);
  for (
    let more = kernel.Process32FirstW(snapshot, bytes);
    more !== 0;
    more = kernel.Process32NextW(snapshot, bytes)
  ) {
    const name = new TextDecoder("utf-16le").decode(bytes.subarray(ENTRY_NAME)).split("\0")[0]!;
    found.set(entry.getUint32(ENTRY_ID, true), {
      name: name.toLowerCase(),
      parent: entry.getUint32(ENTRY_PARENT, true),
    });
  }
  kernel.CloseHandle(snapshot);
  return found;
}
