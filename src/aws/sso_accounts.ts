import { ListAccountRolesCommand, ListAccountsCommand } from "@aws-sdk/client-sso";
import type { SsoTarget } from "../credentials/steps.ts";
import { VaultError } from "../errors.ts";
import { PORTAL_ADVICE, SsoPortal } from "./sso_portal.ts";
import type { CallContext } from "./time_limit.ts";

/** As many as AWS gives at once. */
const PAGE_SIZE = 100;
/** Accounts whose roles are asked for at the same time. */
const PARALLEL = 6;
/** AWS throttles who asks for hundreds of accounts; the client then asks more slowly. */
const MAX_ATTEMPTS = 10;

/** An account of IAM Identity Center, and what of it is assigned to whoever signed in. */
export interface SsoAccount {
  readonly accountId: string;
  readonly accountName: string;
  readonly emailAddress: string;
  /** Names of roles. */
  readonly roles: readonly string[];
}

/** How many accounts' roles are known so far, of how many. */
export type OnProgress = (done: number, all: number) => void;

/**
 * All accounts that an access token's owner has roles in, with these, in AWS's order. Throws
 * `AwsRefusal` with status 401 where the portal does not take the token.
 */
export async function listSsoAccounts(
  target: SsoTarget,
  accessToken: string,
  ctx: CallContext,
  onProgress: OnProgress,
): Promise<SsoAccount[]> {
  const lists = new Lists(new SsoPortal(target, ctx, MAX_ATTEMPTS), accessToken);
  const accounts = await lists.listAccounts();
  let done = 0;
  onProgress(done, accounts.length);
  return await mapInParallel(accounts, async (account) => {
    const roles = await lists.listRoles(account.accountId);
    onProgress(++done, accounts.length);
    return { ...account, roles };
  });
}

/** One page of a list. */
interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

class Lists {
  readonly #portal: SsoPortal;
  readonly #accessToken: string;

  constructor(portal: SsoPortal, accessToken: string) {
    this.#portal = portal;
    this.#accessToken = accessToken;
  }

  async listAccounts(): Promise<Omit<SsoAccount, "roles">[]> {
    const { client } = this.#portal;
    const call = "ListAccounts";
    return await this.#list(call, async (page, options) => {
      const answer = await client.send(new ListAccountsCommand(page), options);
      const items = (answer.accountList ?? []).map((account) => ({
        accountId: checkWord(account.accountId, "an account id", call),
        accountName: account.accountName ?? "",
        emailAddress: account.emailAddress ?? "",
      }));
      return { items, nextToken: answer.nextToken };
    });
  }

  async listRoles(accountId: string): Promise<string[]> {
    const { client } = this.#portal;
    const call = `ListAccountRoles of ${accountId}`;
    return await this.#list(call, async (page, options) => {
      const answer = await client.send(
        new ListAccountRolesCommand({ ...page, accountId }),
        options,
      );
      const items = (answer.roleList ?? []).map(({ roleName }) =>
        checkWord(roleName, "a role's name", call)
      );
      return { items, nextToken: answer.nextToken };
    });
  }

  /** All pages of a list. A page that leads to itself would never end. */
  async #list<T>(
    call: string,
    ask: (
      page: { accessToken: string; maxResults: number; nextToken?: string },
      options: { abortSignal: AbortSignal },
    ) => Promise<Page<T>>,
  ): Promise<T[]> {
    const all: T[] = [];
    const seen = new Set<string>();
    let nextToken: string | undefined;
    do {
      const page = { accessToken: this.#accessToken, maxResults: PAGE_SIZE, nextToken };
      const found = await this.#portal.call(call, (options) => ask(page, options));
      all.push(...found.items);
      nextToken = found.nextToken;
      if (nextToken && seen.has(nextToken)) {
        throw new VaultError("aws", `${call}: the pages of the answer lead in a circle`, [
          PORTAL_ADVICE,
        ]);
      }
      seen.add(nextToken ?? "");
    } while (nextToken);
    return all;
  }
}

/** What goes into a config file has to be one word, whoever answered. */
function checkWord(text: string | undefined, what: string, call: string): string {
  if (text !== undefined && /^[\x21-\x7e]+$/.test(text)) return text;
  throw new VaultError("aws", `${call}: the answer has ${JSON.stringify(text)} for ${what}`, [
    PORTAL_ADVICE,
  ]);
}

/**
 * The results in the order of `items`, at most `PARALLEL` of which are at work at a time. After a
 * fault none is begun.
 */
async function mapInParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  let isFailed = false;
  const worker = async () => {
    try {
      for (const [index, item] of queue) {
        if (isFailed) return;
        results[index] = await work(item);
      }
    } catch (error) {
      isFailed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
