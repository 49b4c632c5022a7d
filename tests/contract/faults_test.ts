import assert from "node:assert/strict";
import { openHelper } from "../../backends/helper.ts";
import { openKeychain } from "../../backends/keychain.ts";
import { openPass } from "../../backends/pass.ts";
import { openSecretService } from "../../backends/secret_service.ts";
import type { SecretBackend } from "../../src/types.ts";
import { createTestContext, makeTemporary, type TestContext, writeProgram } from "./context.ts";
import { encode, isErrorWith } from "./suite.ts";

/** A backend whose program is a script of the test's. */
interface Subject {
  readonly name: string;
  readonly programs: readonly string[];
  /** `keys` starts no program. */
  readonly keysNeedNone?: boolean;
  /** Its programs take names by lines. */
  readonly refusesControls?: boolean;
  open(home: string, ctx: TestContext, timeoutSeconds?: number): SecretBackend;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "pass",
    programs: ["pass"],
    keysNeedNone: true,
    open(home, ctx, timeoutSeconds) {
      Deno.writeTextFileSync(`${home}/work.gpg`, "an entry");
      return openPass({ directory: home, command: "pass", prefix: "", timeoutSeconds }, ctx);
    },
  },
  {
    name: "secret-service",
    programs: ["secret-tool", "gdbus"],
    refusesControls: true,
    open: (_home, ctx, timeoutSeconds) => openSecretService({ timeoutSeconds }, ctx),
  },
  {
    name: "keychain",
    programs: ["security"],
    refusesControls: true,
    open(home, ctx, timeoutSeconds) {
      Deno.mkdirSync(`${home}/Library/Keychains`, { recursive: true });
      Deno.writeTextFileSync(`${home}/Library/Keychains/aws-vault.keychain-db`, "");
      return openKeychain({ keychain: "aws-vault", timeoutSeconds }, ctx);
    },
  },
  {
    name: "helper",
    programs: ["docker-credential-test"],
    open: (_home, ctx, timeoutSeconds) => openHelper({ helper: "test", timeoutSeconds }, ctx),
  },
];

const FAULTS = [
  { fault: "missing", script: undefined, says: ["not installed"], needsOther: true },
  {
    fault: "failing",
    script: "#!/bin/sh\ncat > /dev/null\nprintf 'first\\nsecond\\rlast words\\n\\n' >&2\nexit 7\n",
    says: ["failed with exit code 7: last words"],
  },
  {
    fault: "failing in silence",
    script: "#!/bin/sh\nexit 9\n",
    says: ["failed with exit code 9 and said nothing"],
  },
  {
    fault: "hanging",
    script: "#!/bin/sh\nexec sleep 60\n",
    says: ["0.5 seconds", "stopped"],
    needsOther: true,
    timeoutSeconds: 0.5,
  },
  {
    fault: "failing with a long speech",
    script: "#!/bin/sh\ncat > /dev/null\nyes words | head -n 200 | tr '\\n' ' ' >&2\nexit 7\n",
    says: ["failed with exit code 7: words words"],
  },
  { fault: "ended by a signal", script: "#!/bin/sh\nkill -KILL $$\n", says: ["SIGKILL"] },
];

for (const subject of SUBJECTS) {
  for (const { fault, script, says, needsOther, timeoutSeconds } of FAULTS) {
    Deno.test(`${subject.name}: a program that is ${fault} is an error that names it, with a way out`, async () => {
      using home = makeTemporary();
      const backend = openWith(subject, home.path, script, {}, timeoutSeconds);
      const check = (error: unknown) => {
        const { message } = error as Error;
        assert.ok(subject.programs.some((program) => message.includes(program)), message);
        assert.ok(message.length < 400, message);
        const { hints } = error as { hints: string[] };
        assert.notDeepEqual(hints, [], message);
        if (needsOther) assert.match(hints.join("\n"), /--backend/);
        return isErrorWith(...says)(error);
      };
      await assert.rejects(backend.get("work"), check);
      await assert.rejects(backend.set({ key: "work", data: encode("TOPSECRET") }), check);
      await assert.rejects(backend.remove("work"), check);
      if (!subject.keysNeedNone) await assert.rejects(backend.keys(), check);
    });
  }

  Deno.test(`${subject.name}: a program that prints nonsense is no empty store`, async () => {
    using home = makeTemporary();
    const backend = openWith(subject, home.path, "#!/bin/sh\ncat > /dev/null\necho 'Hello!'\n");
    const error = (error: unknown) => {
      const { hints } = error as { hints: string[] };
      if (subject.name !== "pass") assert.match(hints.join(), /comes first in PATH$/);
      return isErrorWith(subject.name === "keychain" ? "security" : "")(error);
    };
    if (!subject.keysNeedNone) await assert.rejects(backend.keys(), error);
    // A keychain's secret may be any text: there the answer is taken as it is.
    if (subject.name !== "keychain") await assert.rejects(backend.get("work"), error);
  });

  Deno.test(`${subject.name}: a name that no program can be given is refused`, async () => {
    using home = makeTemporary();
    const backend = openWith(subject, home.path, "#!/bin/sh\nexit 0\n");
    const item = (key: string) => ({ key, data: encode("x") });
    await assert.rejects(backend.set(item("a\0b")), isErrorWith("holds a NUL"));
    if (!subject.refusesControls) return;
    await assert.rejects(backend.set(item("a\x7fb")), (error) => {
      assert.match(
        (error as { hints: string[] }).hints.join(),
        /a name without them, or another ba/,
      );
      return isErrorWith("it has control characters")(error);
    });
  });

  Deno.test(`${subject.name}: a secret that a failing program repeats is in no error`, async () => {
    using home = makeTemporary();
    const script = "#!/bin/sh\necho TOPSECRET\ncat; exit 3\n";
    const backend = openWith(subject, home.path, script);
    for (const attempt of [() => backend.get("work"), () => backend.set(SECRET_ITEM)]) {
      await assert.rejects(attempt(), (error) => {
        assert.ok(!/TOPSECRET|U0VDUkVU/.test(JSON.stringify(error) + String(error)));
        return true;
      });
    }
  });
}

for (const subject of SUBJECTS) {
  Deno.test(`${subject.name}: its programs see no variable of AWS, and what they need`, async () => {
    using home = makeTemporary();
    const seen = `${home.path}/seen`;
    const variables = { AWS_SECRET_ACCESS_KEY: "s", AWS_VAULT_FILE_PASSPHRASE: "p", DISPLAY: ":0" };
    const script = `#!/bin/sh\nenv > '${seen}'\nexit 1\n`;
    await assert.rejects(openWith(subject, home.path, script, variables).get("work"));
    const names = Deno.readTextFileSync(seen).split("\n").map((line) => line.split("=")[0]!);
    assert.deepEqual(names.filter((name) => name.startsWith("AWS_")), []);
    for (const needed of ["PATH", "HOME", "DISPLAY"]) assert.ok(names.includes(needed), needed);
  });
}

const SECRET_ITEM = { key: "work", data: encode('{"SecretAccessKey":"TOPSECRET"}') };

function openWith(
  subject: Subject,
  home: string,
  script: string | undefined,
  variables: Readonly<Record<string, string>> = {},
  timeoutSeconds?: number,
): SecretBackend {
  const bin = `${home}/bin`;
  Deno.mkdirSync(bin);
  for (const program of subject.programs) {
    if (script !== undefined) writeProgram(bin, program, script);
  }
  const path = script === undefined ? bin : `${bin}:/usr/bin:/bin`;
  const ctx = createTestContext({ ...variables, PATH: path, HOME: home });
  return subject.open(home, ctx, timeoutSeconds);
}
