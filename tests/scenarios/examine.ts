import { type Home, run, type RunOptions } from "./harness.ts";

/** What `doctor --json` says of one thing. */
export interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
  readonly effect: string;
  readonly wayOut: string;
  readonly fixable: boolean;
}

/** Runs `doctor --json`. */
export async function examine(
  home: Home,
  args: readonly string[] = [],
  env: Record<string, string | undefined> = {},
  more: Partial<RunOptions> = {},
) {
  const ran = await run(["doctor", "--json", ...args], { ...more, home, env });
  const { findings, facts } = JSON.parse(ran.stdout) as {
    findings: readonly Finding[];
    // deno-lint-ignore no-explicit-any -- facts are of many shapes
    facts: any;
  };
  return { ...ran, findings, facts, ids: findings.map(({ id }) => id) };
}
