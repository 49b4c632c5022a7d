# Completion of aws-vault for bash, made by `deno task completions`: not to be edited.
# To be loaded in ~/.bashrc: eval "$(aws-vault --completion-script-bash)"

# What the command in $path takes: subcommands, options, operands.
_aws_vault_table() {
  commands='' options='-v --version --help-long --debug --backend --session-backend --prompt --keychain --secret-service-collection --pass-dir --pass-cmd --pass-prefix --file-dir --helper -h --help' operands=()
  case $path in
    '') commands='add agent change-passphrase clear completion configure doctor exec explain export help import list login migrate-backend remove rotate signin sso version' ;;
    'add')
      options="$options --env --add-config --no-add-config"
      operands=('profiles')
      ;;
    'agent')
      commands='start stop lock status'
      options="$options "
      ;;
    'agent start')
      options="$options --idle --lifetime --foreground --confirm"
      ;;
    'agent stop')
      options="$options "
      ;;
    'agent lock')
      options="$options "
      ;;
    'agent status')
      options="$options --json"
      ;;
    'change-passphrase')
      options="$options "
      ;;
    'clear')
      options="$options "
      operands=('profiles')
      ;;
    'completion')
      options="$options "
      operands=('=bash,zsh,fish,powershell')
      ;;
    'configure')
      options="$options "
      operands=('profiles')
      ;;
    'doctor')
      options="$options --color --json --online --fix"
      ;;
    'exec')
      options="$options --stdout --use-device-code -d --duration -n --no-session --region -t --mfa-token -j --json --ecs-server -s --server --ec2-server --imdsv2 --lazy --server-host --profile-env --isolated"
      operands=('profiles')
      ;;
    'explain')
      options="$options --stdout --use-device-code -d --duration -n --no-session --region -t --mfa-token --color --json --renews"
      operands=('profiles')
      ;;
    'export')
      options="$options --stdout --use-device-code -d --duration -n --no-session --region -t --mfa-token --format"
      operands=('profiles')
      ;;
    'help')
      commands='add agent change-passphrase clear completion configure doctor exec explain export help import list login migrate-backend remove rotate signin sso version'
      options="$options "
      ;;
    'help add')
      options="$options "
      ;;
    'help agent')
      commands='start stop lock status'
      options="$options "
      ;;
    'help agent start')
      options="$options "
      ;;
    'help agent stop')
      options="$options "
      ;;
    'help agent lock')
      options="$options "
      ;;
    'help agent status')
      options="$options "
      ;;
    'help change-passphrase')
      options="$options "
      ;;
    'help clear')
      options="$options "
      ;;
    'help completion')
      options="$options "
      ;;
    'help configure')
      options="$options "
      ;;
    'help doctor')
      options="$options "
      ;;
    'help exec')
      options="$options "
      ;;
    'help explain')
      options="$options "
      ;;
    'help export')
      options="$options "
      ;;
    'help help')
      options="$options "
      ;;
    'help import')
      options="$options "
      ;;
    'help list' | 'help ls')
      options="$options "
      ;;
    'help login')
      options="$options "
      ;;
    'help migrate-backend')
      options="$options "
      ;;
    'help remove' | 'help rm')
      options="$options "
      ;;
    'help rotate')
      options="$options "
      ;;
    'help signin')
      options="$options "
      ;;
    'help sso')
      commands='login logout list profiles'
      options="$options "
      ;;
    'help sso login')
      options="$options "
      ;;
    'help sso logout')
      options="$options "
      ;;
    'help sso list')
      options="$options "
      ;;
    'help sso profiles')
      options="$options "
      ;;
    'help version')
      options="$options "
      ;;
    'import')
      options="$options --from --profile --overwrite --scrub --dry-run"
      ;;
    'list' | 'ls')
      options="$options --color --profiles --credentials --sessions --json"
      ;;
    'login')
      options="$options -s --stdout --use-device-code -d --duration -n --no-session --region -t --mfa-token --path -a --auto-logout"
      operands=('profiles')
      ;;
    'migrate-backend')
      options="$options --from --to --profile --dry-run --overwrite --delete-source"
      ;;
    'remove' | 'rm')
      options="$options -f --force"
      operands=('stored')
      ;;
    'rotate')
      options="$options -n --no-session -t --mfa-token"
      operands=('stored')
      ;;
    'signin')
      options="$options --remote --region --stdout"
      operands=('profiles')
      ;;
    'sso')
      commands='login logout list profiles'
      options="$options "
      ;;
    'sso login')
      options="$options --stdout --use-device-code"
      operands=('targets')
      ;;
    'sso logout')
      options="$options "
      operands=('targets')
      ;;
    'sso list')
      options="$options --stdout --use-device-code --json"
      operands=('targets')
      ;;
    'sso profiles')
      options="$options --stdout --use-device-code --write --prune --template"
      operands=('targets')
      ;;
    'version')
      options="$options "
      ;;
  esac
}

# Sets $kind to what the value of option $1 of the command in $path is; fails where it has none.
_aws_vault_value() {
  local option=$1
  case $option in
    --*) ;;
    -*) option=-${option: -1} ;; # of letters together the last may have one
  esac
  case "$path $option" in
    *' --backend') kind='=keychain,wincred,secret-service,pass,file,helper' ;;
    *' --session-backend') kind='=keychain,wincred,secret-service,pass,file,helper' ;;
    *' --prompt') kind='=terminal,osascript,wincredui,zenity,kdialog,ykman' ;;
    *' --keychain') kind='none' ;;
    *' --secret-service-collection') kind='none' ;;
    *' --pass-dir') kind='directory' ;;
    *' --pass-cmd') kind='program' ;;
    *' --pass-prefix') kind='none' ;;
    *' --file-dir') kind='directory' ;;
    *' --helper') kind='none' ;;
    'agent start --idle') kind='none' ;;
    'agent start --lifetime') kind='none' ;;
    'doctor --color') kind='=auto,always,never' ;;
    'exec -d' | 'exec --duration') kind='none' ;;
    'exec --region') kind='none' ;;
    'exec -t' | 'exec --mfa-token') kind='none' ;;
    'exec --server-host') kind='none' ;;
    'exec --session-ttl') kind='none' ;;
    'exec --assume-role-ttl') kind='none' ;;
    'exec --federation-token-ttl') kind='none' ;;
    'explain -d' | 'explain --duration') kind='none' ;;
    'explain --region') kind='none' ;;
    'explain -t' | 'explain --mfa-token') kind='none' ;;
    'explain --color') kind='=auto,always,never' ;;
    'explain --session-ttl') kind='none' ;;
    'explain --assume-role-ttl') kind='none' ;;
    'explain --federation-token-ttl') kind='none' ;;
    'export -d' | 'export --duration') kind='none' ;;
    'export --region') kind='none' ;;
    'export -t' | 'export --mfa-token') kind='none' ;;
    'export --format') kind='=env,export-env,json,ini,fish,powershell,dotenv' ;;
    'export --session-ttl') kind='none' ;;
    'export --assume-role-ttl') kind='none' ;;
    'export --federation-token-ttl') kind='none' ;;
    'import --from') kind='file' ;;
    'import --profile') kind='profiles' ;;
    'list --color') kind='=auto,always,never' ;;
    'ls --color') kind='=auto,always,never' ;;
    'login -d' | 'login --duration') kind='none' ;;
    'login --region') kind='none' ;;
    'login -t' | 'login --mfa-token') kind='none' ;;
    'login --path') kind='none' ;;
    'login --session-ttl') kind='none' ;;
    'login --assume-role-ttl') kind='none' ;;
    'login --federation-token-ttl') kind='none' ;;
    'migrate-backend --from') kind='=keychain,wincred,secret-service,pass,file,helper' ;;
    'migrate-backend --to') kind='=keychain,wincred,secret-service,pass,file,helper' ;;
    'migrate-backend --profile') kind='stored' ;;
    'rotate -t' | 'rotate --mfa-token') kind='none' ;;
    'signin --region') kind='none' ;;
    'sso profiles --template') kind='none' ;;
    *) return 1 ;;
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
