# Completion of aws-vault for PowerShell, made by `deno task completions`: not to be edited.
# To be loaded in $PROFILE: aws-vault --completion-script-powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'aws-vault' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  # What each command takes: pairs of a word and its description, of an option and its value's kind.
  $table = @{
@TABLE@  }

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
