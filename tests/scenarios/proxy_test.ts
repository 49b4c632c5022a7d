import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND } from "./harness.ts";
import { HAS_NAMESPACES, type Ran, RUN_EC2, runInNamespace } from "./namespace.ts";
import { HAS_STRACE, withFaults } from "./strace.ts";

const HAS_PYTHON = requireProgram("python3");
const ignore = !HAS_NAMESPACES || !HAS_PYTHON;
const CLIENTS = new URL("./clients", import.meta.url).pathname;

/** Shell functions of the scripts below; "$@" is the built command. */
const HELPERS = `
  address() { ip -o addr show dev lo | grep -q 169.254.169.254 && echo present || echo absent; }
  wait_for() {
    for i in $(seq 100); do "$@" > /dev/null 2>&1 && return; sleep 0.1; done
    echo "in vain waited for: $*" >&2
    return 1
  }
  is() { [ "$(address)" = "$1" ]; }
  listens() { ss -Hltn | grep -q "$1:80"; }
  ended() { ! kill -0 "$1"; }
  started() { listens 169.254.169.254 || ended "$1"; }
  locked() { ! flock -n -x /run/aws-vault-proxy.pid true; }
  hold() {
    (exec > /dev/null 2>&1 9< /run/aws-vault-proxy.pid; flock "$1" 9; exec sleep 60) & holder=$!
    wait_for locked
  }
  start() { "$@" proxy & proxy=$!; wait_for started $proxy; }
  end() { wait_for ended "$1" || kill -9 "$1" $(cat /run/aws-vault-proxy.pid); }
  serve() { export TMPDIR=/run; exec ${RUN_EC2.map((word) => `'${word}'`).join(" ")} "$@"; }
`;

function script(text: string): Promise<Ran> {
  return runInNamespace(HELPERS + text, COMMAND);
}

for (const signal of ["TERM", "INT", "HUP"]) {
  Deno.test({
    name: `the proxy takes the address away on ${signal} (unshare)`,
    ignore,
    fn: async () => {
      // A shell's background jobs ignore INT from their start, which Python's do not.
      const ran = await script(`
        python3 -c 'import subprocess,sys,signal; signal.signal(signal.SIGINT, signal.SIG_DFL)
subprocess.run(sys.argv[1:])' "$@" proxy & wait_for started $!
        address; kill -${signal} $(cat /run/aws-vault-proxy.pid); end $!; address`);
      assert.equal(ran.stdout, "present\nabsent\n", ran.stderr);
    },
  });
}

Deno.test({
  name: "the proxy goes on at a HUP that whoever started it had ignored, as nohup does (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`
      trap '' HUP; start "$@"; pid=$(cat /run/aws-vault-proxy.pid); kill -HUP $pid
      cat /proc/$pid/status | grep -c '^SigIgn:.*[13579bdf]$'; address
      kill $pid; end $proxy; address`);
    assert.equal(ran.stdout, "1\npresent\nabsent\n", ran.stderr);
  },
});

Deno.test({
  name: "the proxy ends with its parent, however that ends, and takes the address away (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`
      serve optional '["sh","-c","echo $$ >/run/client; exec sleep 60"]' & wait_for is present
      address; kill -9 $!; wait_for is absent; address; kill $(cat /run/client)`);
    assert.equal(ran.stdout, "present\nabsent\n", ran.stderr);
  },
});

Deno.test({
  name: "an address that was there before stays (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`
      ip addr add 169.254.169.254/32 dev lo; start "$@"; kill $proxy; end $proxy; address`);
    assert.equal(ran.stdout, "present\n", ran.stderr);
  },
});

Deno.test({
  name: "a taken port 80 is an error that names it, and leaves no address (unshare, python3)",
  ignore,
  fn: async () => {
    const ran = await script(`
      python3 -m http.server 80 > /dev/null 2>&1 & server=$!
      wait_for listens ''; (serve optional '["true"]'); address; kill $server`);
    assert.match(ran.stderr, /169\.254\.169\.254:80 is taken by another program/);
    assert.equal(ran.stdout, "absent\n");
  },
});

Deno.test({
  name: "a second proxy is refused with the first one's process number (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`start "$@"; "$@" proxy; echo $proxy; kill $proxy; end $proxy`);
    assert.match(ran.stderr, new RegExp(`running already, as process ${ran.stdout.trim()}`));
  },
});

Deno.test({
  name: "proxy --stop ends the running proxy, and clears up after one that was killed (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`
      start "$@"; "$@" proxy --stop; end $proxy; address
      start "$@"; kill -9 $proxy; wait $proxy; address; "$@" proxy --stop; address
      "$@" proxy --stop`);
    assert.equal(ran.stdout, "absent\npresent\nabsent\n", ran.stderr);
    assert.match(ran.stderr, /stopped the proxy \(process \d+\)/);
    assert.match(ran.stderr, /no proxy is running\n/);
  },
});

Deno.test({
  name: "a proxy's lock tells its process alone, whatever stood there before (unshare)",
  ignore,
  fn: async () => {
    const ran = await script(`
      (umask 077; printf 999999999 > /run/aws-vault-proxy.pid)
      start "$@"; cat /run/aws-vault-proxy.pid; echo " $proxy"; kill $proxy; end $proxy`);
    assert.match(ran.stdout, /^(\d+) \1\n$/, ran.stderr);
  },
});

Deno.test({
  name: "proxy --stop looks again where what holds the lock goes by then (unshare, strace)",
  ignore: ignore || !HAS_STRACE,
  fn: async () => {
    const command = withFaults("flock:error=EAGAIN:when=1").join(" ");
    const ran = await script(`
      (umask 077; printf 999999999 > /run/aws-vault-proxy.pid); ${command} proxy --stop`);
    assert.equal(ran.stderr, "no proxy is running\n");
  },
});

Deno.test({
  name: "proxy --stop takes a lock that others share for no free one (unshare, flock)",
  ignore: ignore || !requireProgram("flock"),
  fn: async () => {
    const ran = await script(`
      (umask 077; : > /run/aws-vault-proxy.pid); hold -s; "$@" proxy --stop; kill $holder`);
    assert.match(ran.stderr, /locked by a process that is no proxy/);
  },
});

/** What a lock may say that is no proxy's: nothing, our own group, a program of somebody else's. */
const FOREIGN = { nothing: "printf ''", "the group": "printf 0", "a program": "printf %s $other" };

for (const [what, say] of Object.entries(FOREIGN)) {
  Deno.test({
    name: `proxy --stop ends nobody where a lock of another names ${what} (unshare, flock)`,
    ignore: ignore || !requireProgram("flock"),
    fn: async () => {
      const ran = await script(`
        (umask 077; : > /run/aws-vault-proxy.pid)
        hold -x; sleep 60 > /dev/null 2>&1 & other=$!
        ${say} > /run/aws-vault-proxy.pid
        "$@" proxy --stop; kill $other && echo alive; kill $holder`);
      assert.match(ran.stdout, /^alive$/m, ran.stderr);
      assert.match(ran.stderr, /locked by a process that is no proxy/);
    },
  });
}

Deno.test({
  name:
    "no other user reads or locks what the proxy is locked by, and an old file keeps none out (unshare)",
  ignore: ignore || !requireProgram("flock"),
  fn: async () => {
    const ran = await script(`
      : > /run/aws-vault-proxy.pid; chmod 644 /run/aws-vault-proxy.pid
      hold -s; start "$@"; stat -c %a /run/aws-vault-proxy.pid; address
      kill $proxy $holder; end $proxy`);
    assert.equal(ran.stdout, "600\npresent\n", ran.stderr);
  },
});

Deno.test({
  name: "a client with another address than this machine's own is hung up on (unshare, python3)",
  ignore,
  fn: async () => {
    const ask = `
import socket, sys
client = socket.create_connection(("169.254.169.254", 80), source_address=(sys.argv[1], 0))
client.sendall(b"GET /latest/meta-data/instance-id HTTP/1.1\\r\\nHost: 169.254.169.254\\r\\n\\r\\n")
try:
    print(client.makefile("rb").readline().decode().strip() or "nothing")
except ConnectionResetError:
    print("nothing")`;
    const ran = await script(`
      ip addr add 10.9.9.9/32 dev lo; cat > /run/ask.py << 'END'${ask}\nEND
      serve optional '["sh","-c","python3 /run/ask.py 10.9.9.9; python3 /run/ask.py 127.0.0.1"]'`);
    assert.equal(JSON.parse(ran.stdout).stdout, "nothing\nHTTP/1.1 200 OK\n", ran.stderr);
  },
});

Deno.test({
  name: "500 half-open connections through the proxy starve no client (unshare, python3)",
  ignore,
  fn: async () => {
    const client = ["python3", `${CLIENTS}/half_open.py`, "500", "20"];
    const ran = await runInNamespace(
      'exec "$@"',
      ...RUN_EC2,
      "optional",
      JSON.stringify(client),
    );
    assert.deepEqual(JSON.parse(JSON.parse(ran.stdout).stdout), { answered: 20, open: 0 });
  },
});
