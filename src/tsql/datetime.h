/* SPDX-License-Identifier: MIT */
/*
 * Dates and times of T-SQL: text to ticks and back, rounding to a type's
 * resolution, and the calendar arithmetic of DATEADD, DATEDIFF, DATEPART.
 * Ticks are as in value.h: 100 ns since 0001-01-01 (time: since midnight).
 */
#ifndef SO_TSQL_DATETIME_H
#define SO_TSQL_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "tsql/value.h"

#define TICKS_PER_MINUTE (60 * TICKS_PER_SECOND)
#define TICKS_PER_HOUR (60 * TICKS_PER_MINUTE)

/* Last tick of 9999-12-31. */
#define DATETIME_TICKS_MAX (INT64_C(3652059) * INT64_C(864000000000) - 1)

struct datetime_parts {
	int year, month, day; /* 1900-01-01 when the text had only a time */
	int64_t ticks;        /* since midnight */
	int offset_min;
	bool has_date, has_time, has_offset;
};

/*
 * Read a date, time or both: ISO with - or without separators, month/day/year,
 * year/month/day, names of months; hh:mm[:ss[.fffffff]] [AM|PM]; Z or +hh:mm.
 * False when it is none of these.
 */
bool datetime_parse(const char *text, size_t len, struct datetime_parts *ret);
/* The same as CONVERT reads it with a style: 3 to 5 and 103 to 105 are day/month/year. */
bool datetime_parse_style(const char *text, size_t len, int style, struct datetime_parts *ret);
/* Ticks of the civil date and time (offset not applied). */
int64_t datetime_ticks(const struct datetime_parts *parts);
/* Round to what the type keeps (scale for time, datetime2, datetimeoffset). False when outside its range. */
bool datetime_round(enum tsql_type type, int scale, int64_t *ticks);

/* ISO text with this many fraction digits ("2026-01-02 03:04:05.123"). */
void datetime_format_iso(enum tsql_type type, int64_t ticks, int scale, int offset_min, struct buf *ret);
/* As CONVERT(varchar, value, style); false for a style we do not know. */
bool datetime_format_style(enum tsql_type type, int64_t ticks, int scale, int offset_min, int style,
    struct buf *ret);

enum datetime_part {
	DATETIME_YEAR,
	DATETIME_QUARTER,
	DATETIME_MONTH,
	DATETIME_DAYOFYEAR,
	DATETIME_DAY,
	DATETIME_WEEK,
	DATETIME_WEEKDAY,
	DATETIME_HOUR,
	DATETIME_MINUTE,
	DATETIME_SECOND,
	DATETIME_MILLISECOND,
	DATETIME_MICROSECOND,
	DATETIME_NANOSECOND,
	DATETIME_ISO_WEEK,
	DATETIME_TZOFFSET,
	DATETIME_PART_COUNT
};

/* Part by any of its names (year, yy, yyyy ...); DATETIME_PART_COUNT when unknown. */
enum datetime_part datetime_part_from_name(const char *name, size_t len);
/* The part's full name. */
const char *datetime_part_name(enum datetime_part part);
/* Value of a part of civil ticks. */
int64_t datetime_part_get(enum datetime_part part, int64_t ticks);
/* ticks plus n of a part; false when it leaves the calendar. */
bool datetime_add(enum datetime_part part, int64_t n, int64_t *ticks);
/* Number of boundaries of the part crossed from a to b. False when the part cannot be counted. */
bool datetime_diff(enum datetime_part part, int64_t a, int64_t b, int64_t *ret);

/* Civil ticks taken apart; fraction in ticks. */
struct datetime_civil {
	int year, month, day, hour, minute, second, fraction;
};
struct datetime_civil datetime_split(int64_t ticks);

extern const char *const datetime_month_names[12];
extern const char *const datetime_day_names[7]; /* Sunday first */

#endif
