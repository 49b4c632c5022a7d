import assert from "node:assert/strict";
import { Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** What is tried at the same time. */
const AT_ONCE = 4;

/** Our name where a command begins, and its words up to a line's end or a sign of the shell. */
const CALL = /(?<=^|[\s"'`(])aws-vault((?: +(?:'[^'\n]*'|"[^"\n]*"|[\w~/-][^\s"'`()<>|;&#]*))+)/gm;

/** The command lines of ours that a text in Markdown, or help, tells people to type. */
function readCalls(text: string): string[] {
  const code = text.matchAll(/^ *```[a-z]+\n[\s\S]*?^ *```|`[^`]+`|^ {2}aws-vault .*/gm);
  return [...code].flatMap(([part]) => [...part.matchAll(CALL)].map(([, words]) => words!.trim()));
}

function splitWords(call: string): string[] {
  return call.match(/'[^']*'|"[^"]*"|\S+/g)!
    .map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
}

/** What the command line itself is refused for; that nothing is there to work on is another matter. */
const REFUSED = /unknown (option|command)|too many arguments|is invalid|goes? not together/;

/** Runs it where there is nothing: no profile, no keyring, no terminal, no AWS. */
async function findFault(call: string): Promise<string | undefined> {
  using home = new Home();
  const env = {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_VAULT_FILE_PASSPHRASE: undefined,
    PATH: "/usr/bin:/bin",
  };
  const { stderr } = await run(splitWords(call), { home, env });
  return REFUSED.test(stderr) || /this is a bug/.test(stderr) ? `${call}: ${stderr}` : undefined;
}

Deno.test("every command line of the documents and of help is one that is taken", async () => {
  using home = new Home();
  const documents = [...Deno.readDirSync(`${ROOT}docs`)].filter(({ isFile }) => isFile)
    .map(({ name }) => Deno.readTextFileSync(`${ROOT}docs/${name}`));
  documents.push(Deno.readTextFileSync(`${ROOT}README.md`));
  const help = (await run(["--help-long"], { home })).stdout;
  const calls = [...new Set([...documents, help].flatMap(readCalls))];
  assert.ok(calls.length > 90, `${calls.length} are found`);
  const faults: string[] = [];
  const work = async () => {
    for (let call = calls.pop(); call !== undefined; call = calls.pop()) {
      const fault = await findFault(call);
      if (fault !== undefined) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.deepEqual(faults, []);
});
