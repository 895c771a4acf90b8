#pragma once
#include <libwebsockets.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/signalfd.h>

// Macros that Swift can't see.
static const size_t hub_lws_pre = LWS_PRE;
static const unsigned long hub_siocoutqnsd = SIOCOUTQNSD;
