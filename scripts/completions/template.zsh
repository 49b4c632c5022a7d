#compdef aws-vault
# Completion of aws-vault for zsh, made by `deno task completions`: not to be edited.
# To be put into a directory of fpath as _aws-vault, or loaded in ~/.zshrc after compinit:
# eval "$(aws-vault --completion-script-zsh)"

# Offers names of the kind given last, as the tool tells them; before it stand options of compadd.
_aws-vault_names() {
  local -a names
  local program=${(Q)line_words[1]/#\~/$HOME}
  (( $+commands[$program] )) || [[ $program == */* && -x $program ]] || program=aws-vault
  names=("${(@f)$($program --completion-names $argv[-1] "${(@Q)line_words[2,-1]}" </dev/null 2>/dev/null)}")
  compadd "${(@)argv[1,-2]}" -a names
}

# Completes the program that exec starts, whose first word is the $1th, as it would be by itself.
_aws-vault_child() {
  shift $(( $1 - 1 )) words
  (( CURRENT -= $1 - 1 ))
  _normal
}

_aws-vault() {
  local curcontext=$curcontext command='' letter count=0 i
  local -a globals values offered arguments line state line_words
  local -A opt_args
  line_words=("${(@)words[1,CURRENT]}")
  globals=(
@OPTIONS@  )
  values=(@VALUES@)
  offered=(
@COMMANDS@  )

  # Up to the command stand global options; of a group, the command within it comes next.
  while :; do
    for (( i = 2; i < CURRENT; i++ )); do
      [[ $words[i] == -* ]] || break
      (( ! ${values[(Ie)$words[i]]} )) || (( i++ ))
    done
    if (( i >= CURRENT )); then
      _arguments -s -S -C $globals '1:command:->command' && return
      [[ $state != command ]] || _describe -t commands command offered
      return
    fi
    (( i-- ))
    shift $i words
    (( CURRENT -= i ))
    command=${command:+$command }$words[1]
    offered=()
    case $command in
@GROUPS@    esac
    (( $#offered )) || break
  done
  # exec's program begins behind a --, or with the second word that is no option of exec's.
  if [[ $command == exec ]]; then
    values+=(@EXEC_VALUES@)
    for (( i = 2; i < CURRENT; i++ )); do
      letter=-${words[i][-1]} # of letters together the last may have a value
      case $words[i] in
        # Where AWS_PROFILE names none, the profile may stand behind the --
        --) (( ! count )) && [[ -z $AWS_PROFILE ]] || { _aws-vault_child $(( i + 1 )); return } ;;
        --*) (( ! ${values[(Ie)$words[i]]} )) || (( i++ )) ;;
        -?*) (( ! ${values[(Ie)$letter]} )) || (( i++ )) ;;
        *) (( count++ == 0 )) || { _aws-vault_child $i; return } ;;
      esac
    done
    if (( count && i == CURRENT )) && [[ $words[i] != -* ]]; then _aws-vault_child $i; return; fi
  fi
  case $command in
@TABLE@  esac
  curcontext="${curcontext%:*:*}:aws-vault-${command// /-}:"
  _arguments -s -S $globals $arguments
}

if [[ $funcstack[1] == _aws-vault ]]; then
  _aws-vault "$@"
elif (( $+functions[compdef] )); then
  compdef _aws-vault aws-vault
else
  print -u2 'aws-vault: the completion needs compinit before it: autoload -Uz compinit && compinit'
fi
