import { findOpenness } from "../../backends/mod.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { asWord } from "../errors.ts";
import { isLink } from "../files.ts";
import { joinPath } from "../paths.ts";
import type { Finding, MachineView } from "./finding.ts";

/** Files that others could read or change. */
export function checkModes({ ctx, file }: MachineView, keyring: string | undefined): Finding[] {
  if (ctx.platform === "windows") return [];
  const credentials = credentialsPath(ctx.env);
  return [
    ...checkTarget(file.path, 0o022, CHANGEABLE),
    ...(credentials === undefined ? [] : checkTarget(credentials, 0o077, READABLE)),
    ...(keyring === undefined ? [] : checkKeyring(keyring)),
  ];
}

interface Danger {
  readonly what: string;
  readonly effect: string;
}

const CHANGEABLE: Danger = {
  what: "others may change it",
  effect: "whoever does can have any program started as you: credential_process",
};
const READABLE: Danger = {
  what: "others may read it",
  effect: "keys in it are theirs",
};

/** What a link leads to may be somebody else's affair too: its mode is told, and not mended. */
function checkTarget(path: string, forbidden: number, danger: Danger): Finding[] {
  if (!isLink(path)) return checkMode(path, forbidden, danger);
  try {
    const findings = checkMode(Deno.realPathSync(path), forbidden, danger);
    return findings.map(({ mend: _, ...finding }) => finding);
  } catch {
    return []; // it leads nowhere, which is told where it is read
  }
}

/** Only what others may do beyond `forbidden` is taken away. */
export function checkMode(path: string, forbidden: number, { what, effect }: Danger): Finding[] {
  const info = look(path);
  if (info?.mode == null || info.isSymlink || (info.mode & forbidden) === 0) return [];
  const wanted = info.mode & 0o7777 & ~forbidden;
  return [{
    id: "file.mode",
    severity: "warning",
    file: path,
    message: `its mode is ${show(info.mode & 0o7777)}: ${what}`,
    effect,
    wayOut: `chmod ${show(wanted)} ${asWord(path)}`,
    mend: {
      shown: `chmod ${show(wanted)} ${asWord(path)}`,
      apply() {
        Deno.chmodSync(path, wanted);
        if (((look(path)?.mode ?? 0) & forbidden) !== 0) throw new Error(NO_MODES);
      },
    },
  }];
}

const NO_MODES = "nothing changed: its file system has no modes, as a drive of Windows under WSL";

/** The items lie in it encrypted: others who have them can try passphrases for as long as they like. */
function checkKeyring(directory: string): Finding[] {
  const danger = {
    what: "others may look into the keyring",
    effect: "whoever has its files can try passphrases on them for as long as they like",
  };
  try {
    const { items, directory: state } = findOpenness(directory);
    const findings = items.flatMap((path) => checkMode(path, 0o077, danger));
    if (state === "shared") return [tellShared(directory, danger.effect), ...findings];
    return [...checkMode(directory, 0o077, danger), ...findings];
  } catch {
    return []; // told where the keyring is opened
  }
}

/** Its mode is others' affair too: nobody is to take /tmp from them. */
function tellShared(path: string, effect: string): Finding {
  return {
    id: "file.mode",
    severity: "warning",
    file: path,
    message: "the keyring shares this directory with others, or with other files",
    effect,
    wayOut: "give it a directory of its own: --file-dir (AWS_VAULT_FILE_DIR)",
  };
}

/** What is there, a link as one; nothing where we may not look. */
export function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** The files of a directory, sorted; none where there is none, or we may not look. */
export function listFiles(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile)
      .map(({ name }) => joinPath(directory, name)).sort();
  } catch {
    return [];
  }
}

function show(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
