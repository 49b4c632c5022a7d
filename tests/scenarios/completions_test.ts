import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND, Home, run, runInTerminal, type Step } from "./harness.ts";

const SCRIPTS = {
  bash: "aws-vault.bash",
  zsh: "_aws-vault",
  fish: "aws-vault.fish",
  powershell: "aws-vault.ps1",
} as const;

function readScript(shell: keyof typeof SCRIPTS): string {
  return Deno.readTextFileSync(new URL(`../../completions/${SCRIPTS[shell]}`, import.meta.url));
}

/** How a shell is started bare, and made ready: `args` shows its arguments, `tool` can complete. */
const SHELLS = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    setup: [
      "PS1='ready> '; args() { printf '<%s>' \"$@\"; echo; }; complete -W 'subway other' tool",
      `eval "$(aws-vault --completion-script-bash)"`,
    ],
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    setup: [
      "PROMPT='ready> '; args() { printf '<%s>' \"$@\"; echo; }; bindkey -e",
      "autoload -Uz compinit && compinit -D -u; _tool() { compadd subway other }; compdef _tool tool",
      `eval "$(aws-vault --completion-script-zsh)"`,
    ],
  },
  fish: {
    argv: ["fish", "--no-config", "-i"],
    setup: [
      "function fish_prompt; echo 'ready> '; end; function args; printf '<%s>' $argv; echo; end",
      "complete -c tool -f -a 'subway other'; set -p fish_complete_path $HOME/made",
      "aws-vault --completion-script-fish | source",
    ],
  },
  "zsh, from fpath,": {
    argv: ["zsh", "-f", "-i"],
    setup: [
      "PROMPT='ready> '; args() { printf '<%s>' \"$@\"; echo; }; bindkey -e; fpath=($HOME/lib $fpath)",
      "autoload -Uz compinit && compinit -D -u; _tool() { compadd subway other }; compdef _tool tool",
    ],
  },
  "fish, from its completions directory,": {
    argv: ["fish", "-i"],
    setup: [
      "function fish_prompt; echo 'ready> '; end; function args; printf '<%s>' $argv; echo; end",
      "complete -c tool -f -a 'subway other'",
    ],
  },
} as const;

const CONFIG = `[profile work]
region = eu-west-1
[profile work-admin]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = work
[profile my team]
region = eu-west-1
[profile a:b]
region = eu-west-1
[profile $(touch pwned)]
region = eu-west-1
[profile it's "a" \`touch pwned\` $(touch pwned)]
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
`;

/** A home with profiles, keys for `work` and `only`, and for `elsewhere` in another keyring. */
async function prepareHome(): Promise<Home> {
  const home = new Home();
  home.write(".aws/config", CONFIG);
  const env = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };
  for (
    const args of [["add", "work"], ["add", "only"], ["add", "elsewhere", "--file-dir", "other"]]
  ) {
    const ran = await run([...args, "--env", "--no-add-config"], { home, env });
    assert.equal(ran.code, 0, ran.stderr);
  }
  Deno.mkdirSync(`${home.path}/bin`);
  // Files whose names begin as values do: they are offered where a file is meant, not there.
  for (const name of ["secrets.txt", "power.txt", "eu-notes.txt"]) home.write(name, "");
  home.write("lib/_aws-vault", readScript("zsh"));
  home.write(".config/fish/completions/aws-vault.fish", readScript("fish"));
  // As fish makes it of the man page: options of all commands, whichever is typed.
  home.write("made/aws-vault.fish", "complete -c aws-vault -l durable -l renewed\n");
  Deno.symlinkSync(COMMAND, `${home.path}/bin/aws-vault`);
  return home;
}

/** What is typed before TAB, and the words of the line after it. */
const COMPLETED: readonly (readonly [typed: string, words: string])[] = [
  ["exe", "<exec>"],
  ["migr", "<migrate-backend>"],
  ["sso logi", "<sso><login>"],
  ["help rot", "<help><rotate>"],
  ["help agent sto", "<help><agent><stop>"],
  ["help sso logi", "<help><sso><login>"],
  ["help exec onl", "<help><exec><onl>"],
  ["completion fi", "<completion><fish>"],
  ["exec onl", "<exec><only>"],
  ["exec my", "<exec><my team>"],
  ["exec a:", "<exec><a:b>"],
  ["exec a", "<exec><a:b>"],
  ["exec it", '<exec><it\'s "a" `touch pwned` $(touch pwned)>'],
  ["exec 'it", '<exec><it\'s "a" `touch pwned` $(touch pwned)>'],
  ['exec "it', '<exec><it\'s "a" `touch pwned` $(touch pwned)>'],
  ["remove wor", "<remove><work>"],
  ["rm wor", "<rm><work>"],
  ["rotate wor", "<rotate><work>"],
  ["--file-dir other rm els", "<--file-dir><other><rm><elsewhere>"],
  ["rm --file-dir=other els", "<rm><--file-dir=other><elsewhere>"],
  ["--backend sec", "<--backend><secret-service>"],
  ["list --backend sec", "<list><--backend><secret-service>"],
  ["--prompt ykm", "<--prompt><ykman>"],
  ["export --format pow", "<export><--format><powershell>"],
  ["export --format=pow", "<export><--format=powershell>"],
  ["exec --region eu-n", "<exec><--region><eu-n>"],
  ["import --from eu-n", "<import><--from><eu-notes.txt>"],
  ["exec -n --dur", "<exec><-n><--duration>"],
  ["exec -nt 123456 onl", "<exec><-nt><123456><only>"],
  ["exec -d 1h onl", "<exec><-d><1h><only>"],
  ["exec work --js", "<exec><work><--json>"],
  ["exec work -- sha256s", "<exec><work><--><sha256sum>"],
  ["exec work -- tool sub", "<exec><work><--><tool><subway>"],
  ["exec work tool sub", "<exec><work><tool><subway>"],
  ["exec -- onl", "<exec><--><only>"],
  ["exec -- work tool sub", "<exec><--><work><tool><subway>"],
];

for (const [name, { argv, setup }] of Object.entries(SHELLS)) {
  const installed = requireProgram(argv[0]) && requireProgram("python3");
  Deno.test(
    { name: `${name} completes what is typed at its prompt`, ignore: !installed },
    async () => {
      using home = await prepareHome();
      const steps: Step[] = [...setup, "args set up"].map((line) => ({ type: line + "\r" }));
      steps.push({ expect: "<set><up>" });
      for (const [typed, words] of COMPLETED) {
        // Ctrl-A: what shows the words goes before the line.
        steps.push({ type: `aws-vault ${typed}\t\x01args \r` }, { expect: `<aws-vault>${words}` });
      }
      // What there is to choose from, and that nothing in it is expanded.
      steps.push({ type: "aws-vault exec \t\t" }, { expect: "work-admin" });
      steps.push({ type: "\x15args all done\r" }, { expect: "<all><done>" }, { type: "exit\r" });
      await runInTerminal([], {
        home,
        command: argv,
        env: { PATH: `${home.path}/bin:${Deno.env.get("PATH")}`, TERM: "xterm" },
        steps,
        timeoutSeconds: 30,
      });
      assert.ok(![...Deno.readDirSync(home.path)].some((entry) => entry.name === "pwned"));
    },
  );
}

Deno.test({
  name: "bash completes by a script of the Go tool's kind, which asks for the last of all words",
  ignore: !requireProgram("bash") || !requireProgram("python3"),
}, async () => {
  using home = await prepareHome();
  home.write(
    "completion.bash",
    `_ask() {
      COMPREPLY=( $(compgen -W "$(aws-vault --completion-bash "\${COMP_WORDS[@]:1:COMP_CWORD}")" -- "$2") )
    }
    complete -F _ask -o default aws-vault`,
  );
  const lines = [["rota", "<rotate>"], ["exec onl", "<exec><only>"], ["rm wor", "<rm><work>"], [
    "list --js",
    "<list><--json>",
  ], ["--backend sec", "<--backend><secret-service>"]] as const;
  await runInTerminal([], {
    home,
    command: SHELLS.bash.argv,
    env: { PATH: `${home.path}/bin:${Deno.env.get("PATH")}`, TERM: "xterm" },
    steps: [
      { type: SHELLS.bash.setup[0] + "; source completion.bash\r" },
      ...lines.flatMap(([typed, words]) => [
        { type: `aws-vault ${typed}\t\x01args \r` },
        { expect: `<aws-vault>${words}` },
      ]),
      // The shell expands what it is given: a name that would run a program is not offered.
      { type: "aws-vault exec \t\t" },
      { expect: "work-admin" },
      { type: "\x15args all done\r" },
      { expect: "<all><done>" },
      { type: "exit\r" },
    ],
    timeoutSeconds: 30,
  });
  assert.ok(![...Deno.readDirSync(home.path)].some((entry) => entry.name === "pwned"));
});

for (const shell of Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]) {
  Deno.test(`the script for ${shell} is printed, by both ways to ask for it`, async () => {
    using home = new Home();
    const text = readScript(shell);
    for (const args of [["completion", shell], [`--completion-script-${shell}`]]) {
      const ran = await run(args, { home });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.stdout, text);
      assert.equal(ran.stderr, "");
    }
  });
}

Deno.test({
  name: "shellcheck finds nothing to say of the script for bash",
  ignore: !requireProgram("shellcheck"),
}, async () => {
  using home = new Home();
  const path = home.write("aws-vault.bash", readScript("bash"));
  const ran = await run(["-s", "bash", path], { home, command: ["shellcheck"] });
  assert.equal(ran.stdout, "");
  assert.equal(ran.code, 0, ran.stderr);
});

// PowerShell itself is in no registry the tests may use: its grammar is what stands in for it here.
Deno.test("the script for PowerShell is one by PowerShell's grammar, as what is broken is not", async () => {
  const { Language, Parser } = (await import("@vscode/tree-sitter-wasm")).default;
  await Parser.init();
  const grammar = import.meta.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm");
  const parser = new Parser();
  parser.setLanguage(await Language.load(Deno.readFileSync(new URL(grammar))));
  const hasFault = (text: string) => parser.parse(text)!.rootNode.hasError;
  const text = readScript("powershell");
  assert.equal(hasFault(text), false);
  assert.equal(hasFault(text.replace(/\}\s*$/, "")), true);
});

Deno.test({
  name: "PowerShell completes what is typed (pwsh)",
  // Nothing the tests may install has it: it runs where a developer has it.
  ignore: !hasPwsh(),
}, async () => {
  using home = await prepareHome();
  const script = `aws-vault --completion-script-powershell | Out-String | Invoke-Expression
    foreach ($line in $args) {
      [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).
        CompletionMatches | Select-Object -First 1 -ExpandProperty CompletionText
    }`;
  const path = home.write("complete.ps1", script);
  const lines = ["aws-vault exe", "aws-vault exec onl", "aws-vault exec my", "aws-vault rm wor"];
  const ran = await run(["-NoProfile", "-File", path, ...lines], {
    home,
    command: ["pwsh"],
    env: { PATH: `${home.path}/bin:${Deno.env.get("PATH")}` },
  });
  assert.equal(ran.stdout, "exec\nonly\n'my team'\nwork\n", ran.stderr);
});

function hasPwsh(): boolean {
  try {
    return new Deno.Command("pwsh", { args: ["-Version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
