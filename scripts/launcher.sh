#!/bin/sh
# aws-vault: asks the agent, where one is running, finds the bundle, and has lib/start.sh beside it
# start Deno. It may be copied or linked anywhere; made by `deno task build`. Its own variables begin
# with _, for a caller may export any other name.
# shellcheck disable=SC3013,SC3067 # -ef and -O are POSIX since 2024, and each sh had them

# zsh parts no words unless it is called sh, or told to be one.
case ${ZSH_VERSION-} in ?*) PATH=/dev/null emulate sh 2> /dev/null ;; esac

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
  [ -t 1 ] && _terminal=10 || _terminal=00
  IFS=
  compose "$@"
  IFS='@SEPARATOR@'
  case $_request in *"$IFS"*) unset IFS && return ;; esac # its end would be another word
  compose "$@"
  unset IFS
  _nc=@NC@ # tried where this was built; elsewhere each is tried
  if { is_program "$_nc" && _found=$_nc; } || look_up nc; then
    _answer=$(send "$_found" -w 2 -U "$_socket")
  fi
  case $_answer in *aws-vault\ 2*) return ;; esac
  if is_program "$_nc" || ! look_up curl; then return; fi
  _answer=$(send "$_found" -q --noproxy '*' --unix-socket "$_socket" --speed-time 2 \
    --speed-limit 1 --data-binary @- http://localhost/)
}
compose() { _request="aws-vault 2 $# $$ $PPID $_terminal$IFS$*$IFS@VARIABLES@$IFS"; }
find_agent() {
  _answer=
  case " $* " in ' agent '*) return 1 ;; *' exec '* | *' export '*) ;; *) return 1 ;; esac
  for _socket in "${XDG_RUNTIME_DIR:-/.}/aws-vault/agent.sock" "${HOME-}/.awsvault/agent/agent.sock"; do
    case $_socket in /*) ;; *) continue ;; esac
    [ -S "$_socket" ] && [ -O "$_socket" ] && is_private "${_socket%/*}" && is_awake "${_socket%/*}/pid" && return
  done
  return 1
}
# One that was stopped would be waited for. Linux alone tells, of processes that it shows us.
is_awake() {
  { [ -r "$1" ] && read -r _pid < "$1" && [ -r "/proc/$_pid/status" ]; } || return 0
  while read -r _name _value; do [ "$_name" != State: ] || break; done < "/proc/$_pid/status"
  case $_value in [Tt]*) return 1 ;; esac
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
  open_streams
  _answer=${_answer%%"$_mark"*}
  [ "$_notes" = "$_mark" ] || printf '%s' "${_notes%"$_mark"}" >&2
  case $_head in *\ exec\ *) start_child "$@" ;; esac
  printf '%s' "$_answer" 2> /dev/null ||
    fail "standard output cannot be written" "send its output where there is room"
  exit "$_count"
}
# What is closed is /dev/null, as Deno has it where it is started.
open_streams() {
  { true 3<&0; } 2> /dev/null || exec < /dev/null
  { true 3>&1; } 2> /dev/null || exec > /dev/null
  true 3>&2 || exec 2> /dev/null
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

# Where the bundle is: where it was built, or beside this file, links followed.
find_bundle() {
  _lib=@LIB@
  _self=$0
  case $_self in
    */*) ;;
    *) if [ -f "./$_self" ]; then _self=./$_self; elif look_up "$_self"; then _self=$_found; fi ;;
  esac
  if ! [ "$_self" -ef @SELF@ ]; then
    for _target in ../lib/node_modules/aws-vault ../aws-vault; do # npm's links need no readlink
      if [ "$_self" -ef "${_self%/*}/$_target/aws-vault" ]; then _self=${_self%/*}/$_target/aws-vault && break; fi
    done
    while [ -L "$_self" ] && look_up readlink; do
      _target=$("$_found" -- "$_self")
      case $_target in /*) _self=$_target ;; *) _self=${_self%/*}/$_target ;; esac
    done
    if [ -f "${_self%/*}/lib/start.sh" ]; then _lib=${_self%/*}/lib; fi
  fi
  [ -f "$_lib/start.sh" ] ||
    fail "the bundle is not beside $_self${_lib:+, nor in $_lib}" "build it anew, or link to it"
  case $_lib in /*) ;; *) _lib=$PWD/$_lib ;; esac
  check_whole start.sh
}
# An empty file, as a full disk or a lost power leaves it, would do nothing, and call that success.
check_whole() {
  if [ -r "$_lib/$1" ] && [ -s "$_lib/$1" ]; then return; fi
  fail "$_lib/$1 cannot be read, or is empty" "install aws-vault anew, or mend its owner and mode"
}

ask_agent "$@"
[ -z "$_answer" ] || take_answer "$@"
find_bundle
# shellcheck source=/dev/null
. "$_lib/start.sh"
fail "$_lib/start.sh is cut off" "install aws-vault anew"
