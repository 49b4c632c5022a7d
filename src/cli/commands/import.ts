import type { Command } from "@commander-js/extra-typings";
import { checkEditable, editFile } from "../../config/edit.ts";
import type { PlainKeys } from "../../config/found_keys.ts";
import { cutKeys, findKeys } from "../../config/key_source.ts";
import { readOnce } from "../../config/pipe.ts";
import { credentialsPath } from "../../config/plain_keys.ts";
import { isSameKey } from "../../credentials/stored_keys.ts";
import { countOf } from "../../counts.ts";
import { describeCause, VaultError } from "../../errors.ts";
import { expandHome, homeOf } from "../../paths.ts";
import type { Context } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import {
  describePlan,
  HAS_OTHERS,
  type Import,
  planImports,
  type Planned,
} from "../import_plan.ts";
import { formatProcessLine } from "../process_line.ts";
import { storeAndVerify } from "../store_keys.ts";

interface ImportOptions {
  readonly from?: string;
  readonly profile?: readonly string[];
  readonly overwrite?: boolean;
  readonly scrub?: boolean;
  readonly dryRun?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault import --dry-run", "Tells which keys of ~/.aws/credentials would be stored."],
    ["aws-vault import --scrub", "Stores them, reads each back, and takes them out of the file."],
    [
      "aws-vault import --from accessKeys.csv --profile work",
      "Stores what the AWS console let you download.",
    ],
  );
  command
    .option(
      "--from <file>",
      "A credentials file, or a CSV of the AWS console " +
        "(default: AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials)",
    )
    .option(
      "--profile <profile...>",
      "Take the keys of these profiles alone, or name those of a CSV",
    )
    .option("--overwrite", "Replace other keys that are stored under the same name")
    .option("--scrub", "Take out of the file what was stored and read back")
    .option("--dry-run", "Tell what would be done, and do nothing")
    .action((options) => importKeys(app, options));
}

/**
 * Stores keys that lie about in plain text. Nothing is taken out of their file before all of them
 * were read back from the keyring: whatever stops us in between, the next run goes on.
 */
async function importKeys(app: App, options: ImportOptions): Promise<void> {
  const { ctx } = app;
  const path = choosePath(app, options);
  ctx.protectMemory();
  const bytes = await readSource(path, ctx);
  if (options.scrub) checkScrubbable(path);
  const found = findKeys(bytes, path);
  const profile = options.profile && [...new Set(options.profile)];
  const planned = await planImports(found, app, { ...options, profile, path });
  ctx.out(describePlan(planned, path));
  if (options.dryRun) {
    ctx.out("Nothing was changed.\n");
    return checkLeft(planned, path, "mend what is told of them before, or name others: --profile");
  }
  const ended: Planned[] = [];
  for (const plan of planned) {
    const isLeft = plan.import !== undefined && !await store(plan.import, app, options);
    ended.push(isLeft ? { ...plan, import: undefined, isFailure: true } : plan);
  }
  const done = ended.flatMap((plan) => plan.import ?? []);
  if (options.scrub) await scrub(app, path, done, options);
  else if (done.length > 0 && isFile(path)) {
    ctx.note(`They are in ${path} still: --scrub takes them out.`);
  }
  checkLeft(
    ended,
    path,
    ended.every(({ isFailure }) => isFailure)
      ? "mend what is told of them, and run it again"
      : "what could be is stored; mend what is told of the others, and run it again",
  );
}

/** False where the keyring has got other keys for the profile since it was planned. */
async function store(keys: Import, app: App, options: ImportOptions): Promise<boolean> {
  if (keys.isStored) return true;
  const isStored = await storeAndVerify(keys.profile, keys, app, options.overwrite);
  app.ctx.out(`${keys.profile}: ${isStored ? "stored and verified" : HAS_OTHERS}\n`);
  return isStored;
}

function choosePath(app: App, { from }: ImportOptions): string {
  const { env } = app.ctx;
  if (from === "") throw new VaultError("usage", "--from names no file");
  const path = from === undefined ? credentialsPath(env) : expandHome(from, homeOf(env));
  if (path) return path;
  throw new VaultError("config", "HOME is not set: no credentials file is known", [
    "name one with --from",
  ]);
}

/** A pipe will do (`--from <(decrypt keys)`), but for --scrub. */
async function readSource(path: string, ctx: Context): Promise<Uint8Array> {
  try {
    return await readOnce(path, { name: "file of keys", option: "--from" }, ctx) ??
      Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof VaultError) throw error;
    throw new VaultError("file", `${path} cannot be read: ${describeCause(error)}`, [
      STANDARD_INPUT.test(path)
        ? "standard input is not read: name a file, or in bash and zsh --from <(COMMAND)"
        : error instanceof Deno.errors.PermissionDenied
        ? "check its owner and mode, or name another file with --from"
        : "name the file that has the keys with --from",
    ]);
  }
}

/** A pipe has nothing left in it. */
function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const STANDARD_INPUT = /^(-|\/dev\/stdin|\/dev\/fd\/0)$/;

const PAST_LINK = ["name the file it leads to with --from, or leave out --scrub"];

/** Of a file that goes by two names, one would keep the keys. */
function checkScrubbable(path: string): void {
  const info = checkEditable(path, PAST_LINK);
  if (info?.nlink === null || info?.nlink === undefined || info.nlink < 2) return;
  throw new VaultError(
    "file",
    `${path} has another name (a hard link), under which the keys would stay`,
    ["remove that one first, or leave out --scrub"],
  );
}

/** Whoever has changed the file meanwhile keeps the change: what is read now is cut. */
async function scrub(
  { ctx }: App,
  path: string,
  done: readonly Import[],
  { from }: ImportOptions,
): Promise<void> {
  const count = await takeOut(ctx, path, done);
  if (count === 0) return;
  ctx.out(`Took the keys of ${countOf(count, "profile")} out of ${path}.\n`);
  if (from !== undefined) return;
  const [first] = done;
  ctx.note(
    "Programs that read that file find them no more: start them with aws-vault exec, or write into " +
      `the profile's section of the config file: ${formatProcessLine(first!.profile, ctx)}`,
  );
}

/** Returns how many were there still. */
async function takeOut(
  { clock }: Pick<Context, "clock">,
  path: string,
  done: readonly Import[],
): Promise<number> {
  let count = 0;
  try {
    await editFile(path, clock, (bytes) => {
      const cut = findKeys(bytes, path).filter((found) =>
        found.obstacle === undefined && done.some((own) => isSame(own, found))
      );
      count = cut.length;
      return count === 0 ? undefined : cutKeys(bytes, cut);
    }, PAST_LINK);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const hints = [...error.hints, "the keys are stored: run this again to take them out"];
    throw new VaultError(error.code, error.message, hints, error);
  }
  return count;
}

/** The same keys may stand there under another name too, under which they were not stored. */
function isSame(own: Import, found: PlainKeys): boolean {
  return own.inFile === found.profile && isSameKey(found, own);
}

/** What was asked for by name, or seems to be a slip, makes the command fail: a script is to know. */
function checkLeft(planned: readonly Planned[], path: string, wayOut: string): void {
  const failed = planned.filter(({ isFailure }) => isFailure).length;
  if (failed === 0) return;
  throw new VaultError(
    "credentials",
    `${failed} of ${planned.length} in ${path} cannot be taken over; see above`,
    [wayOut],
  );
}
