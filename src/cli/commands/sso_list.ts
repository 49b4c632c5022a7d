import type { Command } from "@commander-js/extra-typings";
import type { SsoAccount } from "../../aws/sso_accounts.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { addSignInOptions, type SignInOptions } from "../sign_in_options.ts";
import { readAccounts } from "../sso_accounts.ts";
import { chooseSsoTarget } from "../sso_target.ts";
import { formatTable } from "../table.ts";

interface ListOptions extends SignInOptions {
  readonly json?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault sso list", "Lists those of the one session the config file knows."],
    ["aws-vault sso list --json corp", "Prints those of the session corp as JSON."],
  );
  addSignInOptions(command)
    .argument("[session|profile|start-url]", "Whose accounts and roles")
    .option("--json", "Print as JSON")
    .action((name, options) => list(app, name, options as ListOptions));
}

async function list(app: App, name: string | undefined, options: ListOptions): Promise<void> {
  const accounts = await readAccounts(app, await chooseSsoTarget(name, app), options);
  if (options.json) app.ctx.out(JSON.stringify(accounts, null, 2) + "\n");
  else app.ctx.outStyled([formatAccounts(accounts)]);
}

/** A line for each role, to be searched and cut by other programs. */
function formatAccounts(accounts: readonly SsoAccount[]): string {
  const rows = accounts.flatMap(({ accountId, accountName, roles }) => {
    const name = accountName.replace(/\s/g, " ") || "-"; // a role is a line
    return (roles.length === 0 ? ["-"] : roles).map((role) => [name, accountId, role]);
  });
  return formatTable(["Account", "Account ID", "Role"], rows);
}
