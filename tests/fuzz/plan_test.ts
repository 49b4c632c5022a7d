import * as fc from "fast-check";
import assert from "node:assert/strict";
import { IniFile } from "../../src/config/ini.ts";
import { resolveProfile } from "../../src/config/resolve.ts";
import { planCredentials } from "../../src/credentials/plan.ts";
import type { AssumeRoleStep, SessionTokenStep, Step } from "../../src/credentials/steps.ts";
import { property } from "./property.ts";

/** A profile whose source profile is the next one; the last has stored keys. */
interface Link {
  readonly hasRole: boolean;
  readonly hasKeys: boolean;
  readonly serial?: string;
  readonly durationSeconds: number;
}

interface Chain {
  /** From the profile on the command line inwards. */
  readonly links: readonly Link[];
  readonly sessions: boolean;
  readonly renews: boolean;
}

const HOUR = 3600;

const CHAINS: fc.Arbitrary<Chain> = fc.record({
  links: fc.array(
    fc.record({
      hasRole: fc.boolean(),
      hasKeys: fc.integer({ max: 4, min: 0 }).map((number) => number === 0),
      serial: fc.constantFrom(undefined, "arn:mfa/a", "arn:mfa/a", "arn:mfa/b"),
      durationSeconds: fc.constantFrom(900, HOUR, HOUR, 7200),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  sessions: fc.boolean(),
  renews: fc.boolean(),
});

function formatLink({ hasRole, serial, durationSeconds }: Link, index: number): string {
  return `[profile p${index}]\nsource_profile = p${index + 1}\n` +
    (hasRole ? `role_arn = r${index}\nduration_seconds = ${durationSeconds}\n` : "") +
    (serial === undefined ? "" : `mfa_serial = ${serial}\n`);
}

/** The steps, and the profiles they are of: from the target to the first with stored keys. */
function plan({ links, ...options }: Chain): { steps: readonly Step[]; used: readonly Link[] } {
  const text = `${links.map(formatLink).join("")}[profile p${links.length}]\n`;
  const names = links.flatMap(({ hasKeys }, index) => hasKeys ? [`p${index}`] : []);
  const keys = new Set([...names, `p${links.length}`]);
  const config = resolveProfile("p0", new IniFile("config", text), new Map(), {});
  const end = links.findIndex(({ hasKeys }) => hasKeys);
  const used = end < 0 ? links : links.slice(0, end + 1);
  return { steps: planCredentials(config, keys, options).steps, used };
}

type Request = SessionTokenStep | AssumeRoleStep;

const isRole = (step: Step): step is AssumeRoleStep => step.kind === "assume_role";
const isRequest = (step: Step): step is Request => isRole(step) || step.kind === "session_token";

property(
  "the roles of a chain are assumed from its keys outwards, each once",
  500,
  CHAINS,
  (chain) => {
    const { steps, used } = plan(chain);
    assert.equal(steps[0]!.kind, "stored");
    const expected = used.flatMap(({ hasRole }, index) => hasRole ? [`r${index}`] : []).reverse();
    assert.deepEqual(steps.filter(isRole).map(({ roleArn }) => roleArn), expected);
    assert.ok(steps.slice(1).every(isRequest));
  },
);

property(
  "a role has the length it asks for on keys, and an hour at most on all else",
  500,
  CHAINS,
  (chain) => {
    const { steps, used } = plan(chain);
    const wanted = used.filter(({ hasRole }) => hasRole).reverse();
    steps.filter(isRole).forEach((step, index) => {
      const isChained = steps.indexOf(step) > 1;
      const { durationSeconds } = wanted[index]!;
      assert.equal(
        step.durationSeconds,
        isChained ? Math.min(durationSeconds, HOUR) : durationSeconds,
      );
    });
  },
);

property(
  "a device is asked for one code, and each role's device has been",
  500,
  CHAINS,
  (chain) => {
    const { steps, used } = plan(chain);
    const asked: string[] = [];
    const serials = used.filter(({ hasRole }) => hasRole).map(({ serial }) => serial).reverse();
    for (const step of steps.filter(isRequest)) {
      if (step.mfa !== undefined) asked.push(step.mfa.serial);
      if (!isRole(step)) continue;
      const own = serials.shift();
      assert.ok(own === undefined || asked.includes(own));
    }
    assert.equal(new Set(asked).size, asked.length);
  },
);

property("without --no-session no long-term keys are handed out", 500, CHAINS, (chain) => {
  const { steps, used } = plan(chain);
  const hasRole = used.some(({ hasRole }) => hasRole);
  assert.equal(steps.length === 1, !chain.sessions && !hasRole);
});

/**
 * The profile whose keys a session is made of: of those without a role, from the keys outwards, the
 * first that nobody chains from, or somebody of the same device.
 */
function findSession({ links, sessions }: Chain, used: readonly Link[]): string | undefined {
  const [role, ...others] = used.filter(({ hasRole }) => hasRole);
  const isLong = others.length === 0 && role !== undefined && role.durationSeconds > HOUR;
  if (!sessions || isLong) return undefined;
  for (let index = used.some(({ hasKeys }) => hasKeys) ? used.length - 1 : links.length;; index--) {
    const [outer, own] = [links[index - 1], links[index]];
    if (own?.hasRole) return undefined;
    if (outer === undefined || (outer.serial && outer.serial === own?.serial)) return `p${index}`;
  }
}

property(
  "one session is made of the keys where that serves all that chain from it",
  500,
  CHAINS,
  (chain) => {
    const { steps, used } = plan(chain);
    const sessions = steps.filter(({ kind }) => kind === "session_token");
    const expected = findSession(chain, used);
    assert.deepEqual(
      sessions.map(({ profile }) => profile),
      expected === undefined ? [] : [expected],
    );
    assert.ok(sessions.every((session) => session === steps[1]));
  },
);
