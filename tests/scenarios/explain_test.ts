import assert from "node:assert/strict";
import { hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";
import { type RecordedRequest, Recorder } from "./recorder.ts";

interface ScenarioStep {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What is typed, a text at each question. */
  readonly tty?: readonly string[];
  readonly fail?: readonly { readonly action: string }[];
}

/** Steps up to the first that gets credentials. */
interface Scenario {
  readonly name: string;
  readonly config?: string;
  readonly keys?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly ScenarioStep[];
}

const OPEN = new URL("../../../shared/conformance/scenarios/", import.meta.url);
const COPIES = new URL("../vectors/runs.json", import.meta.url);

/** The open scenarios where they lie beside the checkout, and copies of theirs elsewhere. */
function readScenarios(): Scenario[] {
  try {
    return [...Deno.readDirSync(OPEN)].flatMap(({ name }) => {
      const scenario = JSON.parse(Deno.readTextFileSync(new URL(name, OPEN))) as Scenario;
      const end = scenario.steps.findIndex(getsCredentials);
      const steps = scenario.steps.slice(0, end + 1);
      return end < 0 ? [] : [{ ...scenario, name: name.replace(".json", ""), steps }];
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return JSON.parse(Deno.readTextFileSync(COPIES));
  }
}

function getsCredentials({ argv }: ScenarioStep): boolean {
  return argv.some((word) => word === "exec" || word === "export");
}

/** A home as the scenario wants it, and its commands as it writes them. */
class Stage implements AsyncDisposable {
  readonly home = new Home();
  readonly aws = new Recorder();
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const files = Object.entries(this.#fill(scenario.files ?? {}));
    for (const [name, text] of files) {
      Deno.chmodSync(this.home.write(name, text), text.startsWith("#!") ? 0o755 : 0o600);
    }
  }

  async prepare(): Promise<void> {
    for (const name of this.#scenario.keys ?? []) {
      const id = `AKIA${name.toUpperCase().replace(/[^A-Z\d]/g, "").padEnd(16, "0").slice(0, 16)}`;
      const keys = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: "long-term" };
      const { code, stderr } = await this.run({
        argv: ["add", name, "--env", "--no-add-config"],
        env: keys,
      });
      assert.equal(code, 0, stderr);
    }
    const { config } = this.#scenario;
    if (config === undefined) return;
    const path = this.#environment().AWS_CONFIG_FILE ?? `${this.home.path}/.aws/config`;
    this.home.write(path.slice(this.home.path.length + 1), this.#fill({ config }).config!);
  }

  /** Runs a step, with its own words or others. */
  async run(
    step: ScenarioStep,
    words = step.argv,
    extra: Record<string, string | undefined> = {},
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const argv = Object.values(this.#fill(Object.fromEntries(words.entries())));
    const env = { ...this.#environment(), ...this.#fill(step.env ?? {}), ...extra };
    this.aws.requests.length = 0;
    this.aws.refused = (step.fail ?? []).map(({ action }) => action);
    if (step.tty === undefined || words !== step.argv) {
      return await run(argv, { home: this.home, env, stdin: step.stdin ?? "" });
    }
    const steps = step.tty.map((typed) => ({
      expect: /* every question ends so */ ": ",
      type: typed.replaceAll("\n", "\r"),
    }));
    const ran = await runInTerminal(argv, { home: this.home, env, steps, pipeStdout: true });
    return { ...ran, stderr: ran.screen };
  }

  #environment(): Record<string, string | undefined> {
    return { AWS_ENDPOINT_URL: this.aws.url, ...this.#fill(this.#scenario.env ?? {}) };
  }

  #fill<T extends Readonly<Record<string, string>>>(texts: T): Record<string, string> {
    const fill = (text: string | null) =>
      text?.replaceAll("{HOME}", this.home.path).replaceAll("{STUB}", this.aws.url)
        .replaceAll("{PATH}", Deno.env.get("PATH")!);
    return Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, fill(text)!]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.home[Symbol.dispose]();
    await this.aws[Symbol.asyncDispose]();
  }
}

/** `explain --json` with the options of the command that gets credentials. */
function explaining(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const at = own.findIndex((word) => word === "exec" || word === "export");
  const renews = own.some((word) =>
    /^(--json|-j|--format=json|--(ecs-|ec2-)?server|-s)$/.test(word)
  );
  const OF_EXEC = /^(--json|-j|--format=.*|--(ecs-|ec2-)?server|-s|--lazy|--profile-env)$/;
  const options = own.slice(at + 1).filter((word) => !OF_EXEC.test(word));
  return [...own.slice(0, at), "explain", "--json", ...(renews ? ["--renews"] : []), ...options];
}

/** What can be compared: unsigned requests are for no region. */
function toComparable(
  explained: readonly (RecordedRequest & { endpoint: string })[],
  made: readonly RecordedRequest[],
): RecordedRequest[] {
  return explained.map(({ action, region, durationSeconds }, index) => ({
    action,
    ...(made[index]?.region !== undefined && { region }),
    ...(durationSeconds !== undefined && { durationSeconds }),
  }));
}

/** Holds what `explain` says of a step against what the step does. */
async function compare(stage: Stage, step: ScenarioStep): Promise<void> {
  const words = explaining(step.argv);
  const explained = await stage.run(step, words, { AWS_VAULT_FILE_PASSPHRASE: undefined });
  assert.deepEqual(stage.aws.requests, [], "explain makes no request");
  const asks: string[] = explained.code === 0 ? JSON.parse(explained.stdout).asks : [];
  const isAsked = asks.some((ask) => ask.startsWith("mfa:"));
  const ran = await stage.run(isAsked ? step : { ...step, tty: undefined });
  const made = stage.aws.requests;
  if (explained.code !== 0) {
    assert.notEqual(ran.code, 0, `explain failed alone: ${explained.stderr}`);
    assert.deepEqual(made, []);
    return;
  }
  const { requests } = JSON.parse(explained.stdout);
  // What a program asks a server for is its own affair: nobody can know it before.
  const isServed = step.argv.some((word) => /^--(ecs-)?server$/.test(word));
  assert.deepEqual(
    isServed ? made.slice(0, requests.length) : made,
    toComparable(requests, made),
    ran.stderr,
  );
  for (const { endpoint } of requests) assert.match(endpoint, /^http:\/\/127\.0\.0\.1:/);
}

for (const scenario of readScenarios()) {
  const last = scenario.steps.at(-1)!;
  Deno.test({
    name: `explain names exactly the requests that ${scenario.name} makes, and makes none`,
    ignore: !hasTerminalTests && /"tty"|"python3"/.test(JSON.stringify(scenario.steps)),
    async fn() {
      await using stage = new Stage(scenario);
      await stage.prepare();
      for (const step of scenario.steps.slice(0, -1)) await stage.run(step);
      await compare(stage, last);
      await compare(stage, last); // what was kept by the first run changes the second
    },
  });
}
