#pragma once
#include <stdint.h>
/* Number of heap allocations this process has made since it started. */
uint64_t hub_allocation_count(void);
