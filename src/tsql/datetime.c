/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic: rounding to a type's resolution, DATEADD, DATEDIFF, DATEPART. */
#include "tsql/datetime.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"


struct datetime_civil datetime_split(int64_t ticks)
{
	struct datetime_civil c;
	int64_t t = ticks % TICKS_PER_DAY;

	clock_civil_from_days(ticks / TICKS_PER_DAY, &c.year, &c.month, &c.day);
	c.hour = (int)(t / TICKS_PER_HOUR);
	c.minute = (int)(t / TICKS_PER_MINUTE % 60);
	c.second = (int)(t / TICKS_PER_SECOND % 60);
	c.fraction = (int)(t % TICKS_PER_SECOND);
	return c;
}

/* --- rounding --- */

static int64_t round_to(int64_t ticks, int64_t unit)
{
	return (ticks + unit / 2) / unit * unit;
}

/* datetime keeps 1/300 second, shown as milliseconds ending in 0, 3 or 7. */
static int64_t round_datetime(int64_t ticks)
{
	int64_t day = ticks / TICKS_PER_DAY, rest = ticks % TICKS_PER_DAY;
	int64_t n = (rest * 3 + 50000) / 100000;

	return day * TICKS_PER_DAY + (n / 300) * TICKS_PER_SECOND + (n % 300 * 10 + 1) / 3 * TICKS_PER_MS;
}

bool datetime_round(enum tsql_type type, int scale, int64_t *ticks)
{
	static const int64_t unit[8] = { 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
	int64_t t = *ticks, low = 0, high = DATETIME_TICKS_MAX;

	switch (type) {
	case TSQL_DATE:
		t -= t % TICKS_PER_DAY;
		break;
	case TSQL_TIME:
		t = round_to(t, unit[scale]) % TICKS_PER_DAY;
		break;
	case TSQL_SMALLDATETIME: /* 1900-01-01 to 2079-06-06 */
		t = round_to(round_datetime(t), TICKS_PER_MINUTE); /* from 29.999 seconds on it is the next minute */
		low = clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY;
		high = clock_days_from_civil(2079, 6, 7) * TICKS_PER_DAY - 1;
		break;
	case TSQL_DATETIME:
		t = round_datetime(t);
		low = clock_days_from_civil(1753, 1, 1) * TICKS_PER_DAY;
		break;
	default:
		t = round_to(t, unit[scale]);
		if (t > DATETIME_TICKS_MAX)
			t -= unit[scale];
	}
	if (t < low || t > high)
		return false;
	*ticks = t;
	return true;
}

/* --- calendar --- */

static const struct {
	const char *name;
	enum datetime_part part;
} part_names[] = {
	{ "year", DATETIME_YEAR }, { "yy", DATETIME_YEAR }, { "yyyy", DATETIME_YEAR },
	{ "quarter", DATETIME_QUARTER }, { "qq", DATETIME_QUARTER }, { "q", DATETIME_QUARTER },
	{ "month", DATETIME_MONTH }, { "mm", DATETIME_MONTH }, { "m", DATETIME_MONTH },
	{ "dayofyear", DATETIME_DAYOFYEAR }, { "dy", DATETIME_DAYOFYEAR }, { "y", DATETIME_DAYOFYEAR },
	{ "day", DATETIME_DAY }, { "dd", DATETIME_DAY }, { "d", DATETIME_DAY },
	{ "week", DATETIME_WEEK }, { "wk", DATETIME_WEEK }, { "ww", DATETIME_WEEK },
	{ "weekday", DATETIME_WEEKDAY }, { "dw", DATETIME_WEEKDAY }, { "w", DATETIME_WEEKDAY },
	{ "hour", DATETIME_HOUR }, { "hh", DATETIME_HOUR },
	{ "minute", DATETIME_MINUTE }, { "mi", DATETIME_MINUTE }, { "n", DATETIME_MINUTE },
	{ "second", DATETIME_SECOND }, { "ss", DATETIME_SECOND }, { "s", DATETIME_SECOND },
	{ "millisecond", DATETIME_MILLISECOND }, { "ms", DATETIME_MILLISECOND },
	{ "microsecond", DATETIME_MICROSECOND }, { "mcs", DATETIME_MICROSECOND },
	{ "nanosecond", DATETIME_NANOSECOND }, { "ns", DATETIME_NANOSECOND },
	{ "iso_week", DATETIME_ISO_WEEK }, { "isowk", DATETIME_ISO_WEEK }, { "isoww", DATETIME_ISO_WEEK },
	{ "tzoffset", DATETIME_TZOFFSET }, { "tz", DATETIME_TZOFFSET },
};

enum datetime_part datetime_part_from_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(part_names); i++)
		if (strlen(part_names[i].name) == len && strncasecmp(part_names[i].name, name, len) == 0)
			return part_names[i].part;
	return DATETIME_PART_COUNT;
}

const char *datetime_part_name(enum datetime_part part)
{
	for (size_t i = 0; i < ARRAY_LEN(part_names); i++)
		if (part_names[i].part == part)
			return part_names[i].name;
	return "";
}

/* Sunday = 0; 0001-01-01 was a Monday. */
static int weekday(int64_t days)
{
	return (int)((days + 1) % 7);
}

static int64_t iso_week(int64_t days, int year)
{
	int64_t monday = days - (weekday(days) + 6) % 7;
	int y = year, m, d;

	clock_civil_from_days(monday + 3, &y, &m, &d); /* the Thursday decides the year */
	return (monday + 3 - clock_days_from_civil(y, 1, 1)) / 7 + 1;
}

int64_t datetime_part_get(enum datetime_part part, int64_t ticks)
{
	struct datetime_civil c = datetime_split(ticks);
	int64_t days = ticks / TICKS_PER_DAY, first = clock_days_from_civil(c.year, 1, 1);

	switch (part) {
	case DATETIME_YEAR:
		return c.year;
	case DATETIME_QUARTER:
		return (c.month + 2) / 3;
	case DATETIME_MONTH:
		return c.month;
	case DATETIME_DAYOFYEAR:
		return days - first + 1;
	case DATETIME_DAY:
		return c.day;
	case DATETIME_WEEK:
		return (days - first + weekday(first)) / 7 + 1;
	case DATETIME_WEEKDAY:
		return weekday(days) + 1;
	case DATETIME_HOUR:
		return c.hour;
	case DATETIME_MINUTE:
		return c.minute;
	case DATETIME_SECOND:
		return c.second;
	case DATETIME_MILLISECOND:
		return c.fraction / 10000;
	case DATETIME_MICROSECOND:
		return c.fraction / 10;
	case DATETIME_NANOSECOND:
		return (int64_t)c.fraction * 100;
	case DATETIME_ISO_WEEK:
		return iso_week(days, c.year);
	default:
		return 0;
	}
}

/* Ticks of a part of fixed length; 0 when its length varies (or is under one tick). */
static int64_t part_ticks(enum datetime_part part)
{
	switch (part) {
	case DATETIME_DAYOFYEAR:
	case DATETIME_DAY:
	case DATETIME_WEEKDAY:
		return TICKS_PER_DAY;
	case DATETIME_WEEK:
		return 7 * TICKS_PER_DAY;
	case DATETIME_HOUR:
		return TICKS_PER_HOUR;
	case DATETIME_MINUTE:
		return TICKS_PER_MINUTE;
	case DATETIME_SECOND:
		return TICKS_PER_SECOND;
	case DATETIME_MILLISECOND:
		return TICKS_PER_MS;
	case DATETIME_MICROSECOND:
		return 10;
	default:
		return 0;
	}
}

static bool add_months(int64_t n, int64_t *ticks)
{
	struct datetime_civil c = datetime_split(*ticks);
	int64_t months = (int64_t)c.year * 12 + c.month - 1 + n, year, next;
	int last;

	if (n > 120000 || n < -120000 || months < 12 || months >= 120000)
		return false;
	year = months / 12;
	next = months + 1;
	last = (int)(clock_days_from_civil((int)(next / 12), (int)(next % 12) + 1, 1) -
	    clock_days_from_civil((int)year, (int)(months % 12) + 1, 1));
	*ticks = clock_days_from_civil((int)year, (int)(months % 12) + 1, c.day < last ? c.day : last) *
		TICKS_PER_DAY + *ticks % TICKS_PER_DAY;
	return true;
}

bool datetime_add(enum datetime_part part, int64_t n, int64_t *ticks)
{
	int64_t unit = part_ticks(part), delta, sum;

	switch (part) {
	case DATETIME_YEAR:
		return n <= 10000 && n >= -10000 && add_months(n * 12, ticks);
	case DATETIME_QUARTER:
		return n <= 40000 && n >= -40000 && add_months(n * 3, ticks);
	case DATETIME_MONTH:
		return add_months(n, ticks);
	case DATETIME_NANOSECOND:
		delta = (n >= 0 ? n + 50 : n - 50) / 100;
		break;
	default:
		if (__builtin_mul_overflow(n, unit, &delta))
			return false;
	}
	if (__builtin_add_overflow(*ticks, delta, &sum) || sum < 0 || sum > DATETIME_TICKS_MAX)
		return false;
	*ticks = sum;
	return true;
}

bool datetime_diff(enum datetime_part part, int64_t a, int64_t b, int64_t *ret)
{
	struct datetime_civil x = datetime_split(a), y = datetime_split(b);
	int64_t unit = part_ticks(part);

	switch (part) {
	case DATETIME_YEAR:
		*ret = y.year - x.year;
		return true;
	case DATETIME_QUARTER:
		*ret = (y.year * 4 + (y.month - 1) / 3) - (x.year * 4 + (x.month - 1) / 3);
		return true;
	case DATETIME_MONTH:
		*ret = (y.year * 12 + y.month) - (x.year * 12 + x.month);
		return true;
	case DATETIME_WEEK: /* weeks begin on Sunday; day 0 was a Monday */
		*ret = (b / TICKS_PER_DAY + 1) / 7 - (a / TICKS_PER_DAY + 1) / 7;
		return true;
	case DATETIME_NANOSECOND:
		return !__builtin_mul_overflow(b - a, INT64_C(100), ret);
	default:
		if (unit == 0)
			return false;
		*ret = b / unit - a / unit;
		return true;
	}
}
