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
        set -l values @VALUES@
        switch $path
@TABLE@        end
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
        else if contains -- "$path" '' @GROUPS@
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
@COMPLETIONS@