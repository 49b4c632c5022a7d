/**
 * `deno task demo`: the tool at work in a temporary home, against a stand-in of AWS on this
 * machine. It is a check too: exit 1 when a step does not do what it should.
 *
 * An argument names another `aws-vault` to show instead of the one in dist/, which is built first
 * where it is missing or older than its sources.
 */
import { type FakeAws, startFakeAws, totp } from "../tests/fakes/aws/mod.ts";
import { OTHER_ENTRIES } from "./start_rule.ts";
import { ROOT } from "./task.ts";

const MFA_SERIAL = "arn:aws:iam::111111111111:mfa/jon";
const READER = "arn:aws:iam::222222222222:role/reader";
const ADMIN = "arn:aws:iam::222222222222:role/admin";
const AUDITOR = "arn:aws:iam::333333333333:role/auditor";
const PASSPHRASE = "correct horse battery staple";

const CONFIG = `[default]
region = eu-west-1

[profile reader]
source_profile = jon
role_arn = ${READER}

[profile admin]
source_profile = jon
role_arn = ${ADMIN}
mfa_serial = ${MFA_SERIAL}

[profile auditor]
source_profile = admin
role_arn = ${AUDITOR}
`;

/** One command of the demo, and what makes it right. */
interface Step {
  readonly about: string;
  readonly args: readonly string[];
  /** Variables of this command alone, shown before it. */
  readonly env?: Readonly<Record<string, string>>;
  /** 0 unless told. */
  readonly code?: number;
  /** Texts that its output, standard error included, has to have. */
  readonly shows: readonly string[];
}

function listSteps(key: { id: string; secret: string }, mfaCode: string): Step[] {
  return [
    {
      about:
        "Store a key, encrypted, in the keyring. It asks for the key; --env takes it from the\n" +
        "environment.",
      env: { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret },
      args: ["add", "jon", "--env"],
      shows: ['Added credentials to profile "jon" in vault'],
    },
    {
      about: "Run a program with a session of that key: what it gets expires within the hour.\n" +
        "(who-am-i asks AWS whose the credentials in its environment are.)",
      args: ["exec", "jon", "--", "who-am-i"],
      shows: ["arn:aws:iam::111111111111:user/jon"],
    },
    {
      about: "A role that wants a second factor. The code is asked for; here it is given.",
      args: ["exec", "--mfa-token", mfaCode, "admin", "--", "who-am-i"],
      shows: ["assumed-role/admin/"],
    },
    {
      about: "A role that only that role may take: the admin session is kept, nothing is asked.",
      args: ["exec", "auditor", "--", "who-am-i"],
      shows: ["assumed-role/auditor/"],
    },
    {
      about: "What is there, and how long the sessions last.",
      args: ["list"],
      shows: ["sts.GetSessionToken:", "sts.AssumeRole:"],
    },
    {
      about:
        "Credentials as JSON, for credential_process and scripts. They are the stand-in's, and\n" +
        "worth nothing elsewhere.",
      args: ["export", "--format=json", "reader"],
      shows: ['"Version": 1', '"SessionToken"', '"Expiration"'],
    },
    {
      about: "A wrong passphrase is called that.",
      env: { AWS_VAULT_FILE_PASSPHRASE: "wrong" },
      args: ["exec", "jon", "--", "who-am-i"],
      code: 1,
      shows: ["wrong passphrase"],
    },
  ];
}

/** jon, who has MFA; a role for him, one for him with MFA, and one for that role alone. */
function startWorld(): Promise<FakeAws> {
  return startFakeAws({
    world: {
      users: [{ name: "jon", mfa: [{ serial: MFA_SERIAL }] }],
      roles: [
        { arn: READER, trusts: ["111111111111"] },
        { arn: ADMIN, trusts: ["111111111111"], requiresMfa: true },
        { arn: AUDITOR, trusts: [ADMIN] },
      ],
    },
  });
}

class Demo {
  readonly #home: string;
  readonly #command: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: Deno.ChildProcess | undefined;

  constructor(home: string, command: string, url: string) {
    this.#home = home;
    this.#command = command;
    this.#environment = {
      HOME: home,
      PATH: `${home}/bin:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`,
      DENO: Deno.execPath(),
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
      AWS_ENDPOINT_URL: url,
    };
  }

  async prepare(): Promise<void> {
    await Deno.mkdir(`${this.#home}/.aws`);
    await Deno.writeTextFile(`${this.#home}/.aws/config`, CONFIG);
    await Deno.mkdir(`${this.#home}/bin`);
    const flags = "run --quiet --no-config --no-lock --no-prompt --allow-env --allow-net=127.0.0.1";
    const client = `#!/bin/sh\nexec '${Deno.execPath()}' ${flags} '${ROOT}/scripts/who_am_i.ts'\n`;
    await Deno.writeTextFile(`${this.#home}/bin/who-am-i`, client, { mode: 0o755 });
  }

  /** Shows a command and its output; says what is wrong with it, if anything is. */
  async run(step: Step): Promise<string | undefined> {
    console.log(`\n# ${step.about.replaceAll("\n", "\n# ")}\n$ ${formatCommand(step)}`);
    this.#child = new Deno.Command(this.#command, {
      args: [...step.args],
      cwd: this.#home,
      clearEnv: true,
      env: { ...this.#environment, ...step.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, stdout, stderr } = await this.#child.output();
    const text = decode(stdout) + decode(stderr);
    console.log(text.trimEnd());
    const expected = step.code ?? 0;
    if (code !== expected) return `it ended with exit code ${code} where ${expected} was due`;
    const missing = step.shows.find((shown) => !text.includes(shown));
    return missing === undefined ? undefined : `its output has no ${JSON.stringify(missing)}`;
  }

  /** Ends what is running and removes the home. */
  clear(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch { /* it has ended */ }
    Deno.removeSync(this.#home, { recursive: true });
  }
}

function formatCommand({ env, args, code }: Step): string {
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value} `);
  return `${variables.join("")}aws-vault ${args.join(" ")}${code ? `    # exit code ${code}` : ""}`;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Builds dist/ where it is missing or older than what it is made of. */
async function buildWhereStale(): Promise<string> {
  const command = `${ROOT}/dist/aws-vault`;
  const sources = ["main.ts", ...OTHER_ENTRIES, "deno.json", "src", "backends", "scripts"];
  const changedMs = Math.max(...sources.map((name) => findNewest(`${ROOT}/${name}`)));
  if (changedMs > Math.min(findNewest(command), findNewest(`${ROOT}/dist/lib/main.js`))) {
    console.log("Building dist/ …");
    const { build } = await import("./build.ts");
    await build(ROOT);
  }
  return command;
}

/** When the newest file at or below a path was written; 0 where there is none. */
function findNewest(path: string): number {
  try {
    const { isDirectory, mtime } = Deno.statSync(path);
    if (!isDirectory) return mtime?.getTime() ?? 0;
    return Math.max(
      0,
      ...[...Deno.readDirSync(path)].map(({ name }) => findNewest(`${path}/${name}`)),
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function showAll(demo: Demo, aws: FakeAws): Promise<boolean> {
  const [user] = aws.world.users;
  console.log(`A stand-in of AWS answers at ${aws.url}; all secrets below are its own.`);
  console.log(`AWS_VAULT_BACKEND=file, AWS_VAULT_FILE_PASSPHRASE is set, and ~/.aws/config has:\n`);
  console.log(CONFIG.replace(/^(?=.)/gm, "    ").trimEnd());
  await demo.prepare();
  const mfaCode = await totp(user!.mfaDevices[0]!.secretBase32, Date.now());
  for (const step of listSteps(user!.accessKeys[0]!, mfaCode)) {
    const fault = await demo.run(step);
    if (fault === undefined) continue;
    console.error(`\nThat is not what it should do: ${fault}.`);
    return false;
  }
  console.log("\nNothing of this is left behind. README.md says how to go on.");
  return true;
}

const command = Deno.args[0] ?? await buildWhereStale();
const aws = await startWorld();
const demo = new Demo(Deno.makeTempDirSync({ prefix: "vault-demo-" }), command, aws.url);
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.addSignalListener(signal, () => {
    demo.clear();
    Deno.exit(code);
  });
}
let isRight = false;
try {
  isRight = await showAll(demo, aws);
} finally {
  demo.clear();
}
Deno.exit(isRight ? 0 : 1);
