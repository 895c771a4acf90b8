/* A disk that keeps a diary: preloaded before the hub, it notes every write, truncation, sync and removal of "hub.sqlite" and
   its write-ahead log in the file named by HUB_DISK_RECORD, before it happens. A test plays the diary up to any point, loses
   what was not synced by then, and looks at what a machine would find after its power failed there.

   An entry: nanoseconds of the monotonic clock (8 bytes), kind (1: W, T, S, U), file (1: 0 database, 1 log), 2 unused,
   length of the bytes that follow (4), offset or new size (8); little-endian. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct entry {
  uint64_t nanoseconds;
  char kind;
  uint8_t file;
  uint16_t unused;
  uint32_t length;
  int64_t offset;
};

static int diary(void) {
  static int descriptor = -1;
  const char *path = getenv("HUB_DISK_RECORD");
  if (descriptor < 0 && path != NULL) descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return descriptor;
}

/* 0: the database, 1: its write-ahead log, -1: another file. */
static int file_at(const char *path) {
  const char *name = strrchr(path, '/');
  name = name == NULL ? path : name + 1;
  if (strcmp(name, "hub.sqlite") == 0) return 0;
  return strcmp(name, "hub.sqlite-wal") == 0 ? 1 : -1;
}

static int file_of(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return -1;
  path[count] = 0;
  return file_at(path);
}

static void note(char kind, int file, const void *bytes, size_t length, int64_t offset) {
  if (file < 0 || diary() < 0) return;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  struct entry entry = {(uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, kind, (uint8_t)file, 0,
                        (uint32_t)length, offset};
  struct iovec parts[2] = {{&entry, sizeof entry}, {(void *)bytes, length}};
  if (writev(diary(), parts, 2) != (ssize_t)(sizeof entry + length)) abort();
}

#define NEXT(type, name, ...) \
  static type (*next)(__VA_ARGS__); \
  if (next == NULL) next = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  note('W', file_of(descriptor), bytes, count, offset);
  return next(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

int ftruncate64(int descriptor, off64_t size) {
  NEXT(int, "ftruncate64", int, off64_t);
  note('T', file_of(descriptor), NULL, 0, size);
  return next(descriptor, size);
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int fsync(int descriptor) {
  NEXT(int, "fsync", int);
  int result = next(descriptor);
  if (result == 0) note('S', file_of(descriptor), NULL, 0, 0);
  return result;
}

int fdatasync(int descriptor) {
  NEXT(int, "fdatasync", int);
  int result = next(descriptor);
  if (result == 0) note('S', file_of(descriptor), NULL, 0, 0);
  return result;
}

int unlink(const char *path) {
  NEXT(int, "unlink", const char *);
  note('U', file_at(path), NULL, 0, 0);
  return next(path);
}
