#!/bin/sh
# aws-vault: starts the bundle under Deno with the permissions it needs and no others.
# It may be copied or linked anywhere; made by `deno task build`.

# Where the bundle is: beside this file, links followed, or where it was built.
self=$0
case $self in */*) ;; *) self=$(command -v -- "$self") ;; esac
while [ -L "$self" ]; do
  target=$(readlink -- "$self")
  case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
lib=${self%/*}/lib
[ -f "$lib/main.js" ] || lib='@LIB@'

# Which Deno: DENO, the package's own, the PATH, the one that built this. npm's `deno` is a node script that costs
# 70 ms a start: it is passed over for the binary.
is_program() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  IFS= read -r start < "$1" 2> /dev/null
  case $start in '#!'*) return 1 ;; esac
}
deno=${DENO-}
# npm puts the Deno that belongs to this package beside or below it.
find_packaged() {
  for package in "$1/node_modules/deno" "$1/../deno"; do
    for deno in "$package"/deno "$package"/node_modules/@deno/*/deno "$package"/../@deno/*/deno; do
      is_program "$deno" && return
    done
  done
  deno=
}
[ -n "$deno" ] || case ${self%/*} in */node_modules/*) find_packaged "${self%/*}" ;; esac
if [ -z "$deno" ]; then
  rest=$PATH:
  while [ -n "$rest" ]; do
    directory=${rest%%:*}
    rest=${rest#*:}
    if is_program "${directory:-.}/deno"; then
      deno=${directory:-.}/deno
      break
    fi
  done
fi
[ -n "$deno" ] || deno='@DENO@'
if ! [ -f "$deno" ] || ! [ -x "$deno" ]; then
  echo "aws-vault: error: there is no Deno at $deno${DENO:+, where DENO says it is}" >&2
  echo "  install it (npm install -g deno), or name its binary in DENO" >&2
  exit 1
fi
if ! [ -f "$lib/main.js" ]; then
  echo "aws-vault: error: the bundle is neither beside $self nor in @LIB@: build it anew, or link to it" >&2
  exit 1
fi

# Hosts beside AWS's own: those of the endpoint variables, and AWS_VAULT_ALLOW_NET.
net='@NET@'
add_host() {
  host=${1#*://}
  host=${host%%[/?#]*}
  host=${host##*@}
  case $host in '' | *[!A-Za-z0-9.:_*\[\]-]*) ;; *) net=$net,$host ;; esac
}
for url in "${AWS_ENDPOINT_URL-}" "${AWS_ENDPOINT_URL_STS-}" "${AWS_ENDPOINT_URL_IAM-}" \
  "${AWS_ENDPOINT_URL_SSO-}" "${AWS_ENDPOINT_URL_SSO_OIDC-}" "${AWS_ENDPOINT_URL_SIGNIN-}" \
  "${AWS_EC2_METADATA_SERVICE_ENDPOINT-}" "${AWS_CONTAINER_CREDENTIALS_FULL_URI-}"; do
  [ -z "$url" ] || add_host "$url"
done
hosts=${AWS_VAULT_ALLOW_NET-},
while [ -n "$hosts" ]; do
  add_host "${hosts%%,*}"
  hosts=${hosts#*,}
done

# Where it may write: the config file's directory, the keyring's, and the lock of `proxy` (root's).
write=${HOME-}/.aws,${HOME-}/.awsvault,/run/aws-vault-proxy.pid,/var/run/aws-vault-proxy.pid
add_path() {
  case $1 in '' | *,*) ;; '~/'*) write=$write,${HOME-}/${1#\~/} ;; *) write=$write,$1 ;; esac
}
add_path "${AWS_VAULT_FILE_DIR-}"
case ${AWS_CONFIG_FILE-} in */*) add_path "${AWS_CONFIG_FILE%/*}" ;; ?*) add_path . ;; esac
previous=
for argument; do
  case $previous in --file-dir) add_path "$argument" ;; esac
  case $argument in --) break ;; --file-dir=*) add_path "${argument#*=}" ;; esac
  previous=$argument
done

# `deno run` opens a debugger on SIGUSR1: the signal is blocked here, and given back to the child.
# Whether `env` can do that was tried where this was built; elsewhere it is tried anew.
set -- run @FLAGS@ "--allow-net=$net" "--allow-write=$write" "$lib/main.js" "$@"
block=@BLOCK@
if [ "$lib" != '@LIB@' ] || [ "$deno" != '@DENO@' ]; then
  if env --block-signal=USR1 true 2> /dev/null; then block=yes; else block=no; fi
fi
# Deno raises the limit of open files: Linux tells ours of the parent's, elsewhere it is noted.
[ -r /proc/self/limits ] || { AWS_VAULT_NOFILE=$(ulimit -Sn) && export AWS_VAULT_NOFILE; }
if [ "$block" = yes ]; then exec env --block-signal=USR1 "$deno" "$@"; fi
exec "$deno" "$@"
