/** The version of the tool; `scripts/check` holds it against deno.json's. */
export const VERSION = "0.1.0";
