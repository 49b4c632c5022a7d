#!/bin/sh
# with_agent.sh DIR COMMAND ARGS: runs a command line with an agent in its home, the one that a call
# before has started there or a new one. In DIR it keeps who they are, and in `answered` a line a
# call: the command, and the agent's status before and after.

agents=$1
command=$2
shift 2

# Agents of homes that are gone.
sweep() {
  for file in "$agents"/*.home; do
    [ -f "$file" ] || continue
    read -r home < "$file"
    [ -d "$home" ] && continue
    kill "$(basename "$file" .home)" 2> /dev/null
    rm -f "$file"
  done
}

begin() {
  "$command" agent start --lifetime 5m < /dev/null > /dev/null 2>&1 || return
  pid=$("$command" agent status --json | sed 's/.*"pid":\([0-9]*\).*/\1/')
  echo "$HOME" > "$agents/$pid.home"
}

sweep
[ $# -gt 0 ] || exit 0
if [ -d "$HOME/.awsvault/keys" ] && ! [ -S "$HOME/.awsvault/agent/agent.sock" ]; then begin; fi
before=$("$command" agent status --json)
"$command" "$@"
code=$?
echo "$1 $before $("$command" agent status --json) $*" | tr '\n' ' ' >> "$agents/answered"
echo >> "$agents/answered"
[ "$code" != 143 ] || kill -s TERM "$$" # it ended so
exit "$code"
