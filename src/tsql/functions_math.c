/* SPDX-License-Identifier: MIT */
/* Mathematical functions. */
#include <math.h>

#include "base/uuid.h"
#include "tsql/eval.h"
#include "tsql/function.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const struct tsql_decl as_float = { .type = TSQL_FLOAT };
static const struct tsql_decl as_int = { .type = TSQL_INT };

static int float_argument(struct eval *eval, const struct tsql_value *v, double *ret)
{
	struct tsql_value f;
	int r = tsql_value_convert(v, &as_float, &f, eval->err);

	if (r == 0)
		*ret = f.f;
	return r;
}

static int int_argument(struct eval *eval, const struct tsql_value *v, int64_t *ret)
{
	struct tsql_value n;
	int r = tsql_value_convert(v, &as_int, &n, eval->err);

	if (r == 0)
		*ret = n.i;
	return r;
}

/* Small integers widen to int, text and others to float; the rest keep their type. */
static struct tsql_decl number_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = args[0];

	(void)count;
	if (d.type == TSQL_TINYINT || d.type == TSQL_SMALLINT || d.type == TSQL_BIT)
		return as_int;
	if (d.type == TSQL_REAL || !type_is_number(d.type))
		return as_float;
	return d;
}

static int number_argument(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret)
{
	struct tsql_decl d = decl_of(v), want = number_type(&d, 1);

	return tsql_value_convert(v, &want, ret, eval->err);
}

static int math_abs(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value v;
	int r = number_argument(eval, &args[0], &v);

	(void)count;
	if (r < 0)
		return r;
	if (v.type == TSQL_FLOAT) {
		v.f = fabs(v.f);
	} else if (v.type == TSQL_DECIMAL) {
		struct decimal d = value_to_decimal(&v);
		tsql_value_release(&v);
		d.units = d.units < 0 ? -d.units : d.units;
		v = value_decimal(&d);
	} else if (v.i < 0) {
		if (v.i == INT64_MIN || (v.type == TSQL_INT && v.i == INT32_MIN))
			return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type %s.",
			    tsql_type_name(v.type));
		v.i = -v.i;
	}
	*ret = v;
	return 0;
}

static int math_sign(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value v;
	double f = 0;
	int r = number_argument(eval, &args[0], &v);

	(void)count;
	if (r == 0)
		r = float_argument(eval, &v, &f);
	tsql_value_release(&v);
	*ret = tsql_int(f > 0 ? 1 : f < 0 ? -1 : 0);
	return r;
}

/* CEILING and FLOOR: decimals lose their fraction. */
static int to_whole(struct eval *eval, const struct tsql_value *arg, int direction, struct tsql_value *ret)
{
	struct tsql_value v;
	int r = number_argument(eval, arg, &v);

	if (r < 0)
		return r;
	if (v.type == TSQL_FLOAT) {
		v.f = direction > 0 ? ceil(v.f) : floor(v.f);
	} else if (v.type == TSQL_DECIMAL) {
		struct decimal d = value_to_decimal(&v), cut = decimal_truncate(&d, 0), whole;
		bool away = decimal_compare(&d, &cut) * direction > 0;
		decimal_rescale(&cut, d.precision, 0, &whole);
		whole.units += away ? direction : 0;
		tsql_value_release(&v);
		v = value_decimal(&whole);
	} else if (v.type == TSQL_MONEY || v.type == TSQL_SMALLMONEY) {
		int64_t rest = v.i % 10000;
		v.i -= rest;
		if (rest && (rest > 0) == (direction > 0))
			v.i += direction * 10000;
	}
	*ret = v;
	return 0;
}

static struct tsql_decl whole_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = number_type(args, count);

	if (d.type == TSQL_DECIMAL)
		d.scale = 0;
	return d;
}

static int math_ceiling(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return to_whole(eval, &args[0], 1, ret);
}

static int math_floor(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return to_whole(eval, &args[0], -1, ret);
}

static int round_decimal(struct eval *eval, struct decimal d, int64_t digits, bool cut, struct decimal *ret)
{
	struct decimal r = d;
	int drop;

	if (digits >= d.scale) {
		*ret = d;
		return 0;
	}
	if (digits < -DECIMAL_MAX_PRECISION) {
		r.units = 0;
		*ret = r;
		return 0;
	}
	drop = d.scale - (int)digits;
	if (drop > DECIMAL_MAX_PRECISION) {
		r.units = 0;
	} else {
		__int128 unit = 1, rest;
		while (drop-- > 0)
			unit *= 10;
		rest = r.units % unit;
		r.units -= rest;
		if (!cut && (rest < 0 ? -rest : rest) >= unit - unit / 2)
			r.units += rest < 0 ? -unit : unit;
	}
	if (!decimal_rescale(&r, d.precision, d.scale, ret))
		return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type numeric.");
	return 0;
}

static int math_round(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value v;
	struct decimal d, rounded;
	int64_t digits = 0, cut = 0;
	int r = int_argument(eval, &args[1], &digits);

	if (r == 0 && count == 3)
		r = int_argument(eval, &args[2], &cut);
	if (r == 0)
		r = number_argument(eval, &args[0], &v);
	if (r < 0)
		return r;
	if (v.type == TSQL_FLOAT) {
		double unit = pow(10, (double)(digits > 300 ? 300 : digits < -300 ? -300 : digits));
		double scaled = v.f * unit;
		double whole = cut ? trunc(scaled) : round(scaled);
		if (isfinite(scaled))
			v.f = whole / unit;
		*ret = v;
		return 0;
	}
	d = value_to_decimal(&v);
	if (tsql_type_is_integer(v.type))
		d.precision = DECIMAL_MAX_PRECISION;
	r = round_decimal(eval, d, digits, cut != 0, &rounded);
	if (r == 0 && v.type == TSQL_DECIMAL) {
		tsql_value_release(&v);
		v = value_decimal(&rounded);
	} else if (r == 0) {
		if (rounded.units > (v.type == TSQL_INT ? INT32_MAX : INT64_MAX) || rounded.units < (v.type == TSQL_INT ? INT32_MIN : INT64_MIN))
			return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type %s.",
			    tsql_type_name(v.type));
		v.i = (int64_t)rounded.units;
	}
	if (r < 0)
		tsql_value_release(&v);
	else
		*ret = v;
	return r;
}

static int finite_result(struct eval *eval, double f, struct tsql_value *ret)
{
	if (!isfinite(f))
		return sql_error(eval->err, 3623, "An invalid floating point operation occurred.");
	*ret = tsql_float(f);
	return 0;
}

static int math_power(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_decl d = decl_of(&args[0]), want = number_type(&d, 1);
	struct tsql_value f;
	double base = 0, exponent = 0;
	int r = float_argument(eval, &args[0], &base);

	(void)count;
	if (r == 0)
		r = float_argument(eval, &args[1], &exponent);
	if (r == 0)
		r = finite_result(eval, pow(base, exponent), &f);
	if (r < 0)
		return r;
	if (want.type == TSQL_INT && fabs(f.f) > INT32_MAX)
		return sql_error_full(eval->err, 232, 16, 3, "Arithmetic overflow error for type int, value = %f.", f.f);
	return tsql_value_convert(&f, &want, ret, eval->err);
}

/* One double in, one out. */
#define FLOAT_FUNCTION(name, expression) \
	static int math_##name(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret) \
	{ \
		double x = 0; \
		int r = float_argument(eval, &args[0], &x); \
		(void)count; \
		return r < 0 ? r : finite_result(eval, (expression), ret); \
	}
FLOAT_FUNCTION(sqrt, sqrt(x))
FLOAT_FUNCTION(square, x *x)
FLOAT_FUNCTION(exp, exp(x))
FLOAT_FUNCTION(log10, log10(x))
FLOAT_FUNCTION(sin, sin(x))
FLOAT_FUNCTION(cos, cos(x))
FLOAT_FUNCTION(tan, tan(x))
FLOAT_FUNCTION(asin, asin(x))
FLOAT_FUNCTION(acos, acos(x))
FLOAT_FUNCTION(atan, atan(x))

static int math_log(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	double x = 0, base = 0;
	int r = float_argument(eval, &args[0], &x);

	if (r == 0 && count == 2)
		r = float_argument(eval, &args[1], &base);
	return r < 0 ? r : finite_result(eval, count == 2 ? log(x) / log(base) : log(x), ret);
}

static int math_atn2(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	double a = 0, b = 0;
	int r = float_argument(eval, &args[0], &a);

	(void)count;
	if (r == 0)
		r = float_argument(eval, &args[1], &b);
	if (r == 0)
		*ret = tsql_float(atan2(a, b));
	return r;
}

static int math_cot(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	double a = 0;
	int r = float_argument(eval, &args[0], &a);

	(void)count;
	if (r == 0 && a == 0)
		r = sql_error(eval->err, 8115, "Arithmetic overflow error converting expression to data type float.");
	if (r == 0)
		*ret = tsql_float(1 / tan(a));
	return r;
}

/* DEGREES and RADIANS give the type of their argument: of an int, a whole number. */
static int scale_angle(struct eval *eval, const struct tsql_value *arg, double factor, struct tsql_value *ret)
{
	struct tsql_decl d = decl_of(arg), want;
	struct tsql_value f;
	double a = 0;
	int r = float_argument(eval, arg, &a);

	if (r < 0)
		return r;
	want = number_type(&d, 1);
	if (want.type == TSQL_DECIMAL) {
		want.precision = 38;
		want.scale = 18;
	}
	f = tsql_float(a * factor);
	return tsql_value_convert(&f, &want, ret, eval->err);
}

static struct tsql_decl angle_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = number_type(args, count);

	if (d.type == TSQL_DECIMAL) {
		d.precision = 38;
		d.scale = 18;
	}
	return d;
}

static int math_degrees(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return scale_angle(eval, &args[0], 180 / M_PI, ret);
}

static int math_radians(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return scale_angle(eval, &args[0], M_PI / 180, ret);
}

static int math_pi(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)eval;
	(void)args;
	(void)count;
	*ret = tsql_float(acos(-1.0));
	return 0;
}

static int math_rand(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	uint64_t bits;

	(void)eval;
	(void)args;
	(void)count;
	random_bytes(&bits, sizeof(bits));
	*ret = tsql_float((double)(bits >> 11) / 9007199254740992.0);
	return 0;
}

static int math_isnumeric(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	static const struct tsql_decl money = { .type = TSQL_MONEY };
	struct tsql_value v;
	bool numeric = false;

	(void)eval;
	(void)count;
	if (!args[0].null && tsql_type_is_text(args[0].type))
		numeric = args[0].s.len > 0 && (tsql_value_convert(&args[0], &as_float, &v, NULL) == 0 ||
			tsql_value_convert(&args[0], &money, &v, NULL) == 0);
	else
		numeric = !args[0].null && type_is_number(args[0].type);
	*ret = tsql_int(numeric);
	return 0;
}

#define F { .type = TSQL_FLOAT }
#define I { .type = TSQL_INT }
const struct function functions_math[] = {
	{ "ABS", 1, 1, FUNCTION_STRICT, { 0 }, number_type, math_abs, AGGREGATE_NONE, NULL },
	{ "SIGN", 1, 1, FUNCTION_STRICT, I, NULL, math_sign, AGGREGATE_NONE, NULL },
	{ "CEILING", 1, 1, FUNCTION_STRICT, { 0 }, whole_type, math_ceiling, AGGREGATE_NONE, NULL },
	{ "FLOOR", 1, 1, FUNCTION_STRICT, { 0 }, whole_type, math_floor, AGGREGATE_NONE, NULL },
	{ "ROUND", 2, 3, FUNCTION_STRICT, { 0 }, number_type, math_round, AGGREGATE_NONE, NULL },
	{ "POWER", 2, 2, FUNCTION_STRICT, { 0 }, number_type, math_power, AGGREGATE_NONE, NULL },
	{ "SQRT", 1, 1, FUNCTION_STRICT, F, NULL, math_sqrt, AGGREGATE_NONE, NULL },
	{ "SQUARE", 1, 1, FUNCTION_STRICT, F, NULL, math_square, AGGREGATE_NONE, NULL },
	{ "EXP", 1, 1, FUNCTION_STRICT, F, NULL, math_exp, AGGREGATE_NONE, NULL },
	{ "LOG", 1, 2, FUNCTION_STRICT, F, NULL, math_log, AGGREGATE_NONE, NULL },
	{ "LOG10", 1, 1, FUNCTION_STRICT, F, NULL, math_log10, AGGREGATE_NONE, NULL },
	{ "SIN", 1, 1, FUNCTION_STRICT, F, NULL, math_sin, AGGREGATE_NONE, NULL },
	{ "COS", 1, 1, FUNCTION_STRICT, F, NULL, math_cos, AGGREGATE_NONE, NULL },
	{ "TAN", 1, 1, FUNCTION_STRICT, F, NULL, math_tan, AGGREGATE_NONE, NULL },
	{ "ASIN", 1, 1, FUNCTION_STRICT, F, NULL, math_asin, AGGREGATE_NONE, NULL },
	{ "ACOS", 1, 1, FUNCTION_STRICT, F, NULL, math_acos, AGGREGATE_NONE, NULL },
	{ "ATAN", 1, 1, FUNCTION_STRICT, F, NULL, math_atan, AGGREGATE_NONE, NULL },
	{ "ATN2", 2, 2, FUNCTION_STRICT, F, NULL, math_atn2, AGGREGATE_NONE, NULL },
	{ "COT", 1, 1, FUNCTION_STRICT, F, NULL, math_cot, AGGREGATE_NONE, NULL },
	{ "DEGREES", 1, 1, FUNCTION_STRICT, { 0 }, angle_type, math_degrees, AGGREGATE_NONE, NULL },
	{ "RADIANS", 1, 1, FUNCTION_STRICT, { 0 }, angle_type, math_radians, AGGREGATE_NONE, NULL },
	{ "PI", 0, 0, 0, F, NULL, math_pi, AGGREGATE_NONE, NULL },
	{ "RAND", 0, 0, 0, F, NULL, math_rand, AGGREGATE_NONE, NULL },
	{ "ISNUMERIC", 1, 1, 0, I, NULL, math_isnumeric, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
