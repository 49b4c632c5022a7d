/** A length of time as people say it, in its two largest units: `8 h`, `1 h 30 min`, `2 d 3 h`. */
export function describeLength(seconds: number): string {
  const units = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const;
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [size, name] = units[first]!;
  const whole = `${Math.floor(seconds / size)} ${name}`;
  const [nextSize, nextName] = units[first + 1] ?? [Infinity, ""];
  const rest = Math.floor((seconds % size) / nextSize);
  return rest === 0 ? whole : `${whole} ${rest} ${nextName}`;
}
