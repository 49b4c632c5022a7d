#!/bin/sh
# with_agent.sh DIR COMMAND ARGS: runs a command line with an agent in its home, the one that a call
# before has started there or a new one, which ends with that home. In DIR/calls it writes a line a
# call: who saw to it (`answered`, `passed on`, or `alone` where no agent was asked), and the words.

agents=$1
command=$2
shift 2

begin() {
  "$command" agent start --lifetime 5m < /dev/null > /dev/null 2>&1 || return
  pid=$("$command" agent status --json | sed 's/.*"pid":\([0-9]*\).*/\1/')
  (while [ -d "$HOME" ] && kill -0 "$pid"; do sleep 1; done; kill "$pid") < /dev/null > /dev/null 2>&1 &
}
count() { "$command" agent status --json | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }

if [ -d "$HOME/.awsvault/keys" ] && ! [ -S "$HOME/.awsvault/agent/agent.sock" ]; then begin; fi
answered=$(count answered)
passed_on=$(count passedOn)
"$command" "$@"
code=$?
who=alone
[ "$(count answered)" = "$answered" ] || who=answered
[ "$(count passedOn)" = "$passed_on" ] || who="passed on" # it may have answered with the passphrase
printf '%s\n' "$who: $(printf '%s ' "$@" | tr '\n' ' ')" >> "$agents/calls"
[ "$code" != 143 ] || kill -s TERM "$$" # it ended so
exit "$code"
