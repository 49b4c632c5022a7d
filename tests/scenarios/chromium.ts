/**
 * Headless Chromium as somebody's browser: a script for BROWSER that starts it on the link it is
 * given, and just enough of the DevTools protocol to press a button on the page.
 */
import { until } from "../until.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

export class Chromium {
  readonly #directory: string;

  /** @param directory an empty one, for the script and the browser's profile */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes the script whose path BROWSER is to hold. */
  async writeScript(): Promise<string> {
    const path = `${this.#directory}/browser`;
    const flags = [...FLAGS, `--user-data-dir=${this.#directory}/profile`];
    const script = `#!/bin/sh
echo $$ >"${this.#directory}/pid"
export TMPDIR="${this.#directory}" # it leaves a directory there
exec chromium ${flags.join(" ")} "$1"
`;
    await Deno.writeTextFile(path, script, { mode: 0o755 });
    return path;
  }

  /** Waits for the page to have a text, and gives it. */
  async read(): Promise<string> {
    const socket = await this.#connect();
    try {
      return String(await until(() => evaluate(socket, "document.body.innerText.trim()")));
    } finally {
      socket.close();
    }
  }

  /** Waits for the page to have an element with that id, clicks it, and gives the text before it. */
  async click(id: string): Promise<string> {
    const socket = await this.#connect();
    try {
      const element = `document.getElementById(${JSON.stringify(id)})`;
      await until(() => evaluate(socket, `${element} !== null`));
      const text = await evaluate(socket, "document.body.innerText");
      await evaluate(socket, `${element}.click()`);
      return String(text);
    } finally {
      socket.close();
    }
  }

  async #connect(): Promise<WebSocket> {
    const address = await this.#findPage();
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no answer from ${address}`));
    });
    return socket;
  }

  /** Ends the browser, if it was ever started. */
  async stop(): Promise<void> {
    const pid = await readText(`${this.#directory}/pid`);
    if (pid === undefined) return;
    try {
      Deno.kill(Number(pid), "SIGTERM");
      // It writes its profile until it ends.
      await until(() => !isRunning(pid.trim()));
    } catch { /* it has ended already */ }
  }

  /** The DevTools address of the page the browser was started on. */
  #findPage(): Promise<string> {
    return until(async () => {
      const port = (await readText(`${this.#directory}/profile/DevToolsActivePort`))?.split(
        "\n",
      )[0];
      if (!port) return undefined;
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const pages: { type: string; url: string; webSocketDebuggerUrl: string }[] = await answer
        .json();
      return pages.find(({ type, url }) => type === "page" && url.startsWith("http"))
        ?.webSocketDebuggerUrl;
    });
  }
}

async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
  const answer = new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
  socket.send(JSON.stringify({
    id: 1,
    method: "Runtime.evaluate",
    params: { expression, returnByValue: true },
  }));
  return JSON.parse((await answer).data).result?.result?.value;
}

function isRunning(pid: string): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}
