import type { Command } from "@commander-js/extra-typings";
import type { Diagnosis, Finding } from "../../doctor/mod.ts";
import { describeCause } from "../../errors.ts";
import type { Exit } from "../../types.ts";
import type { App } from "../app.ts";
import { addColourOption, type Colour, printStyled } from "../colour.ts";
import { formatDiagnosis } from "../diagnosis.ts";
import { addExamples } from "../help.ts";
import { repeatOptions } from "../repeat_options.ts";

interface Options {
  readonly json?: boolean;
  readonly online?: boolean;
  readonly fix?: boolean;
  readonly color: Colour;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault doctor", "Says what is wrong, what that does, and the way out."],
    ["aws-vault doctor --fix", "Mends what can be mended without a risk, shown first."],
    ["aws-vault doctor --online --json", "Asks AWS for the time too, and prints it all as JSON."],
  );
  addColourOption(command)
    .option("--json", "Print as JSON")
    .option("--online", "Compare the clock with AWS', and look at its certificate")
    .option("--fix", "Mend what can be mended without a risk; what is done is told first")
    .action(async (options) => {
      app.exit = await examine(app, options as unknown as Options);
    });
}

async function examine(app: App, options: Options): Promise<Exit> {
  const { diagnose } = await import("../../doctor/mod.ts");
  const { ctx, globals } = app;
  const online = options.online ?? false;
  ctx.keepPermissions([
    "run",
    "ffi", // the agent is asked by way of the C library
    ...(online ? ["net" as const] : []),
    ...(options.fix ? ["write" as const] : []),
  ]);
  let diagnosis = await diagnose(globals, ctx, { online });
  if (options.fix && await mend(diagnosis.findings, app)) {
    diagnosis = await diagnose(globals, ctx, { online });
  }
  print(diagnosis, options, app);
  return { code: diagnosis.findings.some(({ severity }) => severity === "error") ? 1 : 0 };
}

function print(diagnosis: Diagnosis, options: Options, { ctx, globals }: App): void {
  if (!options.json) return printStyled(formatDiagnosis(diagnosis, globals), options.color, ctx);
  const findings = diagnosis.findings.map(({ mend, ...finding }) => ({
    ...finding,
    wayOut: repeatOptions(finding.wayOut, globals),
    fixable: mend !== undefined,
  }));
  ctx.out(JSON.stringify({ findings, facts: diagnosis.facts }, null, 2) + "\n");
}

/** True where anything was mended. All is shown before the first is done. */
async function mend(findings: readonly Finding[], { ctx }: App): Promise<boolean> {
  const mends = findings.flatMap(({ mend }) => mend === undefined ? [] : [mend]);
  if (mends.length === 0) ctx.note("Nothing here can be mended without a risk.");
  else ctx.note(`Mending:\n${mends.map(({ shown }) => `  ${shown}`).join("\n")}`);
  for (const { shown, apply } of mends) {
    try {
      await apply();
    } catch (error) {
      ctx.note(`aws-vault: warning: ${shown}: ${describeCause(error)}`);
    }
  }
  return mends.length > 0;
}
