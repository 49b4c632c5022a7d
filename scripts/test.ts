/**
 * Runs `deno test` on what is named, or on all tests, and closes with the counts of all in a line of
 * their own: `N passed, N failed, N skipped`. Half of all their time is waiting, so the scenarios run
 * beside the others.
 */
const runs = Deno.args.length > 0 ? [Deno.args] : halve();

interface Outcome {
  readonly code: number;
  /** The closing line of `deno test`. */
  readonly closing: string;
}

const outcomes: Outcome[] = [];
const started = runs.map(start);
for (const { show, ended } of started) {
  show();
  outcomes.push(await ended);
}

const total = (word: string) =>
  outcomes
    .map(({ closing }) => Number(closing.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0))
    .reduce((sum, count) => sum + count);
console.log(`${total("passed")} passed, ${total("failed")} failed, ${total("ignored")} skipped`);
Deno.exit(outcomes.find(({ code }) => code !== 0)?.code ?? 0);

/**
 * Two halves of about the same length. What makes packages needs no dist/, which a scenario builds
 * anew, and shares dist/npm with a test under Wine: it runs beside the other scenarios.
 */
function halve(): string[][] {
  const directory = "tests/scenarios";
  const there = new URL(`../${directory}`, import.meta.url);
  const scenarios = [...Deno.readDirSync(there)].map(({ name }) => name)
    .filter((name) => /_test\.ts$/.test(name) && !/^(compile|image|install|release)_/.test(name))
    .map((name) => `${directory}/${name}`).sort();
  return [["tests", `--ignore=${scenarios}`], scenarios];
}

/** Its output is kept until it is to be shown, from when on it comes as it is written. */
function start(words: readonly string[]): { show(): void; ended: Promise<Outcome> } {
  const test = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...words],
    cwd: new URL("..", import.meta.url),
    // `npx` puts node's directory before all others, and with it the system's python3, which is not
    // the one that pip installs for; VAULT_TEST_PATH is the PATH from before.
    env: { NO_COLOR: "1", PATH: Deno.env.get("VAULT_TEST_PATH") ?? Deno.env.get("PATH")! },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const kept: Uint8Array[] = [];
  let isShown = false;
  const read = async () => {
    let tail = "";
    const decoder = new TextDecoder();
    for await (const chunk of test.stdout) {
      if (isShown) write(chunk);
      else kept.push(chunk);
      tail = (tail + decoder.decode(chunk, { stream: true })).slice(-500);
    }
    const { code } = await test.status;
    return { code, closing: [...tail.matchAll(/\| \d+ passed.*/g)].at(-1)?.[0] ?? "" };
  };
  return {
    show() {
      isShown = true;
      kept.forEach(write);
    },
    ended: read(),
  };
}

function write(chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
}
