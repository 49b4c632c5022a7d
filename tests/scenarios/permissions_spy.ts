/**
 * Loaded before the command, tells on standard error what is permitted from inside:
 * `{"at","net","run","write","ffi"}` when the first item of the keyring is read ("secret"), when the
 * answer is written ("answer"), when the program beside us asks its server ("served"), and at the
 * end ("end").
 */
import { LIBC_PATHS } from "../../src/runtime/libc_paths.ts";

const home = Deno.env.get("HOME")!;
const told = new Set<string>();

function tell(at: string): void {
  if (told.has(at)) return;
  told.add(at);
  const may = (descriptor: Deno.PermissionDescriptor) =>
    Deno.permissions.querySync(descriptor).state === "granted";
  console.error(JSON.stringify({
    at,
    net: may({ name: "net", host: "sts.eu-west-1.amazonaws.com" }),
    run: may({ name: "run", command: "/bin/sh" }),
    write: may({ name: "write", path: `${home}/.awsvault` }),
    ffi: may({ name: "ffi", path: LIBC_PATHS[0] }),
  }));
}

addEventListener("unload", () => tell("end"));

const { readTextFileSync } = Deno;
Deno.readTextFileSync = (path) => {
  if (String(path).includes("/.awsvault/keys/")) tell("secret");
  return readTextFileSync(path);
};

const { writeSync } = Deno.stdout;
Deno.stdout.writeSync = (bytes) => {
  tell("answer");
  return writeSync.call(Deno.stdout, bytes);
};

const { listen } = Deno;
Deno.listen = ((options: Deno.TcpListenOptions) => {
  const listener = listen(options);
  const accept = listener.accept.bind(listener);
  listener.accept = async () => {
    const connection = await accept();
    tell("served");
    return connection;
  };
  return listener;
}) as typeof Deno.listen;
