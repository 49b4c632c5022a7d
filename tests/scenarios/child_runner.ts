/**
 * What the scenarios start to see `children` and `terminal` alone, apart from the command:
 *   replace | stay COMMAND ARGS…   as `exec` does, and as it does beside a credential server
 *   unlock COMMAND ARGS…           the first after a secret has been asked for
 *   ask [secret | plain | withdrawn]…   a question each, the answers as JSON on standard output
 *   print LINES                    as many lines on standard output
 *   progress TEXT…                 each a line of progress
 */
import { VaultError } from "../../src/errors.ts";
import { createRuntime, type Runtime } from "../../src/runtime.ts";
import type { Exit } from "../../src/types.ts";

async function act(runtime: Runtime): Promise<Exit> {
  const [mode, ...rest] = runtime.args;
  if (mode === "ask") {
    runtime.out(JSON.stringify(await ask(runtime, rest)));
    return { code: 0 };
  }
  if (mode === "print") {
    runtime.out("a line of output\n".repeat(Number(rest[0])));
    return { code: 0 };
  }
  if (mode === "progress") {
    for (const text of rest) runtime.progress(text);
    return { code: 0 };
  }
  if (mode === "unlock") await ask(runtime, ["secret"]);
  const [command, ...args] = rest;
  return await runtime.children.run({
    command: command!,
    path: await runtime.children.locate(command!),
    args,
    set: { AWS_VAULT: "work", AWS_SECRET_ACCESS_KEY: "for the child" },
    unset: ["AWS_PROFILE", "AWS_VAULT_FILE_PASSPHRASE"],
    stay: mode === "stay",
  });
}

async function ask(runtime: Runtime, kinds: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const kind of kinds) {
    const signal = kind === "withdrawn" ? AbortSignal.timeout(50) : undefined;
    const question = runtime.terminal.ask(`Enter ${kind}: `, { secret: kind === "secret", signal });
    answers.push(signal ? await question.catch((error) => error.message) : await question);
  }
  return answers;
}

const runtime = createRuntime();
try {
  runtime.finish(await act(runtime));
} catch (error) {
  if (!(error instanceof VaultError)) throw error;
  runtime.note(`error: ${error.message}`);
  runtime.end({ code: error.exitCode });
}
