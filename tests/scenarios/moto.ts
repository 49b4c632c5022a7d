import { requireProgram } from "../require.ts";

/** Whether tests against moto's AWS can run. */
export const HAS_MOTO = requireProgram("moto_server");

export interface Moto extends AsyncDisposable {
  readonly url: string;
}

/** moto's AWS on a free port, ended by its process when the test ends. */
export async function startMoto(): Promise<Moto> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://127.0.0.1:${port}`;
  const child = new Deno.Command("moto_server", {
    args: ["-H", "127.0.0.1", "-p", String(port)],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    child.kill("SIGTERM");
    await child.status;
  };
  for (let tries = 0; tries < 300; tries++) {
    try {
      await (await fetch(`${url}/moto-api/data.json`)).body?.cancel();
      return { url, [Symbol.asyncDispose]: stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await stop();
  throw new Error(`moto_server does not answer on ${url}`);
}
