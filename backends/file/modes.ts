import { asWord } from "../../src/errors.ts";
import { isOpenToOthers, narrowMode } from "../../src/files.ts";
import { parentOf } from "../../src/paths.ts";
import type { Context } from "../../src/types.ts";
import { kindOf } from "./kinds.ts";

type ModesContext = Pick<Context, "debug" | "note">;

/** More than its owner's part of a mode, and the bit that a directory shared by all has. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Narrows what is open to others and holds our items and nothing else: to be called by writers, for
 * a look at a directory must not change it. One that is shared, or holds what is not ours, stays as
 * it is, and that is told.
 */
export function narrowKeyring(directory: string, ctx: ModesContext): void {
  const { items, directory: state } = findOpenness(directory);
  for (const path of items) tighten(path, 0o600, ctx);
  const parent = parentOf(directory);
  if (parent.endsWith("/.awsvault")) tighten(parent, 0o700, ctx);
  if (state === "closed") return;
  if (state === "ours") return tighten(directory, 0o700, ctx);
  ctx.note(
    `aws-vault: warning: ${directory} is open to others and holds more than the keyring; ` +
      "in a directory of its own it would be kept private",
  );
}

/** What of a keyring others may read or change. */
export interface Openness {
  /** Paths of items. */
  readonly items: readonly string[];
  /** `shared` is one that is open and for others too, or holds more than the keyring. */
  readonly directory: "closed" | "ours" | "shared";
}

/** Throws what Deno throws where the directory cannot be read. */
export function findOpenness(directory: string): Openness {
  const entries = [...Deno.readDirSync(directory)];
  const items = entries.filter(({ isFile }) => isFile).map(({ name }) => `${directory}/${name}`)
    .filter((path) => isOpen(path) && kindOf(path) === "item");
  if (!isOpen(directory)) return { items, directory: "closed" };
  const mode = Deno.statSync(directory).mode ?? 0;
  const isOurs = entries.every(({ name, isFile }) =>
    name.startsWith(".") || isFile && kindOf(`${directory}/${name}`) !== "foreign"
  );
  return { items, directory: isOurs && (mode & STICKY) === 0 ? "ours" : "shared" };
}

/**
 * Tells that others may write in the keyring's directory, or under `--debug` that they may look into
 * it: a look of ours changes neither.
 */
export function tellOpenness(directory: string, ctx: ModesContext): void {
  if (!isOpen(directory)) return;
  if (isOpen(directory, OTHERS_WRITE)) {
    ctx.note(
      `aws-vault: warning: others may write in the keyring's directory: chmod 700 ${
        asWord(directory)
      }`,
    );
  } else {
    ctx.debug(`${directory} is open to others; a write narrows it where it is the keyring's own`);
  }
}

function isOpen(path: string, to = OTHERS): boolean {
  try {
    return isOpenToOthers(path, to);
  } catch {
    return false;
  }
}

function tighten(path: string, mode: number, ctx: ModesContext): void {
  const change = narrowMode(path, mode);
  if (change === "narrowed") {
    ctx.debug(`${path} was open to others; its mode is now 0${mode.toString(8)}`);
  } else if (change === "refused") {
    ctx.note(`aws-vault: warning: ${path} is open to others, and its mode cannot be changed`);
  }
}
