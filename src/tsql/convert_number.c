/* SPDX-License-Identifier: MIT */
/* Conversions to numbers. */
#include <errno.h>
#include <math.h>
#include <strings.h>

#include "tsql/convert_impl.h"

static int bad_text(const struct conversion *c)
{
	return sql_error(c->err, 245, "Conversion failed when converting the %s value '%.*s' to data type %s.",
	    convert_type_name(c->from->type), c->from->s.len > 200 ? 200 : (int)c->from->s.len, c->from->s.data,
	    convert_type_name(c->to.type));
}

/* --- integers --- */

static int integer_range(const struct conversion *c, int64_t v)
{
	static const struct {
		int64_t low, high;
	} range[] = {
		[TSQL_TINYINT] = { 0, 255 },
		[TSQL_SMALLINT] = { INT16_MIN, INT16_MAX },
		[TSQL_INT] = { INT32_MIN, INT32_MAX },
		[TSQL_BIGINT] = { INT64_MIN, INT64_MAX },
	};

	if (c->to.type == TSQL_BIT || (v >= range[c->to.type].low && v <= range[c->to.type].high))
		return 0;
	if (tsql_type_is_text(c->from->type)) {
		if (c->to.type == TSQL_INT)
			return sql_error(c->err, 248, "The conversion of the %s value '%s' overflowed an int column.",
			    convert_type_name(c->from->type), c->from->s.data);
		return sql_error(c->err, 244,
		    "The conversion of the %s value '%s' overflowed an %s column. Use a larger integer column.",
		    convert_type_name(c->from->type), c->from->s.data, c->to.type == TSQL_TINYINT ? "INT1" : "INT2");
	}
	if (c->to.type != TSQL_INT && tsql_type_is_integer(c->from->type))
		return sql_error_full(c->err, 220, 16, 1, "Arithmetic overflow error for data type %s, value = %lld.",
		    convert_type_name(c->to.type), (long long)v);
	return convert_overflow(c, tsql_type_is_integer(c->from->type) ? "expression" : convert_type_name(c->from->type));
}

static int text_to_integer(const struct conversion *c, int64_t *ret)
{
	char text[32], *end;
	size_t len;
	const char *p = convert_trimmed(c->from, &len);

	*ret = 0;
	if (len == 0)
		return 0;
	if (c->to.type == TSQL_BIT && (len == 4 || len == 5)) {
		*ret = len == 4 && strncasecmp(p, "true", 4) == 0;
		if (*ret || (len == 5 && strncasecmp(p, "false", 5) == 0))
			return 0;
	}
	for (size_t i = 0; i < len; i++)
		if ((p[i] < '0' || p[i] > '9') && !(i == 0 && len > 1 && (p[i] == '-' || p[i] == '+')))
			return c->to.type == TSQL_BIGINT ? convert_bad_type(c) : bad_text(c);
	while (len > 1 && *p == '0')
		p++, len--;
	errno = 0;
	snprintf(text, sizeof(text), "%.*s", (int)len, p);
	*ret = strtoll(text, &end, 10);
	if (len > 30 || errno == ERANGE) {
		if (c->to.type == TSQL_BIGINT)
			return convert_overflow(c, convert_type_name(c->from->type));
		*ret = INT64_MAX;
	}
	return 0;
}

static int binary_to_integer(const struct conversion *c, int64_t *ret)
{
	static const unsigned width[] = { [TSQL_BIT] = 1, [TSQL_TINYINT] = 1, [TSQL_SMALLINT] = 2, [TSQL_INT] = 4,
		[TSQL_BIGINT] = 8 };
	unsigned bytes = width[c->to.type];
	const struct tsql_value *v = c->from;
	uint64_t u = 0;

	for (size_t i = v->s.len > bytes ? v->s.len - bytes : 0; i < v->s.len; i++)
		u = (u << 8) | (unsigned char)v->s.data[i];
	if (bytes == 2)
		*ret = (int16_t)u;
	else if (bytes == 4)
		*ret = (int32_t)u;
	else
		*ret = (int64_t)u;
	return 0;
}

/* Days since 1900-01-01, rounded, as CAST(datetime AS int) gives. */
static double days_since_1900(int64_t ticks)
{
	return (double)(ticks - clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY) / (double)TICKS_PER_DAY;
}

int convert_to_integer(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	struct decimal d;
	int64_t i = 0;
	int r = 0;

	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
		i = v->i;
		break;
	case FAMILY_DECIMAL:
		d = value_to_decimal(v);
		if (c->to.type == TSQL_BIT)
			i = d.units != 0;
		else if (!decimal_to_int(&d, &i))
			return convert_overflow(c, "numeric");
		break;
	case FAMILY_MONEY: /* money rounds, decimal cuts */
		i = c->to.type == TSQL_BIT ? v->i != 0 : (v->i >= 0 ? v->i + 5000 : v->i - 5000) / 10000;
		break;
	case FAMILY_FLOAT:
		if (!isfinite(v->f) || fabs(v->f) >= 9.3e18 || (c->to.type == TSQL_INT && fabs(v->f) >= 2147483649.0))
			return sql_error_full(c->err, 232, 16, 3, "Arithmetic overflow error for type %s, value = %f.",
			    convert_type_name(c->to.type), v->f);
		if (fabs(v->f) >= 9223372036854775808.0)
			return convert_overflow(c, "expression");
		i = c->to.type == TSQL_BIT ? v->f != 0 : (int64_t)v->f;
		break;
	case FAMILY_TEXT:
		r = text_to_integer(c, &i);
		break;
	case FAMILY_BINARY:
		r = binary_to_integer(c, &i);
		break;
	default: /* datetime */
		i = (int64_t)floor(days_since_1900(v->i) + 0.5);
	}
	if (r < 0 || (r = integer_range(c, i)) < 0)
		return r;
	ret->i = c->to.type == TSQL_BIT ? i != 0 : i;
	return 0;
}

/* --- decimal, money, float --- */

/* The exact decimal a value holds, before it is fitted to a declaration. */
static int exact_decimal(const struct conversion *c, int precision, int scale, struct decimal *ret)
{
	const struct tsql_value *v = c->from;
	struct decimal d = { 0 };
	size_t len;
	const char *p;

	switch (type_info(v->type)->family) {
	case FAMILY_FLOAT:
		if (!decimal_from_double(v->f, precision, scale, &d))
			return convert_overflow(c, convert_type_name(v->type));
		break;
	case FAMILY_TEXT:
		p = convert_trimmed(v, &len);
		if (!decimal_parse(p, len, &d))
			return convert_bad_type(c);
		break;
	case FAMILY_DATETIME:
		if (!decimal_from_double(days_since_1900(v->i), precision, scale, &d))
			return convert_overflow(c, convert_type_name(v->type));
		break;
	case FAMILY_BINARY: {
		struct conversion as_int = *c;
		int64_t i;
		as_int.to.type = TSQL_BIGINT;
		binary_to_integer(&as_int, &i);
		d = decimal_from_int(i);
		break;
	}
	default:
		d = value_to_decimal(v);
	}
	*ret = d;
	return 0;
}

int convert_to_decimal(const struct conversion *c, struct tsql_value *ret)
{
	struct decimal d;
	int r = exact_decimal(c, c->to.precision, c->to.scale, &d);

	if (r < 0)
		return r;
	if (!decimal_rescale(&d, c->to.precision, c->to.scale, &d))
		return sql_error_full(c->err, 8115, 16, 8, "Arithmetic overflow error converting %s to data type numeric.",
		    convert_type_name(c->from->type));
	*ret = value_decimal(&d);
	return 0;
}

static int money_from_text(const struct conversion *c, struct decimal *ret)
{
	char text[DECIMAL_TEXT_MAX];
	size_t len, n = 0;
	const char *p = convert_trimmed(c->from, &len);

	for (size_t i = 0; i < len && n < sizeof(text) - 1; i++)
		if (p[i] != '$' && p[i] != ',')
			text[n++] = p[i];
	if (n == 0)
		text[n++] = '0';
	if (len >= sizeof(text) || !decimal_parse(text, n, ret))
		return sql_error(c->err, 235, "Cannot convert a char value to money. The char value has incorrect syntax.");
	return 0;
}

int convert_to_money(const struct conversion *c, struct tsql_value *ret)
{
	struct decimal d;
	int64_t limit = c->to.type == TSQL_MONEY ? INT64_MAX : INT32_MAX;
	int r = tsql_type_is_text(c->from->type) ? money_from_text(c, &d) : exact_decimal(c, 19, 4, &d);

	if (r < 0)
		return r;
	if (!decimal_rescale(&d, 38, 4, &d) || d.units > limit || d.units < -(__int128)limit - 1)
		return convert_overflow(c, tsql_type_is_integer(c->from->type) ? "expression" : convert_type_name(c->from->type));
	ret->i = (int64_t)d.units;
	return 0;
}

static int text_to_float(const struct conversion *c, double *ret)
{
	char text[400], *end;
	size_t len;
	const char *p = convert_trimmed(c->from, &len);

	*ret = 0;
	if (len == 0)
		return 0;
	if (len >= sizeof(text) || strspn(p, "0123456789+-.eE") < len)
		return convert_bad_type(c);
	memcpy(text, p, len);
	text[len] = '\0';
	*ret = strtod(text, &end);
	if (end != text + len)
		return convert_bad_type(c);
	return isfinite(*ret) ? 0 : convert_overflow(c, convert_type_name(c->from->type));
}

int convert_to_float(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	double f = 0;
	int r = 0;

	switch (type_info(v->type)->family) {
	case FAMILY_FLOAT:
		f = v->f;
		break;
	case FAMILY_INTEGER:
		f = (double)v->i;
		break;
	case FAMILY_TEXT:
		r = text_to_float(c, &f);
		break;
	case FAMILY_DATETIME:
		f = days_since_1900(v->i);
		break;
	default: {
		struct decimal d = value_to_decimal(v);
		f = decimal_to_double(&d);
	}
	}
	if (r < 0)
		return r;
	if (c->to.type == TSQL_REAL) {
		if (fabs(f) > 3.40e38)
			return convert_overflow(c, "expression");
		f = (double)(float)f;
	}
	ret->f = f;
	return 0;
}
