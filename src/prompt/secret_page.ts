import type { Context } from "../types.ts";

/** Stands for the page's address in a browser's arguments, until the shell knows it. */
export const PAGE = "@AWS_VAULT_PAGE@";

/** The link in a page that leads on to it. */
export function formatPage(url: string): string {
  const link = url.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<!doctype html><meta charset="utf-8"><title>Signing in to AWS</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${link}">
<p>Signing in to AWS: <a href="${link}">go on</a> where nothing happens.</p>
`;
}

/**
 * A shell script that keeps its standard input in a page nobody else can read, puts the page's address
 * into its arguments in place of PAGE, and removes the page when a browser has had the time to read
 * it, or is hung up on. In a directory that others may write to, theirs may be in the new one's place
 * as soon as it is made: it is looked at from within.
 */
export function preparePage(platform: Context["platform"]): string {
  return `umask 077
keep_page() {
  for base in ${BASES[platform] ?? ""} "\${TMPDIR-}" /tmp; do
    case $base in /*) ;; *) continue ;; esac
    [ -d "$base" ] && [ -w "$base" ] && dir=$(mktemp -d "$base/aws-vault-XXXXXXXX") || continue
    cd "$dir" && [ -O . ] && case $(ls -ld .) in
      drwx--[-S]---*)
        cat >sign-in.html && echo "$dir" || rm -rf "$dir"
        return ;;
    esac
    rmdir "$dir"
  done
}
dir=$(keep_page)
[ -n "$dir" ] || exit 1
case $1 in
  wslview | */wslview) page=$dir/sign-in.html ;;
  *.[eE][xX][eE]) page=$(wslpath -w "$dir/sign-in.html") ;;
  *) page=file://$(printf %s "$dir/sign-in.html" | sed 's/%/%25/g; s/ /%20/g; s/#/%23/g; s/?/%3F/g') ;;
esac
for word do
  shift
  case $word in *${PAGE}*) word=\${word%%${PAGE}*}$page\${word#*${PAGE}} ;; esac
  set -- "$@" "$word"
done
(
  trap 'rm -rf "$dir"' EXIT
  trap 'exit 1' HUP INT TERM
  sleep ${PAGE_SECONDS}
) </dev/null >/dev/null 2>&1 &
`;
}

/** A browser may have to start first; the page is of use to nobody but this user. */
const PAGE_SECONDS = 20;

/** Browsers in a sandbox of their own (Snap, Flatpak) read no temporary files, but downloads. */
const BASES: Readonly<Partial<Record<Context["platform"], string>>> = {
  linux: '"$HOME/Downloads"',
};
