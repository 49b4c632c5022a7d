import { shorten } from "../errors.ts";
import type { Context, Style, Styled } from "../types.ts";
import { type Command, Option } from "@commander-js/extra-typings";

const COLOUR_CHOICES = ["auto", "always", "never"] as const;
export type Colour = typeof COLOUR_CHOICES[number];

/** Adds `--color`. */
export function addColourOption(command: Command): Command {
  return command.addOption(
    new Option("--color <when>", "Colours: on a terminal without NO_COLOR, or as told")
      .choices(COLOUR_CHOICES).default("auto"),
  ) as Command;
}

/**
 * Prints parts for a person, with their colours where those are wanted, and the middle of long values
 * left out.
 */
export function printStyled(
  parts: readonly (string | Styled)[],
  colour: Colour,
  ctx: Pick<Context, "terminal" | "env" | "outStyled">,
): void {
  const withColours = isColoured(colour, ctx);
  ctx.outStyled(parts.map((part) => {
    if (typeof part === "string") return shorten(part);
    const text = shorten(part.text);
    return withColours ? { ...part, text } : text;
  }));
}

/** https://no-color.org; a terminal that says it is dumb shows colours as signs. */
export function isColoured(
  colour: Colour,
  { terminal, env }: Pick<Context, "terminal" | "env">,
): boolean {
  if (colour !== "auto") return colour === "always";
  return terminal.isOutput() && !env.get("NO_COLOR") && env.get("TERM") !== "dumb";
}

/** A text that stands out where colours are wanted. */
export function styled(style: Style, text: string): Styled {
  return { style, text };
}
