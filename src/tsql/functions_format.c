/* SPDX-License-Identifier: MIT */
/*
 * FORMAT(value, format [, culture]) of numbers (dates: format_date.c) with .NET's standard and custom patterns
 * in the cultures en-US and invariant. A pattern that does not fit the value
 * gives NULL, as the reference says; a culture we do not have is error 9818.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/decimal.h"
#include "tsql/format_impl.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const struct culture cultures[] = {
	{ "en-US", "$", "M/d/yyyy", "dddd, MMMM d, yyyy", "h:mm tt", "h:mm:ss tt", "MMMM d", "MMMM yyyy", true },
	{ "", "\xC2\xA4", "MM/dd/yyyy", "dddd, dd MMMM yyyy", "HH:mm", "HH:mm:ss", "MMMM dd", "yyyy MMMM", true },
};

/* --- numbers as digits --- */

#define DIGITS_MAX 400

/* 0.d1d2d3... times 10^point; no leading zeros; count 0 = zero. */
struct digits {
	char d[DIGITS_MAX];
	int count, point;
	bool negative;
};

static void trim_digits(struct digits *n)
{
	int lead = 0;

	while (lead < n->count && n->d[lead] == '0')
		lead++;
	memmove(n->d, n->d + lead, (size_t)(n->count - lead));
	n->count -= lead;
	n->point -= lead;
	while (n->count && n->d[n->count - 1] == '0')
		n->count--;
	if (n->count == 0)
		n->point = 0;
}

/* "-12.5", "1.5e+20" */
static struct digits read_digits(const char *text)
{
	struct digits n = { .count = 0 };
	bool after = false;

	for (; *text; text++) {
		if (*text == '-')
			n.negative = true;
		else if (*text == '.')
			after = true;
		else if (*text == 'e' || *text == 'E') {
			n.point += (int)strtol(text + 1, NULL, 10);
			break;
		} else if (isdigit((unsigned char)*text) && n.count < DIGITS_MAX - 1) {
			n.d[n.count++] = *text;
			n.point += !after;
		}
	}
	trim_digits(&n);
	return n;
}

/* Keep this many digits after the point, rounding half away from zero. */
static void round_digits(struct digits *n, int places)
{
	int keep = n->point + places;

	if (keep >= n->count)
		return;
	if (keep < 0 || (keep == 0 && n->d[0] < '5')) {
		n->count = n->point = 0;
		return;
	}
	if (n->d[keep] >= '5') {
		int i = keep - 1;
		while (i >= 0 && n->d[i] == '9')
			n->d[i--] = '0';
		if (i >= 0) {
			n->d[i]++;
		} else {
			memmove(n->d + 1, n->d, (size_t)keep);
			n->d[0] = '1';
			keep++;
			n->point++;
		}
	}
	n->count = keep;
	trim_digits(n);
}

static char digit_at(const struct digits *n, int i)
{
	return i >= 0 && i < n->count ? n->d[i] : '0';
}

/* The number without its sign. */
static void put_fixed(const struct digits *n, int places, bool group, struct buf *out)
{
	int whole = n->point > 0 ? n->point : 1;

	for (int i = 0; i < whole; i++) {
		buf_addc(out, n->point > 0 ? digit_at(n, i) : '0');
		if (group && i + 1 < whole && (whole - i - 1) % 3 == 0)
			buf_addc(out, ',');
	}
	if (places > 0)
		buf_addc(out, '.');
	for (int i = 0; i < places; i++)
		buf_addc(out, digit_at(n, n->point + i));
}

static void put_exponent(struct digits n, int places, char letter, int width, struct buf *out)
{
	int exponent;

	round_digits(&n, places + 1 - n.point);
	exponent = n.count ? n.point - 1 : 0;
	buf_addc(out, digit_at(&n, 0));
	if (places > 0)
		buf_addc(out, '.');
	for (int i = 1; i <= places; i++)
		buf_addc(out, digit_at(&n, i));
	buf_addf(out, "%c%c%0*d", letter, exponent < 0 ? '-' : '+', width, exponent < 0 ? -exponent : exponent);
}

static void put_general(struct digits n, int precision, char letter, bool is_float, struct buf *out)
{
	int exponent, shown = precision > 0 ? precision : is_float ? 15 : 29;

	round_digits(&n, shown - n.point);
	exponent = n.count ? n.point - 1 : 0;
	if (n.negative && n.count)
		buf_addc(out, '-');
	if ((is_float || precision > 0) && (exponent >= shown || exponent < -5)) {
		put_exponent(n, n.count ? n.count - 1 : 0, letter == 'G' ? 'E' : 'e', 2, out);
		return;
	}
	put_fixed(&n, n.count > n.point ? n.count - n.point : 0, false, out);
}

/* Whole numbers only: D and X. */
static bool put_integer(const struct tsql_value *v, const struct digits *n, char letter, int precision, struct buf *out)
{
	char text[64];

	if (!tsql_type_is_integer(v->type))
		return false;
	if (toupper((unsigned char)letter) == 'D') {
		snprintf(text, sizeof(text), "%llu", v->i < 0 ? 0 - (unsigned long long)v->i : (unsigned long long)v->i);
		buf_adds(out, n->negative ? "-" : "");
	} else {
		unsigned long long bits = (unsigned long long)v->i;
		if (v->type == TSQL_INT)
			bits &= 0xFFFFFFFFu;
		else if (v->type == TSQL_SMALLINT)
			bits &= 0xFFFF;
		snprintf(text, sizeof(text), letter == 'X' ? "%llX" : "%llx", bits);
	}
	for (int i = (int)strlen(text); i < precision; i++)
		buf_addc(out, '0');
	buf_adds(out, text);
	return true;
}

static bool standard_number(const struct tsql_value *v, struct digits n, const struct culture *c, char letter, int precision,
    struct buf *out)
{
	bool is_float = v->type == TSQL_FLOAT || v->type == TSQL_REAL, negative;
	struct buf body = BUF_INIT;

	switch (toupper((unsigned char)letter)) {
	case 'D':
	case 'X':
		return put_integer(v, &n, letter, precision, out);
	case 'G':
	case 'R':
		put_general(n, precision, letter, is_float, out);
		return true;
	case 'E':
		if (n.negative && n.count)
			buf_addc(out, '-');
		put_exponent(n, precision < 0 ? 6 : precision, letter, 3, out);
		return true;
	case 'C':
	case 'F':
	case 'N':
	case 'P':
		break;
	default:
		return false;
	}
	if (precision < 0)
		precision = 2;
	letter = (char)toupper((unsigned char)letter);
	if (letter == 'P')
		n.point += n.count ? 2 : 0;
	round_digits(&n, precision);
	negative = n.negative && n.count;
	if (letter == 'C')
		buf_adds(&body, c->currency);
	put_fixed(&n, precision, letter != 'F', &body);
	if (letter == 'P')
		buf_adds(&body, c->percent_blank ? " %" : "%");
	if (negative && letter == 'C')
		buf_addf(out, "(%s)", body.data);
	else
		buf_addf(out, "%s%s", negative ? "-" : "", body.data);
	buf_release(&body);
	return true;
}

/* --- custom patterns of numbers --- */

/* The end of a section: ';' outside quotes, or the end. */
static const char *section_end(const char *p)
{
	for (; *p && *p != ';'; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '\'' || *p == '"') {
			const char *close = strchr(p + 1, *p);
			if (!close)
				return p + strlen(p);
			p = close;
		}
	}
	return p;
}

struct pattern {
	int before, after;      /* placeholders */
	int zeros_before;       /* least digits before the point */
	int zeros_after;
	bool group, exponent;
	int percent, thousands; /* 100 or 1000 each; commas before the point, 1000 each */
};

void format_literal(const char **p, struct buf *out)
{
	if (**p == '\\' && (*p)[1]) {
		buf_addc(out, *++*p);
	} else if (**p == '\'' || **p == '"') {
		char quote = **p;
		for (++*p; **p && **p != quote; ++*p)
			buf_addc(out, **p);
		if (!**p)
			--*p;
	} else {
		buf_addc(out, **p);
	}
}

static bool is_exponent(const char *p)
{
	return (*p == 'E' || *p == 'e') && (p[1] == '0' || ((p[1] == '+' || p[1] == '-') && p[2] == '0'));
}

static struct pattern measure(const char *p, const char *end)
{
	struct pattern m = { 0 };
	struct buf ignored = BUF_INIT;
	bool point = false;
	int commas = 0, first_zero = -1;

	for (; p < end; p++) {
		if (*p == '0' || *p == '#') {
			if (point) {
				m.after++;
				if (*p == '0')
					m.zeros_after = m.after;
			} else {
				if (commas && m.before)
					m.group = true;
				commas = 0;
				if (*p == '0' && first_zero < 0)
					first_zero = m.before;
				m.before++;
			}
		} else if (*p == '.') {
			m.thousands += point ? 0 : commas;
			point = true;
		} else if (*p == ',') {
			commas += !point && m.before > 0;
		} else if (*p == '%') {
			m.percent += 2;
		} else if (strncmp(p, "\xE2\x80\xB0", 3) == 0) {
			m.percent += 3;
		} else if (is_exponent(p)) {
			m.exponent = true;
			p += p[1] == '0' ? 1 : 2;
			while (p[1] == '0')
				p++;
		} else {
			format_literal(&p, &ignored);
		}
	}
	if (!point)
		m.thousands += commas;
	m.zeros_before = first_zero < 0 ? 0 : m.before - first_zero;
	buf_release(&ignored);
	return m;
}

struct custom {
	struct pattern m;
	struct digits n;
	int whole;    /* digits before the point */
	int position; /* placeholder before the point that comes next */
	int exponent;
	struct buf *out;
};

static void put_whole(struct custom *c, int i)
{
	int left = c->whole - i; /* digits from here to the point */
	bool real = left <= c->n.point;

	if (!real && left > c->m.zeros_before)
		return;
	buf_addc(c->out, real ? digit_at(&c->n, c->n.point - left) : '0');
	if (c->m.group && left > 1 && (left - 1) % 3 == 0)
		buf_addc(c->out, ',');
}

static void put_section(struct custom *c, const char *p, const char *end)
{
	bool point = false, first = true;
	int fraction = 0, shown = c->n.count > c->n.point ? c->n.count - c->n.point : 0;

	for (; p < end; p++) {
		if ((*p == '0' || *p == '#') && !point) {
			/* the first placeholder takes all the digits that have none of their own */
			int until = c->whole - (c->m.before - c->position) + 1;
			for (int i = first ? 0 : until - 1; i < until; i++)
				put_whole(c, i);
			first = false;
			c->position++;
		} else if (*p == '0' || *p == '#') {
			if (++fraction <= shown || fraction <= c->m.zeros_after) {
				if (fraction == 1)
					buf_addc(c->out, '.');
				buf_addc(c->out, digit_at(&c->n, c->n.point + fraction - 1));
			}
		} else if (*p == '.') {
			if (!point && first && c->m.before == 0 && c->n.point > 0)
				for (int i = 0; i < c->whole; i++)
					put_whole(c, i);
			point = true;
		} else if (*p == ',') {
			continue;
		} else if (is_exponent(p)) {
			int width = 0;
			buf_addc(c->out, *p++);
			if (c->exponent < 0 || *p == '+')
				buf_addc(c->out, c->exponent < 0 ? '-' : '+');
			if (*p == '+' || *p == '-')
				p++;
			for (; *p == '0'; p++)
				width++;
			p--;
			buf_addf(c->out, "%0*d", width, c->exponent < 0 ? -c->exponent : c->exponent);
		} else {
			format_literal(&p, c->out);
		}
	}
}

static void custom_number(struct digits n, const char *format, struct buf *out)
{
	const char *section[3] = { format }, *end[3];
	struct custom c = { .out = out };
	size_t count = 0, use;

	for (; count < 3; count++) {
		if (count)
			section[count] = end[count - 1] + 1;
		end[count] = section_end(section[count]);
		if (*end[count] == '\0') {
			count++;
			break;
		}
	}
	use = n.count == 0 && count > 2 ? 2 : n.negative && count > 1 && end[1] > section[1] ? 1 : 0;
	c.m = measure(section[use], end[use]);
	if (n.count)
		n.point += c.m.percent - 3 * c.m.thousands;
	if (c.m.exponent) {
		c.exponent = n.count ? n.point - c.m.before : 0;
		if (n.count)
			n.point = c.m.before;
	}
	round_digits(&n, c.m.after);
	if (n.count == 0 && count > 2 && use != 2) { /* rounded to zero: the section for zero */
		use = 2;
		c.m = measure(section[use], end[use]);
	}
	c.n = n;
	c.whole = n.point > c.m.before ? n.point : c.m.before;
	if (n.negative && n.count && use == 0)
		buf_addc(out, '-');
	put_section(&c, section[use], end[use]);
}

static bool format_number(const struct tsql_value *v, const char *format, const struct culture *culture, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct digits n;
	char shown[64], *end;
	long precision = -1;

	if (v->type == TSQL_FLOAT || v->type == TSQL_REAL) {
		snprintf(shown, sizeof(shown), "%.*e", v->type == TSQL_REAL ? 6 : 14, v->f);
		n = read_digits(shown);
	} else {
		tsql_value_format(v, &text);
		n = read_digits(text.data);
	}
	buf_release(&text);
	if (format[0] == '\0')
		return standard_number(v, n, culture, 'G', -1, out);
	if (isalpha((unsigned char)format[0])) {
		if (format[1])
			precision = strtol(format + 1, &end, 10);
		if (!format[1] || (isdigit((unsigned char)format[1]) && *end == '\0' && precision <= 99))
			return standard_number(v, n, culture, format[0], (int)precision, out);
	}
	custom_number(n, format, out);
	return true;
}

/* --- the function --- */

FUNCTION_RUN(format)
{
	const struct culture *culture = &cultures[0];
	const struct tsql_value *v = &args[0];
	struct tsql_value f;
	struct buf out = BUF_INIT;
	int r;
	bool ok;

	if (!type_is_number(v->type) && !type_is_datetime(v->type))
		return sql_error(eval->err, 8116, "Argument data type %s is invalid for argument 1 of format function.", tsql_type_name(v->type));
	if (count == 3) {
		culture = NULL;
		for (size_t i = 0; i < ARRAY_LEN(cultures); i++)
			if (tsql_type_is_text(args[2].type) && utf8_casecmp(cultures[i].name, args[2].s.data) == 0)
				culture = &cultures[i];
		if (tsql_type_is_text(args[2].type) && utf8_casecmp(args[2].s.data, "iv") == 0)
			culture = &cultures[1];
		if (!culture)
			return sql_error(eval->err, 9818, "The culture parameter '%s' provided in the function call is not supported.",
			    tsql_type_is_text(args[2].type) ? args[2].s.data : "");
	}
	r = function_text(eval, &args[1], &f);
	if (r < 0)
		return r;
	ok = f.s.len < 256 && (type_is_datetime(v->type) ? format_date(v, f.s.data, culture, &out) : format_number(v, f.s.data, culture, &out));
	*ret = ok ? tsql_nvarchar_n(out.data, out.len) : tsql_null(TSQL_NVARCHAR);
	buf_release(&out);
	tsql_value_release(&f);
	return 0;
}

const struct function functions_format[] = {
	{ "FORMAT", 2, 3, FUNCTION_STRICT, { .type = TSQL_NVARCHAR, .length = 4000 }, NULL, format, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
