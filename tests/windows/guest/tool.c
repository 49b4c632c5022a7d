// A program of Windows, as any other:
//   tool args WORDS…         its arguments, a line each
//   tool mint WORDS…         credentials as a credential_process prints them; the id holds the words
//   tool hold FILE MS        holds a file open for so long, so that others may but read it
//   tool wait                says so, waits for Ctrl-C, and tells how often it came
//   tool note LINK [stay]    keeps a link, and what it sees of AWS, in the file `opened` of the user;
//                            stays until there is a file `go`, a minute at most, and makes `closed`
//   tool start LINE          starts a command line and ends as it ends
//   tool cat                 copies its input
//   tool browse LINK         fetches a page and goes where it leads, as a browser does
//   tool --version           a line as Deno's, with the version of SPY_VERSION
//   tool                     its own name
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <winhttp.h>

static volatile LONG breaks;

static BOOL WINAPI count_breaks(DWORD type) {
  if (type == CTRL_C_EVENT) InterlockedIncrement(&breaks);
  return TRUE;
}

static void print(const wchar_t *format, const wchar_t *text) {
  wchar_t line[8192];
  char bytes[16384];
  _snwprintf(line, 8191, format, text);
  line[8191] = 0;
  int size = WideCharToMultiByte(CP_UTF8, 0, line, -1, bytes, sizeof bytes, NULL, NULL);
  fwrite(bytes, 1, size - 1, stdout);
  fflush(stdout);
}

static int start(wchar_t *line) {
  STARTUPINFOW info = {sizeof info};
  PROCESS_INFORMATION process;
  if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &info, &process)) return 125;
  DWORD code = 124;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return (int)code;
}

static int browse(const wchar_t *link) {
  wchar_t host[256], path[4096];
  URL_COMPONENTS parts = {sizeof parts};
  parts.lpszHostName = host;
  parts.dwHostNameLength = 256;
  parts.lpszUrlPath = path;
  parts.dwUrlPathLength = 4096;
  if (!WinHttpCrackUrl(link, 0, 0, &parts)) return 2;
  HINTERNET session = WinHttpOpen(L"browser", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
  HINTERNET server = WinHttpConnect(session, host, parts.nPort, 0);
  HINTERNET page = WinHttpOpenRequest(server, L"GET", path, NULL, NULL, NULL, 0);
  int fetched = WinHttpSendRequest(page, NULL, 0, NULL, 0, 0, 0) && WinHttpReceiveResponse(page, NULL);
  return fetched ? 0 : 1;
}

static void keep(const char *name, const char *text, const wchar_t *more) {
  char path[1024], made[1024], line[8192];
  snprintf(made, sizeof made, "%s\\%s.new", getenv("USERPROFILE"), name);
  snprintf(path, sizeof path, "%s\\%s", getenv("USERPROFILE"), name);
  FILE *file = fopen(made, "w");
  WideCharToMultiByte(CP_UTF8, 0, more, -1, line, sizeof line, NULL, NULL);
  fprintf(file, "%s\n%s\n", line, text);
  fclose(file);
  MoveFileA(made, path);
}

static int note(const wchar_t *link, int stays) {
  const char *key = getenv("AWS_SECRET_ACCESS_KEY");
  char go[1024];
  snprintf(go, sizeof go, "%s\\go", getenv("USERPROFILE"));
  keep("opened", key ? key : "", link);
  for (int look = 0; stays && look < 600 && GetFileAttributesA(go) == INVALID_FILE_ATTRIBUTES; look++) {
    Sleep(100);
  }
  if (!stays || GetFileAttributesA(go) != INVALID_FILE_ATTRIBUTES) keep("closed", "", link);
  return 0;
}

int wmain(int count, wchar_t **words) {
  wchar_t *mode = count > 1 ? words[1] : L"";
  if (!wcscmp(mode, L"mint")) {
    printf("{\"Version\":1,\"AccessKeyId\":\"AKIA");
    for (int at = 2; at < count; at++) print(L"<%ls>", words[at]);
    printf("\",\"SecretAccessKey\":\"s\"}\n");
    return 0;
  }
  if (!wcscmp(mode, L"hold")) {
    HANDLE file = CreateFileW(words[2], GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    print(L"%ls\n", file == INVALID_HANDLE_VALUE ? L"not there" : L"held");
    Sleep(_wtoi(words[3]));
    return 0;
  }
  if (!wcscmp(mode, L"wait")) {
    SetConsoleCtrlHandler(count_breaks, TRUE);
    print(L"%ls\n", L"waiting");
    for (int look = 0; look < 600 && breaks == 0; look++) Sleep(50);
    Sleep(500); // a second one would come at once
    printf("breaks: %ld\n", breaks);
    return 42;
  }
  if (!wcscmp(mode, L"note")) return note(words[2], count > 3);
  if (!wcscmp(mode, L"start")) return start(words[2]);
  if (!wcscmp(mode, L"--version")) return printf("deno %s\n", getenv("SPY_VERSION")) < 0;
  if (!wcscmp(mode, L"browse")) return browse(words[2]);
  if (!wcscmp(mode, L"cat")) {
    for (int byte = getchar(); byte != EOF; byte = getchar()) putchar(byte);
    return 0;
  }
  if (count == 1) print(L"I am %ls\n", words[0]);
  for (int at = 2; at < count; at++) print(L"[%ls]\n", words[at]);
  return 0;
}
