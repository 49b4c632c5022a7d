import { Inheritance } from "../config/inheritance.ts";
import type { IniFile } from "../config/ini.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { ORIGINS, type Profiles } from "./profiles.ts";

/** What of `[default]` makes others, or a program that is told of no profile, somebody. */
export function checkDefault({ file }: ConfigView, profiles: Profiles): Finding[] {
  const own = profiles.get("default");
  if (own === undefined) return [];
  const findings: Finding[] = [];
  const role = own.get("role_arn");
  const heirs = role === undefined ? [] : findHeirs(file, profiles, "role_arn");
  if (heirs.length > 0) {
    findings.push({
      id: "config.default-role",
      severity: "warning",
      file: file.path,
      line: role!.number,
      message: `the role of [default] is inherited by ${listSome(heirs)}`,
      effect: "they are that role, though their own sections do not say so; the AWS CLI inherits " +
        "nothing from [default]",
      wayOut: "move role_arn to a profile of its own, and include that where it is meant",
    });
  }
  const origin = ["aws_access_key_id", "role_arn", ...ORIGINS].map((key) => own.get(key))
    .find((entry) => entry !== undefined);
  if (origin !== undefined) {
    findings.push({
      id: "config.default-credentials",
      severity: "warning",
      file: file.path,
      line: origin.number,
      message: `[default] has credentials of its own (${origin.key})`,
      effect: "a program that is told of no profile is somebody all the same, and AWS SDKs take " +
        "them before those of exec --server",
      wayOut: "give the section a name, [profile NAME], and use it by that",
    });
  }
  return findings;
}

/** Who has a setting from [default], by way of includes too. */
function findHeirs(file: IniFile, profiles: Profiles, key: string): string[] {
  const inheritance = new Inheritance(file);
  return [...profiles.keys()].filter((name) => {
    if (name === "default") return false;
    const source = unlessFaulty(() => inheritance.find(name, key))?.source;
    return source?.from === "file" && source.section === "[profile default]";
  });
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).join(", ");
  return names.length > MOST_SHOWN ? `${shown} and ${names.length - MOST_SHOWN} more` : shown;
}

const MOST_SHOWN = 3;
