#include "CEpoll.h"
#include <sys/epoll.h>

_Static_assert(CROWD_READABLE == EPOLLIN && CROWD_WRITABLE == EPOLLOUT, "bits of epoll");

int crowd_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int crowd_epoll_watch(int epoll, int descriptor, int isNew, uint32_t interest, uint64_t tag) {
  struct epoll_event event = {.events = interest, .data.u64 = tag};
  return epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

int crowd_epoll_ready(int epoll, struct crowd_event *events, int count) {
  struct epoll_event ready[512];
  int found = epoll_wait(epoll, ready, count < 512 ? count : 512, 0);
  for (int index = 0; index < found; index++) {
    events[index].tag = ready[index].data.u64;
    events[index].events = ready[index].events;
  }
  return found;
}
