#!/bin/sh
# with_agent.sh DIR COMMAND ARGS: runs a command line with an agent in its home, the one that a call
# before has started there or a new one, which ends with that home. In DIR it writes a line a call to
# `answered`: the command, and the agent's status before and after.

agents=$1
command=$2
shift 2

begin() {
  "$command" agent start --lifetime 5m < /dev/null > /dev/null 2>&1 || return
  pid=$("$command" agent status --json | sed 's/.*"pid":\([0-9]*\).*/\1/')
  (while [ -d "$HOME" ] && kill -0 "$pid"; do sleep 1; done; kill "$pid") < /dev/null > /dev/null 2>&1 &
}

if [ -d "$HOME/.awsvault/keys" ] && ! [ -S "$HOME/.awsvault/agent/agent.sock" ]; then begin; fi
before=$("$command" agent status --json)
"$command" "$@"
code=$?
echo "$1 $before $("$command" agent status --json) $*" | tr '\n' ' ' >> "$agents/answered"
echo >> "$agents/answered"
[ "$code" != 143 ] || kill -s TERM "$$" # it ended so
exit "$code"
