# The launcher's second half: starts the bundle beside it under Deno, with the permissions it needs
# and no others. What it does is at its end, the steps are functions in that order. From the first
# half it has $_self, $_lib, and functions.
# shellcheck shell=sh
# shellcheck disable=SC2154 # set there
# shellcheck disable=SC3013,SC3067 # -ef and -O are POSIX since 2024, and each sh had them

# Variables that Deno obeys, whatever its flags, stay here: AWS_VAULT_KEPT names them, and the tool
# gives them to the programs it starts. `export -p` is the one way to see names.
put_away_variables() {
  _store=${DENO_TLS_CA_STORE:-mozilla,system}
  _certificates=${DENO_CERT:-${AWS_CA_BUNDLE-}}
  _directory=${DENO_DIR-}
  _kept=
  unset AWS_VAULT_ENVIRON_0
  set -f
  IFS=$_newline
  for _line in $(export -p); do
    _name=${_line#export }
    case $_line in "export "DENO_* | "export "NODE_* | "export "OTEL_* | "export "V8_*) put_away "${_name%%=*}" ;; esac
  done
  unset IFS
  set +f
  export "AWS_VAULT_KEPT=$_kept" DENO_NO_UPDATE_CHECK=1 DENO_DISABLE_NODE_SHIM=1 "DENO_TLS_CA_STORE=$_store"
  [ -z "$_certificates" ] || export "DENO_CERT=$_certificates"
}
put_away() {
  case $1 in *[!A-Za-z0-9_]*) return ;; esac
  eval "[ -n \"\${$1+set}\" ]" || return # a line of a value
  eval "export \"AWS_VAULT_KEPT_$1=\$$1\""
  unset "$1"
  _kept="$_kept $1"
}

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
  case $(umask) in [1-7]?? | ?[1-7]??) return 1 ;; esac # what Deno made there could not be read again
  look_up mkdir && (umask 077 && "$_found" -p -- "${_cache%/*}" && "$_found" -m 1700 -- "$_cache") && return
  is_private "$_cache" && return # another start made it just now
  [ -O "$_cache" ] && look_up rm && "$_found" -rf -- "$_cache" && look_up mkdir && "$_found" -m 1700 -- "$_cache"
}

# Which Deno: DENO, the package's own, the one that built this, PATH's.
find_deno() {
  _deno=@DENO@
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
  _net=@NET@
  for _url in @HOSTS@; do
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
  _write=
  for _path in "${HOME-}/.aws" "${HOME-}/.awsvault" /run/aws-vault-proxy.pid /var/run/aws-vault-proxy.pid; do
    add_path "$_path"
  done
  add_path "${AWS_VAULT_FILE_DIR-}"
  add_path "${AWS_LOGIN_CACHE_DIRECTORY-}"
  add_path "${AWS_VAULT_AUDIT_LOG-}"
  add_directory "${AWS_CONFIG_FILE-}"
}
add_directory() { # where that of a file is written anew
  case $1 in /*/* | [!/]*/*) add_path "${1%/*}/" ;; [!/]*) add_path . ;; esac
}
add_path() { # Deno can be given none that holds a comma
  _path=$1
  case $_path in "${HOME-}"/*) ;; \~/*) _path=${HOME-}/${_path#\~/} ;; esac
  case $_path in '' | *,*) ;; *) _write=${_write:+$_write,}$_path ;; esac
}

# What the command line asks for beside that. `exec` but for `exec PROFILE --json` starts a program,
# which is to get the environment as it was; `agent start` starts itself once more, and listens.
read_words() {
  _words=0
  _before=' '
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
      doctor) # --fix mends modes, and takes away what was left
        if [ "$_words" = 0 ]; then
          add_directory "${AWS_SHARED_CREDENTIALS_FILE-}"
          add_path "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/aws-vault}"
        fi
        ;;
      --json | -j) [ "$_words" -gt 2 ] || _child=no ;;
      -*) ;;
      exec) _words=$((_words + 1)) && _child=${_child:-yes} ;;
      *) if [ "$_words" = 0 ]; then _before="$_before$_argument "; else _words=$((_words + 1)); fi ;;
    esac
  done
  case $_before in *' agent '*'start '*) prepare_agent ;; esac # options may stand between
}
prepare_agent() {
  # It goes on for long: compilers pay, and what it does not need is given back.
  _compilers=--v8-flags=--lazy,--opt,--sparkplug,--maglev,--expose-gc
  _no_cache=--no-code-cache # of other flags, which would take the place of what all others read
  case $_self in /*) ;; *) _self=$PWD/$_self ;; esac
  export "AWS_VAULT_LAUNCHER=$_self"
  for _directory in "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/aws-vault}" "${HOME:+$HOME/.awsvault/agent}"; do
    while case $_directory in //*) ;; *) false ;; esac do _directory=${_directory#/}; done # of HOME=/
    case $_directory in /*,*) ;; /*) add_path "$_directory" && _net=$_net,unix:$_directory/agent.sock ;; esac
  done
}

# Deno does not start in a directory that was removed. All but a program can do without.
leave_removed() {
  if [ -d "$PWD" ] || [ -n "$(pwd -P 2> /dev/null)" ]; then return; fi
  [ "$_child" != yes ] || fail "the current directory was removed" "start the program from another: cd ~"
  cd /
}

# `sh` drops or changes some variables; the kernel has them still, until Deno takes our place. It
# takes 128 kB a variable, hence pieces, and 2 MB in all, where `od` starts no more. An environment
# beyond them stays as `sh` has it.
hand_over_environment() {
  [ -r "/proc/$$/environ" ] && look_up od || return
  _number=0
  while
    _piece=$("$_found" -An -v -tx1 -j "$((_number * 40000))" -N 40000 "/proc/$$/environ" 2> /dev/null) || _number=10
    export "AWS_VAULT_ENVIRON_$_number=$_piece"
    [ "$_number" -gt 9 ] || [ "${#_piece}" -gt 120000 ]
  do
    _number=$((_number + 1))
    [ "$_number" -gt 9 ] || continue
    while [ "$_number" -gt 0 ]; do unset "AWS_VAULT_ENVIRON_$((_number -= 1))"; done
    return
  done
  unset "AWS_VAULT_ENVIRON_$((_number + 1))" # of the caller's
}

# Deno reads the .npmrc of its home, and does not start where it is none; beside the bundle lies none.
# A Deno that is not ours may be a script, as a version manager's is, that finds the real one by HOME.
move_home() {
  _home=$_lib
  [ "$_deno" -ef "$_trusted" ] || _home=${HOME-}
  put_away HOME
  export "AWS_VAULT_KEPT=$_kept" "HOME=$_home"
}

# `deno run` opens a debugger on SIGUSR1: the signal is blocked here, and given back to the child.
# Whether `env` can do that was tried where this was built; elsewhere it is tried anew. A bundle of
# few lines sees to it itself, where this is the Deno whose ways it knows.
start() {
  _env=@ENV@
  _block='@BLOCK@'
  if [ "$_main" != main.js ] && [ "$_deno" -ef "$_trusted" ]; then
    _block=
  elif [ "$_lib" != @LIB@ ] || ! [ "$_deno" -ef @DENO@ ] || ! is_program "$_env"; then
    look_up env || fail "there is no \`env\` in PATH" "put the directory it lies in into PATH, by its full path"
    _env=$_found
    _block=--block-signal=USR1
    "$_env" "$_block" > /dev/null 2>&1 || _block=
  fi
  # Deno raises the limit of open files; a program that is started gets it back.
  # shellcheck disable=SC3045 # each sh has -S
  [ "$_child" != yes ] || { AWS_VAULT_NOFILE=$(ulimit -Sn) && export AWS_VAULT_NOFILE; }
  exec ${_block:+"$_env" "$_block"} "$_deno" "$@"
}

# TAB is pressed often, and SDKs ask by `exec PROFILE --json`: each has a bundle without what it needs not.
choose_bundle() {
  case $#,${1-},${2-},${3-} in
    *,--version,* | *,--completion-*) _main=quick.js ;;
    3,exec,[!-]*,--json | 3,exec,--json,[!-]*) _main=credential_process.js ;;
    *) _main=main.js ;;
  esac
  check_whole "$_main"
}

put_away_variables
choose_cache
find_deno
choose_hosts
choose_paths
read_words "$@"
leave_removed
[ "$_child" != yes ] || hand_over_environment
move_home
choose_bundle "$@"
start run @FLAGS@ ${_compilers:+"$_compilers"} ${_no_cache:+"$_no_cache"} "--allow-net=$_net" "--allow-write=$_write" "$_lib/$_main" "$@"
