export interface XmlObject {
  readonly [name: string]: XmlValue;
}
export type XmlValue = string | number | boolean | undefined | XmlObject | readonly XmlValue[];

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** For XML and HTML alike, in text and in attributes in double quotes. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);
}

/** AWS's query XML: objects are elements, lists are `<member>`s, undefined is left out. */
export function renderXml(value: XmlValue): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return escapeMarkup(String(value));
  if (Array.isArray(value)) {
    return value.map((item) => `<member>${renderXml(item)}</member>`).join("");
  }
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => `<${name}>${renderXml(inner)}</${name}>`).join("");
}

/** AWS's timestamps in XML: whole seconds, UTC. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}
