import { requireProgram } from "../require.ts";
import { until } from "../until.ts";

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
  try {
    await until(async () => {
      const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
      await answer?.body?.cancel();
      return answer;
    });
    return { url, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
