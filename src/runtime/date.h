/* SPDX-License-Identifier: MIT */
/* Date parts and calendar arithmetic of the expression language (spec/package.md §4.7). */
#ifndef SO_RUNTIME_DATE_H
#define SO_RUNTIME_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum date_part {
	PART_YEAR,
	PART_QUARTER,
	PART_MONTH,
	PART_DAY_OF_YEAR,
	PART_DAY,
	PART_WEEK,
	PART_WEEKDAY,
	PART_HOUR,
	PART_MINUTE,
	PART_SECOND,
	PART_MILLISECOND,
	PART_COUNT
};

/* By any of its names, without regard to case; false when unknown. */
bool date_part_by_name(const char *name, enum date_part *ret);
/* The part of a moment, as T-SQL counts (Sunday is weekday 1, the week of January 1st is week 1). */
int date_part_get(enum date_part part, int64_t ticks);
/* Move by n parts; false when the result leaves the years 1-9999. */
bool date_part_add(enum date_part part, int64_t n, int64_t ticks, int64_t *ret);
/* Boundaries crossed from a to b. */
int64_t date_part_diff(enum date_part part, int64_t a, int64_t b);

#endif
