import assert from "node:assert/strict";
import { connect as connectNode } from "node:net";
import { Connections, MAX_CONNECTIONS } from "../../../src/server/connections.ts";
import { afterWaiting } from "../../../src/server/patience.ts";
import { HttpServer } from "../../../src/server/http.ts";
import { json } from "../../../src/server/http_message.ts";
import { BACKLOG } from "../../../src/server/listen.ts";
import { readAll, request, sendRaw, writeAll } from "./raw_http.ts";
import { until } from "../../until.ts";

function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: BACKLOG });
}

/** A server that answers once `gate` is open. */
function setUp(gate: Promise<void> = Promise.resolve(), listener = listen()) {
  const asked: string[] = [];
  const server = new HttpServer(listener, async (request) => {
    asked.push(`${request.method} ${request.target} ${request.headers.get("x-test") ?? ""}`);
    await gate;
    return json(200, { ok: true });
  }, { debug: () => {} });
  const { port } = listener.addr;
  return {
    asked,
    port,
    finish: () => server.finish(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function connect(port: number, count: number, say = ""): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    if (say !== "") await connection.write(new TextEncoder().encode(say));
    connections.push(connection);
  }
  return connections;
}

Deno.test("a request is given on as it was sent", async () => {
  await using http = setUp();
  await sendRaw(http.port, "GET /a/../b%2f?c HTTP/1.1\r\nHost: h\r\nX-TEST:  one two \r\n\r\n");
  assert.deepEqual(http.asked, ["GET /a/../b%2f?c one two"]);
});

Deno.test("a request is understood however its bytes arrive", async () => {
  await using http = setUp();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: http.port });
  for (const byte of new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n")) {
    await connection.write(Uint8Array.of(byte));
  }
  assert.match(await readAll(connection), /^HTTP\/1\.1 200 OK\r\n/);
});

const MALFORMED: Readonly<Record<string, string>> = {
  "no HTTP at all": "hello\r\n\r\n",
  "a TLS handshake": "\x16\x03\x01\x02\x00\x01\r\n\r\n",
  "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "an absolute address": "GET http://127.0.0.1/ HTTP/1.1\r\nHost: h\r\n\r\n",
  "a space in the path": "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
  "a folded header": "GET / HTTP/1.1\r\nHost: h\r\n more\r\n\r\n",
  "a space before the colon": "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
  "a control character in a path": "GET /\x00 HTTP/1.1\r\nHost: h\r\n\r\n",
};

for (const [about, bytes] of Object.entries(MALFORMED)) {
  Deno.test(`${about}: 400, and no request`, async () => {
    await using http = setUp();
    assert.equal((await sendRaw(http.port, bytes))?.status, 400);
    assert.deepEqual(http.asked, []);
  });
}

Deno.test("a 200 kB header: 431, and no request", async () => {
  await using http = setUp();
  const header = `X-Long: ${"x".repeat(200_000)}\r\n`;
  const answer = await sendRaw(http.port, `GET / HTTP/1.1\r\nHost: h\r\n${header}\r\n`);
  assert.equal(answer?.status, 431);
  assert.deepEqual(http.asked, []);
});

Deno.test("who says too much is let finish, and so reads why it was refused", async () => {
  await using http = setUp();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: http.port });
  const chunk = new TextEncoder().encode("x".repeat(20_000));
  await writeAll(connection, chunk);
  const answer = new Uint8Array(1000);
  await connection.read(answer);
  await writeAll(connection, chunk);
  await connection.closeWrite();
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1\.1 431 /);
});

Deno.test("headers just under 16 kB are taken", async () => {
  await using http = setUp();
  const headers = { "X-Long": "x".repeat(16 * 1024 - 60), "X-Test": "t" };
  assert.equal((await request(http.port, "/", { host: "h", headers })).status, 200);
});

Deno.test("one connection is one request: a second one on it is not answered", async () => {
  await using http = setUp();
  const one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  const answer = await sendRaw(http.port, one + one.replace("/1", "/2"));
  assert.equal(answer?.headers.get("connection"), "close");
  assert.deepEqual(http.asked, ["GET /1 "]);
});

Deno.test("a client that asks nothing is hung up on, and so is one that asks without end", async () => {
  await using http = setUp();
  const [silent, slow] = await connect(http.port, 2) as [Deno.TcpConn, Deno.TcpConn];
  const trickle = (async () => {
    for (let sent = 0; sent < 600; sent++) {
      await slow.write(new TextEncoder().encode("G"));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return "never hung up on";
  })().catch(() => "hung up on");
  assert.equal(await readAll(silent), "");
  assert.equal(await trickle, "hung up on");
  assert.deepEqual(http.asked, []);
  silent.close();
  slow.close();
});

/** Counts the time in which this process stood still as the server does. */
const wait = (milliseconds: number) =>
  new Promise<string>((resolve) => void afterWaiting(milliseconds, () => resolve("still open")));

// Row 21: none is open after five seconds. Row 22: nobody is hung up on who is only slow.
Deno.test("who takes two seconds and a half for its headers is answered, who takes five is gone", async () => {
  await using http = setUp();
  const [slow, silent] = await connect(http.port, 2, "GET / HTTP/1.1\r\n") as [
    Deno.TcpConn,
    Deno.TcpConn,
  ];
  const gone = Promise.race([readAll(silent), wait(5000)]);
  await wait(2500);
  await slow.write(new TextEncoder().encode("Host: h\r\n\r\n"));
  assert.match(await readAll(slow), /^HTTP\/1\.1 200 /);
  assert.equal(await gone, "");
  slow.close();
  silent.close();
});

Deno.test("500 half-open connections: callers are served meanwhile, none is open afterwards", async () => {
  await using http = setUp();
  const halfOpen = await connect(http.port, 500, "GET / HTTP/1.1\r\nHost: h\r\n");
  const ends = Promise.all(halfOpen.map(readAll));
  for (let i = 0; i < 20; i++) assert.equal((await request(http.port, "/")).status, 200);
  assert.deepEqual(new Set(await ends), new Set([""]));
  assert.equal(http.asked.length, 20);
  for (const connection of halfOpen) connection.close();
});

Deno.test("callers that are gone before it is their turn keep nobody waiting", async () => {
  const listener = listen();
  const { port } = listener.addr;
  for (let gone = 0; gone < 100; gone++) await connectAndReset(port);
  await using _http = setUp(undefined, listener);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const impatience = setTimeout(() => connection.close(), 4000);
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  assert.match(await readAll(connection), /^HTTP\/1\.1 200 /);
  clearTimeout(impatience);
  connection.close();
});

async function connectAndReset(port: number): Promise<void> {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const socket = connectNode(port, "127.0.0.1", () => socket.resetAndDestroy());
  socket.on("close", () => resolve());
  await gone;
}

Deno.test("a server that finishes answers who has asked, hangs up on who has not, and then is gone", async () => {
  const gate = Promise.withResolvers<void>();
  await using http = setUp(gate.promise);
  const events: string[] = [];
  const answered = request(http.port, "/").then(({ status }) => events.push(`answered ${status}`));
  await until(() => http.asked.length > 0);
  const [silent] = await connect(http.port, 1, "GET /") as [Deno.TcpConn];
  const hungUp = readAll(silent).then(() => events.push("hung up"));
  const finished = http.finish().then(() => events.push("finished"));
  await hungUp;
  gate.resolve();
  await Promise.all([answered, finished]);
  assert.deepEqual(events, ["hung up", "answered 200", "finished"]);
  await assert.rejects(connect(http.port, 1), Deno.errors.ConnectionRefused);
  silent.close();
});

Deno.test("1,200 that ask at once are all answered, however long the answer takes", async () => {
  const gate = Promise.withResolvers<void>();
  await using http = setUp(gate.promise);
  const ask = () => request(http.port, "/").then(({ status }) => status, String);
  const answers = Promise.all(Array.from({ length: 1200 }, ask));
  await until(() => http.asked.length >= MAX_CONNECTIONS);
  await wait(2500); // the others wait for room, which nobody who has asked is made to give
  gate.resolve();
  assert.deepEqual(new Set(await answers), new Set([200]));
  assert.equal(http.asked.length, 1200);
});

Deno.test("who asked while this process stood still is answered all the same", async () => {
  await using http = setUp();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: http.port });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
  await turn();
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n"));
  await turn();
  void connection.write(new TextEncoder().encode("\r\n"));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
  assert.match(await readAll(connection), /^HTTP\/1\.1 200 /);
});

Deno.test("at the limit nobody is hung up on while one after the other asks, and the silent are thereafter", async () => {
  const open = new Connections();
  const closed = new Set<number>();
  const all = Array.from({ length: MAX_CONNECTIONS }, (_, at) => {
    return { close: () => closed.add(at) } as unknown as Deno.Conn;
  });
  for (const connection of all) open.add(connection);
  const hasRoom = open.haveRoom();
  for (let asks = 0; asks < 10; asks++) {
    await wait(200);
    open.owe(all[asks]!);
  }
  assert.deepEqual([...closed], []);
  await hasRoom;
  assert.ok(closed.size > 0 && [...closed].every((at) => at >= 10));
});

Deno.test("at the limit of connections the oldest that has asked nothing makes room", async () => {
  await using http = setUp();
  const idle = await connect(http.port, MAX_CONNECTIONS);
  const oldest = readAll(idle[0]!);
  assert.equal((await request(http.port, "/")).status, 200);
  assert.equal(await oldest, "");
  for (const connection of idle) connection.close();
});
