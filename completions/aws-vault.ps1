# Completion of aws-vault for PowerShell, made by `deno task completions`: not to be edited.
# To be loaded in $PROFILE: aws-vault --completion-script-powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'aws-vault' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  # What each command takes: pairs of a word and its description, of an option and its value's kind.
  $table = @{
    '' = @{
      Commands = @(
        , @('add', 'Add credentials to the secure keystore')
        , @('agent', 'Hold the keyring''s passphrase in memory, and answer at once')
        , @('change-passphrase', 'Change the passphrase of the file keyring')
        , @('clear', 'Clear temporary credentials from the secure keystore')
        , @('completion', 'Print what makes a shell complete the command line')
        , @('configure', 'Ask what a profile needs, and write it')
        , @('doctor', 'Look for what is wrong with the config file, the keyring and this machine')
        , @('exec', 'Execute a command with AWS credentials')
        , @('explain', 'Explain where a profile''s credentials come from, and ask nobody for them')
        , @('export', 'Export AWS credentials')
        , @('help', 'Show the help of a command')
        , @('import', 'Store the keys of a credentials file, or of a CSV of the AWS console')
        , @('list', 'List profiles, along with their credentials and sessions')
        , @('ls', 'List profiles, along with their credentials and sessions')
        , @('login', 'Open the AWS console in a browser, signed in')
        , @('migrate-backend', 'Copy credentials from one secret backend to another')
        , @('remove', 'Remove credentials from the secure keystore')
        , @('rm', 'Remove credentials from the secure keystore')
        , @('rotate', 'Replace the stored credentials of a profile by new ones')
        , @('signin', 'Sign in to the AWS console for a profile''s credentials')
        , @('sso', 'Sign in to IAM Identity Center and out of it, and see what it gives')
        , @('version', 'Show the version')
      )
      Options = @(
        , @('-v', 'Show the version')
        , @('--version', 'Show the version')
        , @('--help-long', 'Show the help of every command')
        , @('--debug', 'Tell on standard error what is done and why, never a secret')
        , @('--backend', 'The keyring to use: keychain, wincred, secret-service, pass, file, helper (default: the first usable one of the platform) (AWS_VAULT_BACKEND)')
        , @('--session-backend', 'Where sessions and sign-ins are kept, if not with the keys (default: with them) (AWS_VAULT_SESSION_BACKEND)')
        , @('--prompt', 'How to ask for MFA codes: terminal, osascript, wincredui, zenity, kdialog, ykman (default: terminal, or a window where standard output is not one) (AWS_VAULT_PROMPT)')
        , @('--keychain', 'Name of the macOS keychain (default: aws-vault) (AWS_VAULT_KEYCHAIN_NAME)')
        , @('--secret-service-collection', 'Name of the secret-service collection (default: awsvault) (AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME)')
        , @('--pass-dir', 'Password store of pass (default: ~/.password-store) (AWS_VAULT_PASS_PASSWORD_STORE_DIR)')
        , @('--pass-cmd', 'The pass program, or one with the same commands (default: pass) (AWS_VAULT_PASS_CMD)')
        , @('--pass-prefix', 'Folder of the entries in pass (default: none) (AWS_VAULT_PASS_PREFIX)')
        , @('--file-dir', 'Directory of the file backend (default: ~/.awsvault/keys) (AWS_VAULT_FILE_DIR)')
        , @('--helper', 'Docker credential helper of the helper backend: NAME of docker-credential-NAME, or a path (default: the platform''s own) (AWS_VAULT_HELPER)')
        , @('-h', 'Show help')
        , @('--help', 'Show help')
      )
      Values = @(
        , @('--backend', '=keychain,wincred,secret-service,pass,file,helper')
        , @('--session-backend', '=keychain,wincred,secret-service,pass,file,helper')
        , @('--prompt', '=terminal,osascript,wincredui,zenity,kdialog,ykman')
        , @('--keychain', 'none')
        , @('--secret-service-collection', 'none')
        , @('--pass-dir', 'directory')
        , @('--pass-cmd', 'program')
        , @('--pass-prefix', 'none')
        , @('--file-dir', 'directory')
        , @('--helper', 'none')
      )
      Operands = @()
    }
    'add' = @{
      Commands = @()
      Options = @(
        , @('--env', 'Read the keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
        , @('--add-config', 'Add the profile to the config file if it is not there')
        , @('--no-add-config', 'Leave the config file alone')
      )
      Values = @()
      Operands = @('profiles')
    }
    'agent' = @{
      Commands = @(
        , @('start', 'Start the agent, or unlock it')
        , @('stop', 'Stop the agent')
        , @('lock', 'Have the agent forget the passphrase')
        , @('status', 'Tell whether an agent is running, and what it has done')
      )
      Options = @()
      Values = @()
      Operands = @()
    }
    'agent start' = @{
      Commands = @()
      Options = @(
        , @('--idle', 'Lock when nobody has asked for this long')
        , @('--lifetime', 'End after this long')
        , @('--foreground', 'Stay in the foreground, for systemd, launchd and --debug')
        , @('--confirm', 'Ask in a window before anything is handed out')
      )
      Values = @(
        , @('--idle', 'none')
        , @('--lifetime', 'none')
      )
      Operands = @()
    }
    'agent stop' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'agent lock' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'agent status' = @{
      Commands = @()
      Options = @(
        , @('--json', 'Print it as JSON')
      )
      Values = @()
      Operands = @()
    }
    'change-passphrase' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'clear' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @('profiles')
    }
    'completion' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @('=bash,zsh,fish,powershell')
    }
    'configure' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @('profiles')
    }
    'doctor' = @{
      Commands = @()
      Options = @(
        , @('--color', 'Colours: on a terminal without NO_COLOR, or as told')
        , @('--json', 'Print as JSON')
        , @('--online', 'Compare the clock with AWS'', and look at its certificate')
        , @('--fix', 'Mend what can be mended without a risk; what is done is told first')
      )
      Values = @(
        , @('--color', '=auto,always,never')
      )
      Operands = @()
    }
    'exec' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('-d', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('--duration', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('-n', 'Take no session token for the stored keys: they are used as they are')
        , @('--no-session', 'Take no session token for the stored keys: they are used as they are')
        , @('--region', 'The AWS region (default: the profile''s)')
        , @('-t', 'The MFA code, of six digits, in place of a question')
        , @('--mfa-token', 'The MFA code, of six digits, in place of a question')
        , @('-j', 'Print the credentials as JSON for credential_process')
        , @('--json', 'Print the credentials as JSON for credential_process')
        , @('--ecs-server', 'Serve the credentials as an ECS container''s agent does, on 127.0.0.1, and renew them')
        , @('-s', 'The same as --ecs-server')
        , @('--server', 'The same as --ecs-server')
        , @('--ec2-server', 'Serve them as the EC2 metadata service does, on 169.254.169.254; needs root for that')
        , @('--imdsv2', 'With --ec2-server, refuse requests without a token (IMDSv1)')
        , @('--lazy', 'With a server, get no credentials before they are asked for')
        , @('--server-host', 'With --ecs-server, a Host header that a proxy before it may send; repeatable')
        , @('--profile-env', 'Set AWS_PROFILE instead of the keys (AWS_VAULT_PROFILE_ENV)')
        , @('--isolated', 'Show the program empty config and credentials files of AWS')
      )
      Values = @(
        , @('-d', 'none')
        , @('--duration', 'none')
        , @('--region', 'none')
        , @('-t', 'none')
        , @('--mfa-token', 'none')
        , @('--server-host', 'none')
        , @('--session-ttl', 'none')
        , @('--assume-role-ttl', 'none')
        , @('--federation-token-ttl', 'none')
      )
      Operands = @('profiles')
    }
    'explain' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('-d', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('--duration', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('-n', 'Take no session token for the stored keys: they are used as they are')
        , @('--no-session', 'Take no session token for the stored keys: they are used as they are')
        , @('--region', 'The AWS region (default: the profile''s)')
        , @('-t', 'The MFA code, of six digits, in place of a question')
        , @('--mfa-token', 'The MFA code, of six digits, in place of a question')
        , @('--color', 'Colours: on a terminal without NO_COLOR, or as told')
        , @('--json', 'Print as JSON')
        , @('--renews', 'Explain it for exec --json and the servers, which use kept role sessions')
      )
      Values = @(
        , @('-d', 'none')
        , @('--duration', 'none')
        , @('--region', 'none')
        , @('-t', 'none')
        , @('--mfa-token', 'none')
        , @('--color', '=auto,always,never')
        , @('--session-ttl', 'none')
        , @('--assume-role-ttl', 'none')
        , @('--federation-token-ttl', 'none')
      )
      Operands = @('profiles')
    }
    'export' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('-d', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('--duration', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('-n', 'Take no session token for the stored keys: they are used as they are')
        , @('--no-session', 'Take no session token for the stored keys: they are used as they are')
        , @('--region', 'The AWS region (default: the profile''s)')
        , @('-t', 'The MFA code, of six digits, in place of a question')
        , @('--mfa-token', 'The MFA code, of six digits, in place of a question')
        , @('--format', 'How to print them')
      )
      Values = @(
        , @('-d', 'none')
        , @('--duration', 'none')
        , @('--region', 'none')
        , @('-t', 'none')
        , @('--mfa-token', 'none')
        , @('--format', '=env,export-env,json,ini,fish,powershell,dotenv')
        , @('--session-ttl', 'none')
        , @('--assume-role-ttl', 'none')
        , @('--federation-token-ttl', 'none')
      )
      Operands = @('profiles')
    }
    'help' = @{
      Commands = @(
        , @('add', 'Add credentials to the secure keystore')
        , @('agent', 'Hold the keyring''s passphrase in memory, and answer at once')
        , @('change-passphrase', 'Change the passphrase of the file keyring')
        , @('clear', 'Clear temporary credentials from the secure keystore')
        , @('completion', 'Print what makes a shell complete the command line')
        , @('configure', 'Ask what a profile needs, and write it')
        , @('doctor', 'Look for what is wrong with the config file, the keyring and this machine')
        , @('exec', 'Execute a command with AWS credentials')
        , @('explain', 'Explain where a profile''s credentials come from, and ask nobody for them')
        , @('export', 'Export AWS credentials')
        , @('help', 'Show the help of a command')
        , @('import', 'Store the keys of a credentials file, or of a CSV of the AWS console')
        , @('list', 'List profiles, along with their credentials and sessions')
        , @('ls', 'List profiles, along with their credentials and sessions')
        , @('login', 'Open the AWS console in a browser, signed in')
        , @('migrate-backend', 'Copy credentials from one secret backend to another')
        , @('remove', 'Remove credentials from the secure keystore')
        , @('rm', 'Remove credentials from the secure keystore')
        , @('rotate', 'Replace the stored credentials of a profile by new ones')
        , @('signin', 'Sign in to the AWS console for a profile''s credentials')
        , @('sso', 'Sign in to IAM Identity Center and out of it, and see what it gives')
        , @('version', 'Show the version')
      )
      Options = @()
      Values = @()
      Operands = @()
    }
    'help add' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help agent' = @{
      Commands = @(
        , @('start', 'Start the agent, or unlock it')
        , @('stop', 'Stop the agent')
        , @('lock', 'Have the agent forget the passphrase')
        , @('status', 'Tell whether an agent is running, and what it has done')
      )
      Options = @()
      Values = @()
      Operands = @()
    }
    'help agent start' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help agent stop' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help agent lock' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help agent status' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help change-passphrase' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help clear' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help completion' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help configure' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help doctor' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help exec' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help explain' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help export' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help help' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help import' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help list' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help ls' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help login' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help migrate-backend' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help remove' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help rm' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help rotate' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help signin' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help sso' = @{
      Commands = @(
        , @('login', 'Sign in to IAM Identity Center')
        , @('logout', 'Sign out of IAM Identity Center')
        , @('list', 'List the accounts and roles that a sign-in gives')
        , @('profiles', 'Make profiles for the roles that a sign-in gives')
      )
      Options = @()
      Values = @()
      Operands = @()
    }
    'help sso login' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help sso logout' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help sso list' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help sso profiles' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'help version' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
    'import' = @{
      Commands = @()
      Options = @(
        , @('--from', 'A credentials file, or a CSV of the AWS console (default: AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials)')
        , @('--profile', 'Take the keys of these profiles alone, or name those of a CSV')
        , @('--overwrite', 'Replace other keys that are stored under the same name')
        , @('--scrub', 'Take out of the file what was stored and read back')
        , @('--dry-run', 'Tell what would be done, and do nothing')
      )
      Values = @(
        , @('--from', 'file')
        , @('--profile', 'profiles')
      )
      Operands = @()
    }
    'list' = @{
      Commands = @()
      Options = @(
        , @('--color', 'Colours: on a terminal without NO_COLOR, or as told')
        , @('--profiles', 'Show only the profile names')
        , @('--credentials', 'Show only the names of stored credentials')
        , @('--sessions', 'Show only the sessions')
        , @('--json', 'Print as JSON')
      )
      Values = @(
        , @('--color', '=auto,always,never')
      )
      Operands = @()
    }
    'ls' = @{
      Commands = @()
      Options = @(
        , @('--color', 'Colours: on a terminal without NO_COLOR, or as told')
        , @('--profiles', 'Show only the profile names')
        , @('--credentials', 'Show only the names of stored credentials')
        , @('--sessions', 'Show only the sessions')
        , @('--json', 'Print as JSON')
      )
      Values = @(
        , @('--color', '=auto,always,never')
      )
      Operands = @()
    }
    'login' = @{
      Commands = @()
      Options = @(
        , @('-s', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('-d', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('--duration', 'Length of the session or role, such as 45m or 1h30m (default: 1h) (AWS_VAULT_DURATION)')
        , @('-n', 'Take no session token for the stored keys: they are used as they are')
        , @('--no-session', 'Take no session token for the stored keys: they are used as they are')
        , @('--region', 'The AWS region (default: the profile''s)')
        , @('-t', 'The MFA code, of six digits, in place of a question')
        , @('--mfa-token', 'The MFA code, of six digits, in place of a question')
        , @('--path', 'The console''s page to open, such as ec2/home')
        , @('-a', 'Sign out of the console first (AWS_VAULT_AUTO_LOGOUT)')
        , @('--auto-logout', 'Sign out of the console first (AWS_VAULT_AUTO_LOGOUT)')
      )
      Values = @(
        , @('-d', 'none')
        , @('--duration', 'none')
        , @('--region', 'none')
        , @('-t', 'none')
        , @('--mfa-token', 'none')
        , @('--path', 'none')
        , @('--session-ttl', 'none')
        , @('--assume-role-ttl', 'none')
        , @('--federation-token-ttl', 'none')
      )
      Operands = @('profiles')
    }
    'migrate-backend' = @{
      Commands = @()
      Options = @(
        , @('--from', 'Backend to copy from')
        , @('--to', 'Backend to copy to')
        , @('--profile', 'Copy the keys of this profile alone')
        , @('--dry-run', 'Tell what would be copied, and do nothing')
        , @('--overwrite', 'Replace keys that the target has under the same name')
        , @('--delete-source', 'Remove keys from the source once the target has been seen to hold them')
      )
      Values = @(
        , @('--from', '=keychain,wincred,secret-service,pass,file,helper')
        , @('--to', '=keychain,wincred,secret-service,pass,file,helper')
        , @('--profile', 'stored')
      )
      Operands = @()
    }
    'remove' = @{
      Commands = @()
      Options = @(
        , @('-f', 'Remove without asking')
        , @('--force', 'Remove without asking')
      )
      Values = @()
      Operands = @('stored')
    }
    'rm' = @{
      Commands = @()
      Options = @(
        , @('-f', 'Remove without asking')
        , @('--force', 'Remove without asking')
      )
      Values = @()
      Operands = @('stored')
    }
    'rotate' = @{
      Commands = @()
      Options = @(
        , @('-n', 'Use the stored keys themselves, no session or role')
        , @('--no-session', 'Use the stored keys themselves, no session or role')
        , @('-t', 'The MFA code, of six digits, in place of a question')
        , @('--mfa-token', 'The MFA code, of six digits, in place of a question')
      )
      Values = @(
        , @('-t', 'none')
        , @('--mfa-token', 'none')
      )
      Operands = @('stored')
    }
    'signin' = @{
      Commands = @()
      Options = @(
        , @('--remote', 'Sign in with a browser on another machine, and paste the code it shows')
        , @('--region', 'The region to sign in at (default: the profile''s, or us-east-1)')
        , @('--stdout', 'Print the sign-in link and open no browser (AWS_VAULT_STDOUT)')
      )
      Values = @(
        , @('--region', 'none')
      )
      Operands = @('profiles')
    }
    'sso' = @{
      Commands = @(
        , @('login', 'Sign in to IAM Identity Center')
        , @('logout', 'Sign out of IAM Identity Center')
        , @('list', 'List the accounts and roles that a sign-in gives')
        , @('profiles', 'Make profiles for the roles that a sign-in gives')
      )
      Options = @()
      Values = @()
      Operands = @()
    }
    'sso login' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
      )
      Values = @()
      Operands = @('targets')
    }
    'sso logout' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @('targets')
    }
    'sso list' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('--json', 'Print as JSON')
      )
      Values = @()
      Operands = @('targets')
    }
    'sso profiles' = @{
      Commands = @()
      Options = @(
        , @('--stdout', 'Print a sign-in link and open no browser (AWS_VAULT_STDOUT)')
        , @('--use-device-code', 'Sign in to IAM Identity Center by a device code (AWS_VAULT_SSO_DEVICE_CODE)')
        , @('--write', 'Write the profiles to the config file, not only show them')
        , @('--prune', 'Remove the profiles of roles that are no longer assigned')
        , @('--template', 'How profiles are named: {account}, {account_id} and {role} are filled in')
      )
      Values = @(
        , @('--template', 'none')
      )
      Operands = @('targets')
    }
    'version' = @{
      Commands = @()
      Options = @()
      Values = @()
      Operands = @()
    }
  }

  function Find-Value($pairs, $word) {
    foreach ($pair in $pairs) { if ($pair[0] -ceq $word) { return $pair[1] } }
  }

  # The program that exec starts, completed as it would be by itself.
  function Complete-Child($index) {
    if ($index -ge $elements.Count) { return [System.Management.Automation.CompletionCompleters]::CompleteCommand('') }
    $start = $elements[$index].Extent.StartOffset
    $line = $commandAst.Extent.Text.Substring($start - $commandAst.Extent.StartOffset)
    $line = $line.PadRight($cursorPosition - $start)
    [System.Management.Automation.CommandCompletion]::CompleteInput($line, $cursorPosition - $start, $null).CompletionMatches
  }

  $elements = @($commandAst.CommandElements)
  $words = @($elements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object {
    if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
  })
  $path = ''
  $count = 0
  $value = $null
  for ($i = 1; $i -lt $words.Count; $i++) {
    $word = $words[$i]
    if ($null -ne $value) { $value = $null; continue }
    $values = @($table['']['Values']) + @($table[$path]['Values'])
    if ($word -ceq '--') {
      # Where AWS_PROFILE names none, the profile may stand behind the --
      if ($path -eq 'exec' -and ($count -gt 0 -or $env:AWS_PROFILE)) { return Complete-Child ($i + 1) }
    } elseif ($word.StartsWith('--')) {
      $value = Find-Value $values $word
    } elseif ($word.StartsWith('-') -and $word.Length -gt 1) {
      $value = Find-Value $values ('-' + $word[-1])
    } elseif ($table[$path]['Commands'].Count -gt 0) {
      $path = ($path + ' ' + $word).Trim()
      if (-not $table.ContainsKey($path)) { return }
    } else {
      if ($path -eq 'exec' -and $count -eq 1) { return Complete-Child $i }
      $count++
    }
  }

  if ($path -eq 'exec' -and $count -eq 1 -and $null -eq $value -and -not $wordToComplete.StartsWith('-')) {
    return Complete-Child $words.Count
  }

  $prefix = ''
  $typed = $wordToComplete
  $offers = @()
  if ($null -eq $value -and $typed -match '^(--[^=]+)=(.*)$') {
    $prefix = $Matches[1] + '='
    $typed = $Matches[2]
    $value = Find-Value (@($table['']['Values']) + @($table[$path]['Values'])) $Matches[1]
    if ($null -eq $value) { return }
  }
  if ($null -eq $value -and $typed.StartsWith('-')) {
    $offers = @($table[$path]['Options'])
    if ($path -ne '') { $offers += @($table['']['Options']) }
  } elseif ($null -eq $value -and $table[$path]['Commands'].Count -gt 0) {
    $offers = @($table[$path]['Commands'])
  } else {
    if ($null -eq $value) {
      if ($count -ge $table[$path]['Operands'].Count) { return }
      $value = $table[$path]['Operands'][$count]
    }
    if ($value.StartsWith('=')) {
      $offers = @($value.Substring(1).Split(',') | ForEach-Object { , @($_, $_) })
    } elseif (@('profiles', 'stored', 'sessions', 'targets') -contains $value) {
      $before = @($words | Select-Object -Skip 1)
      $offers = @(& $words[0] --completion-names $value @before 2>$null | ForEach-Object { , @($_, $_) })
    } else {
      return
    }
  }

  foreach ($offer in $offers) {
    if (-not $offer[0].StartsWith($typed, [StringComparison]::Ordinal)) { continue }
    $text = $offer[0]
    if ($text -notmatch '^[\w@%+=:./-]+$') { $text = "'" + ($text -replace "['\u2018-\u201b]", '$0$0') + "'" }
    [System.Management.Automation.CompletionResult]::new(
      $prefix + $text, $offer[0], 'ParameterValue', $(if ($offer[1]) { $offer[1] } else { $offer[0] }))
  }
}
