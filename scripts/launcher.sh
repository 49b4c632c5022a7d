#!/bin/sh
# aws-vault: starts the bundle under Deno with the permissions it needs and no others; before that
# it asks the agent, where one is running. It may be copied or linked anywhere; made by
# `deno task build`. What it does then is at its end, the steps are functions in that order.
# Its own variables begin with _, for a caller may export any other name.
# shellcheck disable=SC3013,SC3067 # -ef and -O are POSIX since 2024, and each sh had them

_newline='
'
fail() {
  echo "aws-vault: error: $1" >&2
  echo "  $2" >&2
  exit 1
}

is_program() { [ -f "$1" ] && [ -x "$1" ]; }

# Programs come from absolute directories of PATH: others hold whatever lies where one stands.
look_up() {
  _rest=$PATH:
  while [ -n "$_rest" ]; do
    _found=${_rest%%:*}
    _rest=${_rest#*:}
    case $_found in /*) ;; *) continue ;; esac
    _found=$_found/$1
    if "${2:-is_program}" "$_found"; then return; fi
  done
  return 1
}

# A directory of ours that was never open to others: `sh` cannot ask for a mode, but the sticky bit
# does not outlive a copy or a `chmod 777`.
is_private() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -k "$1" ]; }

# The agent (src/agent/protocol.ts) answers before Deno is started. Whatever is odd about it, all
# goes on as if there were none.
ask_agent() {
  find_agent "$@" || return 0
  [ -t 1 ] && _terminals=1 || _terminals=0
  [ -t 2 ] && _terminals=${_terminals}1 || _terminals=${_terminals}0
  IFS='@SEPARATOR@'
  _request="aws-vault 2 $# $$ $PPID $_terminals$IFS$*$IFS@VARIABLES@$IFS"
  unset IFS
  _nc='@NC@' # tried where this was built; elsewhere each is tried
  if { is_program "$_nc" && _found=$_nc; } || look_up nc; then
    _answer=$(send "$_found" -w 2 -U "$_socket")
  fi
  case $_answer in *aws-vault\ 2*) return ;; esac
  if is_program "$_nc" || ! look_up curl; then return; fi
  _answer=$(send "$_found" -q -s --noproxy '*' --unix-socket "$_socket" --speed-time 2 \
    --speed-limit 1 --data-binary @- http://localhost/)
}
find_agent() {
  _answer=
  case " $* " in *' exec '* | *' export '*) ;; *) return 1 ;; esac
  for _socket in "${XDG_RUNTIME_DIR:-/.}/aws-vault/agent.sock" "${HOME-}/.awsvault/agent/agent.sock"; do
    [ -S "$_socket" ] && [ -O "$_socket" ] && is_private "${_socket%/*}" && is_awake "${_socket%/*}/pid" && return
  done
  return 1
}
# One that was stopped would be waited for. Linux alone tells, of processes that it shows us.
is_awake() {
  [ -r /proc/self/status ] || return 0
  { [ -r "$1" ] && read -r _pid < "$1"; } || return 1
  [ -r "/proc/$_pid/status" ] || return 0
  while read -r _name _value; do [ "$_name" != State: ] || break; done < "/proc/$_pid/status"
  case $_value in [TtXZ]*) return 1 ;; esac
}
# Gives the request to a program; in a process of its own. Some shells make a file of a
# here-document, and it may hold secrets; some have no printf, and arguments of a program are seen by
# everyone: without either, no agent is asked.
# shellcheck disable=SC2123
send() {
  if [ "${#_request}" -lt 4000 ] && [ -p /dev/fd/0 ]; then
    exec "$@" 2> /dev/null << END
$_request
END
  fi << END
Is this a pipe?
END
  PATH=/dev/null
  printf '' 2> /dev/null || exit
  printf '%s' "$_request" | "$@" 2> /dev/null
}

# Does as the agent says, where its answer is whole: prints, or sets variables and starts the program.
take_answer() {
  _answer=${_answer#"${_answer%%[! ]*}"} # signs of life
  _head=${_answer%%"$_newline"*}
  _mark=${_head##* }
  _count=${_head#aws-vault 2 ex?? }
  _count=${_count%% *}
  case $_head in 'aws-vault 2 exit '* | 'aws-vault 2 exec '*) ;; *) return ;; esac
  case ${#_mark}$_count in 32*[!0-9]* | 32) return ;; 32*) ;; *) return ;; esac
  _answer=${_answer#*"$_newline"}
  _notes=${_answer#*"$_mark"}
  case $_notes in *"$_mark") ;; *) return ;; esac
  case $_head in *\ exec\ *) [ "$_count" -le $# ] || return ;; esac
  _answer=${_answer%%"$_mark"*}
  [ "$_notes" = "$_mark" ] || printf '%s' "${_notes%"$_mark"}" >&2
  case $_head in *\ exec\ *) start_child "$@" ;; esac
  printf '%s' "$_answer" 2> /dev/null ||
    fail "standard output cannot be written" "send its output where there is room"
  exit "$_count"
}
start_child() {
  while [ -n "$_answer" ]; do
    _line=${_answer%%"$_newline"*}
    _answer=${_answer#*"$_newline"}
    case $_line in -[A-Z]*) unset "${_line#-}" ;; AWS_*=*) export "${_line?}" ;; esac
  done
  shift $(($# - _count))
  exec "$@"
}

# Here already, for reading all that follows takes a third of a millisecond.
ask_agent "$@"
[ -z "$_answer" ] || take_answer "$@"

# Where the bundle is: where it was built, or beside this file, links followed.
find_bundle() {
  _lib='@LIB@'
  _self=$0
  case $_self in
    */*) ;;
    *) if [ -f "./$_self" ]; then _self=./$_self; elif look_up "$_self"; then _self=$_found; fi ;;
  esac
  if ! [ "$_self" -ef '@SELF@' ]; then
    while [ -L "$_self" ] && look_up readlink; do
      _target=$("$_found" -- "$_self")
      case $_target in /*) _self=$_target ;; *) _self=${_self%/*}/$_target ;; esac
    done
    if [ -f "${_self%/*}/lib/main.js" ]; then _lib=${_self%/*}/lib; fi
  fi
  [ -f "$_lib/main.js" ] ||
    fail "the bundle is not beside $_self${_lib:+, nor in $_lib}" "build it anew, or link to it"
  case $_lib in /*) ;; *) _lib=$PWD/$_lib ;; esac
}

# The exported variables whose names $1 accepts, in _names.
list_exported() {
  _names=
  set -f
  IFS=$_newline
  for _line in $_exported; do
    case $_line in "export "*) _name=${_line#export } ;; *) continue ;; esac
    _name=${_name%%=*}
    case $_name in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
    "$1" "$_name" && eval "[ -n \"\${$_name+set}\" ]" && _names="$_names $_name" # not of a value's lines
  done
  unset IFS
  set +f
}

# Variables that Deno obeys, whatever its flags, stay here: AWS_VAULT_KEPT names them, and the tool
# gives them to the programs it starts.
put_away_variables() {
  _store=${DENO_TLS_CA_STORE:-mozilla,system}
  _certificates=${DENO_CERT:-${AWS_CA_BUNDLE-}}
  _directory=${DENO_DIR-}
  unset AWS_VAULT_ENVIRON_0
  _exported=$(export -p)
  case $_exported in *DENO_* | *NODE_* | *OTEL_* | *V8_*) list_exported is_obeyed ;; *) _names= ;; esac
  export "AWS_VAULT_KEPT=$_names"
  for _name in $_names; do
    eval "export \"AWS_VAULT_KEPT_$_name=\$$_name\""
    unset "$_name"
  done
  export DENO_NO_UPDATE_CHECK=1 DENO_DISABLE_NODE_SHIM=1 "DENO_TLS_CA_STORE=$_store"
  [ -z "$_certificates" ] || export "DENO_CERT=$_certificates"
}
is_obeyed() { case $1 in DENO_* | NODE_* | OTEL_* | V8_*) ;; *) return 1 ;; esac }

# Deno runs what its cache holds, so the cache is in a private directory.
choose_cache() {
  _cache=$_lib/cache
  if ! [ -O "$_lib" ]; then [ -O "${HOME-}" ] && _cache=$HOME/.cache/aws-vault || _cache=; fi
  case $_cache in /*) ;; *) _directory=/dev/null ;; esac
  if [ "$_directory" != /dev/null ] && { is_private "$_cache" || make_cache 2> /dev/null; }; then
    export "DENO_DIR=$_cache"
    _no_cache=
  else
    export DENO_DIR=/dev/null DENO_LOG=error,deno::cache=off
    _no_cache=--no-code-cache
  fi
}
make_cache() {
  look_up mkdir && (umask 077 && "$_found" -p -- "${_cache%/*}" && "$_found" -m 1700 -- "$_cache") && return
  is_private "$_cache" && return # another start made it just now
  [ -O "$_cache" ] && look_up rm && "$_found" -rf -- "$_cache" && look_up mkdir && "$_found" -m 1700 -- "$_cache"
}

# Which Deno: DENO, the package's own, the one that built this, PATH's.
find_deno() {
  _deno='@DENO@'
  _trusted=$_deno
  if [ -n "${DENO-}" ]; then
    _deno=$DENO
  elif case ${_self%/*} in */node_modules/*) find_packaged "${_self%/*}" ;; *) false ;; esac then
    _deno=$_found
    _trusted=$_found
  elif ! [ -x "$_deno" ] && { look_up deno is_binary || look_up deno; }; then
    _deno=$_found
  fi
  case $_deno in
    /*) is_program "$_deno" || fail "there is no Deno at $_deno${DENO:+, where DENO says it is}" \
      "install it (npm install -g deno), or name its binary in DENO" ;;
    '') fail "there is no Deno in PATH" "install it (npm install -g deno), or name its binary in DENO" ;;
    *) fail "DENO is not a full path: $_deno" "name Deno's binary by its full path" ;;
  esac
  [ "$_deno" -ef "$_trusted" ] || check_version
}
# npm's `deno` is a node script that costs 70 ms a start: the binary goes before it.
is_binary() {
  is_program "$1" || return 1
  IFS= read -r _start < "$1" 2> /dev/null
  case $_start in '#!'*) return 1 ;; esac
}
find_packaged() { # npm puts it beside or below its package
  for _package in "$1/node_modules/deno" "$1/../deno"; do
    for _found in "$_package"/deno "$_package"/node_modules/@deno/*/deno "$_package"/../@deno/*/deno; do
      is_binary "$_found" && return
    done
  done
  return 1
}
check_version() {
  _version=$("$_deno" --version 2> /dev/null)
  _version=${_version#deno }
  _version=${_version%%[!0-9.]*}
  _minor=${_version#*.}
  case $_version in @MAJOR@.[0-9]*) ;; *) _minor=-1 ;; esac
  [ "${_minor%%.*}" -ge @MINOR@ ] ||
    fail "the Deno at $_deno is version ${_version:-unknown}; this aws-vault was built with @VERSION@" \
      "it takes that or a later version @MAJOR@: install one (npm install -g deno), or name its binary in DENO"
}

# Hosts beside AWS's own: those of the endpoint variables, and AWS_VAULT_ALLOW_NET. Deno would not
# start with what is none; the tool tells of that by the variable's name.
choose_hosts() {
  _net='@NET@'
  for _url in "${AWS_ENDPOINT_URL-}" "${AWS_ENDPOINT_URL_STS-}" "${AWS_ENDPOINT_URL_IAM-}" \
    "${AWS_ENDPOINT_URL_SSO-}" "${AWS_ENDPOINT_URL_SSO_OIDC-}" "${AWS_ENDPOINT_URL_SIGNIN-}" \
    "${AWS_EC2_METADATA_SERVICE_ENDPOINT-}" "${AWS_CONTAINER_CREDENTIALS_FULL_URI-}"; do
    [ -z "$_url" ] || add_host "$_url"
  done
  _hosts=${AWS_VAULT_ALLOW_NET-},
  while [ -n "$_hosts" ]; do
    add_host "${_hosts%%,*}"
    _hosts=${_hosts#*,}
  done
}
add_host() {
  _host=${1#*://}
  _host=${_host%%[/?#]*}
  _host=${_host##*@}
  case $_host in
    \[*\]) _name=${_host%?} _port=1 ;;
    \[*\]:*) _name=${_host%\]:*} _port=${_host##*:} ;;
    \[*) return ;;
    *:*) _name=${_host%:*} _port=${_host##*:} ;;
    *) _name=$_host _port=1 ;;
  esac
  case $_port in '' | *[!0-9]* | ??????*) return ;; esac
  [ "$_port" -le 65535 ] || return
  case $_host in
    \[*) case ${_name#?} in '' | *[!0-9A-Fa-f:.]*) return ;; esac ;;
    *) case ${_name#\*.} in '' | .* | *..* | *[!A-Za-z0-9._-]*) return ;; esac ;;
  esac
  _net=$_net,$_host
}

# Where it may write: the config file's directory, the keyring's, that of `aws login`, the lock of
# `proxy` (root's), the audit trail, and the directory of what `import` takes keys out of.
choose_paths() {
  _write=${HOME-}/.aws,${HOME-}/.awsvault,/run/aws-vault-proxy.pid,/var/run/aws-vault-proxy.pid
  add_path "${AWS_VAULT_FILE_DIR-}"
  add_path "${AWS_LOGIN_CACHE_DIRECTORY-}"
  add_path "${AWS_VAULT_AUDIT_LOG-}"
  add_directory "${AWS_CONFIG_FILE-}"
}
add_directory() { # where that of a file is written anew
  case $1 in /*/* | [!/]*/*) add_path "${1%/*}/" ;; [!/]*) add_path . ;; esac
}
add_path() {
  case $1 in '' | *,*) ;; \~/*) _write=$_write,${HOME-}/${1#\~/} ;; *) _write=$_write,$1 ;; esac
}

# What the command line asks for beside that. `exec` but for `exec PROFILE --json` starts a program,
# which is to get the environment as it was; `agent start` starts itself once more, and listens.
read_words() {
  _words=0
  _child=
  _import=
  _compilers=
  _previous=
  for _argument; do
    case $_previous in
      --file-dir) add_path "$_argument" ;;
      --from) [ -z "$_import" ] || add_directory "$_argument" ;;
    esac
    _previous=$_argument
    case $_argument in
      --) break ;;
      --file-dir=*) add_path "${_argument#*=}" ;;
      --from=*) [ -z "$_import" ] || add_directory "${_argument#*=}" ;;
      import) if [ "$_words" = 0 ]; then _import=yes && add_directory "${AWS_SHARED_CREDENTIALS_FILE-}"; fi ;;
      --json | -j) [ "$_words" -gt 2 ] || _child=no ;;
      -*) ;;
      exec) _words=$((_words + 1)) && _child=${_child:-yes} ;;
      *) [ "$_words" = 0 ] || _words=$((_words + 1)) ;;
    esac
  done
  case " $* " in *' agent start '*) prepare_agent ;; esac
}
prepare_agent() {
  # It goes on for long: compilers pay, and what it does not need is given back.
  _compilers=--v8-flags=--lazy,--opt,--sparkplug,--maglev,--expose-gc,--max-semi-space-size=2
  _no_cache=--no-code-cache # of other flags, which would take the place of what all others read
  case $_self in /*) ;; *) _self=$PWD/$_self ;; esac
  export "AWS_VAULT_LAUNCHER=$_self"
  for _directory in "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/aws-vault}" "${HOME:+$HOME/.awsvault/agent}"; do
    add_path "$_directory"
    case $_directory in /*,*) ;; /*) _net=$_net,unix:$_directory/agent.sock ;; esac
  done
}

# `sh` drops or changes some variables; the kernel has them still, until Deno takes our place. It
# takes 128 kB a variable, hence pieces. An environment beyond them stays as `sh` has it.
hand_over_environment() {
  [ -r "/proc/$$/environ" ] && look_up od || return
  _number=0
  while
    _piece=$("$_found" -An -v -tx1 -j "$((_number * 40000))" -N 40000 "/proc/$$/environ" 2> /dev/null)
    export "AWS_VAULT_ENVIRON_$_number=$_piece"
    _number=$((_number + 1))
    [ "${#_piece}" -gt 120000 ]
  do
    [ "$_number" -lt 4 ] && continue
    unset AWS_VAULT_ENVIRON_0 AWS_VAULT_ENVIRON_1 AWS_VAULT_ENVIRON_2 AWS_VAULT_ENVIRON_3
    break
  done
}

# `deno run` opens a debugger on SIGUSR1: the signal is blocked here, and given back to the child.
# Whether `env` can do that was tried where this was built; elsewhere it is tried anew.
start() {
  look_up env || fail "there is no \`env\` in PATH" "put the directory it lies in into PATH, by its full path"
  _block=@BLOCK@
  if [ "$_lib" != '@LIB@' ] || [ "$_deno" != '@DENO@' ]; then
    if "$_found" --block-signal=USR1 "$_found" 2> /dev/null > /dev/null; then _block=yes; else _block=no; fi
  fi
  # Deno raises the limit of open files: Linux tells ours of the parent's, elsewhere it is noted.
  # shellcheck disable=SC3045 # each sh has -S
  [ -r /proc/self/limits ] || { AWS_VAULT_NOFILE=$(ulimit -Sn) && export AWS_VAULT_NOFILE; }
  if [ "$_block" = yes ]; then exec "$_found" --block-signal=USR1 "$_deno" "$@"; fi
  exec "$_deno" "$@"
}

find_bundle
put_away_variables
choose_cache
find_deno
choose_hosts
choose_paths
read_words "$@"
[ "$_child" != yes ] || hand_over_environment
case ${1-} in --version | --completion-*) _main=quick.js ;; *) _main=main.js ;; esac # TAB is pressed often
start run @FLAGS@ ${_compilers:+"$_compilers"} ${_no_cache:+"$_no_cache"} "--allow-net=$_net" "--allow-write=$_write" "$_lib/$_main" "$@"
