import { makeTemporary } from "../contract/context.ts";
import type { Step, TerminalRun } from "../scenarios/harness.ts";
import { type FakeAws, startFakeAws, type User } from "../fakes/aws/mod.ts";
import {
  collect,
  compileC,
  DENO,
  DENO_HERE,
  Guest,
  type GuestOptions,
  HAS_WINE,
  type Ran,
  windowsPath,
} from "./wine.ts";

export const ROLE = "arn:aws:iam::222222222222:role/reader";
export const SECOND_ROLE = "arn:aws:iam::333333333333:role/writer";
export const COMSPEC = "C:\\windows\\system32\\cmd.exe";

const DIST = new URL("../../dist", import.meta.url).pathname;
/** The launcher that is built, which has no Deno of its own. */
export const BARE_LAUNCHER = windowsPath(`${DIST}/aws-vault.cmd`);

/** Programs of `tests/windows/guest`, made once. */
const programs = new Map<string, Promise<string>>();
const place = HAS_WINE ? makeTemporary() : undefined;
if (place !== undefined) addEventListener("unload", () => place[Symbol.dispose]());

/** The launcher as npm lays it out, with a Deno that it need not ask for its version each time. */
export const LAUNCHER = place === undefined ? "" : windowsPath(layOut(place.path));

function layOut(directory: string): string {
  const deno = `${directory}/node_modules/deno/node_modules/@deno/win32-x64`;
  Deno.mkdirSync(deno, { recursive: true });
  Deno.symlinkSync(DENO_HERE, `${deno}/deno.exe`);
  Deno.symlinkSync(`${DIST}/lib`, `${directory}/lib`);
  Deno.copyFileSync(`${DIST}/aws-vault.cmd`, `${directory}/aws-vault.cmd`);
  return `${directory}/aws-vault.cmd`;
}

function compileOnce(name: string): Promise<string> {
  const made = programs.get(name) ?? compileC(name, place!.path);
  programs.set(name, made);
  return made;
}

/** Starts the bundle without the launcher. */
export const BUNDLE = ["run", "-A", "--quiet", "--no-config", windowsPath(`${DIST}/lib/main.js`)];

/** A user of Windows with the built command, the stand-in of AWS, and an empty Credential Manager. */
export class WindowsVault implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly user: User;
  readonly guest = new Guest();
  /** `tests/windows/guest/tool.c`, as Windows names it. */
  tool = "";
  /** The same, as this machine has it. */
  toolPath = "";
  /** `tests/windows/guest/credentials.c`, as Windows names it. */
  credentialsTool = "";

  private constructor(aws: FakeAws) {
    this.aws = aws;
    this.user = aws.addUser({ name: "jon" });
    aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
    aws.addRole({ arn: SECOND_ROLE, trusts: ["222222222222"] });
  }

  static async start(config = "[profile work]\nregion = eu-west-1\n"): Promise<WindowsVault> {
    const vault = new WindowsVault(await startFakeAws());
    const [tool, credentials] = await Promise.all(["tool", "credentials"].map(compileOnce));
    vault.toolPath = tool!;
    vault.tool = windowsPath(tool!);
    vault.credentialsTool = windowsPath(credentials!);
    await vault.credentials("clear");
    if (config !== "") vault.guest.write(".aws/config", config);
    return vault;
  }

  get env(): Record<string, string> {
    return { AWS_ENDPOINT_URL: this.aws.url };
  }

  /** A command line that starts the command, for cmd.exe and others. */
  line(rest: string): string {
    return `${COMSPEC} /d /s /c ""${LAUNCHER}" ${rest}"`;
  }

  start(args: readonly string[], options: GuestOptions = {}): Deno.ChildProcess {
    return this.startCmd([LAUNCHER, ...args], options);
  }

  /** Starts a batch file, with what the command is started with. */
  startCmd(words: readonly string[], options: GuestOptions = {}): Deno.ChildProcess {
    const env = { ...this.env, ...options.env };
    return this.guest.start(COMSPEC, ["/c", ...words], { ...options, env });
  }

  /** Runs the command to its end. */
  async run(args: readonly string[], options: GuestOptions = {}): Promise<Ran> {
    return await collect(this.start(args, options), options);
  }

  /**
   * Runs the bundle in a console, and types there: by Deno itself, for Wine's cmd.exe ends at Ctrl-C
   * where that of Windows asks whether to.
   */
  async runInConsole(args: readonly string[], steps: readonly Step[]): Promise<TerminalRun> {
    return await this.guest.runInConsole(DENO, [...BUNDLE, ...args], steps, this.env);
  }

  /** `add PROFILE --env` of the stand-in's user's keys. */
  async add(profile: string, options: GuestOptions = {}): Promise<Ran> {
    const [key] = this.user.accessKeys;
    const env = {
      AWS_ACCESS_KEY_ID: key!.id,
      AWS_SECRET_ACCESS_KEY: key!.secret,
      ...options.env,
    };
    return await this.run(["add", profile, "--env"], { ...options, env });
  }

  /** Runs that, and returns what it writes. */
  async credentials(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.guest.run(this.credentialsTool, args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.credentials("clear");
    await this.aws[Symbol.asyncDispose]();
  }
}

/** The settings of the file keyring. */
export const FILE = { AWS_VAULT_BACKEND: "file", AWS_VAULT_FILE_PASSPHRASE: "correct horse" };

/** A test of that user, named as what was seen under Wine; skipped where that is missing. */
export function test(
  name: string,
  fn: (vault: WindowsVault) => Promise<void>,
  config?: string,
): void {
  Deno.test({
    name: `${name} (Wine)`,
    ignore: !HAS_WINE,
    async fn() {
      await using vault = await WindowsVault.start(config);
      await fn(vault);
    },
  });
}

/** Reads what a program writes until `text` is in it, and hears no more of it. */
export async function waitFor(stream: ReadableStream<Uint8Array>, text: RegExp): Promise<void> {
  const decoder = new TextDecoder();
  let shown = "";
  for await (const bytes of stream) {
    shown += decoder.decode(bytes, { stream: true });
    if (text.test(shown)) return;
  }
  throw new Error(`it ended without ${text}: ${shown}`);
}
