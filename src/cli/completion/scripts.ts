import zsh from "../../../completions/_aws-vault" with { type: "text" };
import bash from "../../../completions/aws-vault.bash" with { type: "text" };
import fish from "../../../completions/aws-vault.fish" with { type: "text" };
import powershell from "../../../completions/aws-vault.ps1" with { type: "text" };
import type { Shell } from "./shells.ts";

/** What makes a shell complete our command lines, made by `deno task completions`. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
