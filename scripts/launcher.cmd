@echo off
rem aws-vault: starts the bundle under Deno with the permissions it needs and no others.
rem Made by `deno task build`; its counterpart for sh is beside it. No parentheses around paths: they may hold some.
setlocal EnableExtensions DisableDelayedExpansion

rem Variables that Deno obeys, whatever its flags, stay here: AWS_VAULT_KEPT names them, and the tool
rem gives them to the programs it starts.
set "AWS_VAULT_KEPT= "
for /f "delims==" %%a in ('set') do call :keep "%%a"
set "AWS_VAULT_KEPT_="
if defined USERPROFILE set "AWS_VAULT_KEPT=%AWS_VAULT_KEPT% USERPROFILE"
set "AWS_VAULT_KEPT_USERPROFILE=%USERPROFILE%"
set "DENO_NO_UPDATE_CHECK=1"
set "DENO_DISABLE_NODE_SHIM=1"
set "DENO_TLS_CA_STORE=%AWS_VAULT_KEPT_DENO_TLS_CA_STORE%"
if not defined DENO_TLS_CA_STORE set "DENO_TLS_CA_STORE=mozilla,system"
rem Quotes around a value (`set NAME="C:\my files"`) are a part of it; no path and no host has any.
set "DENO_CERT="
if defined AWS_CA_BUNDLE set "DENO_CERT=%AWS_CA_BUNDLE:"=%"
if defined AWS_VAULT_KEPT_DENO_CERT set "DENO_CERT=%AWS_VAULT_KEPT_DENO_CERT:"=%"
if defined LOCALAPPDATA set "DENO_DIR=%LOCALAPPDATA%\aws-vault\cache"

rem Variables set from here on are gone when Deno is started: a program has its own of such names.
setlocal
call :find_here
if exist "%here%lib\main.js" goto bundled
echo aws-vault: error: the bundle is not beside %0 1>&2
echo   build it anew, or install the package anew 1>&2
exit /b 1
:bundled

rem Which Deno: DENO, the package's own, the one that built this, PATH's.
rem Deno reads the .npmrc of its home, and does not start where it is none; beside the bundle lies none.
rem One that is not ours may be a version manager's, which finds the real one by the user's home.
set "home_=%USERPROFILE%"
set "deno_="
if defined DENO set "deno_=%DENO:"=%"
if defined deno_ goto named
@PACKAGED@
if defined deno_ set "home_=%here%lib"
if defined deno_ goto trusted
if not defined PATH goto nowhere
set "paths=%PATH:"=%"
:look
set "place="
set "rest="
for /f "eol=| tokens=1 delims=;" %%d in ("%paths%") do set "place=%%d"
for /f "eol=| tokens=1* delims=;" %%d in ("%paths%") do set "rest=%%e"
set "paths=%rest%"
rem In directories that are named in full: others are whatever lies where one stands.
set "full="
if defined place set "place=%place:/=\%"
if "%place:~1,2%"==":\" set "full=yes"
if "%place:~0,2%"=="\\" set "full=yes"
if "%place:~-1%"=="\" set "place=%place:~0,-1%"
if defined full if exist "%place%\deno.exe" set "deno_=%place%\deno.exe"
if defined deno_ goto named
rem npm's deno.cmd starts Node, and that this.
if defined full if exist "%place%\node_modules\deno\deno.exe" set "deno_=%place%\node_modules\deno\deno.exe"
if defined deno_ goto named
if defined paths goto look
:nowhere
echo aws-vault: error: there is no Deno in PATH 1>&2
echo   install it (npm install -g deno), or name deno.exe in DENO 1>&2
exit /b 1
:named
if exist "%deno_%" goto there
for /f "delims=" %%p in ("%deno_%") do echo aws-vault: error: there is no Deno at %%p, where DENO says it is 1>&2
echo   install it (npm install -g deno), or name deno.exe in DENO 1>&2
exit /b 1
:there
set "version="
for /f "tokens=1,2" %%u in ('""%%deno_%%" --version"') do if "%%u"=="deno" set "version=%%v"
set "fits="
for /f "tokens=1,2 delims=." %%a in ("%version%") do if "%%a"=="@MAJOR@" if %%b geq @MINOR@ set "fits=yes"
if defined fits goto trusted
for /f "delims=" %%p in ("%deno_%") do echo aws-vault: error: the Deno at %%p is version %version%; this aws-vault was built with @VERSION@ 1>&2
echo   it takes that or a later version @MAJOR@: install one (npm install -g deno), or name deno.exe in DENO 1>&2
exit /b 1
:trusted

rem Hosts beside AWS's own: those of the endpoint variables, and AWS_VAULT_ALLOW_NET.
set "net=@NET@"
@HOSTS@
set "hosts="
if defined AWS_VAULT_ALLOW_NET set "hosts=%AWS_VAULT_ALLOW_NET:"=%"
:more_hosts
set "address="
set "rest="
for /f "tokens=1 delims=," %%a in ("%hosts%") do set "address=%%a"
for /f "tokens=1* delims=," %%a in ("%hosts%") do set "rest=%%b"
call :add_host
set "hosts=%rest%"
if defined hosts goto more_hosts

rem Where it may write: the config file's directory, the keyring's, that of `aws login`, the audit trail, and the directory of what `import` takes keys out of.
rem Paths are handed over in `place`: `call` would take a ^ or % of its words for its own.
set "write="
set "profile=%USERPROFILE%"
if not defined profile set "profile=%HOME%"
set "place=%profile%\.aws"
call :add_path
set "place=%profile%\.awsvault"
call :add_path
if defined AWS_VAULT_FILE_DIR set "place=%AWS_VAULT_FILE_DIR:"=%"
if defined AWS_VAULT_FILE_DIR call :add_path
if defined AWS_LOGIN_CACHE_DIRECTORY set "place=%AWS_LOGIN_CACHE_DIRECTORY:"=%"
if defined AWS_LOGIN_CACHE_DIRECTORY call :add_path
if defined AWS_VAULT_AUDIT_LOG set "place=%AWS_VAULT_AUDIT_LOG:"=%"
if defined AWS_VAULT_AUDIT_LOG call :add_path
if defined AWS_CONFIG_FILE set "place=%AWS_CONFIG_FILE:"=%"
if defined AWS_CONFIG_FILE call :add_parent
set "shared="
if defined AWS_SHARED_CREDENTIALS_FILE set "shared=%AWS_SHARED_CREDENTIALS_FILE:"=%"
set "import="
set "main=main.js"
set word=-%1-
set "word=%word:"=%"
if "%word%"=="---version-" set "main=quick.js"
:scan
rem A word as it stands, then without quotes, wherever it has some. `set` would take a /? or a ^ at the end for its own.
set word=-%1-
set next=-%2-
set "word=%word:"=%"
set "next=%next:"=%"
set "word=%word:~1,-1%"
set "next=%next:~1,-1%"
if not defined word goto scanned
if "%word%"=="--" goto scanned
set "place="
if "%word%"=="--file-dir" set "place=%next%"
if "%word:~0,11%"=="--file-dir=" set "place=%word:~11%"
call :add_path
set "place="
if "%word%"=="exec" set "import=no"
if "%word%"=="import" set "place=%shared%"
if "%word%"=="doctor" set "place=%shared%"
if "%word%"=="import" if not defined import set "import=yes"
if "%word%"=="doctor" if not defined import set "import=yes"
if "%word%"=="--from" set "place=%next%"
if "%word:~0,7%"=="--from=" set "place=%word:~7%"
if "%import%"=="yes" call :add_parent
shift /1
goto scan
:scanned
if not defined write set "write=NUL"

rem An empty file, as a full disk or a lost power leaves it, would do nothing, and call that success.
set "size="
for %%p in ("%here%lib\%main%") do set "size=%%~zp"
if not "%size%"=="0" goto whole
for /f "delims=" %%p in ("%here%lib\%main%") do echo aws-vault: error: %%p is empty 1>&2
echo   install aws-vault anew 1>&2
exit /b 1
:whole

rem The line's variables are read before any of it is done. It ends with a blank: a ^ there would take the next line for its own.
endlocal & set "USERPROFILE=%home_%" & "%deno_%" run @FLAGS@ "--allow-ffi=@FFI@" "--allow-net=%net%" "--allow-write=%write%" "%here%lib\%main%" %* 
exit /b %errorlevel%

rem With what is no host Deno would not start; the tool tells of that by the variable's name.
:add_host
if not defined address exit /b 0
set "host=%address:*://=%"
for /f "tokens=1 delims=/?#" %%h in ("%host%") do set "host=%%h"
set "behind="
for /f "tokens=1* delims=@" %%a in ("%host%") do set "behind=%%b"
if defined behind set "host=%behind%"
set "odd="
for /f "delims=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-*:[]" %%x in ("-%host%") do set "odd=%%x"
if defined odd exit /b 0
set "name=%host%"
set "port=:1"
if "%host:~0,1%"=="[" goto bracketed
for /f "tokens=1 delims=:" %%n in ("%host%") do set "name=%%n"
if not "%name%"=="%host%" set "port=%host:*:=:%"
set "bare=%name%"
if "%name:~0,2%"=="*." set "bare=%name:~2%"
if not defined bare exit /b 0
if "%bare:~0,1%"=="." exit /b 0
if not "%bare:..=%"=="%bare%" exit /b 0
for /f "tokens=1* delims=*" %%a in ("-%bare%-") do if not "%%b"=="" exit /b 0
for /f "tokens=1* delims=[]" %%a in ("-%bare%-") do if not "%%b"=="" exit /b 0
goto host_named
:bracketed
for /f "tokens=1 delims=]" %%n in ("%host%") do set "name=%%n]"
if not "%name%"=="%host%" set "port=%host:*]=%"
set "odd="
for /f "delims=[]ABCDEFabcdef0123456789.:" %%x in ("[%name%") do set "odd=%%x"
if defined odd exit /b 0
if "%name%"=="[]" exit /b 0
:host_named
if not "%port:~0,1%"==":" exit /b 0
set "port=%port:~1%"
if not defined port exit /b 0
if not "%port:~5%"=="" exit /b 0
set "odd="
for /f "delims=0123456789" %%x in ("%port%") do set "odd=%%x"
if defined odd exit /b 0
if %port% gtr 65535 exit /b 0
set "net=%net%,%host%"
exit /b 0

rem One statement a line, and no `for` behind an `if`: not each cmd.exe takes more.
:add_parent
if not defined place exit /b 0
call :find_home
for %%p in ("%place%") do set "place=%%~dpp."
goto add

:add_path
if not defined place exit /b 0
call :find_home
set "place=%place%\."
:add
for %%p in ("%place%") do set "place=%%~fp"
rem A backslash at the end would take the quote behind it for a letter.
if "%place:~-1%"=="\" set "place=%place%."
rem Deno can be given none that holds a comma.
if not "%place:,=%"=="%place%" exit /b 0
if defined write set "write=%write%,%place%"
if not defined write set "write=%place%"
exit /b 0

:find_here
rem Where this was called by its name in quotes, it is the current directory but in a subroutine.
set "here=%~dp0"
exit /b 0

:find_home
set "place=%place:/=\%"
if "%place:~0,2%"=="~\" set "place=%profile%\%place:~2%"
rem Without \\?\ before a drive, which `for` would take for a pattern; src/paths.ts leaves it out too.
set "device=%place:~0,4%"
if not "%place:~5,2%"==":\" exit /b 0
if "%device%"=="\\?\" set "place=%place:~4%"
if "%device%"=="\\.\" set "place=%place:~4%"
exit /b 0

:keep
set "AWS_VAULT_KEPT_=%~1"
if /i "%AWS_VAULT_KEPT_:~0,5%"=="DENO_" goto kept
if /i "%AWS_VAULT_KEPT_:~0,5%"=="NODE_" goto kept
if /i "%AWS_VAULT_KEPT_:~0,5%"=="OTEL_" goto kept
if /i "%AWS_VAULT_KEPT_:~0,3%"=="V8_" goto kept
exit /b 0
:kept
for /f "tokens=1* delims==" %%a in ('set %AWS_VAULT_KEPT_%') do if "%%a"=="%AWS_VAULT_KEPT_%" set "AWS_VAULT_KEPT_%%a=%%b"
set "%AWS_VAULT_KEPT_%="
set "AWS_VAULT_KEPT=%AWS_VAULT_KEPT% %AWS_VAULT_KEPT_%"
exit /b 0
