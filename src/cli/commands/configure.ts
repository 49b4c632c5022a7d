import type { Command } from "@commander-js/extra-typings";
import { checkConfigWritable } from "../../config/edit.ts";
import { Inheritance } from "../../config/inheritance.ts";
import type { Section } from "../../config/ini.ts";
import { hasNamed } from "../../config/names.ts";
import { describeSource } from "../../config/profile.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { formatHeader } from "../../config/section_header.ts";
import { present, writeProfile } from "../../config/write_profile.ts";
import { asArgument, asExec, VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import {
  ACCESS_KEY,
  CONSOLE,
  type Draft,
  guessKind,
  type Kind,
  KINDS,
  ROLE,
  type Subject,
} from "../configure/kinds.ts";
import { Questions } from "../configure/questions.ts";
import { keepForProfile, signInForProfile } from "../console_sign_in.ts";
import { addExamples } from "../help.ts";
import { storeTyped, tellOfLengths } from "../new_keys.ts";
import { knownProfiles } from "../profile_names.ts";
import { checkTarget, storeKeys } from "../store_keys.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    [
      "aws-vault configure dev",
      "Asks what the profile dev needs, shows its section and writes it.",
    ],
  );
  command
    .argument("[profile]", "Name of the profile, a new one too (AWS_PROFILE)")
    .action((profile) => configure(app, profile));
}

/** Asks for a profile on a page of questions; nothing is stored or written before the last one. */
async function configure(app: App, argument: string | undefined): Promise<void> {
  const { ctx } = app;
  const file = app.config();
  const questions = new Questions(ctx);
  const profile = argument || ctx.env.get("AWS_PROFILE") ||
    await questions.ask("Name of the profile", "default", () => undefined);
  checkName(profile, app);
  await checkConfigWritable(ctx);
  const keys = await (await app.keyring()).keys();
  const section = file.section("profile", profile);
  const others = knownProfiles(file, keys).filter((name) => name !== profile);
  const subject = { profile, section, app, questions, hasKeys: keys.includes(profile), others };
  const kind = await askKind(subject);
  refuseLeftovers(kind, subject);
  refuseInherited(kind, subject);
  const draft = await kind.ask(subject);
  const gone = listGone(draft, section);
  ctx.note(`This goes into ${file.path}:\n\n${formatDraft(profile, draft, kind)}`);
  if (gone.length > 0) ctx.note(`Taken out of it: ${gone.join(", ")}.\n`);
  if (profile === "default" && kind === ROLE) ctx.note(ROLE_OF_ALL);
  if (!await questions.confirm("Write it?")) return ctx.note("Nothing was written.");
  await finish(app, profile, draft, kind);
  ctx.note(`Try it: ${asExec(profile)} aws sts get-caller-identity`);
}

/** Settings that are taken out, and blocks that a value takes the place of. */
function listGone({ settings }: Draft, section: Section | undefined): string[] {
  return Object.keys(settings).flatMap((key) => {
    const { value, nested } = section?.get(key) ?? {};
    if (nested !== undefined && nested.size > 0) {
      return [`${key}, with the lines indented below it`];
    }
    return value && settings[key] === "" ? [key] : [];
  });
}

/** What `doctor` calls config.default-role. */
const ROLE_OF_ALL = [
  "Profiles inherit from [default]: each that has no role_arn would become this role.",
  "Answer n, and give it a name of its own, unless that is meant.\n",
].join("\n");

/** An old profile may have any name that is text; a new one may not. */
function checkName(profile: string, app: App): void {
  if (!hasNamed(app.config(), profile)) checkTarget(profile, app.config());
}

async function askKind(subject: Subject): Promise<Kind> {
  const { questions, profile } = subject;
  const guess = KINDS.indexOf(guessKind(subject));
  const titles = KINDS.map(({ title }) => title);
  const title = `Where do the credentials of ${profile} come from?`;
  return KINDS[await questions.choose(title, titles, guess)]!;
}

/** Settings by which a profile's credentials come from elsewhere. */
const SOURCES = [
  ...new Set(KINDS.flatMap(({ own }) => own)),
  ...["web_identity_token_file", "web_identity_token_process", "credential_source"],
  "credential_process",
];

/** What another kind of profile has would go before what is asked for now, or beside it. */
function refuseLeftovers(kind: Kind, { profile, section, app, hasKeys }: Subject): void {
  if (hasKeys && kind !== ACCESS_KEY) {
    throw new VaultError("config", `profile ${profile} has stored keys, which come first`, [
      `take them away before: aws-vault remove ${asArgument(profile)}`,
      "or configure another name",
    ]);
  }
  const left = SOURCES.filter((key) => !kind.own.includes(key))
    .flatMap((key) => section?.get(key)?.value ? [{ key, line: section.get(key)!.line }] : []);
  if (left.length === 0) return;
  const shown = left.map(({ key, line }) => `${key} (line ${line})`).join(", ");
  throw new VaultError("config", `profile ${profile} is of another kind: it has ${shown}`, [
    `take that out of ${app.config().path} before, or configure another name`,
  ]);
}

/** So would what it includes, or `[default]` has. */
function refuseInherited({ yieldsTo }: Kind, { profile, app }: Subject): void {
  const inheritance = new Inheritance(app.config());
  const find = (key: string) =>
    key === "source_profile" ? inheritance.findSource(profile) : inheritance.find(profile, key);
  const first = yieldsTo.map(find).find((setting) => setting !== undefined);
  if (first === undefined) return;
  throw new VaultError("config", `profile ${profile} would inherit other credentials`, [
    `see ${describeSource(first.source)}, which comes before what is asked for here`,
    "move that to a profile of its own, and include it where it is meant",
  ]);
}

function formatDraft(profile: string, { settings, session }: Draft, kind: Kind): string {
  const sections = [
    ...session ? [[formatHeader(session.name, "sso-session"), session.settings] as const] : [],
    [
      formatHeader(profile),
      { ...present(settings), ...(kind === CONSOLE && { login_session: "(whoever signs in)" }) },
    ] as const,
  ];
  return sections.map(([header, fields]) =>
    [header, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)]
      .map((line) => `  ${line}\n`).join("")
  ).join("\n");
}

async function finish(app: App, profile: string, draft: Draft, kind: Kind): Promise<void> {
  const { ctx } = app;
  const { settings } = draft;
  if (kind === CONSOLE) {
    const { region } = settings;
    const config = resolveProfile(profile, app.config(), ctx.env, { region });
    const signedIn = await signInForProfile(app, config, {});
    await keepForProfile(app, config, signedIn, { login_session: signedIn.arn, ...settings });
    ctx.out(`Configured profile "${profile}" as ${signedIn.arn}.\n`);
    return;
  }
  if (draft.keys !== undefined) {
    const { keys } = draft;
    await storeTyped(ctx, () => storeKeys(profile, keys, app));
    tellOfLengths(keys, ctx.note);
  }
  await writeProfile(ctx, { name: profile, settings }, draft.session);
  ctx.out(`Configured profile "${profile}".\n`);
}
