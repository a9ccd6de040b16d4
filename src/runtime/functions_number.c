/* SPDX-License-Identifier: MIT */
/* Functions on numbers (spec/package.md §4.7). */
#include <math.h>

#include "base/mem.h"
#include "runtime/expr_node.h"

static int check_same_number(struct node *node, struct fault *fault)
{
	if (expr_need_number(node, 0, fault) || (node->arg_count > 1 && expr_need_int(node, 1, fault)))
		return -1;
	node->type = node->args[0]->type;
	return 0;
}

static int check_sign(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return expr_need_number(node, 0, fault);
}

static int check_real(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_R8);
	for (size_t i = 0; i < node->arg_count; i++) {
		if (expr_need_number(node, i, fault))
			return -1;
	}
	return 0;
}

static int sign_of(const struct value *v)
{
	switch (dt_family(v->type.dt)) {
	case FAMILY_REAL:
		return (v->r > 0) - (v->r < 0);
	case FAMILY_DECIMAL:
		return (v->dec > 0) - (v->dec < 0);
	default:
		return dt_info(v->type.dt)->is_signed ? (v->i > 0) - (v->i < 0) : v->u > 0;
	}
}

static int eval_sign(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	value_set_int(ret, DT_I4, sign_of(&args[0]));
	return 0;
}

static int eval_abs(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const struct dt_info *info = dt_info(args[0].type.dt);

	*ret = args[0];
	if (sign_of(&args[0]) >= 0)
		return 0;
	if (info->family == FAMILY_REAL)
		ret->r = -ret->r;
	else if (info->family == FAMILY_DECIMAL)
		ret->dec = -ret->dec;
	else if ((int128)ret->i == -((int128)1 << (info->bits - 1)))
		return expr_fail_result(node, fault);
	else
		ret->i = -ret->i;
	return 0;
}

/* Whole number at or below (up false) or above a decimal. */
static int128 whole_decimal(int128 v, int scale, bool up)
{
	int128 unit = dec_pow10(scale), rest = v % unit;

	v -= rest;
	if (rest > 0 && up)
		v += unit;
	if (rest < 0 && !up)
		v -= unit;
	return v;
}

static int eval_whole(const struct node *node, struct value *args, struct value *ret, bool up,
    struct fault *fault)
{
	(void)node, (void)fault;
	*ret = args[0];
	if (dt_family(ret->type.dt) == FAMILY_REAL)
		ret->r = up ? ceil(ret->r) : floor(ret->r);
	else if (dt_family(ret->type.dt) == FAMILY_DECIMAL)
		ret->dec = whole_decimal(ret->dec, ret->type.scale, up);
	return 0;
}

static int eval_ceiling(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_whole(node, args, ret, true, fault);
}

static int eval_floor(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_whole(node, args, ret, false, fault);
}

static int eval_round(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int places = expr_int_arg(&args[1]);
	int128 exact;

	if (places < 0)
		return fault_set(fault, EXPR_INVALID_LENGTH,
		    "The length %d is not valid for function \"ROUND\"; it must not be negative.", places);
	*ret = args[0];
	if (dt_family(ret->type.dt) == FAMILY_REAL) {
		if (places < 15 && dec_from_double(ret->r, places, &exact))
			ret->r = dec_to_double(exact, places);
	} else if (dt_family(ret->type.dt) == FAMILY_DECIMAL && places < ret->type.scale) {
		if (!dec_rescale(ret->dec, ret->type.scale, places, true, &exact) ||
		    !dec_rescale(exact, places, ret->type.scale, true, &ret->dec))
			return expr_fail_result(node, fault);
	}
	return 0;
}

static double real_arg(const struct value *v)
{
	struct value_type r8 = value_type_of(DT_R8);
	struct value out;

	if (value_cast(v, &r8, &out, NULL))
		return NAN;
	return out.r;
}

/* R8 result; a result that is no number overflows. */
static int set_real(const struct node *node, double r, struct value *ret, struct fault *fault)
{
	if (!isfinite(r))
		return expr_fail_result(node, fault);
	value_set_real(ret, DT_R8, r);
	return 0;
}

static int eval_exp(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return set_real(node, exp(real_arg(&args[0])), ret, fault);
}

/* LN and LOG of zero and below are NULL. */
static int eval_logarithm(const struct node *node, struct value *args, struct value *ret,
    double (*function)(double), struct fault *fault)
{
	double x = real_arg(&args[0]);

	if (x > 0)
		return set_real(node, function(x), ret, fault);
	value_set_null(ret, &node->type);
	return 0;
}

static int eval_ln(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_logarithm(node, args, ret, log, fault);
}

static int eval_log(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_logarithm(node, args, ret, log10, fault);
}

static int eval_sqrt(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	double x = real_arg(&args[0]);

	if (x < 0)
		return fault_set(fault, EXPR_SQRT_PARAM, "The function SQRT cannot operate on negative values.");
	return set_real(node, sqrt(x), ret, fault);
}

static int eval_square(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	double x = real_arg(&args[0]);

	return set_real(node, x * x, ret, fault);
}

static int eval_power(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	double x = real_arg(&args[0]), y = real_arg(&args[1]);

	if ((x == 0 && y < 0) || (x < 0 && y != floor(y)))
		return fault_set(fault, EXPR_POWER_PARAM,
		    "The parameters of the function POWER have no defined result.");
	return set_real(node, pow(x, y), ret, fault);
}

static const struct expr_function rows[] = {
	{ "ABS", 1, 1, false, check_same_number, eval_abs },
	{ "CEILING", 1, 1, false, check_same_number, eval_ceiling },
	{ "EXP", 1, 1, false, check_real, eval_exp },
	{ "FLOOR", 1, 1, false, check_same_number, eval_floor },
	{ "LN", 1, 1, false, check_real, eval_ln },
	{ "LOG", 1, 1, false, check_real, eval_log },
	{ "POWER", 2, 2, false, check_real, eval_power },
	{ "ROUND", 2, 2, false, check_same_number, eval_round },
	{ "SIGN", 1, 1, false, check_sign, eval_sign },
	{ "SQRT", 1, 1, false, check_real, eval_sqrt },
	{ "SQUARE", 1, 1, false, check_real, eval_square },
};

const struct expr_function_list expr_number_functions = { rows, ARRAY_LEN(rows) };
