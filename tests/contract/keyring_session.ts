import { makeTemporary } from "./context.ts";
import { until } from "../until.ts";

/** A gnome-keyring that is unlocked, in a D-Bus session of its own. */
export interface KeyringSession extends AsyncDisposable {
  readonly variables: Readonly<Record<string, string>>;
  /** Starts the daemon anew without a password, as after a login that did not unlock it. */
  restartLocked(): Promise<void>;
}

/** @param collections made besides `login`, unencrypted, as a desktop dialog would make them */
export async function startKeyring(collections: readonly string[] = []): Promise<KeyringSession> {
  const temporary = makeTemporary("vkeyring-");
  const home = temporary.path;
  Deno.mkdirSync(`${home}/run`, { mode: 0o700 });
  Deno.mkdirSync(`${home}/data/keyrings`, { recursive: true });
  for (const name of collections) {
    const text = `[keyring]\ndisplay-name=${name}\nctime=0\nmtime=0\nlock-on-idle=false\n`;
    Deno.writeTextFileSync(`${home}/data/keyrings/${name}.keyring`, text);
  }
  const base = {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: home,
    XDG_DATA_HOME: `${home}/data`,
    XDG_RUNTIME_DIR: `${home}/run`,
  };
  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--print-address"], base);
  const variables = { ...base, DBUS_SESSION_BUS_ADDRESS: await readLine(bus.stdout) };
  let keyring = await startDaemon(variables, "a password");
  return {
    variables,
    async restartLocked() {
      await end(keyring);
      keyring = await startDaemon(variables);
    },
    async [Symbol.asyncDispose]() {
      await end(keyring);
      await end(bus);
      temporary[Symbol.dispose]();
    },
  };
}

async function startDaemon(
  variables: Readonly<Record<string, string>>,
  password?: string,
): Promise<Deno.ChildProcess> {
  const unlock = password === undefined ? [] : ["--unlock"];
  const args = ["--foreground", ...unlock, "--components=secrets"];
  const daemon = spawn("gnome-keyring-daemon", args, variables);
  const input = daemon.stdin.getWriter();
  if (password !== undefined) await input.write(new TextEncoder().encode(password));
  await input.close();
  await waitForService(variables);
  return daemon;
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // Another has taken its place; that one ends with the bus.
  }
  await child.status;
  await child.stdout.cancel();
}

function spawn(command: string, args: string[], env: Readonly<Record<string, string>>) {
  const options = { args, env, clearEnv: true, stdin: "piped", stdout: "piped", stderr: "null" };
  return new Deno.Command(command, options as Deno.CommandOptions).spawn();
}

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("dbus-daemon ended before it told its address");
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text.split("\n")[0]!;
}

/** To ask the service itself before it has its name would make D-Bus start a second one. */
export async function waitForService(variables: Readonly<Record<string, string>>): Promise<void> {
  const args = ["call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/"];
  args.push("--method", "org.freedesktop.DBus.NameHasOwner", "org.freedesktop.secrets");
  const gdbus = new Deno.Command("gdbus", { args, env: variables, clearEnv: true });
  await until(async () => new TextDecoder().decode((await gdbus.output()).stdout).includes("true"));
}
