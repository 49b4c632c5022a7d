#!/usr/bin/env bash
# Makes a world in which Windows programs run here, by Wine, with a Windows Deno in it, for the tests
# of tests/windows: wine.sh [DIR]. Without DIR it is where the tests look: VAULT_TEST_WINE, or
# ~/.cache/aws-vault-wine. What is there already is kept.
#
# Debian's Wine 8 lacks two things that Deno wants: bcryptprimitives.dll (one function, ProcessPrng,
# made here), and VirtualAlloc2 with placeholders (V8 does without where it does not find the
# function: its name is changed in this world's copy).
set -euo pipefail
dir=${1:-${VAULT_TEST_WINE:-$HOME/.cache/aws-vault-wine}}
mkdir -p "$dir"
cd "$dir"
if ! [ -x /usr/lib/wine/wine64 ] || ! command -v x86_64-w64-mingw32-gcc >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends wine wine64 gcc-mingw-w64-x86-64-win32 >/dev/null
fi
if [ ! -f deno.exe ]; then
  for version in 2.9.6 2.9.5; do # not each version has a package for Windows
    npm pack --silent "@deno/win32-x64@$version" >/dev/null 2>&1 && break
  done
  tar xzf deno-win32-x64-*.tgz
  sed 's/VirtualAlloc2/VirtualAllocX/g' package/deno.exe >deno.exe.new
  rm -r deno-win32-x64-*.tgz package
  mv deno.exe.new deno.exe
fi
if [ ! -f prefix/drive_c/windows/system32/bcryptprimitives.dll ]; then
  cat >prng.c <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T size) {
  return SystemFunction036(bytes, (ULONG)size);
}
C
  x86_64-w64-mingw32-gcc -shared -o bcryptprimitives.dll prng.c -ladvapi32
  env -i HOME="$dir" PATH=/usr/bin:/bin WINEPREFIX="$dir/prefix" WINEDEBUG=-all \
    WINEDLLOVERRIDES='mscoree,mshtml=' /usr/lib/wine/wine64 wineboot -i >/dev/null 2>&1 || true
  cp bcryptprimitives.dll prefix/drive_c/windows/system32/
fi
env -i HOME="$dir" PATH=/usr/bin:/bin WINEPREFIX="$dir/prefix" WINEDEBUG=-all \
  /usr/lib/wine/wine64 deno.exe --version
