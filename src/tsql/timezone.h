/* SPDX-License-Identifier: MIT */
/* Offsets of time zones by name, from the machine's tzdata. Inside the room only. */
#ifndef SO_TSQL_TIMEZONE_H
#define SO_TSQL_TIMEZONE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Minutes east of UTC in a zone at a moment. ticks is UTC, or (civil) what a
 * clock in the zone shows, and then becomes UTC: a time that the clock shows
 * twice is standard time, one that it leaves out is moved ahead. The name is one of
 * tzdata ("Europe/Berlin") or one of Windows' ("W. Europe Standard Time").
 * False when it is not known.
 */
bool timezone_offset(const char *name, bool civil, int64_t *ticks, int *ret_minutes);

#endif
