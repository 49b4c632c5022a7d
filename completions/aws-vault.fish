# Completion of aws-vault for fish, made by `deno task completions`: not to be edited.
# To be put into ~/.config/fish/completions, or loaded: aws-vault --completion-script-fish | source

# Three lines: the command; its operands so far; the index of the first word of the program that
# exec starts, or 0.
function __aws_vault_parse
    set -l words (commandline -opc)
    set -l path ''
    set -l count 0
    set -l child 0
    set -l i 2
    while test $i -le (count $words)
        set -l word $words[$i]
        set -l values --backend --session-backend --prompt --keychain --secret-service-collection --pass-dir --pass-cmd --pass-prefix --file-dir --helper
        switch $path
        case 'agent start'
            set -a values --idle --lifetime
        case 'doctor'
            set -a values --color
        case 'exec'
            set -a values -d --duration --region -t --mfa-token --server-host --session-ttl --assume-role-ttl --federation-token-ttl
        case 'explain'
            set -a values -d --duration --region -t --mfa-token --color --session-ttl --assume-role-ttl --federation-token-ttl
        case 'export'
            set -a values -d --duration --region -t --mfa-token --format --session-ttl --assume-role-ttl --federation-token-ttl
        case 'import'
            set -a values --from --profile
        case 'list' 'ls'
            set -a values --color
        case 'login'
            set -a values -d --duration --region -t --mfa-token --path --session-ttl --assume-role-ttl --federation-token-ttl
        case 'migrate-backend'
            set -a values --from --to --profile
        case 'rotate'
            set -a values -t --mfa-token
        case 'signin'
            set -a values --region
        case 'sso profiles'
            set -a values --template
        end
        if test "$word" = --
            # Where AWS_PROFILE names none, the profile may stand behind the --
            if test $path = exec; and not test $count -eq 0 -a -z "$AWS_PROFILE"
                set child (math $i + 1)
                break
            end
        else if string match -qr '^--' -- $word
            contains -- $word $values; and set i (math $i + 1)
        else if string match -qr '^-.' -- $word
            contains -- -(string sub -s -1 -- $word) $values; and set i (math $i + 1)
        else if contains -- "$path" '' 'agent' 'help' 'help agent' 'help sso' 'sso'
            set path (string trim -- "$path $word")
        else if test $path = exec -a $count -eq 1
            set child $i
            break
        else
            set count (math $count + 1)
        end
        set i (math $i + 1)
    end
    # The word at the cursor begins the program, where the profile is named and this is no option.
    if test $child -eq 0 -a "$path" = exec -a $count -eq 1 -a $i -eq (math (count $words) + 1)
        string match -q -- '-*' (commandline -ct); or set child $i
    end
    string join \n -- "$path" $count $child
end

# Whether the word at the cursor is the tool's own.
function __aws_vault_own
    set -l parsed (__aws_vault_parse)
    test $parsed[3] -eq 0
end

# Whether it belongs to one of these commands; to '' as long as there is none.
function __aws_vault_at
    set -l parsed (__aws_vault_parse)
    test $parsed[3] -eq 0; and contains -- "$parsed[1]" $argv
end

# Whether it is the operand of this number, from 0, of one of these commands.
function __aws_vault_operand
    set -l parsed (__aws_vault_parse)
    test $parsed[3] -eq 0 -a $parsed[2] -eq $argv[1]; and contains -- "$parsed[1]" $argv[2..]
end

# Names of this kind, as the tool tells them.
function __aws_vault_names
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    command -q $program; or set program aws-vault
    $program --completion-names $argv[1] $words[2..] </dev/null 2>/dev/null
end

# The completion of the program that exec starts, as it would be by itself.
function __aws_vault_child
    set -l parsed (__aws_vault_parse)
    set -l words (commandline -opc)
    complete -C (string join ' ' -- (string escape -- $words[$parsed[3]..]) (commandline -ct) | string collect)
end

# What fish itself makes of the man page has the options of all commands for each. It would be loaded
# at the first TAB, beside all of this: so it is loaded now, and goes.
complete -C 'aws-vault -' >/dev/null
complete -c aws-vault -e
complete -c aws-vault -f
complete -c aws-vault -n 'not __aws_vault_own' -a '(__aws_vault_child)'
complete -c aws-vault -n '__aws_vault_own' -s v -l version -d 'Show the version'
complete -c aws-vault -n '__aws_vault_own' -l help-long -d 'Show the help of every command'
complete -c aws-vault -n '__aws_vault_own' -l debug -d 'Tell on standard error what is done and why, never a secret'
complete -c aws-vault -n '__aws_vault_own' -l backend -x -a 'keychain wincred secret-service pass file helper' -d 'The keyring to use: keychain, wincred, secret-service, pass, file, helper (default: the first usable one of the platform) (AWS_VAULT_BACKEND)'
complete -c aws-vault -n '__aws_vault_own' -l session-backend -x -a 'keychain wincred secret-service pass file helper' -d 'Where sessions and sign-ins are kept, if not with the keys (default: with them) (AWS_VAULT_SESSION_BACKEND)'
complete -c aws-vault -n '__aws_vault_own' -l prompt -x -a 'terminal osascript wincredui zenity kdialog ykman' -d 'How to ask for MFA codes: terminal, osascript, wincredui, zenity, kdialog, ykman (default: terminal, or a window where standard output is not one) (AWS_VAULT_PROMPT)'
complete -c aws-vault -n '__aws_vault_own' -l keychain -x -d 'Name of the macOS keychain (default: aws-vault) (AWS_VAULT_KEYCHAIN_NAME)'
complete -c aws-vault -n '__aws_vault_own' -l secret-service-collection -x -d 'Name of the secret-service collection (default: awsvault) (AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME)'
complete -c aws-vault -n '__aws_vault_own' -l pass-dir -x -a '(__fish_complete_directories)' -d 'Password store of pass (default: ~/.password-store) (AWS_VAULT_PASS_PASSWORD_STORE_DIR)'
complete -c aws-vault -n '__aws_vault_own' -l pass-cmd -x -a '(__fish_complete_command)' -d 'The pass program, or one with the same commands (default: pass) (AWS_VAULT_PASS_CMD)'
complete -c aws-vault -n '__aws_vault_own' -l pass-prefix -x -d 'Folder of the entries in pass (default: none) (AWS_VAULT_PASS_PREFIX)'
complete -c aws-vault -n '__aws_vault_own' -l file-dir -x -a '(__fish_complete_directories)' -d 'Directory of the file backend (default: ~/.awsvault/keys) (AWS_VAULT_FILE_DIR)'
complete -c aws-vault -n '__aws_vault_own' -l helper -x -d 'Docker credential helper of the helper backend: NAME of docker-credential-NAME, or a path (default: the platform\'s own) (AWS_VAULT_HELPER)'
complete -c aws-vault -n '__aws_vault_own' -s h -l help -d 'Show help'
complete -c aws-vault -n '__aws_vault_at \'\'' -a add -d 'Add credentials to the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'\'' -a agent -d 'Hold the keyring\'s passphrase in memory, and answer at once'
complete -c aws-vault -n '__aws_vault_at \'\'' -a change-passphrase -d 'Change the passphrase of the file keyring'
complete -c aws-vault -n '__aws_vault_at \'\'' -a clear -d 'Clear temporary credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'\'' -a completion -d 'Print what makes a shell complete the command line'
complete -c aws-vault -n '__aws_vault_at \'\'' -a configure -d 'Ask what a profile needs, and write it'
complete -c aws-vault -n '__aws_vault_at \'\'' -a doctor -d 'Look for what is wrong with the config file, the keyring and this machine'
complete -c aws-vault -n '__aws_vault_at \'\'' -a exec -d 'Execute a command with AWS credentials'
complete -c aws-vault -n '__aws_vault_at \'\'' -a explain -d 'Explain where a profile\'s credentials come from, and ask nobody for them'
complete -c aws-vault -n '__aws_vault_at \'\'' -a export -d 'Export AWS credentials'
complete -c aws-vault -n '__aws_vault_at \'\'' -a help -d 'Show the help of a command'
complete -c aws-vault -n '__aws_vault_at \'\'' -a import -d 'Store the keys of a credentials file, or of a CSV of the AWS console'
complete -c aws-vault -n '__aws_vault_at \'\'' -a list -d 'List profiles, along with their credentials and sessions'
complete -c aws-vault -n '__aws_vault_at \'\'' -a ls -d 'List profiles, along with their credentials and sessions'
complete -c aws-vault -n '__aws_vault_at \'\'' -a login -d 'Open the AWS console in a browser, signed in'
complete -c aws-vault -n '__aws_vault_at \'\'' -a migrate-backend -d 'Copy credentials from one secret backend to another'
complete -c aws-vault -n '__aws_vault_at \'\'' -a remove -d 'Remove credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'\'' -a rm -d 'Remove credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'\'' -a rotate -d 'Replace the stored credentials of a profile by new ones'
complete -c aws-vault -n '__aws_vault_at \'\'' -a signin -d 'Sign in to the AWS console for a profile\'s credentials'
complete -c aws-vault -n '__aws_vault_at \'\'' -a sso -d 'Sign in to IAM Identity Center and out of it, and see what it gives'
complete -c aws-vault -n '__aws_vault_at \'\'' -a version -d 'Show the version'
complete -c aws-vault -n '__aws_vault_at \'add\'' -l env -d 'Read the keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
complete -c aws-vault -n '__aws_vault_at \'add\'' -l add-config -d 'Add the profile to the config file if it is not there'
complete -c aws-vault -n '__aws_vault_at \'add\'' -l no-add-config -d 'Leave the config file alone'
complete -c aws-vault -n '__aws_vault_operand 0 \'add\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'agent\'' -a start -d 'Start the agent, or unlock it'
complete -c aws-vault -n '__aws_vault_at \'agent\'' -a stop -d 'Stop the agent'
complete -c aws-vault -n '__aws_vault_at \'agent\'' -a lock -d 'Have the agent forget the passphrase'
complete -c aws-vault -n '__aws_vault_at \'agent\'' -a status -d 'Tell whether an agent is running, and what it has done'
complete -c aws-vault -n '__aws_vault_at \'agent start\'' -l idle -x -d 'Lock when nobody has asked for this long'
complete -c aws-vault -n '__aws_vault_at \'agent start\'' -l lifetime -x -d 'End after this long'
complete -c aws-vault -n '__aws_vault_at \'agent start\'' -l foreground -d 'Stay in the foreground, for systemd, launchd and --debug'
complete -c aws-vault -n '__aws_vault_at \'agent start\'' -l confirm -d 'Ask in a window before anything is handed out'
complete -c aws-vault -n '__aws_vault_at \'agent status\'' -l json -d 'Print it as JSON'
complete -c aws-vault -n '__aws_vault_operand 0 \'clear\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_operand 0 \'completion\'' -a 'bash zsh fish powershell'
complete -c aws-vault -n '__aws_vault_operand 0 \'configure\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'doctor\'' -l color -x -a 'auto always never' -d 'Colours: on a terminal without NO_COLOR, or as told'
complete -c aws-vault -n '__aws_vault_at \'doctor\'' -l json -d 'Print as JSON'
complete -c aws-vault -n '__aws_vault_at \'doctor\'' -l online -d 'Compare the clock with AWS\', and look at its certificate'
complete -c aws-vault -n '__aws_vault_at \'doctor\'' -l fix -d 'Mend what can be mended without a risk; what is done is told first'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -s d -l duration -x -d 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -s n -l no-session -d 'Take no session token for the stored keys: they are used as they are'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l region -x -d 'The AWS region (default: the profile\'s)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -s t -l mfa-token -x -d 'The MFA code, of six digits, in place of a question'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -s j -l json -d 'Print the credentials as JSON for credential_process'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l ecs-server -d 'Serve the credentials as an ECS container\'s agent does, on 127.0.0.1, and renew them'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -s s -l server -d 'The same as --ecs-server'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l ec2-server -d 'Serve them as the EC2 metadata service does, on 169.254.169.254; needs root for that'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l imdsv2 -d 'With --ec2-server, refuse requests without a token (IMDSv1)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l lazy -d 'With a server, get no credentials before they are asked for'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l server-host -x -d 'With --ecs-server, a Host header that a proxy before it may send; repeatable'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l profile-env -d 'Set AWS_PROFILE instead of the keys (AWS_VAULT_PROFILE_ENV)'
complete -c aws-vault -n '__aws_vault_at \'exec\'' -l isolated -d 'Show the program empty config and credentials files of AWS'
complete -c aws-vault -n '__aws_vault_operand 0 \'exec\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -s d -l duration -x -d 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -s n -l no-session -d 'Take no session token for the stored keys: they are used as they are'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l region -x -d 'The AWS region (default: the profile\'s)'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -s t -l mfa-token -x -d 'The MFA code, of six digits, in place of a question'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l color -x -a 'auto always never' -d 'Colours: on a terminal without NO_COLOR, or as told'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l json -d 'Print as JSON'
complete -c aws-vault -n '__aws_vault_at \'explain\'' -l renews -d 'Explain it for exec --json and the servers, which use kept role sessions'
complete -c aws-vault -n '__aws_vault_operand 0 \'explain\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'export\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'export\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'export\'' -s d -l duration -x -d 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)'
complete -c aws-vault -n '__aws_vault_at \'export\'' -s n -l no-session -d 'Take no session token for the stored keys: they are used as they are'
complete -c aws-vault -n '__aws_vault_at \'export\'' -l region -x -d 'The AWS region (default: the profile\'s)'
complete -c aws-vault -n '__aws_vault_at \'export\'' -s t -l mfa-token -x -d 'The MFA code, of six digits, in place of a question'
complete -c aws-vault -n '__aws_vault_at \'export\'' -l format -x -a 'env export-env json ini fish powershell dotenv' -d 'How to print them'
complete -c aws-vault -n '__aws_vault_operand 0 \'export\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a add -d 'Add credentials to the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a agent -d 'Hold the keyring\'s passphrase in memory, and answer at once'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a change-passphrase -d 'Change the passphrase of the file keyring'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a clear -d 'Clear temporary credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a completion -d 'Print what makes a shell complete the command line'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a configure -d 'Ask what a profile needs, and write it'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a doctor -d 'Look for what is wrong with the config file, the keyring and this machine'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a exec -d 'Execute a command with AWS credentials'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a explain -d 'Explain where a profile\'s credentials come from, and ask nobody for them'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a export -d 'Export AWS credentials'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a help -d 'Show the help of a command'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a import -d 'Store the keys of a credentials file, or of a CSV of the AWS console'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a list -d 'List profiles, along with their credentials and sessions'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a ls -d 'List profiles, along with their credentials and sessions'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a login -d 'Open the AWS console in a browser, signed in'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a migrate-backend -d 'Copy credentials from one secret backend to another'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a remove -d 'Remove credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a rm -d 'Remove credentials from the secure keystore'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a rotate -d 'Replace the stored credentials of a profile by new ones'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a signin -d 'Sign in to the AWS console for a profile\'s credentials'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a sso -d 'Sign in to IAM Identity Center and out of it, and see what it gives'
complete -c aws-vault -n '__aws_vault_at \'help\'' -a version -d 'Show the version'
complete -c aws-vault -n '__aws_vault_at \'help agent\'' -a start -d 'Start the agent, or unlock it'
complete -c aws-vault -n '__aws_vault_at \'help agent\'' -a stop -d 'Stop the agent'
complete -c aws-vault -n '__aws_vault_at \'help agent\'' -a lock -d 'Have the agent forget the passphrase'
complete -c aws-vault -n '__aws_vault_at \'help agent\'' -a status -d 'Tell whether an agent is running, and what it has done'
complete -c aws-vault -n '__aws_vault_at \'help sso\'' -a login -d 'Sign in to IAM Identity Center'
complete -c aws-vault -n '__aws_vault_at \'help sso\'' -a logout -d 'Sign out of IAM Identity Center'
complete -c aws-vault -n '__aws_vault_at \'help sso\'' -a list -d 'List the accounts and roles that a sign-in gives'
complete -c aws-vault -n '__aws_vault_at \'help sso\'' -a profiles -d 'Make profiles for the roles that a sign-in gives'
complete -c aws-vault -n '__aws_vault_at \'import\'' -l from -r -F -d 'A credentials file, or a CSV of the AWS console (default: AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials)'
complete -c aws-vault -n '__aws_vault_at \'import\'' -l profile -x -a '(__aws_vault_names profiles)' -d 'Take the keys of these profiles alone, or name those of a CSV'
complete -c aws-vault -n '__aws_vault_at \'import\'' -l overwrite -d 'Replace other keys that are stored under the same name'
complete -c aws-vault -n '__aws_vault_at \'import\'' -l scrub -d 'Take out of the file what was stored and read back'
complete -c aws-vault -n '__aws_vault_at \'import\'' -l dry-run -d 'Tell what would be done, and do nothing'
complete -c aws-vault -n '__aws_vault_at \'list\' \'ls\'' -l color -x -a 'auto always never' -d 'Colours: on a terminal without NO_COLOR, or as told'
complete -c aws-vault -n '__aws_vault_at \'list\' \'ls\'' -l profiles -d 'Show only the profile names'
complete -c aws-vault -n '__aws_vault_at \'list\' \'ls\'' -l credentials -d 'Show only the names of stored credentials'
complete -c aws-vault -n '__aws_vault_at \'list\' \'ls\'' -l sessions -d 'Show only the sessions'
complete -c aws-vault -n '__aws_vault_at \'list\' \'ls\'' -l json -d 'Print as JSON'
complete -c aws-vault -n '__aws_vault_at \'login\'' -s s -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'login\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'login\'' -s d -l duration -x -d 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)'
complete -c aws-vault -n '__aws_vault_at \'login\'' -s n -l no-session -d 'Take no session token for the stored keys: they are used as they are'
complete -c aws-vault -n '__aws_vault_at \'login\'' -l region -x -d 'The AWS region (default: the profile\'s)'
complete -c aws-vault -n '__aws_vault_at \'login\'' -s t -l mfa-token -x -d 'The MFA code, of six digits, in place of a question'
complete -c aws-vault -n '__aws_vault_at \'login\'' -l path -x -d 'The console\'s page to open, such as ec2/home'
complete -c aws-vault -n '__aws_vault_at \'login\'' -s a -l auto-logout -d 'Sign out of the console first (AWS_VAULT_AUTO_LOGOUT)'
complete -c aws-vault -n '__aws_vault_operand 0 \'login\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l from -x -a 'keychain wincred secret-service pass file helper' -d 'Backend to copy from'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l to -x -a 'keychain wincred secret-service pass file helper' -d 'Backend to copy to'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l profile -x -a '(__aws_vault_names stored)' -d 'Copy the keys of this profile alone'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l dry-run -d 'Tell what would be copied, and do nothing'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l overwrite -d 'Replace keys that the target has under the same name'
complete -c aws-vault -n '__aws_vault_at \'migrate-backend\'' -l delete-source -d 'Remove keys from the source once the target has been seen to hold them'
complete -c aws-vault -n '__aws_vault_at \'remove\' \'rm\'' -s f -l force -d 'Remove without asking'
complete -c aws-vault -n '__aws_vault_operand 0 \'remove\' \'rm\'' -a '(__aws_vault_names stored)'
complete -c aws-vault -n '__aws_vault_at \'rotate\'' -s n -l no-session -d 'Use the stored keys themselves, no session or role'
complete -c aws-vault -n '__aws_vault_at \'rotate\'' -s t -l mfa-token -x -d 'The MFA code, of six digits, in place of a question'
complete -c aws-vault -n '__aws_vault_operand 0 \'rotate\'' -a '(__aws_vault_names stored)'
complete -c aws-vault -n '__aws_vault_at \'signin\'' -l remote -d 'Sign in with a browser on another machine, and paste the code it shows'
complete -c aws-vault -n '__aws_vault_at \'signin\'' -l region -x -d 'The region to sign in at (default: the profile\'s, or us-east-1)'
complete -c aws-vault -n '__aws_vault_at \'signin\'' -l stdout -d 'Print the sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_operand 0 \'signin\'' -a '(__aws_vault_names profiles)'
complete -c aws-vault -n '__aws_vault_at \'sso\'' -a login -d 'Sign in to IAM Identity Center'
complete -c aws-vault -n '__aws_vault_at \'sso\'' -a logout -d 'Sign out of IAM Identity Center'
complete -c aws-vault -n '__aws_vault_at \'sso\'' -a list -d 'List the accounts and roles that a sign-in gives'
complete -c aws-vault -n '__aws_vault_at \'sso\'' -a profiles -d 'Make profiles for the roles that a sign-in gives'
complete -c aws-vault -n '__aws_vault_at \'sso login\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'sso login\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_operand 0 \'sso login\'' -a '(__aws_vault_names targets)'
complete -c aws-vault -n '__aws_vault_operand 0 \'sso logout\'' -a '(__aws_vault_names targets)'
complete -c aws-vault -n '__aws_vault_at \'sso list\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'sso list\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'sso list\'' -l json -d 'Print as JSON'
complete -c aws-vault -n '__aws_vault_operand 0 \'sso list\'' -a '(__aws_vault_names targets)'
complete -c aws-vault -n '__aws_vault_at \'sso profiles\'' -l stdout -d 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)'
complete -c aws-vault -n '__aws_vault_at \'sso profiles\'' -l use-device-code -d 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)'
complete -c aws-vault -n '__aws_vault_at \'sso profiles\'' -l write -d 'Write the profiles to the config file, not only show them'
complete -c aws-vault -n '__aws_vault_at \'sso profiles\'' -l prune -d 'Remove the profiles of roles that are no longer assigned'
complete -c aws-vault -n '__aws_vault_at \'sso profiles\'' -l template -x -d 'How profiles are named: {account}, {account_id} and {role} are filled in'
complete -c aws-vault -n '__aws_vault_operand 0 \'sso profiles\'' -a '(__aws_vault_names targets)'
