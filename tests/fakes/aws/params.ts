import { AwsError, validationError } from "./aws_error.ts";

export interface TextRule {
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
  readonly isRequired?: boolean;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  readonly isNumber: true;
}

/** By name, where `Tags.member.Key` stands for the key of any of the tags. */
export type Rules = Readonly<Record<string, TextRule | NumberRule>>;

function refuse(value: string | undefined, name: string, constraint: string): AwsError {
  const shown = value === undefined ? "null" : `'${value}'`;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return validationError(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ` +
      `Member must ${constraint}`,
  );
}

function checkNumber(name: string, text: string, { min, max }: NumberRule): void {
  if (!/^-?\d+$/.test(text)) throw new AwsError("MalformedInput", 400, `${name} is no integer`);
  if (Number(text) < min) throw refuse(text, name, `have value greater than or equal to ${min}`);
  if (Number(text) > max) throw refuse(text, name, `have value less than or equal to ${max}`);
}

function checkText(name: string, value: string, { min, max, pattern }: TextRule): void {
  if (value.length < min) throw refuse(value, name, `have length greater than or equal to ${min}`);
  if (value.length > max) throw refuse(value, name, `have length less than or equal to ${max}`);
  if (!pattern || pattern.test(value)) return;
  const shown = pattern.source.replace(/^\^|\$$/g, "");
  throw refuse(value, name, `satisfy regular expression pattern: ${shown}`);
}

function ruleName(name: string): string {
  return name.replace(/\.member\.[1-9]\d*/g, ".member");
}

/**
 * A query request's parameters, refused in AWS's words when they break the API's own limits. One that
 * an action has not is refused too: passed over, a misspelt one would be noticed by nobody.
 */
export class Params {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #rules: Rules;

  constructor(fields: Iterable<[string, string]>, rules: Rules) {
    this.#fields = new Map(fields);
    this.#rules = rules;
    for (const [name, rule] of Object.entries(rules)) {
      if ("isRequired" in rule && !this.#fields.has(name)) {
        throw refuse(undefined, name, "not be null");
      }
    }
    for (const [name, value] of this.#fields) {
      const rule = rules[ruleName(name)];
      if (rule === undefined) throw validationError(`Unknown parameter: ${name}`);
      if ("isNumber" in rule) checkNumber(name, value, rule);
      else checkText(name, value, rule);
    }
  }

  optional(name: string): string | undefined {
    if (!(name in this.#rules)) throw new Error(`no rule for ${name}`);
    return this.#fields.get(name);
  }

  /** One whose rule says that it is. */
  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new Error(`${name} is not required`);
    return value;
  }

  integer(name: string, fallback: number): number {
    return Number(this.optional(name) ?? fallback);
  }

  /** `NAME.member.1`, `NAME.member.2`, … without a gap; `suffix` as `.Key`. */
  members(name: string, suffix = ""): string[] {
    const own = `${name}.member${suffix}`;
    const count = [...this.#fields.keys()].filter((field) => ruleName(field) === own).length;
    return Array.from({ length: count }, (_, index) => {
      const value = this.#fields.get(`${name}.member.${index + 1}${suffix}`);
      if (value === undefined) throw validationError(`${name} has no member ${index + 1}`);
      return value;
    });
  }
}
