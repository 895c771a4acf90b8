#pragma once
#include <stdint.h>

// epoll(7) without its system headers, which would bring types of the C library into a second module.

struct crowd_event {
  uint64_t tag;
  uint32_t events;
};

enum { CROWD_READABLE = 1, CROWD_WRITABLE = 4 };

int crowd_epoll_create(void);
// Watches a descriptor for `interest`; `isNew` the first time. Errors and hang-ups are always told, as other bits.
int crowd_epoll_watch(int epoll, int descriptor, int isNew, uint32_t interest, uint64_t tag);
// What is ready now, at most `count`; does not wait.
int crowd_epoll_ready(int epoll, struct crowd_event *events, int count);
