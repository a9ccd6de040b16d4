/* SPDX-License-Identifier: MIT */
/* Dates: texts in the forms that packages hold, and calendar arithmetic on 100 ns ticks. */
#include "runtime/date.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/value.h"

#define TICKS_PER_MINUTE (INT64_C(60) * TICKS_PER_SECOND)
#define TICKS_PER_HOUR (INT64_C(60) * TICKS_PER_MINUTE)
#define TICKS_END (INT64_C(3652059) * TICKS_PER_DAY) /* 10000-01-01 */

struct cursor {
	const char *at, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
		c->at++;
}

/* Up to max digits; returns how many, 0 when none. */
static int read_digits(struct cursor *c, int max, int *ret)
{
	int n = 0, v = 0;

	while (n < max && c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		v = v * 10 + (*c->at++ - '0');
		n++;
	}
	*ret = v;
	return n;
}

static bool read_char(struct cursor *c, char wanted)
{
	if (c->at >= c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

/* "y-m-d" or "m/d/y" at the cursor, which moves only on success. */
static bool read_date(struct cursor *c, int64_t *ret_ticks)
{
	struct cursor save = *c;
	int a, b, d, len_a, len_d;

	len_a = read_digits(c, 4, &a);
	char separator = c->at < c->end ? *c->at : '\0';
	if (!len_a || (separator != '-' && separator != '/' && separator != '.') ||
	    !read_char(c, separator) || !read_digits(c, 2, &b) || !read_char(c, separator) ||
	    !(len_d = read_digits(c, 4, &d))) {
		*c = save;
		return false;
	}
	int year = len_a == 4 ? a : d, month = len_a == 4 ? b : a, day = len_a == 4 ? d : b;
	if (len_a != 4 && len_d == 2)
		year += year < 30 ? 2000 : 1900;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
		*c = save;
		return false;
	}
	*ret_ticks = clock_days_from_civil(year, month, day) * TICKS_PER_DAY;
	return true;
}

/* Fraction digits behind "." (or ":" as FILETIME writes) to ticks. */
static int64_t read_fraction(struct cursor *c)
{
	int64_t ticks = 0, unit = TICKS_PER_SECOND / 10;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		ticks += (*c->at++ - '0') * unit;
		unit /= 10;
	}
	return ticks;
}

/* AM or PM behind a time: 12 is hour 0 of its half. */
static bool read_half(struct cursor *c, int *hour)
{
	struct cursor save = *c;

	skip_blanks(c);
	if (c->end - c->at >= 2 && (c->at[1] | 32) == 'm' && ((*c->at | 32) == 'a' || (*c->at | 32) == 'p')) {
		bool afternoon = (*c->at | 32) == 'p';
		c->at += 2;
		if (*hour < 1 || *hour > 12)
			return false;
		*hour = *hour % 12 + (afternoon ? 12 : 0);
		return true;
	}
	*c = save;
	return true;
}

static bool read_time(struct cursor *c, int64_t *ret_ticks)
{
	struct cursor save = *c;
	int h, m = 0, s = 0;
	int64_t fraction = 0;

	if (!read_digits(c, 2, &h) || !read_char(c, ':') || !read_digits(c, 2, &m))
		goto no;
	if (read_char(c, ':')) {
		if (!read_digits(c, 2, &s))
			goto no;
		if (read_char(c, '.') || read_char(c, ':'))
			fraction = read_fraction(c);
	}
	if (!read_half(c, &h) || h > 23 || m > 59 || s > 59)
		goto no;
	*ret_ticks = h * TICKS_PER_HOUR + m * TICKS_PER_MINUTE + s * TICKS_PER_SECOND + fraction;
	return true;
no:
	*c = save;
	return false;
}

/* "Z" or "[+|-]hh:mm", if there. */
static bool read_offset(struct cursor *c, int *ret_min)
{
	int h, m, sign;

	skip_blanks(c);
	if (c->at == c->end)
		return true;
	if (*c->at == 'Z' || *c->at == 'z') {
		c->at++;
		return true;
	}
	if (*c->at != '+' && *c->at != '-')
		return false;
	sign = *c->at++ == '-' ? -1 : 1;
	if (!read_digits(c, 2, &h) || !read_char(c, ':') || !read_digits(c, 2, &m) || h > 14 || m > 59)
		return false;
	*ret_min = sign * (h * 60 + m);
	return true;
}

bool date_parse(const char *text, size_t len, int64_t *ret_ticks, int *ret_offset_min,
    bool *ret_has_date, bool *ret_has_time)
{
	struct cursor c = { text, text + len };
	int64_t day = 0, time = 0;
	int offset = 0;
	bool has_date, has_time;

	skip_blanks(&c);
	has_date = read_date(&c, &day);
	if (has_date && !read_char(&c, 'T'))
		skip_blanks(&c);
	has_time = read_time(&c, &time);
	if ((!has_date && !has_time) || (has_time && !read_offset(&c, &offset)))
		return false;
	skip_blanks(&c);
	if (c.at != c.end)
		return false;
	*ret_ticks = day + time;
	*ret_offset_min = offset;
	*ret_has_date = has_date;
	*ret_has_time = has_time;
	return true;
}

struct civil {
	int year, month, day, hour, minute, second, fraction; /* fraction in ticks */
};

static struct civil civil_of(int64_t ticks)
{
	struct civil c;
	int64_t time = ticks % TICKS_PER_DAY;

	clock_civil_from_days(ticks / TICKS_PER_DAY, &c.year, &c.month, &c.day);
	c.hour = (int)(time / TICKS_PER_HOUR);
	c.minute = (int)(time / TICKS_PER_MINUTE % 60);
	c.second = (int)(time / TICKS_PER_SECOND % 60);
	c.fraction = (int)(time % TICKS_PER_SECOND);
	return c;
}

/* The first digits (1-7) of a fraction. */
static void put_fraction(struct buf *out, int fraction, int digits)
{
	char text[8];

	for (int i = 6; i >= 0; i--) {
		text[i] = (char)('0' + fraction % 10);
		fraction /= 10;
	}
	buf_add(out, text, (size_t)digits);
}

/* DT_DATE as the en-US locale writes it: no time at midnight, no day on day 0. */
static void put_ole_date(struct buf *out, const struct civil *c, int64_t ticks)
{
	bool day_zero = ticks / TICKS_PER_DAY == DATE_TICKS_OLE / TICKS_PER_DAY;
	bool midnight = c->hour + c->minute + c->second == 0;

	if (!day_zero || midnight)
		buf_addf(out, "%d/%d/%04d", c->month, c->day, c->year);
	if (midnight)
		return;
	buf_addf(out, "%s%d:%02d:%02d %s", day_zero ? "" : " ", (c->hour + 11) % 12 + 1, c->minute,
	    c->second, c->hour < 12 ? "AM" : "PM");
}

void date_format(const struct value *v, struct buf *out)
{
	const struct dt_info *info = dt_info(v->type.dt);
	struct civil c = civil_of(v->ticks);

	if (v->type.dt == DT_DATE) {
		put_ole_date(out, &c, v->ticks);
		return;
	}
	if (info->has_date)
		buf_addf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
	if (info->has_date && info->has_time)
		buf_addc(out, ' ');
	if (info->has_time)
		buf_addf(out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
	if (v->type.dt == DT_DBTIMESTAMP && c.fraction) {
		buf_addc(out, '.');
		put_fraction(out, c.fraction, 7);
		buf_adds(out, "00");
	} else if (v->type.dt == DT_FILETIME) {
		buf_addc(out, ':');
		put_fraction(out, c.fraction, 3);
	} else if ((info->params & PARAM_SCALE) && v->type.scale > 0) {
		buf_addc(out, '.');
		put_fraction(out, c.fraction, v->type.scale);
	}
	if (v->type.dt == DT_DBTIMESTAMPOFFSET) {
		int offset = v->offset_min < 0 ? -v->offset_min : v->offset_min;
		buf_addf(out, " %c%02d:%02d", v->offset_min < 0 ? '-' : '+', offset / 60, offset % 60);
	}
}

static const struct {
	const char *name;
	enum date_part part;
} part_names[] = {
	{ "year", PART_YEAR }, { "yy", PART_YEAR }, { "yyyy", PART_YEAR },
	{ "quarter", PART_QUARTER }, { "qq", PART_QUARTER }, { "q", PART_QUARTER },
	{ "month", PART_MONTH }, { "mm", PART_MONTH }, { "m", PART_MONTH },
	{ "dayofyear", PART_DAY_OF_YEAR }, { "dy", PART_DAY_OF_YEAR }, { "y", PART_DAY_OF_YEAR },
	{ "day", PART_DAY }, { "dd", PART_DAY }, { "d", PART_DAY },
	{ "week", PART_WEEK }, { "wk", PART_WEEK }, { "ww", PART_WEEK },
	{ "weekday", PART_WEEKDAY }, { "dw", PART_WEEKDAY }, { "w", PART_WEEKDAY },
	{ "hour", PART_HOUR }, { "hh", PART_HOUR },
	{ "minute", PART_MINUTE }, { "mi", PART_MINUTE }, { "n", PART_MINUTE },
	{ "second", PART_SECOND }, { "ss", PART_SECOND }, { "s", PART_SECOND },
	{ "millisecond", PART_MILLISECOND }, { "ms", PART_MILLISECOND },
};

bool date_part_by_name(const char *name, enum date_part *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(part_names); i++) {
		if (!utf8_casecmp(part_names[i].name, name)) {
			*ret = part_names[i].part;
			return true;
		}
	}
	return false;
}

/* Length of one unit, for the parts that always have the same. */
static const int64_t unit_ticks[PART_COUNT] = {
	[PART_DAY_OF_YEAR] = TICKS_PER_DAY,
	[PART_DAY] = TICKS_PER_DAY,
	[PART_WEEK] = 7 * TICKS_PER_DAY,
	[PART_WEEKDAY] = TICKS_PER_DAY,
	[PART_HOUR] = TICKS_PER_HOUR,
	[PART_MINUTE] = TICKS_PER_MINUTE,
	[PART_SECOND] = TICKS_PER_SECOND,
	[PART_MILLISECOND] = TICKS_PER_MS,
};

/* Months in one unit, for the others. */
static const int unit_months[PART_COUNT] = {
	[PART_YEAR] = 12,
	[PART_QUARTER] = 3,
	[PART_MONTH] = 1,
};

int date_part_get(enum date_part part, int64_t ticks)
{
	struct civil c = civil_of(ticks);
	int64_t day = ticks / TICKS_PER_DAY, first = clock_days_from_civil(c.year, 1, 1);

	switch (part) {
	case PART_YEAR:
		return c.year;
	case PART_QUARTER:
		return (c.month + 2) / 3;
	case PART_MONTH:
		return c.month;
	case PART_DAY_OF_YEAR:
		return (int)(day - first) + 1;
	case PART_DAY:
		return c.day;
	case PART_WEEK: /* day 0 was a Monday */
		return (int)((day + 1) / 7 - (first + 1) / 7) + 1;
	case PART_WEEKDAY:
		return (int)((day + 1) % 7) + 1;
	case PART_HOUR:
		return c.hour;
	case PART_MINUTE:
		return c.minute;
	case PART_SECOND:
		return c.second;
	default:
		return c.fraction / (int)TICKS_PER_MS;
	}
}

bool date_part_add(enum date_part part, int64_t n, int64_t ticks, int64_t *ret)
{
	int64_t moved;

	if (unit_ticks[part]) {
		if (__builtin_mul_overflow(n, unit_ticks[part], &moved) ||
		    __builtin_add_overflow(ticks, moved, &moved))
			return false;
	} else {
		struct civil c = civil_of(ticks);
		int64_t months = c.year * INT64_C(12) + c.month - 1 + n * unit_months[part];
		if (months < 12 || months / 12 > 9999)
			return false;
		int year = (int)(months / 12), month = (int)(months % 12) + 1;
		int last = days_in_month(year, month);
		moved = clock_days_from_civil(year, month, c.day > last ? last : c.day) * TICKS_PER_DAY +
		    ticks % TICKS_PER_DAY;
	}
	if (moved < 0 || moved >= TICKS_END)
		return false;
	*ret = moved;
	return true;
}

int64_t date_part_diff(enum date_part part, int64_t a, int64_t b)
{
	if (part == PART_WEEK)
		return (b / TICKS_PER_DAY + 1) / 7 - (a / TICKS_PER_DAY + 1) / 7;
	if (unit_ticks[part])
		return b / unit_ticks[part] - a / unit_ticks[part];
	struct civil x = civil_of(a), y = civil_of(b);
	int64_t per = unit_months[part];
	return (y.year * INT64_C(12) + y.month - 1) / per - (x.year * INT64_C(12) + x.month - 1) / per;
}
