import type { Diagnosis, Facts, Finding } from "../doctor/mod.ts";
import type { Style, Styled } from "../types.ts";
import { countOf } from "../counts.ts";
import type { GlobalOptions } from "./app.ts";
import { styled } from "./colour.ts";
import { repeatOptions } from "./repeat_options.ts";

type Part = string | Styled;

const STYLES: Readonly<Record<Finding["severity"], Style>> = {
  error: "red",
  warning: "yellow",
  note: "cyan",
};

/**
 * What doctor has found, for people: each finding with its effect and its way out.
 *
 * @param globals the options that it was started with
 */
export function formatDiagnosis({ findings, facts }: Diagnosis, globals: GlobalOptions): Part[] {
  return [
    ...findings.flatMap((finding) => formatFinding(finding, globals)),
    ...formatFacts(facts),
    "\n",
    styled("bold", summarise(findings)),
    "\n",
  ];
}

function formatFinding(
  { id, severity, file, line, message, effect, wayOut, mend }: Finding,
  globals: GlobalOptions,
): Part[] {
  const ways = `${wayOut}${mend === undefined ? "" : " (or: aws-vault doctor --fix)"}`;
  const place = file === undefined ? "" : line === undefined ? file : `${file}, line ${line}`;
  return [
    styled(STYLES[severity], severity),
    ` ${id}${place && ": "}`,
    styled("bold", place),
    `\n  ${message}\n`,
    `  what it does: ${effect}\n`,
    `  way out:      ${repeatOptions(ways, globals)}\n\n`,
  ];
}

function formatFacts(facts: Facts): Part[] {
  const rows: readonly (readonly [string, string])[] = [
    ["config file", `${facts.config.path} (${countOf(facts.config.profiles, "profile")})`],
    ["keyring", describeStore(facts.backend, facts)],
    ...facts.sessionBackend === undefined
      ? []
      : [["  of sessions", describeStore(facts.sessionBackend, facts)] as const],
    ...facts.backends.map(({ name, obstacle }) =>
      [`  ${name}`, obstacle === undefined ? "can be used" : `cannot be used: ${obstacle}`] as const
    ),
    ["passphrase", facts.passphrase ?? "none"],
    ["MFA codes by", facts.prompts.join(", ")],
    ["helper programs", facts.programs.length === 0 ? "none" : ""],
    ...facts.programs.map(({ name, path, version }) =>
      [`  ${name}`, [version, path].filter(Boolean).join(", ")] as const
    ),
    ["agent", describeAgent(facts.agent)],
    ["Deno", facts.deno],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, value]) => [
    styled("dim", name),
    value === "" ? "\n" : `${" ".repeat(width - name.length)}  ${value}\n`,
  ]);
}

function describeStore(name: string | undefined, { directory }: Facts): string {
  return name === "file" && directory !== undefined ? `file, ${directory}` : name ?? "none";
}

function describeAgent({ running, locked, pid }: Facts["agent"]): string {
  return running ? `${locked ? "locked" : "unlocked"}, process ${pid}` : "none is running";
}

function summarise(findings: readonly Finding[]): string {
  if (findings.length === 0) return "Nothing is wrong.";
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [countOf(count, severity)];
  });
  return counts.join(", ");
}
