# Completion of aws-vault for bash, made by `deno task completions`: not to be edited.
# To be loaded in ~/.bashrc: eval "$(aws-vault --completion-script-bash)"

# What the command in $path takes: subcommands, options, operands.
_aws_vault_table() {
  commands='' options='@OPTIONS@' operands=()
  case $path in
    '') commands='@COMMANDS@' ;;
@TABLE@  esac
}

# Sets $kind to what the value of option $1 of the command in $path is; fails where it has none.
_aws_vault_value() {
  local option=$1
  case $option in
    --*) ;;
    -*) option=-${option: -1} ;; # of letters together the last may have one
  esac
  case "$path $option" in
@VALUES@    *) return 1 ;;
  esac
}

# Sets words to those up to the cursor: what bash cuts at = and : is one again. starts and cuts say
# where each begins, in COMP_LINE and in COMP_WORDS.
_aws_vault_words() {
  local line=${COMP_LINE:0:COMP_POINT} word i
  words=() starts=() cuts=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $i -eq 0 || $line == [[:blank:]]* ]]; then
      line=${line#"${line%%[![:blank:]]*}"}
      words+=("") cuts+=("$i")
      starts+=($((COMP_POINT - ${#line})))
    fi
    word=${COMP_WORDS[i]}
    [[ $i -lt $COMP_CWORD ]] || word=$line
    words[${#words[@]} - 1]+=$word
    line=${line#"$word"}
  done
}

# Offers what begins as $1 does and is of the kind $2; $3 is the end of $1 that bash replaces.
_aws_vault_offer() {
  local typed=$1 cut=${1%"$3"} quote='' mark candidate list='' program
  case $typed in
    [\"\']*) quote=${typed:0:1} typed=${typed:1} ;;
  esac
  [[ $quote == "'" ]] || typed=${typed//\\/}
  case $2 in
    =*) list=${2#=} list=${list//,/$'\n'} ;;
    directory) list=$(compgen -d -- "$typed") && compopt -o filenames 2>/dev/null ;;
    file) list=$(compgen -f -- "$typed") && compopt -o filenames 2>/dev/null ;;
    program) list=$(compgen -c -- "$typed") ;;
    none) return ;;
    *)
      program=${words[0]/#\~/$HOME}
      type -P "$program" >/dev/null || program=aws-vault
      list=$("$program" --completion-names "$2" "${words[@]:1}" </dev/null 2>/dev/null)
      ;;
  esac
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$typed"* ]] || continue
    if [[ $candidate == *[!A-Za-z0-9_@%+=:,./-]* && $2 != file && $2 != directory ]]; then
      case $quote in # what would end it, or be run within it
        \") for mark in \\ \" \$ \`; do candidate=${candidate//"$mark"/\\"$mark"}; done ;;
        \') candidate=${candidate//\'/\'\\\'\'} ;;
        *) candidate=$(printf %q "$candidate") ;;
      esac
    fi
    COMPREPLY+=("${candidate#"$cut"}")
  done <<<"$list"
}

# Completes the program that exec starts, whose first word is words[$1], as it would be by itself.
_aws_vault_child() {
  local at=${cuts[$1]} name=${words[$1]} cur=$2 spec loader previous answer
  if [[ $1 -eq $((${#words[@]} - 1)) ]]; then
    case $name in
      */*) _aws_vault_offer "$name" file "$cur" ;;
      *) _aws_vault_offer "$name" program "$cur" ;;
    esac
    return
  fi
  COMP_LINE=${COMP_LINE:starts[$1]} COMP_POINT=$((COMP_POINT - starts[$1]))
  COMP_WORDS=("${COMP_WORDS[@]:at}") COMP_CWORD=$((COMP_CWORD - at))
  previous=${COMP_WORDS[COMP_CWORD - 1]}
  if ! complete -p -- "${name##*/}" >/dev/null 2>&1; then
    for loader in _comp_load __load_completion; do # bash-completion's, where it is there
      if declare -F "$loader" >/dev/null; then "$loader" "${name##*/}" && break; fi
    done
  fi
  spec=$(complete -p -- "$name" 2>/dev/null || complete -p -- "${name##*/}" 2>/dev/null)
  if [[ $spec =~ \ -F\ ([^ ]+) ]]; then
    "${BASH_REMATCH[1]}" "$name" "$cur" "$previous"
  elif [[ $spec =~ \ -C\ \'([^\']+)\' || $spec =~ \ -C\ ([^ ]+) ]]; then
    while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(
      export COMP_LINE COMP_POINT
      eval "${BASH_REMATCH[1]} \"\$name\" \"\$cur\" \"\$previous\""
    )
  elif [[ -n $spec ]]; then # a list of words, of users …
    spec=${spec#complete }
    while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(
      eval "compgen ${spec% *} -- \"\$cur\"" 2>/dev/null
    )
  else
    _aws_vault_offer "${words[${#words[@]} - 1]}" file "$cur"
  fi
}

_aws_vault() {
  local path='' kind='' count=0 child=0 i commands options operands
  local -a words starts cuts
  COMPREPLY=()
  _aws_vault_words
  local last=$((${#words[@]} - 1))
  local cur=${words[last]}
  for ((i = 1; i < last && child == 0; i++)); do
    kind=''
    _aws_vault_table
    case ${words[i]} in
      # Where AWS_PROFILE names none, the profile may stand behind the --
      --) [[ $path != exec || ($count -eq 0 && -z ${AWS_PROFILE-}) ]] || child=$((i + 1)) ;;
      -*) ! _aws_vault_value "${words[i]}" || ((i++)) ;;
      *)
        if [[ -n $commands ]]; then
          path=${path:+$path }${words[i]}
        elif [[ $path == exec && $count -eq 1 ]]; then
          child=$i
        else
          count=$((count + 1))
        fi
        ;;
    esac
  done
  _aws_vault_table
  [[ $child -gt 0 || $i -gt $last || $path != exec || $count -eq 0 || $cur == -* ]] || child=$last
  if [[ $child -gt 0 ]]; then
    _aws_vault_child "$child" "$2"
  elif [[ $i -gt $last && -n $kind ]]; then # the value of the option before
    _aws_vault_offer "$cur" "$kind" "$2"
  elif [[ $cur == --*=* ]]; then
    ! _aws_vault_value "${cur%%=*}" || _aws_vault_offer "${cur#*=}" "$kind" "$2"
  elif [[ $cur == -* ]]; then
    _aws_vault_offer "$cur" "=${options// /,}" "$2"
  elif [[ -n $commands ]]; then
    _aws_vault_offer "$cur" "=${commands// /,}" "$2"
  elif [[ $count -lt ${#operands[@]} ]]; then
    _aws_vault_offer "$cur" "${operands[count]}" "$2"
  fi
}

complete -F _aws_vault aws-vault
