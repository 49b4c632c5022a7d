import assert from "node:assert/strict";
import { FIXED_FLAGS } from "../../scripts/permissions.ts";
import type { Env } from "../../src/types.ts";

const FLAG = "--allow-env=";
const ALLOWED = FIXED_FLAGS.find((flag) => flag.startsWith(FLAG))!.slice(FLAG.length).split(",");

/**
 * An environment of these variables. A name that the tool may not read would count as absent in a
 * real one, without a word: here it fails the test.
 */
export function createFakeEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  return {
    get(name) {
      const isAllowed = ALLOWED.some((pattern) =>
        pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern
      );
      assert.ok(isAllowed, `${name} is read, but scripts/permissions.ts does not have it`);
      return variables[name];
    },
  };
}
