import assert from "node:assert/strict";
import { Answers, Reading } from "../../../src/agent/answers.ts";
import type { AgentRequest } from "../../../src/agent/protocol.ts";
import { until } from "../../until.ts";

const REQUEST: AgentRequest = {
  args: ["exec", "work", "--json"],
  variables: new Map([["HOME", "/home/jon"]]),
  processId: 1,
  parentId: 1,
  isOutputTerminal: false,
};
const ANSWER = { kind: "exit", code: 0, output: "credentials", errors: "" } as const;
const UNTIL_MS = 1_000_000;
/** When what a test has just written is no news any more. */
const laterMs = () => Date.now() + 10_000;

/** A directory with a file in it, which a run has read and answered from. */
class ReadFiles implements Disposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "vault-answers-" });
  readonly file = `${this.directory}/config`;
  readonly answers = new Answers();

  constructor() {
    Deno.writeTextFileSync(this.file, "old");
    const reading = new Reading();
    reading.note(this.directory, laterMs());
    reading.note(this.file, laterMs());
    this.answers.keep(REQUEST, ANSWER, { stamps: reading.stamps()!, untilMs: UNTIL_MS });
  }

  find(more: Partial<AgentRequest> = {}, nowMs = 0) {
    return this.answers.find({ ...REQUEST, ...more }, nowMs);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.directory, { recursive: true });
  }
}

Deno.test("the same request gets the same answer, whoever asks, until the session is fresh no more", () => {
  using read = new ReadFiles();
  assert.equal(read.find(), ANSWER);
  assert.equal(read.find({ processId: 2, parentId: 3 }, UNTIL_MS - 1), ANSWER);
  assert.equal(read.find({}, UNTIL_MS), undefined);
});

for (
  const [what, more] of Object.entries<Partial<AgentRequest>>({
    "command line": { args: ["exec", "work", "--json", "--region=eu-west-1"] },
    "word cut elsewhere": { args: ["exec", "work --json"] },
    "variable": { variables: new Map([["HOME", "/home/jon"], ["AWS_REGION", "eu-west-1"]]) },
    "value of a variable": { variables: new Map([["HOME", "/home/ann"]]) },
    "kind of output": { isOutputTerminal: true },
  })
) {
  Deno.test(`a request with another ${what} gets no answer of another's`, () => {
    using read = new ReadFiles();
    assert.equal(read.find(more), undefined);
  });
}

const CHANGES: Readonly<Record<string, (read: ReadFiles) => void>> = {
  "written to in place, at the same length": ({ file }) => write(file, "new"),
  "replaced": ({ file, directory }) => {
    Deno.writeTextFileSync(`${directory}/next`, "old");
    Deno.renameSync(`${directory}/next`, file);
  },
  "removed": ({ file }) => Deno.removeSync(file),
  "joined by another": ({ directory }) => write(`${directory}/more`, ""),
  "given other rights": ({ file }) => Deno.chmodSync(file, 0o600),
};

for (const [how, change] of Object.entries(CHANGES)) {
  Deno.test(`nothing is answered from a file that was ${how} since`, async () => {
    using read = new ReadFiles();
    await tick(read.directory);
    change(read);
    assert.equal(read.find(), undefined);
  });
}

/** Waits until a change shows another time than the last one does. */
async function tick(directory: string): Promise<void> {
  const probe = Deno.makeTempFileSync();
  const changedMs = () => Deno.statSync(probe).mtime!.getTime();
  const lastMs = Math.max(changedMs(), Deno.statSync(directory).mtime!.getTime());
  await until(() => {
    Deno.writeTextFileSync(probe, "");
    return changedMs() > lastMs;
  });
  Deno.removeSync(probe);
}

function write(path: string, text: string): void {
  Deno.writeTextFileSync(path, text);
}

Deno.test("a file that was not there, and is now, is a change", () => {
  using read = new ReadFiles();
  const reading = new Reading();
  reading.note(`${read.directory}/config/none`, laterMs()); // below a file
  assert.equal(reading.stamps(), undefined);
  const absent = new Reading();
  absent.note(`${read.directory}/absent`, laterMs());
  read.answers.keep(REQUEST, ANSWER, { stamps: absent.stamps()!, untilMs: UNTIL_MS });
  assert.equal(read.find(), ANSWER);
  write(`${read.directory}/absent`, "");
  assert.equal(read.find(), undefined);
});

Deno.test("nothing is kept that hangs on a file changed just now, on a device or on a program", () => {
  using read = new ReadFiles();
  const changedMs = Deno.statSync(read.file).mtime!.getTime();
  const stampsOf = (note: (reading: Reading) => void) => {
    const reading = new Reading();
    note(reading);
    return reading.stamps();
  };
  assert.equal(stampsOf((reading) => reading.note(read.file, changedMs + 10)), undefined);
  assert.notEqual(stampsOf((reading) => reading.note(read.file, changedMs + 5_000)), undefined);
  assert.equal(stampsOf((reading) => reading.note("/dev/null", laterMs())), undefined);
  assert.equal(stampsOf((reading) => reading.noteUntold()), undefined);
});

Deno.test("a file counts as it was before it was first read", async () => {
  using read = new ReadFiles();
  const reading = new Reading();
  reading.note(read.file, laterMs());
  await tick(read.directory);
  write(read.file, "new, after half of it was read");
  reading.note(read.file, laterMs());
  read.answers.keep(REQUEST, ANSWER, { stamps: reading.stamps()!, untilMs: UNTIL_MS });
  assert.equal(read.find(), undefined);
});

Deno.test("nothing is left of the answers once they are forgotten", () => {
  using read = new ReadFiles();
  read.answers.clear();
  assert.equal(read.find(), undefined);
});
