import { parseExpiry } from "../../expiry.ts";
import type { Styled } from "../../types.ts";
import { styled } from "../colour.ts";
import { describeLength } from "../spans.ts";
import type { Ask, ExplainedStep, Explanation, Origin } from "./explanation.ts";

type Part = string | Styled;

/** An explanation for people: the way as a tree, and what it is made of below. */
export function formatExplanation(explanation: Explanation, nowMs: number): Part[] {
  return [
    styled("bold", explanation.profile),
    "\n",
    ...formatSteps(explanation, nowMs),
    ...formatRequests(explanation),
    ...formatAsks(explanation),
    ...formatSettings(explanation),
    ...formatRemarks(explanation),
  ];
}

/** What each kind of step is, to people. */
const KINDS: Readonly<Record<ExplainedStep["kind"], string>> = {
  stored: "stored keys",
  session_token: "GetSessionToken",
  assume_role: "AssumeRole",
  web_identity: "AssumeRoleWithWebIdentity",
  sso: "IAM Identity Center",
  login: "console sign-in",
  process: "credential_process",
  environment: "environment",
  instance_metadata: "EC2 instance",
  container: "container",
};

/** Each step stands on the one before it: the last is what the profile gets. */
function formatSteps({ steps }: Explanation, nowMs: number): Part[] {
  return steps.flatMap((step, depth) => {
    const margin = "   ".repeat(depth);
    return [
      `${margin}└─ `,
      styled("cyan", KINDS[step.kind]),
      ` (profile ${step.profile})`,
      ...formatKept(step, nowMs),
      "\n",
      styled("dim", `${margin}     ${step.why}`),
      "\n",
    ];
  });
}

function formatKept({ cached }: ExplainedStep, nowMs: number): Part[] {
  if (cached === undefined) return [];
  const left = Math.floor((parseExpiry(cached.expires) - nowMs) / 1000);
  return [
    ", ",
    styled("green", `kept for another ${describeLength(left)}`),
    ` (${cached.expires})`,
  ];
}

function formatRequests({ requests }: Explanation): Part[] {
  if (requests.length === 0) return heading("Requests now: none");
  return [
    ...heading("Requests now, in order:"),
    ...requests.map(({ action, profile, region, endpoint, durationSeconds }, index) => {
      const length = durationSeconds === undefined ? "" : ` for ${describeLength(durationSeconds)}`;
      const signed = region === "" ? "" : ` (${region})`;
      return `  ${index + 1}. ${action}${length}, profile ${profile}, at ${endpoint}${signed}\n`;
    }),
  ];
}

function formatAsks({ asks }: Explanation): Part[] {
  if (asks.length === 0) return heading("You would be asked: nothing");
  return [...heading("You would be asked:"), ...asks.map((ask) => `  ${describeAsk(ask)}\n`)];
}

function describeAsk(ask: Ask): string {
  if (ask === "passphrase") return "the keyring's passphrase";
  if (ask === "browser") return "to sign in in a browser";
  return `an MFA code of ${ask.slice("mfa:".length)}`;
}

function formatSettings({ settings }: Explanation): Part[] {
  const nameWidth = Math.max(0, ...settings.map(({ name }) => name.length));
  const valueWidth = Math.min(60, Math.max(0, ...settings.map(({ value }) => value.length)));
  const byProfile = Map.groupBy(settings, ({ profile }) => profile);
  return [...byProfile].flatMap(([profile, own]) => [
    ...heading(`Settings of ${profile}:`),
    ...own.flatMap(({ name, value, from }) => [
      `  ${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  `,
      styled("dim", describeOrigin(from)),
      "\n",
    ]),
  ]);
}

function describeOrigin({ kind, name, path, line, section, inherited }: Origin): string {
  if (kind === "default") return "default";
  if (kind !== "file") return name!;
  const way = inherited === undefined ? "" : `, inherited by way of ${inherited.join(", ")}`;
  return `${path}, line ${line}, ${section}${way}`;
}

function formatRemarks({ remarks }: Explanation): Part[] {
  if (remarks.length === 0) return [];
  return [...heading("Remarks:"), ...remarks.map((remark) => `  ${remark}\n`)];
}

function heading(text: string): Part[] {
  return ["\n", styled("bold", text), "\n"];
}
