/**
 * Prints how the ECS server bears load (RELIABILITY 21 and 22), and what it costs while nobody
 * asks: `deno run -A tests/bench/server_bench.ts`. Needs python3, and Linux for the idle cost.
 */
import { systemClock } from "../../src/runtime/clock.ts";
import { startEcsServer } from "../../src/server/ecs.ts";
import { refreshing } from "../../src/server/source.ts";
import { FakeOrigin } from "../unit/server/fake_source.ts";
import { countWakeUps, readResident, sleep } from "./timing.ts";

const LOAD = new URL("../scenarios/clients/load.py", import.meta.url).pathname;
const HALF_OPEN = 500;
const CALLERS = 50;
const IDLE_SECONDS = 20;

if (Deno.args[0] === "serve") await serve();
else await bench();

/** The server in a process of its own; each line on standard input is answered with the questions so far. */
async function serve(): Promise<void> {
  const origin = new FakeOrigin(systemClock);
  const server = startEcsServer(refreshing(origin, systemClock), { debug() {} });
  console.log(JSON.stringify(server.set));
  const buffer = new Uint8Array(16);
  while (await Deno.stdin.read(buffer) !== null) console.log(origin.asked.length);
  await server.close();
}

async function bench(): Promise<void> {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", import.meta.filename!, "serve"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const variables = JSON.parse((await lines.read()).value!) as Record<string, string>;
  const stdin = server.stdin.getWriter();
  await printIdle(server.pid, "before");
  for (const threads of ["32", "1000"]) await printLoad(variables, threads);
  await stdin.write(new TextEncoder().encode("\n"));
  console.log(`questions put to the source: ${(await lines.read()).value!.trim()}`);
  await printHalfOpen(variables);
  await printIdle(server.pid, "after");
  await stdin.close();
  await server.status;
}

async function printLoad(env: Record<string, string>, threads: string): Promise<void> {
  const args = [LOAD, "1000", threads, "100"];
  const { success, stdout } = await new Deno.Command("python3", { args, env }).output();
  if (!success) throw new Error("load.py failed");
  const said = new TextDecoder().decode(stdout).trim();
  console.log(`1,000 requests, ${threads} threads, 100 idle:`, said);
}

async function printHalfOpen(env: Record<string, string>): Promise<void> {
  const url = new URL(env.AWS_CONTAINER_CREDENTIALS_FULL_URI!);
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < HALF_OPEN; i++) {
    const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
    connections.push(connection);
  }
  const start = performance.now();
  let open = HALF_OPEN;
  let lastMs = 0;
  const ends = connections.map(async (connection) => {
    await connection.read(new Uint8Array(1)).catch(() => null);
    open--;
    lastMs = performance.now() - start;
    connection.close();
  });
  const headers = { Authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN! };
  const times: number[] = [];
  for (let i = 0; i < CALLERS; i++) {
    const asked = performance.now();
    const answer = await fetch(url, { headers });
    await answer.text();
    if (answer.ok) times.push(performance.now() - asked);
  }
  await Promise.race([Promise.all(ends), sleep(5000)]);
  const slowest = Math.max(...times).toFixed(1);
  const served = `${times.length} of ${CALLERS} callers served meanwhile`;
  console.log(`${HALF_OPEN} half-open: ${served}, slowest ${slowest} ms;`);
  console.log(`  open after 5 s: ${open}, the last hung up on after ${lastMs.toFixed(0)} ms`);
}

async function printIdle(pid: number, when: string): Promise<void> {
  await sleep(3000); // what went before is cleared up
  const woken = await countWakeUps(pid, IDLE_SECONDS);
  const mebibytes = readResident(pid).toFixed(0);
  console.log(
    `idle ${when}: ${woken} wake-ups in ${IDLE_SECONDS} s, all threads; ${mebibytes} MiB`,
  );
}
