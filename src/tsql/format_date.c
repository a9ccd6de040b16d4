/* SPDX-License-Identifier: MIT */
/* FORMAT of dates and times, with .NET's patterns. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tsql/datetime.h"
#include "tsql/format_impl.h"
#include "tsql/function_args.h"

struct moment {
	struct datetime_civil c;
	int weekday; /* 0 = Sunday */
	int offset_min;
	bool has_offset;
	const struct culture *culture;
};

static int run_of(const char *p)
{
	int n = 1;

	while (p[n] == *p)
		n++;
	return n;
}

static void put_offset(const struct moment *m, int n, struct buf *out)
{
	int at = m->offset_min < 0 ? -m->offset_min : m->offset_min;
	char sign = m->offset_min < 0 ? '-' : '+';

	if (n == 1)
		buf_addf(out, "%c%d", sign, at / 60);
	else if (n == 2)
		buf_addf(out, "%c%02d", sign, at / 60);
	else
		buf_addf(out, "%c%02d:%02d", sign, at / 60, at % 60);
}

static void put_fraction(const struct moment *m, int n, bool trim, struct buf *out)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%07d", m->c.fraction);
	digits[n] = '\0';
	while (trim && n > 0 && digits[n - 1] == '0')
		digits[--n] = '\0';
	if (trim && n == 0 && out->len && out->data[out->len - 1] == '.')
		buf_truncate(out, out->len - 1);
	buf_adds(out, digits);
}

static bool put_field(const struct moment *m, char letter, int n, struct buf *out)
{
	int hour12 = m->c.hour % 12 ? m->c.hour % 12 : 12;

	switch (letter) {
	case 'd':
		if (n <= 2)
			buf_addf(out, "%0*d", n, m->c.day);
		else
			buf_addf(out, "%.*s", n == 3 ? 3 : 20, datetime_day_names[m->weekday]);
		return true;
	case 'M':
		if (n <= 2)
			buf_addf(out, "%0*d", n, m->c.month);
		else
			buf_addf(out, "%.*s", n == 3 ? 3 : 20, datetime_month_names[m->c.month - 1]);
		return true;
	case 'y':
		if (n <= 2)
			buf_addf(out, "%0*d", n, m->c.year % 100);
		else
			buf_addf(out, "%0*d", n, m->c.year);
		return true;
	case 'h':
		buf_addf(out, "%0*d", n > 2 ? 2 : n, hour12);
		return true;
	case 'H':
		buf_addf(out, "%0*d", n > 2 ? 2 : n, m->c.hour);
		return true;
	case 'm':
		buf_addf(out, "%0*d", n > 2 ? 2 : n, m->c.minute);
		return true;
	case 's':
		buf_addf(out, "%0*d", n > 2 ? 2 : n, m->c.second);
		return true;
	case 't':
		buf_addf(out, "%.*s", n == 1 ? 1 : 2, m->c.hour < 12 ? "AM" : "PM");
		return true;
	case 'f':
	case 'F':
		if (n > 7)
			return false;
		put_fraction(m, n, letter == 'F', out);
		return true;
	case 'z':
		put_offset(m, n, out);
		return true;
	case 'K':
		for (int i = 0; i < n && m->has_offset; i++)
			put_offset(m, 3, out);
		return true;
	case 'g':
		buf_adds(out, "A.D.");
		return true;
	default:
		for (int i = 0; i < n; i++)
			buf_addc(out, letter);
		return true;
	}
}

static bool custom_date(const struct moment *m, const char *p, struct buf *out)
{
	while (*p) {
		int n = run_of(p);
		if (*p == '\\' || *p == '\'' || *p == '"') {
			if (*p == '\\' ? !p[1] : !strchr(p + 1, *p))
				return false;
			format_literal(&p, out);
			p++;
			continue;
		}
		if (*p == '%') {
			if (!p[1] || p[1] == '%')
				return false;
			p++;
			continue;
		}
		if (!put_field(m, *p, n, out))
			return false;
		p += n;
	}
	return true;
}

/* A single letter stands for a whole pattern. */
static bool standard_date(struct moment *m, char letter, struct buf *out)
{
	const struct culture *c = m->culture;
	char both[120];
	const char *pattern = NULL;

	switch (letter) {
	case 'd':
		pattern = c->short_date;
		break;
	case 'D':
		pattern = c->long_date;
		break;
	case 't':
		pattern = c->short_time;
		break;
	case 'T':
		pattern = c->long_time;
		break;
	case 'm':
	case 'M':
		pattern = c->month_day;
		break;
	case 'y':
	case 'Y':
		pattern = c->year_month;
		break;
	case 'f':
	case 'F':
	case 'U':
		snprintf(both, sizeof(both), "%s %s", c->long_date, letter == 'f' ? c->short_time : c->long_time);
		pattern = both;
		break;
	case 'g':
	case 'G':
		snprintf(both, sizeof(both), "%s %s", c->short_date, letter == 'g' ? c->short_time : c->long_time);
		pattern = both;
		break;
	case 'o':
	case 'O':
		pattern = "yyyy-MM-ddTHH:mm:ss.fffffffK";
		break;
	case 'r':
	case 'R':
		pattern = "ddd, dd MMM yyyy HH:mm:ss 'GMT'";
		break;
	case 's':
		pattern = "yyyy-MM-ddTHH:mm:ss";
		break;
	case 'u':
		pattern = "yyyy-MM-dd HH:mm:ss'Z'";
		break;
	default:
		return false;
	}
	return custom_date(m, pattern, out);
}

/* A time is a span of time: separators must be quoted. */
static bool custom_span(const struct moment *m, const char *p, struct buf *out)
{
	while (*p) {
		int n = run_of(p);
		if (*p == '\\' || *p == '\'' || *p == '"') {
			format_literal(&p, out);
			p++;
			continue;
		}
		if (!strchr("hmsfF", *p) || n > (*p == 'f' || *p == 'F' ? 7 : 2))
			return false;
		if (*p == 'h')
			buf_addf(out, "%0*d", n, m->c.hour);
		else
			put_field(m, *p, n, out);
		p += n;
	}
	return true;
}

bool format_date(const struct tsql_value *v, const char *format, const struct culture *culture, struct buf *out)
{
	struct moment m = { .culture = culture, .offset_min = v->offset_min, .has_offset = v->type == TSQL_DATETIMEOFFSET };
	int64_t ticks = function_civil(v);

	m.c = datetime_split(ticks);
	m.weekday = (int)((ticks / TICKS_PER_DAY + 1) % 7); /* 0001-01-01 was a Monday */
	if (v->type == TSQL_TIME) {
		if (format[0] == '\0' || strcmp(format, "c") == 0 || strcmp(format, "t") == 0 || strcmp(format, "T") == 0)
			return custom_span(&m, m.c.fraction ? "hh\\:mm\\:ss\\.fffffff" : "hh\\:mm\\:ss", out);
		if (strcmp(format, "g") == 0)
			return custom_span(&m, m.c.fraction ? "h\\:mm\\:ss\\.FFFFFFF" : "h\\:mm\\:ss", out);
		return format[1] ? custom_span(&m, format, out) : false;
	}
	if (format[0] == '\0')
		return standard_date(&m, 'G', out);
	return format[1] ? custom_date(&m, format, out) : standard_date(&m, format[0], out);
}
