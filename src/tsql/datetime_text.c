/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as text. Only the us_english forms are read, because that is
 * the language of the scripts; ambiguous text is month/day/year, as under that
 * language's default DATEFORMAT.
 */
#include "tsql/datetime.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"


const char *const datetime_month_names[12] = { "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December" };
const char *const datetime_day_names[7] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };

/* --- reading --- */

struct reader {
	const char *at, *end;
	bool day_first; /* day/month/year */
};

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (r->at < r->end && *r->at == c) {
		r->at++;
		return true;
	}
	return false;
}

/* Digits; returns how many there were (0 = none), at most 9. */
static int read_number(struct reader *r, int *ret)
{
	int n = 0, v = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && n < 9) {
		v = v * 10 + (*r->at++ - '0');
		n++;
	}
	*ret = v;
	return n;
}

static int read_month(struct reader *r)
{
	size_t n = 0;

	while (r->at + n < r->end && ((r->at[n] | 32) >= 'a' && (r->at[n] | 32) <= 'z'))
		n++;
	if (n < 3)
		return 0;
	for (int m = 0; m < 12; m++) {
		if ((n == 3 && strncasecmp(r->at, datetime_month_names[m], 3) == 0) ||
		    (n == strlen(datetime_month_names[m]) &&
			strncasecmp(r->at, datetime_month_names[m], n) == 0)) {
			r->at += n;
			return m + 1;
		}
	}
	return 0;
}

static int full_year(int year, int digits)
{
	if (digits > 2)
		return year;
	return year < 50 ? 2000 + year : 1900 + year;
}

static bool valid_date(const struct datetime_parts *p)
{
	int y, m, d;

	if (p->year < 1 || p->year > 9999 || p->month < 1 || p->month > 12 || p->day < 1 || p->day > 31)
		return false;
	clock_civil_from_days(clock_days_from_civil(p->year, p->month, p->day), &y, &m, &d);
	return m == p->month && d == p->day;
}

/* "Nov 22 2026", "November 22, 2026", after the month name. */
static bool read_named_date(struct reader *r, int month, struct datetime_parts *p)
{
	int digits;

	p->month = month;
	skip_blanks(r);
	if (!read_number(r, &p->day))
		return false;
	take(r, ',');
	skip_blanks(r);
	digits = read_number(r, &p->year);
	p->year = full_year(p->year, digits);
	return digits == 2 || digits == 4;
}

/* "22 Nov 2026", after the day. */
static bool read_day_first(struct reader *r, int day, struct datetime_parts *p)
{
	int digits;

	p->day = day;
	skip_blanks(r);
	p->month = read_month(r);
	take(r, ',');
	skip_blanks(r);
	digits = read_number(r, &p->year);
	p->year = full_year(p->year, digits);
	return p->month && (digits == 2 || digits == 4);
}

static bool read_separated(struct reader *r, int first, int digits, struct datetime_parts *p)
{
	char separator = *r->at++;
	int second, third, third_digits;

	if (!read_number(r, &second) || !take(r, separator))
		return false;
	third_digits = read_number(r, &third);
	if (digits == 4) {
		p->year = first, p->month = second, p->day = third;
		return third_digits > 0 && third_digits <= 2;
	}
	p->month = r->day_first ? second : first;
	p->day = r->day_first ? first : second;
	p->year = full_year(third, third_digits);
	return third_digits == 2 || third_digits == 4;
}

/* A date at the start; leaves the reader untouched when the text begins with a time. */
static bool read_date(struct reader *r, struct datetime_parts *p)
{
	const char *start = r->at;
	int month = read_month(r), n, digits;

	p->has_date = true;
	if (month)
		return read_named_date(r, month, p) && valid_date(p);
	digits = read_number(r, &n);
	if (digits == 8) {
		p->year = n / 10000, p->month = n / 100 % 100, p->day = n % 100;
		return valid_date(p);
	}
	if (digits == 6) {
		p->year = full_year(n / 10000, 2), p->month = n / 100 % 100, p->day = n % 100;
		return valid_date(p);
	}
	if (digits == 4 && r->at == r->end) {
		p->year = n, p->month = 1, p->day = 1;
		return valid_date(p);
	}
	if (digits && r->at < r->end && (*r->at == '-' || *r->at == '/' || *r->at == '.'))
		return read_separated(r, n, digits, p) && valid_date(p);
	if (digits && digits <= 2 && r->at < r->end && *r->at == ' ') {
		struct reader ahead = *r;
		skip_blanks(&ahead);
		if (read_month(&ahead))
			return read_day_first(r, n, p) && valid_date(p);
	}
	r->at = start;
	p->has_date = false;
	return true;
}

static bool read_fraction(struct reader *r, int64_t *ticks)
{
	int64_t unit = TICKS_PER_SECOND / 10;
	int n = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
		*ticks += (*r->at++ - '0') * unit;
		unit /= 10;
		if (++n > 9)
			return false;
	}
	return n > 0;
}

static bool read_half_day(struct reader *r, int *hour)
{
	bool pm;

	skip_blanks(r);
	if (r->end - r->at < 2 || (r->at[1] | 32) != 'm' || ((r->at[0] | 32) != 'a' && (r->at[0] | 32) != 'p'))
		return true;
	pm = (r->at[0] | 32) == 'p';
	r->at += 2;
	if (*hour < 1 || *hour > 12)
		return *hour >= 13 && *hour <= 23 && pm;
	*hour = *hour % 12 + (pm ? 12 : 0);
	return true;
}

static bool read_offset(struct reader *r, struct datetime_parts *p)
{
	int hours, minutes, sign;

	skip_blanks(r);
	if (take(r, 'Z') || take(r, 'z')) {
		p->has_offset = true;
		return true;
	}
	if (r->at == r->end || (*r->at != '+' && *r->at != '-'))
		return true;
	sign = *r->at++ == '-' ? -1 : 1;
	if (read_number(r, &hours) != 2 || !take(r, ':') || read_number(r, &minutes) != 2)
		return false;
	p->has_offset = true;
	p->offset_min = sign * (hours * 60 + minutes);
	return minutes < 60 && p->offset_min >= -14 * 60 && p->offset_min <= 14 * 60;
}

static bool read_time(struct reader *r, struct datetime_parts *p)
{
	int hour, minute = 0, second = 0;
	int64_t fraction = 0;
	bool minutes;

	skip_blanks(r);
	if (r->at == r->end)
		return true;
	p->has_time = true;
	if (!read_number(r, &hour) || hour > 23)
		return false;
	minutes = take(r, ':');
	if (minutes && (!read_number(r, &minute) || minute > 59))
		return false;
	if (minutes && take(r, ':')) {
		if (!read_number(r, &second) || second > 59)
			return false;
		if ((take(r, '.') || take(r, ':')) && !read_fraction(r, &fraction))
			return false;
	}
	if (!minutes) { /* a bare hour needs AM or PM */
		skip_blanks(r);
		if (r->at == r->end)
			return false;
	}
	if (!read_half_day(r, &hour) || !read_offset(r, p))
		return false;
	p->ticks = hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second * TICKS_PER_SECOND + fraction;
	return true;
}

bool datetime_parse(const char *text, size_t len, struct datetime_parts *ret)
{
	return datetime_parse_style(text, len, -1, ret);
}

bool datetime_parse_style(const char *text, size_t len, int style, struct datetime_parts *ret)
{
	bool day_first = (style >= 3 && style <= 5) || (style >= 103 && style <= 105);
	struct reader r = { text, text + len, day_first };
	struct datetime_parts p = { .year = 1900, .month = 1, .day = 1 };

	skip_blanks(&r);
	if (!read_date(&r, &p))
		return false;
	if (p.has_date && r.at < r.end && (*r.at == 'T' || *r.at == 't'))
		r.at++;
	else if (p.has_date && r.at < r.end && *r.at != ' ' && *r.at != 'Z' && *r.at != 'z')
		return false;
	if (p.has_date && r.at < r.end && (*r.at == 'Z' || *r.at == 'z')) {
		if (!read_offset(&r, &p))
			return false;
	} else if (!read_time(&r, &p)) {
		return false;
	}
	skip_blanks(&r);
	if (r.at != r.end)
		return false;
	*ret = p;
	return true;
}

int64_t datetime_ticks(const struct datetime_parts *p)
{
	return clock_days_from_civil(p->year, p->month, p->day) * TICKS_PER_DAY + p->ticks;
}

/* --- writing --- */

static void add_fraction(int fraction, int scale, struct buf *ret)
{
	if (scale > 0) {
		char text[16];
		snprintf(text, sizeof(text), "%07d", fraction);
		buf_addf(ret, ".%.*s", scale, text);
	}
}

static void add_offset(int offset_min, struct buf *ret)
{
	int m = offset_min < 0 ? -offset_min : offset_min;

	buf_addf(ret, " %c%02d:%02d", offset_min < 0 ? '-' : '+', m / 60, m % 60);
}

void datetime_format_iso(enum tsql_type type, int64_t ticks, int scale, int offset_min, struct buf *ret)
{
	struct datetime_civil c = datetime_split(type == TSQL_DATETIMEOFFSET ? ticks + offset_min * TICKS_PER_MINUTE : ticks);

	if (type != TSQL_TIME)
		buf_addf(ret, "%04d-%02d-%02d", c.year, c.month, c.day);
	if (type == TSQL_DATE)
		return;
	if (type != TSQL_TIME)
		buf_addc(ret, ' ');
	buf_addf(ret, "%02d:%02d:%02d", c.hour, c.minute, c.second);
	add_fraction(c.fraction, type == TSQL_DATETIME ? 3 : type == TSQL_SMALLDATETIME ? 0 : scale, ret);
	if (type == TSQL_DATETIMEOFFSET)
		add_offset(offset_min, ret);
}

/* CONVERT styles: a date pattern and whether a time follows. Letters: Y 4-digit year, y 2-digit, m month, d day, M month name, h 24-hour time. */
static const struct {
	int style;
	const char *date;
	enum { NO_TIME, TIME_12, TIME_12_S, TIME_12_MS, TIME_24, TIME_24_MS, TIME_24_COLON, TIME_T } time;
} styles[] = {
	{ 0, "M_d Y", TIME_12 },
	{ 100, "M_d Y", TIME_12 },
	{ 1, "m/D/y", NO_TIME },
	{ 101, "m/D/Y", NO_TIME },
	{ 2, "y.m.D", NO_TIME },
	{ 102, "Y.m.D", NO_TIME },
	{ 3, "D/m/y", NO_TIME },
	{ 103, "D/m/Y", NO_TIME },
	{ 4, "D.m.y", NO_TIME },
	{ 104, "D.m.Y", NO_TIME },
	{ 5, "D-m-y", NO_TIME },
	{ 105, "D-m-Y", NO_TIME },
	{ 6, "D M y", NO_TIME },
	{ 106, "D M Y", NO_TIME },
	{ 7, "M D, y", NO_TIME },
	{ 107, "M D, Y", NO_TIME },
	{ 9, "M_d Y", TIME_12_MS },
	{ 109, "M_d Y", TIME_12_MS },
	{ 22, "m/D/y", TIME_12_S },
	{ 24, "", TIME_24 },
	{ 8, "", TIME_24 },
	{ 108, "", TIME_24 },
	{ 10, "m-D-y", NO_TIME },
	{ 110, "m-D-Y", NO_TIME },
	{ 11, "y/m/D", NO_TIME },
	{ 111, "Y/m/D", NO_TIME },
	{ 12, "ymD", NO_TIME },
	{ 112, "YmD", NO_TIME },
	{ 13, "D M Y", TIME_24_COLON },
	{ 113, "D M Y", TIME_24_COLON },
	{ 14, "", TIME_24_COLON },
	{ 114, "", TIME_24_COLON },
	{ 20, "Y-m-D", TIME_24 },
	{ 120, "Y-m-D", TIME_24 },
	{ 21, "Y-m-D", TIME_24_MS },
	{ 25, "Y-m-D", TIME_24_MS },
	{ 121, "Y-m-D", TIME_24_MS },
	{ 23, "Y-m-D", NO_TIME },
	{ 126, "Y-m-D", TIME_T },
	{ 127, "Y-m-D", TIME_T },
};

static void add_date_pattern(const char *pattern, const struct datetime_civil *c, struct buf *ret)
{
	for (; *pattern; pattern++) {
		switch (*pattern) {
		case 'Y':
			buf_addf(ret, "%04d", c->year);
			break;
		case 'y':
			buf_addf(ret, "%02d", c->year % 100);
			break;
		case 'm':
			buf_addf(ret, "%02d", c->month);
			break;
		case 'D':
			buf_addf(ret, "%02d", c->day);
			break;
		case 'd':
			buf_addf(ret, "%2d", c->day);
			break;
		case 'M':
			buf_addf(ret, "%.3s", datetime_month_names[c->month - 1]);
			break;
		case '_':
			buf_addc(ret, ' ');
			break;
		default:
			buf_addc(ret, *pattern);
		}
	}
}

static void add_style_time(int kind, enum tsql_type type, const struct datetime_civil *c, int scale, struct buf *ret)
{
	int hour12 = c->hour % 12 ? c->hour % 12 : 12;

	if (type == TSQL_DATETIME)
		scale = 3;
	if (type == TSQL_SMALLDATETIME)
		scale = 0;
	if (kind == TIME_12) {
		buf_addf(ret, "%2d:%02d%s", hour12, c->minute, c->hour < 12 ? "AM" : "PM");
		return;
	}
	if (kind == TIME_12_S || kind == TIME_12_MS)
		buf_addf(ret, "%2d:%02d:%02d", hour12, c->minute, c->second);
	else
		buf_addf(ret, "%02d:%02d:%02d", c->hour, c->minute, c->second);
	if ((kind == TIME_24_COLON || kind == TIME_12_MS) && (type == TSQL_DATETIME || type == TSQL_SMALLDATETIME))
		buf_addf(ret, ":%03d", c->fraction / (int)TICKS_PER_MS); /* the old types have a colon here */
	else if (kind == TIME_24_MS || kind == TIME_24_COLON || kind == TIME_12_MS)
		add_fraction(c->fraction, type == TSQL_SMALLDATETIME ? 3 : scale, ret);
	else if (kind == TIME_T && c->fraction)
		add_fraction(c->fraction, scale, ret);
	if (kind == TIME_12_S || kind == TIME_12_MS)
		buf_addf(ret, "%s%s", kind == TIME_12_S ? " " : "", c->hour < 12 ? "AM" : "PM");
}

bool datetime_format_style(enum tsql_type type, int64_t ticks, int scale, int offset_min, int style,
    struct buf *ret)
{
	struct datetime_civil c = datetime_split(type == TSQL_DATETIMEOFFSET ? ticks + offset_min * TICKS_PER_MINUTE : ticks);

	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		bool date = type != TSQL_TIME && styles[i].date[0];
		bool time = type != TSQL_DATE && styles[i].time != NO_TIME;
		if (styles[i].style != style)
			continue;
		if (date)
			add_date_pattern(styles[i].date, &c, ret);
		if (date && time)
			buf_addc(ret, styles[i].time == TIME_T ? 'T' : ' ');
		if (time)
			add_style_time((int)styles[i].time, type, &c, scale, ret);
		if (time && type == TSQL_DATETIMEOFFSET && styles[i].time != TIME_T)
			add_offset(offset_min, ret);
		return date || time;
	}
	return false;
}
