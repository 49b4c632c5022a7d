import { VaultError } from "../../errors.ts";
import type { Section } from "../../config/ini.ts";
import { isFoundAgain } from "../../config/names.ts";
import { hintAtNearest } from "../../config/nearest.ts";
import { ACCOUNT_ID } from "../../config/profile.ts";
import { isAwsRegion } from "../../config/region.ts";
import type { App } from "../app.ts";
import { KeyQuestions, type NewKeys } from "../new_keys.ts";
import { isStartUrl, trimStartUrl } from "../sso_target.ts";
import type { Check, Questions } from "./questions.ts";

/** What is asked on: the profile's name and the section it has, if it has one. */
export interface Subject {
  readonly profile: string;
  readonly section?: Section;
  readonly app: App;
  readonly questions: Questions;
  /** Keys are stored under its name. */
  readonly hasKeys: boolean;
  /** All other profiles that there are, those with stored keys alone too. */
  readonly others: readonly string[];
}

/** What a profile is to be. */
export interface Draft {
  /** Those that are empty are left out, and taken out of a section that has them. */
  readonly settings: Readonly<Record<string, string>>;
  /** An `[sso-session]` that is not there yet. */
  readonly session?: { readonly name: string; readonly settings: Readonly<Record<string, string>> };
  readonly keys?: NewKeys;
}

/** One way to credentials, and the questions that it takes. */
export interface Kind {
  readonly title: string;
  /** The settings that say where such a profile's credentials come from. */
  readonly own: readonly string[];
  /** Those that come before its own, from wherever the profile has them. */
  readonly yieldsTo: readonly string[];
  ask(subject: Subject): Promise<Draft>;
}

export const ACCESS_KEY: Kind = {
  title: "An access key, stored in the keyring",
  own: ["role_arn", "external_id"],
  yieldsTo: [],
  async ask(subject) {
    const { questions, hasKeys, app } = subject;
    const keeps = hasKeys && await questions.confirm("Keep the keys that are stored?");
    const keys = keeps ? undefined : await new KeyQuestions(app.ctx)
      .ask({ withMfa: false, backend: await app.keyring() });
    return {
      keys,
      settings: {
        mfa_serial: await askMfa(subject, current(subject, "mfa_serial")),
        region: await askRegion(subject),
      },
    };
  },
};

const IDENTITY_CENTER: Kind = {
  title: "IAM Identity Center (SSO)",
  own: [
    ...["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"],
    "sso_registration_scopes",
  ],
  yieldsTo: ["source_profile"],
  async ask(subject) {
    const { questions, app } = subject;
    const known = app.config().names("sso-session");
    const name = await questions.ask(
      known.length === 0 ? "Name of the sso-session" : `sso-session (there is ${known.join(", ")})`,
      current(subject, "sso_session") || known[0] || "sso",
      (text) => known.includes(text) ? undefined : checkSessionName(text),
    );
    const session = known.includes(name)
      ? undefined
      : { name, settings: await askSession(subject) };
    return {
      session,
      settings: {
        sso_session: name,
        // The session has them: the AWS CLI refuses a profile that says otherwise.
        sso_start_url: "",
        sso_region: "",
        sso_registration_scopes: "",
        sso_account_id: await questions.ask(
          "Account id",
          current(subject, "sso_account_id") || undefined,
          matching(ACCOUNT_ID, "It has twelve digits."),
        ),
        sso_role_name: await questions.ask(
          "Role (permission set)",
          current(subject, "sso_role_name") || undefined,
          matching(/^[\w+=,.@-]{1,64}$/, "That is no role's name."),
        ),
        region: await askRegion(subject),
      },
    };
  },
};

export const CONSOLE: Kind = {
  title: "A sign-in to the AWS console, without any key",
  own: ["login_session"],
  yieldsTo: [
    ...["source_profile", "sso_session", "sso_start_url"],
    ...["web_identity_token_file", "web_identity_token_process"],
  ],
  ask: async (subject) => ({ settings: { region: await askRegion(subject) } }),
};

export const ROLE: Kind = {
  title: "A role, assumed with another profile's credentials",
  own: ["role_arn", "source_profile", "external_id"],
  yieldsTo: [],
  async ask(subject) {
    const { questions, app, others } = subject;
    if (others.length === 0) throw noSource(app.config().path);
    const source = await questions.ask(
      "Source profile",
      current(subject, "source_profile") || others[0],
      (name) => others.includes(name) ? undefined : describeUnknown(name, others),
    );
    const beneath = app.config().section("profile", source)?.get("mfa_serial")?.value ?? "";
    return {
      settings: {
        role_arn: await questions.ask(
          "Role ARN",
          current(subject, "role_arn") || undefined,
          matching(
            /^arn:[\w-]+:iam::\d{12}:role\/\S+$/,
            "It is arn:aws:iam::ACCOUNT:role/NAME, with the account's twelve digits.",
          ),
        ),
        source_profile: source,
        mfa_serial: await askMfa(subject, current(subject, "mfa_serial") || beneath),
        region: await askRegion(subject, source),
      },
    };
  },
};

/** In the order they are offered. */
export const KINDS: readonly Kind[] = [ACCESS_KEY, IDENTITY_CENTER, CONSOLE, ROLE];

/** The kind that a section's settings are of, else the first. */
export function guessKind({ section, app, hasKeys }: Subject): Kind {
  const has = (key: string) => Boolean(section?.get(key)?.value);
  if (hasKeys) return ACCESS_KEY;
  if (has("source_profile")) return ROLE;
  if (has("login_session")) return CONSOLE;
  const knowsSession = section === undefined && app.config().names("sso-session").length > 0;
  return has("sso_session") || has("sso_start_url") || knowsSession ? IDENTITY_CENTER : ACCESS_KEY;
}

function noSource(path: string): VaultError {
  const message = `neither ${path} nor the keyring has another profile to assume a role with`;
  return new VaultError("config", message, ["make that one first: aws-vault configure NAME"]);
}

function describeUnknown(name: string, others: readonly string[]): string {
  const [nearest] = hintAtNearest(name, others);
  return nearest === undefined ? "There is no such profile." : `There is none; ${nearest}`;
}

const checkSessionName: Check = (name) =>
  isStartUrl(name)
    ? "It is a name that you choose, such as corp: the start URL is asked for next."
    : /[\][#;]/.test(name)
    ? "It may hold no brackets, # or ;."
    : isFoundAgain(name, "sso-session")
    ? undefined
    : "It would be read as another in the config file: leave its quotes out.";

/** A profile of before there were sso-sessions has the answers itself. */
async function askSession(subject: Subject): Promise<Record<string, string>> {
  const { questions } = subject;
  return {
    sso_start_url: await askStartUrl(subject),
    sso_region: await questions.ask(
      "Region of IAM Identity Center",
      current(subject, "sso_region") || "us-east-1",
      checkRegion,
    ),
    sso_registration_scopes: current(subject, "sso_registration_scopes") || "sso:account:access",
  };
}

/** One that was copied from a browser has more than AWS knows it by. */
async function askStartUrl(subject: Subject): Promise<string> {
  const known = current(subject, "sso_start_url");
  const check = matching(/^https?:\/\/\S+$/, "It begins with https://.");
  const answer = await subject.questions.ask("Start URL", known || undefined, check);
  return answer === known ? known : trimStartUrl(answer);
}

async function askMfa({ questions }: Subject, fallback: string): Promise<string> {
  const answer = await questions.ask(
    "ARN of the MFA device, or its serial number, or none",
    fallback,
    matching(
      /^none$|^[\w+=/:,.@-]{9,256}$/,
      "It is arn:aws:iam::ACCOUNT:mfa/NAME, the number on a hardware token, or none.",
    ),
  );
  return answer === "none" ? "" : answer;
}

async function askRegion(subject: Subject, source?: string): Promise<string> {
  const { app, questions } = subject;
  const inherited = app.config().section("profile", source ?? "default")?.get("region")?.value;
  const fallback = current(subject, "region") || inherited || app.ctx.env.get("AWS_REGION") ||
    app.ctx.env.get("AWS_DEFAULT_REGION");
  return await questions.ask("Region", fallback || "us-east-1", checkRegion);
}

const checkRegion: Check = (text) =>
  isAwsRegion(text) ? undefined : "It is one such as eu-central-1 or us-east-1.";

function matching(pattern: RegExp, fault: string): Check {
  return (answer) => pattern.test(answer) ? undefined : fault;
}

function current({ section }: Subject, key: string): string {
  return section?.get(key)?.value ?? "";
}
