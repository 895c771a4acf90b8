#pragma once
#include <libwebsockets.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

// Macros that Swift can't see.
static const size_t hub_lws_pre = LWS_PRE;
static const unsigned long hub_siocoutqnsd = SIOCOUTQNSD;

// Declared by glibc only under _GNU_SOURCE, which a module's headers are read without.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// A timer that knows its context, because the library's callback is told only the timer.
struct hub_tick_timer {
  lws_sorted_usec_list_t timer;
  struct lws_context *context;
};
