import { AwsError, validationError } from "./aws_error.ts";

export interface TextRule {
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
}

function refuse(value: string | undefined, name: string, constraint: string): AwsError {
  const shown = value === undefined ? "null" : `'${value}'`;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return validationError(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ` +
      `Member must ${constraint}`,
  );
}

/** A query request's parameters, refused in AWS's words when they break the API's own limits. */
export class Params {
  readonly #fields: ReadonlyMap<string, string>;

  constructor(fields: Iterable<[string, string]>) {
    this.#fields = new Map(fields);
  }

  optional(name: string, rule: TextRule = { min: 0, max: 20_000 }): string | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    if (value.length < rule.min) {
      throw refuse(value, name, `have length greater than or equal to ${rule.min}`);
    }
    if (value.length > rule.max) {
      throw refuse(value, name, `have length less than or equal to ${rule.max}`);
    }
    if (rule.pattern && !rule.pattern.test(value)) {
      const pattern = rule.pattern.source.replace(/^\^|\$$/g, "");
      throw refuse(value, name, `satisfy regular expression pattern: ${pattern}`);
    }
    return value;
  }

  required(name: string, rule?: TextRule): string {
    const value = this.optional(name, rule);
    if (value === undefined) throw refuse(undefined, name, "not be null");
    return value;
  }

  integer(name: string, limits: { min: number; max: number; fallback: number }): number {
    const text = this.#fields.get(name);
    if (text === undefined) return limits.fallback;
    if (!/^-?\d+$/.test(text)) {
      throw new AwsError("MalformedInput", 400, `${name} is no integer`);
    }
    const value = Number(text);
    if (value < limits.min) {
      throw refuse(text, name, `have value greater than or equal to ${limits.min}`);
    }
    if (value > limits.max) {
      throw refuse(text, name, `have value less than or equal to ${limits.max}`);
    }
    return value;
  }

  /** `NAME.member.1`, `NAME.member.2`, … up to the first that is missing; `suffix` as `.Key`. */
  members(name: string, suffix = ""): string[] {
    const values: string[] = [];
    for (let index = 1; index <= this.#fields.size; index++) {
      const value = this.#fields.get(`${name}.member.${index}${suffix}`);
      if (value === undefined) break;
      values.push(value);
    }
    return values;
  }
}
