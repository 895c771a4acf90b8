#pragma once
#include <jansson.h>

/* json_typeof is a macro, which Swift cannot see. */
static inline json_type hub_json_typeof(const json_t *json) { return json->type; }
