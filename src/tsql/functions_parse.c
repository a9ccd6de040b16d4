/* SPDX-License-Identifier: MIT */
/*
 * PARSE and TRY_PARSE: text as people of a culture write it. The function here
 * turns it into the one way in which CAST reads it in any case ("-1234.50",
 * "2010-12-13T14:30:00"); the parser puts the CAST around it. The cultures are
 * en-US and the invariant one; which parts of a number are taken is the
 * reference's table of NumberStyles.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "tsql/datetime.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

struct reader {
	const char *at;
};

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\r'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	bool is = *r->at == c;

	r->at += is;
	return is;
}

/* --- numbers --- */

enum number_parts { PART_THOUSANDS = 1, PART_EXPONENT = 2, PART_CURRENCY = 4, PART_TRAILING_SIGN = 8 };

static unsigned parts_of(enum type_family family)
{
	switch (family) {
	case FAMILY_MONEY:
		return PART_THOUSANDS | PART_CURRENCY | PART_TRAILING_SIGN;
	case FAMILY_FLOAT:
		return PART_EXPONENT;
	default:
		return PART_THOUSANDS | PART_TRAILING_SIGN;
	}
}

static bool read_digits(struct reader *r, unsigned parts, struct buf *out)
{
	size_t len = out->len;

	while (isdigit((unsigned char)*r->at) || ((parts & PART_THOUSANDS) && *r->at == ',' && out->len > len)) {
		if (*r->at != ',')
			buf_addc(out, *r->at);
		r->at++;
	}
	return out->len > len;
}

static bool read_exponent(struct reader *r, struct buf *out)
{
	if (*r->at != 'e' && *r->at != 'E')
		return true;
	buf_addc(out, *r->at++);
	if (*r->at == '-' || *r->at == '+')
		buf_addc(out, *r->at++);
	return read_digits(r, 0, out);
}

/* What stands around the digits, as often as it may. */
static bool read_around(struct reader *r, unsigned parts, bool may_sign, int *sign, bool *currency)
{
	skip_blanks(r);
	if (may_sign && *sign == 0 && (*r->at == '-' || *r->at == '+'))
		*sign = *r->at++ == '-' ? -1 : 1;
	else if ((parts & PART_CURRENCY) && !*currency && *r->at == '$')
		*currency = r->at++ != NULL;
	else
		return false;
	return true;
}

static bool read_number(struct reader *r, enum type_family family, struct buf *out)
{
	unsigned parts = parts_of(family);
	bool currency = false, digits;
	struct buf number = BUF_INIT;
	bool bracket;
	int sign = 0;

	skip_blanks(r);
	bracket = (parts & PART_CURRENCY) && take(r, '(');
	while (read_around(r, parts, !bracket, &sign, &currency))
		;
	digits = read_digits(r, parts, &number);
	if (take(r, '.')) {
		buf_addc(&number, '.');
		digits = read_digits(r, 0, &number) || digits;
	}
	digits = digits && (!(parts & PART_EXPONENT) || read_exponent(r, &number));
	while (read_around(r, parts, (parts & PART_TRAILING_SIGN) && !bracket, &sign, &currency))
		;
	digits = digits && (!bracket || take(r, ')'));
	skip_blanks(r);
	if (family == FAMILY_INTEGER && strchr(number.data, '.')) { /* 1.00 is a whole number */
		digits = digits && strspn(strchr(number.data, '.') + 1, "0") == strlen(strchr(number.data, '.') + 1);
		buf_truncate(&number, strcspn(number.data, "."));
	}
	buf_addf(out, "%s%s", sign < 0 || bracket ? "-" : "", number.data);
	buf_release(&number);
	return digits && *r->at == '\0' && out->len > 0;
}

/* --- dates --- */

static const char *const day_names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

/* A name or its first three letters: its number from 0, or -1. */
static int take_name(struct reader *r, const char *const *names, int count)
{
	size_t len = 0;

	while (isalpha((unsigned char)r->at[len]))
		len++;
	for (int i = 0; len >= 3 && i < count; i++) {
		if (strncasecmp(r->at, names[i], len) != 0 || (len != 3 && len != strlen(names[i])))
			continue;
		r->at += len;
		return i;
	}
	return -1;
}

/* 1 to 4 digits; returns how many. */
static int take_number(struct reader *r, int *ret)
{
	int n = 0;

	for (*ret = 0; n < 4 && isdigit((unsigned char)*r->at); n++)
		*ret = *ret * 10 + (*r->at++ - '0');
	return n;
}

struct date {
	int year, month, day, weekday; /* weekday -1: not told */
};

static bool take_year(struct reader *r, struct date *d)
{
	int digits = take_number(r, &d->year);

	if (digits == 2)
		d->year += d->year < 30 ? 2000 : 1900;
	return digits == 2 || digits == 4;
}

static bool take_comma(struct reader *r)
{
	const char *start = r->at;

	skip_blanks(r);
	take(r, ',');
	skip_blanks(r);
	return r->at > start;
}

/* December 13, 2010; 13 December 2010; 12/13/2010; 2010-12-13; each with a weekday in front */
static bool read_date(struct reader *r, struct date *d)
{
	int first, digits;
	char between;

	d->weekday = take_name(r, day_names, 7);
	if (d->weekday >= 0)
		take_comma(r);
	d->month = take_name(r, datetime_month_names, 12) + 1;
	if (d->month > 0) {
		skip_blanks(r);
		return take_number(r, &d->day) > 0 && take_comma(r) && take_year(r, d);
	}
	digits = take_number(r, &first);
	if (*r->at == ' ' && digits > 0) {
		skip_blanks(r);
		d->day = first;
		d->month = take_name(r, datetime_month_names, 12) + 1;
		return d->month > 0 && take_comma(r) && take_year(r, d);
	}
	between = *r->at;
	if (digits == 0 || (between != '/' && between != '-'))
		return false;
	r->at++;
	if (digits == 4) {
		d->year = first;
		return take_number(r, &d->month) > 0 && take(r, between) && take_number(r, &d->day) > 0;
	}
	d->month = first;
	return take_number(r, &d->day) > 0 && take(r, between) && take_year(r, d);
}

/* h:mm[:ss[.fffffff]] [AM|PM] */
static bool read_time(struct reader *r, struct buf *out)
{
	int hour, minute, second = 0;
	const char *fraction = NULL;
	size_t len = 0;

	if (take_number(r, &hour) == 0 || hour > 23)
		return false;
	if (!take(r, ':')) /* 2 PM */
		minute = 0;
	else if (take_number(r, &minute) == 0)
		return false;
	else if (take(r, ':') && take_number(r, &second) == 0)
		return false;
	if (take(r, '.')) {
		for (fraction = r->at; isdigit((unsigned char)*r->at); len++)
			r->at++;
		if (len == 0 || len > 7)
			return false;
	}
	skip_blanks(r);
	if (strncasecmp(r->at, "AM", 2) == 0 || strncasecmp(r->at, "PM", 2) == 0) {
		if (hour == 0 || hour > 12)
			return false;
		hour = hour % 12 + (toupper((unsigned char)*r->at) == 'P' ? 12 : 0);
		r->at += 2;
		skip_blanks(r);
	}
	buf_addf(out, "%02d:%02d:%02d", hour, minute, second);
	if (len)
		buf_addf(out, ".%.*s", (int)len, fraction);
	return minute < 60 && second < 60;
}

static bool is_date(const struct date *d)
{
	int64_t days;
	int year, month, day;

	if (d->year < 1 || d->month < 1 || d->month > 12 || d->day < 1 || d->day > 31)
		return false;
	days = clock_days_from_civil(d->year, d->month, d->day);
	clock_civil_from_days(days, &year, &month, &day);
	if (day != d->day)
		return false; /* 31 June */
	return d->weekday < 0 || (days - clock_days_from_civil(1900, 1, 7)) % 7 == d->weekday ||
	    (days - clock_days_from_civil(1900, 1, 7)) % 7 + 7 == d->weekday;
}

static bool read_moment(struct reader *r, enum type_family family, struct buf *out)
{
	struct date d = { .weekday = -1 };
	const char *start;

	skip_blanks(r);
	start = r->at;
	if (family == FAMILY_TIME) {
		if (read_time(r, out) && *r->at == '\0')
			return true;
		buf_clear(out);
		r->at = start;
	}
	if (!read_date(r, &d) || !is_date(&d))
		return false;
	buf_addf(out, "%04d-%02d-%02d", d.year, d.month, d.day);
	if (!take(r, 'T'))
		skip_blanks(r);
	if (*r->at) {
		buf_addc(out, 'T');
		if (!read_time(r, out))
			return false;
	}
	return *r->at == '\0';
}

/* --- the function --- */

/* (text, family, type's name, culture or NULL, 1 = NULL instead of an error) */
FUNCTION_RUN(parse_text)
{
	enum type_family family = (enum type_family)args[1].i;
	const char *culture = count > 3 && !args[3].null ? args[3].s.data : "en-US";
	struct buf out = BUF_INIT;
	struct tsql_value text;
	struct reader reader;
	bool good;
	int r;

	*ret = tsql_null(TSQL_NVARCHAR);
	if (args[0].null)
		return 0;
	if (utf8_casecmp(culture, "en-US") != 0 && utf8_casecmp(culture, "iv") != 0 && culture[0] != '\0')
		return sql_error(eval->err, 9818, "The culture parameter '%s' provided in the function call is not supported.", culture);
	r = function_text(eval, &args[0], &text);
	if (r < 0)
		return r;
	reader.at = text.s.data;
	good = type_is_number((enum tsql_type)args[2].i) ? read_number(&reader, family, &out) : read_moment(&reader, family, &out);
	if (good)
		*ret = tsql_nvarchar(out.data);
	else if (!args[4].i)
		r = sql_error(eval->err, 9819, "Error converting string value '%s' into data type %s using culture '%s'.", text.s.data,
		    tsql_type_name((enum tsql_type)args[2].i), count > 3 && !args[3].null ? culture : "");
	buf_release(&out);
	tsql_value_release(&text);
	return r;
}

const struct function functions_parse[] = {
	{ FUNCTION_PARSE, 5, 5, 0, { .type = TSQL_NVARCHAR, .length = 4000 }, NULL, parse_text, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
