import { VaultError } from "../errors.ts";

type Units = Readonly<Record<string, number>>;

/** The seconds in each unit. */
const UNITS: Units = { ns: 1e-9, us: 1e-6, "µs": 1e-6, "μs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const LONG_UNITS: Units = { ...UNITS, d: 86_400, w: 604_800 };
// Escaped, for esbuild leaves patterns as they are: one character beyond ASCII, and V8 has all of the
// start file in two bytes a character.
const PART = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|[smhdw])/y;

/** Go counts nanoseconds in 63 bits: 292 years are the most it can hold. */
const LONGEST_SECONDS = 2 ** 63 / 1e9;

/**
 * Whole seconds of a duration in Go's notation: `1h30m`, `43200s`, `1.5h`. A part of one is left
 * off, as the Go tool leaves it off where it asks AWS.
 *
 * @param setting names where it stands for the error
 * @param leastSeconds 0 where no time at all is something to say
 */
export function parseDuration(text: string, setting: string, leastSeconds = 1): number {
  return addParts(text, setting, leastSeconds, UNITS);
}

/** The same with days and weeks (`1d12h`), which the Go tool takes for its options alone. */
export function parseLongDuration(text: string, setting: string): number {
  return addParts(text, setting, 1, LONG_UNITS);
}

/** What adding fractions may have lost: `0.35m` is 21s. */
const ROUNDING_SECONDS = 1e-6;

function addParts(text: string, setting: string, leastSeconds: number, units: Units): number {
  const value = text.trim().replace(/^\+/, "");
  if (value === "0" && leastSeconds === 0) return 0;
  let seconds = value === "" ? NaN : 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < value.length) {
    const [, count, unit = ""] = PART.exec(value) ?? [];
    const unitSeconds = units[unit];
    if (unitSeconds === undefined) throw badDuration(text, setting);
    seconds += Number(count) * unitSeconds;
  }
  if (!(seconds <= LONGEST_SECONDS)) throw badDuration(text, setting);
  const whole = Math.floor(seconds + ROUNDING_SECONDS);
  if (whole >= leastSeconds) return whole;
  throw new VaultError("config", `${setting}: \`${text}\` is less than a second`, WAYS_OUT);
}

/** Seconds of a `duration_seconds`: a whole number and no unit, as AWS defines it. */
export function parseSeconds(text: string, setting: string): number {
  if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text);
  throw new VaultError("config", `${setting}: \`${text}\` is no number of seconds`, [
    "write whole seconds without a unit, such as 3600",
  ]);
}

function badDuration(text: string, setting: string): VaultError {
  return new VaultError("config", `${setting}: \`${text}\` is no duration`, WAYS_OUT);
}

const WAYS_OUT = ["write a number with its unit, such as 1h30m, 45m or 43200s"];

/** `1h30m`, `8h`, `45s`: seconds as people write them, the way Go shows whole units. */
export function formatDuration(seconds: number): string {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = Math.floor(seconds % 60);
  return `${h ? h + "h" : ""}${h || m ? m + "m" : ""}${s}s`;
}
