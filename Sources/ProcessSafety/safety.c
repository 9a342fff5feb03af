// What Swift cannot call: prctl is variadic, and a signal handler may do almost nothing.

#include "ProcessSafety.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#else
#include <libproc.h>
#endif

void process_refuse_inspection(void) {
#ifdef __linux__
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
  struct rlimit limit;
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
  }
#endif
}

long process_open_files(long wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < (rlim_t)wanted) {
    limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  }
  return limit.rlim_cur > (rlim_t)wanted ? wanted : (long)limit.rlim_cur;
}

static int caught = -1;

static void on_signal(int number) {
  int before = errno;
  unsigned char byte = (unsigned char)number;
  (void)!write(caught, &byte, 1);
  errno = before;
}

int process_catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  int ends[2];
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  // A handler must not wait, even when nobody reads.
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  caught = ends[1];
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction old, new = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(numbers[i], &new, NULL);
  }
  return ends[0];
}

#ifdef __linux__
// Reads `state` and `parent` behind the program's name, which can hold anything, ")" too.
static int parent_of(const char *process, char *state) {
  char path[64], text[512];
  int parent = 0;
  snprintf(path, sizeof path, "/proc/%.20s/stat", process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  const char *rest = strrchr(text, ')');
  return rest && sscanf(rest + 1, " %c %d", state, &parent) == 2 ? parent : 0;
}

int process_children(int *children, int most) {
  int found = 0;
  DIR *processes = opendir("/proc");
  if (!processes) return 0;
  for (struct dirent *entry; found < most && (entry = readdir(processes));) {
    int number = 0;
    char state = 'Z';
    if (sscanf(entry->d_name, "%d", &number) != 1 || number <= 0) continue;
    if (parent_of(entry->d_name, &state) == getpid() && state != 'Z' && state != 'X')
      children[found++] = number;
  }
  closedir(processes);
  return found;
}
#else
int process_children(int *children, int most) {
  int found = proc_listchildpids(getpid(), children, most * (int)sizeof(int));
  return found < 0 ? 0 : found;
}
#endif
