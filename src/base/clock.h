/* SPDX-License-Identifier: MIT */
/*
 * Time. Two kinds, never mixed: wall time for what people read, monotonic
 * time for deadlines, leases and durations.
 *
 * Wall time everywhere in scaleout is one int64: 100-nanosecond ticks since
 * 0001-01-01 00:00:00 UTC, the resolution and range of datetimeoffset(7)
 * (spec/catalog.md §0 rule 6).
 */
#ifndef SO_BASE_CLOCK_H
#define SO_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define TICKS_PER_MS INT64_C(10000)
#define TICKS_PER_SECOND INT64_C(10000000)
#define TICKS_PER_DAY (INT64_C(86400) * TICKS_PER_SECOND)
/* Ticks of 1970-01-01 00:00:00 UTC. */
#define TICKS_UNIX_EPOCH INT64_C(621355968000000000)

/* Now, in ticks (UTC). */
int64_t clock_wall(void);
/* Milliseconds of the monotonic clock; only differences mean something. */
int64_t clock_mono_ms(void);
/* Microseconds of the monotonic clock. */
int64_t clock_mono_us(void);

/*
 * A wall clock that goes with the monotonic one: nothing that sets the
 * machine's clock moves it. At the monotonic time at_us it shows ticks.
 */
struct clock_steady {
	int64_t ticks, at_us;
};
/* From now on as the machine's clock shows it, or as ticks (of another machine) says, if not 0. */
struct clock_steady clock_steady_from(int64_t ticks);
int64_t clock_steady_now(const struct clock_steady *clock);

/* Offset of local time from UTC, in minutes, at that moment. Thread-safe. */
int clock_local_offset_min(int64_t ticks);

/* Days since 0001-01-01 of a civil date (proleptic Gregorian), and back. month 1-12, day 1-31. */
int64_t clock_days_from_civil(int year, int month, int day);
void clock_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

/* "YYYY-MM-DD HH:MM:SS" in local time; size >= 20. */
void clock_format_local(int64_t ticks, char *text, size_t size);
/* RFC 3339 in UTC with 7 digits: "YYYY-MM-DDTHH:MM:SS.fffffffZ"; size >= 29. */
void clock_format_utc(int64_t ticks, char *text, size_t size);

#endif
