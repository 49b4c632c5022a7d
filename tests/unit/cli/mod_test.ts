import assert from "node:assert/strict";
import { BACKEND_NAMES } from "../../../backends/mod.ts";
import { BACKENDS, DRIVERS } from "../../../src/cli/globals.ts";
import { VERSION } from "../../../src/cli/version.ts";
import { DRIVER_NAMES } from "../../../src/prompt/mod.ts";
import { TestWorld } from "./world.ts";

const CONFIG = "[profile work]\nregion = eu-west-1\n";

/** Runs a command line over one profile, and gives what it wrote and how it ended. */
async function runLine(line: string, env: Record<string, string> = {}) {
  using world = new TestWorld({ config: CONFIG, env });
  await world.storeKeys("work", "AKIAWORK");
  const exit = await world.run(...line.split(" ").filter((word) => word !== ""));
  return { exit, stdout: world.stdout, stderr: world.stderr, children: world.children };
}

for (
  const [line, same] of [
    ["help", "--help"],
    ["-h", "--help"],
    ["help exec", "exec --help"],
    ["exec -h", "exec --help"],
    ["--help exec", "exec --help"],
    ["--backend file -h exec -- work", "exec --help"],
    ["--help sso login", "sso login --help"],
    ["help rm", "remove --help"],
    ["help sso login", "sso login --help"],
    ["version", "--version"],
    ["-v", "--version"],
  ] as const
) {
  Deno.test(`\`${line}\` answers as \`${same}\` does`, async () => {
    const ran = await runLine(line);
    assert.deepEqual(ran.exit, { code: 0 });
    assert.notEqual(ran.stdout, "");
    assert.equal(ran.stdout, (await runLine(same)).stdout);
  });
}

Deno.test("the version is answered alone on its line", async () => {
  assert.equal((await runLine("version")).stdout, `${VERSION}\n`);
});

for (
  const [line, error, ...hints] of [
    ["lost", "unknown command 'lost'", "did you mean list?", "see aws-vault --help"],
    ["lost --help", "unknown command 'lost'", "did you mean list?", "see aws-vault --help"],
    ["help lost", "unknown command 'lost'", "did you mean list?", "see aws-vault --help"],
    [
      "server",
      "unknown command 'server'",
      "what it did is a part of exec: aws-vault exec --ec2-server PROFILE -- COMMAND",
      "exec --server needs neither root nor a fixed address",
      "see aws-vault --help",
    ],
    ["--nope list", "unknown option '--nope'", "see aws-vault --help"],
    ["--profile work exec", "unknown option '--profile'", "see aws-vault --help"],
    ["--help lost", "unknown command 'lost'", "did you mean list?", "see aws-vault --help"],
    ["--debug lost", "unknown command 'lost'", "did you mean list?", "see aws-vault --help"],
    ["--backend pass pass", "unknown command 'pass'", "see aws-vault --help"],
    ["--nope", "unknown option '--nope'", "see aws-vault --help"],
    [
      "exec --jsn work",
      "unknown option '--jsn'",
      "did you mean --json?",
      "see aws-vault exec --help",
    ],
    ["add", "missing required argument 'profile'", "see aws-vault add --help"],
    ["ls --backend", "option '--backend <backend>' argument missing", "see aws-vault --help"],
    [
      "sso lgin --help",
      "unknown command 'lgin'",
      "did you mean login?",
      "see aws-vault sso --help",
    ],
    ["sso lgin", "unknown command 'lgin'", "did you mean login?", "see aws-vault sso --help"],
    [
      "help agent stat",
      "unknown command 'stat'",
      "did you mean start?",
      "see aws-vault agent --help",
    ],
    [
      "export --format=xml work",
      "option '--format <format>' argument 'xml' is invalid",
      "it takes one of: env, export-env, json, ini, fish, powershell, dotenv",
      "see aws-vault export --help",
    ],
    [
      "completion ksh",
      "'ksh' is invalid for <shell>",
      "it takes one of: bash, zsh, fish, powershell",
      "see aws-vault completion --help",
    ],
    [
      "exec --json --server work",
      "--server does not go together with --json",
      "see aws-vault exec --help",
    ],
    [
      "exec --ecs-server -n work",
      "--ecs-server does not go together with --no-session",
      "see aws-vault exec --help",
    ],
    [
      "exec --profile-env --ec2-server work",
      "--ec2-server does not go together with --profile-env",
      "see aws-vault exec --help",
    ],
  ] as const
) {
  Deno.test(`\`${line}\` is refused in one error that names the help there is`, async () => {
    const ran = await runLine(line);
    assert.deepEqual(ran.exit, { code: 1 });
    assert.equal(ran.stdout, "");
    const lines = [`aws-vault: error: ${error}`, ...hints.map((hint) => `  ${hint}`), ""];
    assert.equal(ran.stderr, lines.join("\n"));
  });
}

for (const line of ["list --profiles --no-profiles", "list --no-json", "list --no-debug"]) {
  Deno.test(`\`${line}\` gives the whole table`, async () => {
    assert.match((await runLine(line)).stdout, /^Profile +Credentials +Sessions\n/);
  });
}

for (
  const line of [
    "exec -nj work",
    "exec -njd1h work",
    "exec -jnt123456 work --duration=1h",
    "exec -n --no-no-session -n -j work",
    "exec -n --json work",
  ]
) {
  Deno.test(`\`${line}\` prints the stored keys as they are`, async () => {
    assert.equal(JSON.parse((await runLine(line)).stdout).AccessKeyId, "AKIAWORK");
  });
}

Deno.test("the opposite of --no-session, given last, counts", async () => {
  for (const opposite of ["--session", "--no-no-session"]) {
    using world = new TestWorld({ config: CONFIG });
    await world.storeKeys("work", "AKIAWORK");
    await world.keepSession("work", { accessKeyId: "ASIAKEPT" });
    await world.run("exec", "-n", opposite, "-j", "work");
    assert.equal(JSON.parse(world.stdout).AccessKeyId, "ASIAKEPT", opposite);
  }
});

Deno.test("behind -- and without AWS_PROFILE the first word is the profile", async () => {
  const ran = await runLine("exec -n -- work program --flag");
  assert.deepEqual(ran.exit, { code: 7 });
  const [child] = ran.children;
  assert.equal(child!.command, "program");
  assert.deepEqual(child!.args, ["--flag"]);
  assert.equal(child!.set.AWS_ACCESS_KEY_ID, "AKIAWORK");
});

Deno.test("a program that is taken for a profile behind -- is told as that", async () => {
  const { exit, stderr } = await runLine("exec -- env");
  assert.deepEqual(exit, { code: 1 });
  assert.match(stderr, /profile `env` is neither .*\n.*\n {2}AWS_PROFILE is not set, so the first/);
  assert.doesNotMatch((await runLine("exec env -- env")).stderr, /the first word/);
});

Deno.test("behind -- and with AWS_PROFILE the first word is the program", async () => {
  const ran = await runLine("exec -n -- work --flag", { AWS_PROFILE: "work" });
  assert.equal(ran.children[0]!.command, "work");
});

Deno.test("behind -- and beside --json, which starts no program, the first word is the profile", async () => {
  for (const line of ["exec -n --json -- work", "exec -nj -- work"]) {
    const ran = await runLine(line, { AWS_PROFILE: "other" });
    assert.equal(JSON.parse(ran.stdout).AccessKeyId, "AKIAWORK", line);
  }
  for (const env of [{ AWS_PROFILE: "other" }, undefined]) {
    const { stderr } = await runLine("exec --json -- wrk", env);
    assert.match(stderr, /profile `wrk` is neither/);
    assert.doesNotMatch(stderr, /AWS_PROFILE is not set/);
  }
});

Deno.test("help lists the backends and the prompt drivers there are", async () => {
  assert.deepEqual(BACKENDS.toSorted(), BACKEND_NAMES.toSorted());
  assert.deepEqual(DRIVERS.toSorted(), DRIVER_NAMES.toSorted());
  const help = (await runLine("--help")).stdout.replace(/\s+/g, " ");
  for (const names of [BACKENDS, DRIVERS]) assert.ok(help.includes(names.join(", ")), names[0]);
});
