/* A disk that fails when told to: preloaded before the hub, it stands between SQLite and the C library and touches only
   files whose name contains "hub.sqlite". The file named by HUB_DISK_FAULTS holds one word and a number:

     none            everything goes through
     full            every write that would take room fails with ENOSPC
     sync-error      fsync and fdatasync fail with EIO
     log-sync-error  the same for the database and its write-ahead log alone
     write-error     writes fail with EIO
     slow MS         fsync and fdatasync take MS milliseconds longer

   It is read again at each call, so a test changes the weather while the hub runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum weather { NONE, FULL, SYNC_ERROR, LOG_SYNC_ERROR, WRITE_ERROR, SLOW };

static enum weather weather(long *milliseconds) {
  const char *path = getenv("HUB_DISK_FAULTS");
  char text[64] = "", word[32] = "";
  if (path == NULL) return NONE;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NONE;
  ssize_t count = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  if (count <= 0) return NONE;
  *milliseconds = 0;
  if (sscanf(text, "%31s %ld", word, milliseconds) < 1) return NONE;
  if (strcmp(word, "full") == 0) return FULL;
  if (strcmp(word, "sync-error") == 0) return SYNC_ERROR;
  if (strcmp(word, "log-sync-error") == 0) return LOG_SYNC_ERROR;
  if (strcmp(word, "write-error") == 0) return WRITE_ERROR;
  if (strcmp(word, "slow") == 0) return SLOW;
  return NONE;
}

static int names(int descriptor, const char *part) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  return strstr(path, part) != NULL;
}

static int is_ours(int descriptor) {
  /* The shared memory of the write-ahead log is no disk. */
  return names(descriptor, "hub.sqlite") && !names(descriptor, "-shm");
}

static int refuses_write(int descriptor) {
  if (!is_ours(descriptor)) return 0;
  long ignored = 0;
  switch (weather(&ignored)) {
  case FULL: errno = ENOSPC; return 1;
  case WRITE_ERROR: errno = EIO; return 1;
  default: return 0;
  }
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  static ssize_t (*next)(int, const void *, size_t, off64_t);
  if (next == NULL) next = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  return refuses_write(descriptor) ? -1 : next(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

static int before_sync(int descriptor) {
  if (!is_ours(descriptor)) return 0;
  long milliseconds = 0;
  switch (weather(&milliseconds)) {
  case SYNC_ERROR: errno = EIO; return -1;
  case LOG_SYNC_ERROR:
    if (names(descriptor, "-refused")) return 0;
    errno = EIO;
    return -1;
  case SLOW: {
    struct timespec pause = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    nanosleep(&pause, NULL);
    return 0;
  }
  default: return 0;
  }
}

int fsync(int descriptor) {
  static int (*next)(int);
  if (next == NULL) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return before_sync(descriptor) < 0 ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
  static int (*next)(int);
  if (next == NULL) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return before_sync(descriptor) < 0 ? -1 : next(descriptor);
}
