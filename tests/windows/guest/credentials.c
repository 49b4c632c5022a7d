// The Credential Manager as any program of Windows uses it:
//   credentials write TARGET HEX | read TARGET | list | clear | interrupt LINE
// `interrupt` starts a command line, and ends it when it has written a part of a long item. `list`
// and `clear` are about targets that begin with aws-vault: alone; texts are UTF-8.
#include <stdio.h>
#include <windows.h>
#include <wincred.h>

static int fail(const char *what) {
  fprintf(stderr, "%s: error %lu\n", what, GetLastError());
  return 1;
}

static int write_credential(wchar_t *target, const wchar_t *hex) {
  BYTE blob[8192];
  DWORD size = 0;
  for (; hex[2 * size] && hex[2 * size + 1]; size++) {
    wchar_t two[3] = {hex[2 * size], hex[2 * size + 1], 0};
    blob[size] = (BYTE)wcstoul(two, NULL, 16);
  }
  CREDENTIALW credential = {0};
  credential.Type = CRED_TYPE_GENERIC;
  credential.TargetName = target;
  credential.CredentialBlob = blob;
  credential.CredentialBlobSize = size;
  credential.Persist = CRED_PERSIST_LOCAL_MACHINE;
  return CredWriteW(&credential, 0) ? 0 : fail("CredWriteW");
}

static int read_credential(const wchar_t *target) {
  CREDENTIALW *found;
  if (!CredReadW(target, CRED_TYPE_GENERIC, 0, &found)) return fail("CredReadW");
  for (DWORD at = 0; at < found->CredentialBlobSize; at++) printf("%02x", found->CredentialBlob[at]);
  printf("\n");
  CredFree(found);
  return 0;
}

static int walk(int removes) {
  CREDENTIALW **found;
  DWORD count;
  if (!CredEnumerateW(L"aws-vault:*", 0, &count, &found)) {
    return GetLastError() == ERROR_NOT_FOUND ? 0 : fail("CredEnumerateW");
  }
  for (DWORD at = 0; at < count; at++) {
    char name[4096];
    WideCharToMultiByte(CP_UTF8, 0, found[at]->TargetName, -1, name, sizeof name, NULL, NULL);
    if (removes) CredDeleteW(found[at]->TargetName, CRED_TYPE_GENERIC, 0);
    else printf("%s\t%lu\n", name, found[at]->CredentialBlobSize);
  }
  CredFree(found);
  return 0;
}

// How many there are, by the key of the registry that Wine keeps them in: to ask takes too long.
static DWORD count_credentials(void) {
  HKEY key;
  DWORD count = 0;
  if (RegOpenKeyW(HKEY_CURRENT_USER, L"Software\\Wine\\Credential Manager", &key)) return 0;
  RegQueryInfoKeyW(key, NULL, NULL, NULL, &count, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  RegCloseKey(key);
  return count;
}

static int interrupt(wchar_t *line) {
  STARTUPINFOW info = {sizeof info};
  PROCESS_INFORMATION process;
  CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
  CREDENTIALW **found;
  DWORD count;
  DWORD before = count_credentials();
  if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &info, &process)) {
    return fail("CreateProcessW");
  }
  while (WaitForSingleObject(process.hProcess, 0) == WAIT_TIMEOUT) {
    if (count_credentials() <= before) continue;
    SuspendThread(process.hThread);
    GetThreadContext(process.hThread, &context); // which waits until it stands
    if (CredEnumerateW(L"aws-vault:*", 0, &count, &found)) { // not in the middle of Wine's CredWriteW
      CredFree(found);
      TerminateProcess(process.hProcess, 9);
      return WaitForSingleObject(process.hProcess, INFINITE);
    }
    ResumeThread(process.hThread);
  }
  return 0;
}

int wmain(int count, wchar_t **words) {
  if (count == 4 && !wcscmp(words[1], L"write")) return write_credential(words[2], words[3]);
  if (count == 3 && !wcscmp(words[1], L"read")) return read_credential(words[2]);
  if (count == 2 && !wcscmp(words[1], L"list")) return walk(0);
  if (count == 2 && !wcscmp(words[1], L"clear")) return walk(1);
  if (count == 3 && !wcscmp(words[1], L"interrupt")) return interrupt(words[2]);
  fprintf(stderr, "credentials write TARGET HEX | read TARGET | list | clear | interrupt LINE\n");
  return 2;
}
