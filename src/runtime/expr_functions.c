/* SPDX-License-Identifier: MIT */
/*
 * The functions (spec/package.md §4.7), one row each. Characters are counted
 * in UTF-16 units, as the product counts them; a position inside a surrogate
 * pair is moved to the pair's start.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/date.h"
#include "runtime/expr_node.h"

static int fail_param(const struct node *node, size_t i, struct fault *fault)
{
	return fault_set(fault, EXPR_PARAM_TYPE_MISMATCH,
	    "The function \"%s\" does not support the data type \"%s\" for parameter number %zu; an "
	    "explicit cast is needed.",
	    node->function->name, dt_info(node->args[i]->type.dt)->name, i + 1);
}

static int need_text(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_STRING ? 0 : fail_param(node, i, fault);
}

static int need_int(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_INT ? 0 : fail_param(node, i, fault);
}

static int need_number(const struct node *node, size_t i, struct fault *fault)
{
	return dt_is_number(node->args[i]->type.dt) ? 0 : fail_param(node, i, fault);
}

static int need_date(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_DATE ? 0 : fail_param(node, i, fault);
}

/* An integer argument as int; what does not fit is cut to the ends. */
static int int_arg(const struct value *v)
{
	if (!dt_info(v->type.dt)->is_signed)
		return v->u > INT32_MAX ? INT32_MAX : (int)v->u;
	return v->i > INT32_MAX ? INT32_MAX : v->i < INT32_MIN ? INT32_MIN : (int)v->i;
}

/* ---- numbers ---- */

static int check_same_number(struct node *node, struct fault *fault)
{
	if (need_number(node, 0, fault) || (node->arg_count > 1 && need_int(node, 1, fault)))
		return -1;
	node->type = node->args[0]->type;
	return 0;
}

static int check_sign(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return need_number(node, 0, fault);
}

static int check_real(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_R8);
	for (size_t i = 0; i < node->arg_count; i++) {
		if (need_number(node, i, fault))
			return -1;
	}
	return 0;
}

static int fail_result(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_FUNCTION_OVERFLOW,
	    "The result of the function \"%s\" is too large for type \"%s\".", node->function->name,
	    dt_info(node->type.dt)->name);
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
		return fail_result(node, fault);
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
	int places = int_arg(&args[1]);
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
			return fail_result(node, fault);
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
		return fail_result(node, fault);
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

/* ---- texts ---- */

/* First argument text (its length is the result's), the others as said: 's' text, 'i' integer. */
static int check_text_args(struct node *node, const char *kinds, struct fault *fault)
{
	for (size_t i = 0; i < node->arg_count; i++) {
		if (kinds[i] == 's' ? need_text(node, i, fault) : need_int(node, i, fault))
			return -1;
	}
	node->type = value_type_of(DT_WSTR);
	node->type.length = node->args[0]->type.length;
	return 0;
}

static int check_text(struct node *node, struct fault *fault)
{
	return check_text_args(node, "ss", fault);
}

/* A constant length argument declares the length of the result. */
static void declare_length(struct node *node, size_t i)
{
	const struct node *arg = node->args[i];

	if (arg->kind == NODE_LITERAL && arg->value.i >= 0 && arg->value.i <= INT32_MAX)
		node->type.length = (int)arg->value.i;
}

static int check_left_right(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "si", fault))
		return -1;
	declare_length(node, 1);
	return 0;
}

static int check_substring(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "sii", fault))
		return -1;
	declare_length(node, 2);
	return 0;
}

static int check_replicate(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "si", fault))
		return -1;
	const struct node *count = node->args[1];
	int64_t n = count->kind == NODE_LITERAL && count->value.i > 0 ? count->value.i : 0;
	int64_t length = n > INT32_MAX ? INT32_MAX : n * node->type.length;
	node->type.length = length > 0 && length <= 4000 ? (int)length : 4000;
	return 0;
}

static int check_replace(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "sss", fault))
		return -1;
	node->type.length = 4000;
	return 0;
}

static int check_token(struct node *node, struct fault *fault)
{
	return check_text_args(node, "ssi", fault);
}

static int check_count(struct node *node, const char *kinds, struct fault *fault)
{
	if (check_text_args(node, kinds, fault))
		return -1;
	node->type = value_type_of(DT_I4);
	return 0;
}

static int check_findstring(struct node *node, struct fault *fault)
{
	return check_count(node, "ssi", fault);
}

static int check_tokencount(struct node *node, struct fault *fault)
{
	return check_count(node, "ss", fault);
}

static int check_len(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	if (dt_family(node->args[0]->type.dt) == FAMILY_LOB ||
	    dt_family(node->args[0]->type.dt) == FAMILY_BYTES)
		return 0;
	return need_text(node, 0, fault);
}

static int check_codepoint(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_UI2);
	return need_text(node, 0, fault);
}

static int check_hex(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_WSTR);
	node->type.length = dt_info(node->args[0]->type.dt)->bits / 4;
	return need_int(node, 0, fault);
}

static int eval_codepoint(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	size_t used;

	(void)fault;
	if (!args[0].s.len) {
		value_set_null(ret, &node->type);
		return 0;
	}
	uint32_t code = utf8_decode(args[0].s.data, args[0].s.len, &used);
	if (code > 0xFFFF)
		code = 0xD800 + ((code - 0x10000) >> 10);
	value_set_uint(ret, DT_UI2, code);
	return 0;
}

static int eval_findstring(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *text = args[0].s.data, *at = text;
	int occurrence = int_arg(&args[2]), found = 0;

	if (occurrence < 1)
		return fault_set(fault, EXPR_OCCURRENCE,
		    "The occurrence %d is not valid for function \"%s\"; it must be greater than 0.",
		    occurrence, node->function->name);
	for (; args[1].s.len && (at = strstr(at, args[1].s.data)); at++) {
		if (++found == occurrence) {
			value_set_int(ret, DT_I4, (int64_t)utf8_utf16_len(text, (size_t)(at - text)) + 1);
			return 0;
		}
	}
	value_set_int(ret, DT_I4, 0);
	return 0;
}

static int eval_hex(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct buf text = BUF_INIT;
	int bits = dt_info(args[0].type.dt)->bits;

	(void)node, (void)fault;
	buf_addf(&text, "%llX", (unsigned long long)(args[0].u & (UINT64_MAX >> (64 - bits))));
	value_set_text(ret, text.data);
	buf_release(&text);
	return 0;
}

static int fail_length(const struct node *node, int n, int32_t code, struct fault *fault)
{
	return fault_set(fault, code,
	    "The length %d is not valid for function \"%s\"; it must not be negative.", n,
	    node->function->name);
}

static int eval_left(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = int_arg(&args[1]);

	if (n < 0)
		return fail_length(node, n, EXPR_INVALID_LENGTH, fault);
	value_set_text_len(ret, DT_WSTR, args[0].s.data,
	    utf8_prefix_utf16(args[0].s.data, args[0].s.len, (size_t)n));
	return 0;
}

static int eval_right(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = int_arg(&args[1]);
	size_t units = utf8_utf16_len(args[0].s.data, args[0].s.len), skip;

	if (n < 0)
		return fail_length(node, n, EXPR_RIGHT_LENGTH, fault);
	skip = utf8_prefix_utf16(args[0].s.data, args[0].s.len,
	    units > (size_t)n ? units - (size_t)n : 0);
	value_set_text_len(ret, DT_WSTR, args[0].s.data + skip, args[0].s.len - skip);
	return 0;
}

static int eval_substring(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int from = int_arg(&args[1]), n = int_arg(&args[2]);
	const char *text = args[0].s.data;

	if (from < 1)
		return fault_set(fault, EXPR_INVALID_START,
		    "The start position %d is not valid for function \"SUBSTRING\"; positions begin at 1.", from);
	if (n < 0)
		return fail_length(node, n, EXPR_INVALID_LENGTH, fault);
	size_t skip = utf8_prefix_utf16(text, args[0].s.len, (size_t)from - 1);
	value_set_text_len(ret, DT_WSTR, text + skip,
	    utf8_prefix_utf16(text + skip, args[0].s.len - skip, (size_t)n));
	return 0;
}

static int eval_len(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	bool bytes = dt_family(args[0].type.dt) != FAMILY_STRING;

	(void)node, (void)fault;
	value_set_int(ret, DT_I4,
	    (int64_t)(bytes ? args[0].s.len : utf8_utf16_len(args[0].s.data, args[0].s.len)));
	return 0;
}

static int map_text(struct value *args, struct value *ret, uint32_t (*map)(uint32_t))
{
	struct buf text = BUF_INIT;
	size_t used;

	for (size_t at = 0; at < args[0].s.len; at += used) {
		char utf8[4];
		uint32_t code = utf8_decode(args[0].s.data + at, args[0].s.len - at, &used);
		buf_add(&text, utf8, utf8_encode(map(code), utf8));
	}
	value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return 0;
}

static int eval_lower(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return map_text(args, ret, utf8_fold);
}

static int eval_upper(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return map_text(args, ret, utf8_upper);
}

static int eval_reverse(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	size_t len = args[0].s.len, used;
	char *text = xmalloc(len + 1);

	(void)node, (void)fault;
	for (size_t at = 0; at < len; at += used) {
		utf8_decode(args[0].s.data + at, len - at, &used);
		memcpy(text + len - at - used, args[0].s.data + at, used);
	}
	value_set_text_len(ret, DT_WSTR, text, len);
	free(text);
	return 0;
}

static int trim(struct value *args, struct value *ret, bool left, bool right)
{
	const char *from = args[0].s.data, *end = from + args[0].s.len;

	while (left && from < end && *from == ' ')
		from++;
	while (right && end > from && end[-1] == ' ')
		end--;
	value_set_text_len(ret, DT_WSTR, from, (size_t)(end - from));
	return 0;
}

static int eval_ltrim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, true, false);
}

static int eval_rtrim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, false, true);
}

static int eval_trim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, true, true);
}

static int eval_replace(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct buf text = BUF_INIT;
	const char *at = args[0].s.data, *found;
	int r = 0;

	if (!args[1].s.len)
		return fault_set(fault, EXPR_INVALID_LENGTH,
		    "The text to find is empty, which function \"REPLACE\" does not allow.");
	buf_set_limit(&text, EXPR_STRING_MAX);
	for (; (found = strstr(at, args[1].s.data)); at = found + args[1].s.len) {
		buf_add(&text, at, (size_t)(found - at));
		buf_add(&text, args[2].s.data, args[2].s.len);
	}
	buf_adds(&text, at);
	if (text.overflow)
		r = fail_result(node, fault);
	else
		value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return r;
}

static int eval_replicate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = int_arg(&args[1]);
	struct buf text = BUF_INIT;

	if (n < 0)
		return fault_set(fault, EXPR_REPEAT_COUNT,
		    "The repeat count %d is negative, which is not valid for function \"REPLICATE\".", n);
	if (args[0].s.len && (size_t)n > EXPR_STRING_MAX / args[0].s.len)
		return fail_result(node, fault);
	for (int i = 0; i < n && args[0].s.len; i++)
		buf_add(&text, args[0].s.data, args[0].s.len);
	value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return 0;
}

/* Bytes of the character at p when it is one of the delimiters, else 0. */
static size_t delimiter_at(const char *p, const char *delimiters)
{
	size_t used, other;

	if (!*p)
		return 0;
	utf8_decode(p, strlen(p) < 4 ? strlen(p) : 4, &used);
	for (; *delimiters; delimiters += other) {
		utf8_decode(delimiters, strlen(delimiters) < 4 ? strlen(delimiters) : 4, &other);
		if (used == other && !memcmp(p, delimiters, used))
			return used;
	}
	return 0;
}

/* Find the next token from *at; false when there is none. */
static bool next_token(const char **at, const char *delimiters, const char **ret_start)
{
	const char *p = *at;
	size_t n;

	while ((n = delimiter_at(p, delimiters)))
		p += n;
	if (!*p)
		return false;
	*ret_start = p;
	while (*p && !delimiter_at(p, delimiters))
		p++;
	*at = p;
	return true;
}

static int eval_token(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *at = args[0].s.data, *start;
	int wanted = int_arg(&args[2]);

	if (wanted < 1)
		return fault_set(fault, EXPR_OCCURRENCE,
		    "The occurrence %d is not valid for function \"TOKEN\"; it must be greater than 0.", wanted);
	for (int i = 1; next_token(&at, args[1].s.data, &start); i++) {
		if (i == wanted) {
			value_set_text_len(ret, DT_WSTR, start, (size_t)(at - start));
			return 0;
		}
	}
	value_set_null(ret, &node->type);
	return 0;
}

static int eval_tokencount(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *at = args[0].null ? "" : args[0].s.data, *start;
	int n = 0;

	(void)node, (void)fault;
	while (!args[1].null && next_token(&at, args[1].s.data, &start))
		n++;
	value_set_int(ret, DT_I4, n);
	return 0;
}

/* ---- dates ---- */

static int check_part(const struct node *node, struct fault *fault)
{
	const struct node *arg = node->args[0];
	enum date_part part;

	if (arg->kind != NODE_LITERAL || arg->type.dt != DT_WSTR)
		return fault_set(fault, EXPR_DATE_PART_NOT_CONSTANT,
		    "The date part of function \"%s\" must be a constant text.", node->function->name);
	if (!date_part_by_name(arg->value.s.data, &part))
		return fault_set(fault, EXPR_INVALID_DATE_PART,
		    "The date part \"%.60s\" is not valid for function \"%s\".", arg->value.s.data,
		    node->function->name);
	return 0;
}

static int check_dateadd(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_DBTIMESTAMP);
	return check_part(node, fault) || need_int(node, 1, fault) || need_date(node, 2, fault) ? -1 : 0;
}

static int check_datediff(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return check_part(node, fault) || need_date(node, 1, fault) || need_date(node, 2, fault) ? -1 : 0;
}

static int check_datepart(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return check_part(node, fault) || need_date(node, 1, fault) ? -1 : 0;
}

static int check_one_part(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return need_date(node, 0, fault);
}

static int check_now(struct node *node, struct fault *fault)
{
	(void)fault;
	node->type = value_type_of(DT_DBTIMESTAMP);
	return 0;
}

static enum date_part part_arg(const struct node *node)
{
	enum date_part part = PART_DAY;

	date_part_by_name(node->args[0]->value.s.data, &part);
	return part;
}

/* A date argument as DBTIMESTAMP2 ticks: a time gets today, an offset goes to UTC. */
static int ticks_arg(const struct value *v, int64_t *ret, struct fault *fault)
{
	struct value_type type = value_type_of(DT_DBTIMESTAMP2);
	struct value out;

	if (value_cast(v, &type, &out, fault))
		return -1;
	*ret = out.ticks;
	return 0;
}

static int eval_dateadd(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int64_t ticks;
	bool in_range = dt_info(args[1].type.dt)->is_signed || args[1].u <= INT64_MAX;

	if (ticks_arg(&args[2], &ticks, fault))
		return -1;
	if (in_range && (args[1].i > INT32_MAX || args[1].i < INT32_MIN))
		in_range = false;
	if (!in_range || !date_part_add(part_arg(node), args[1].i, ticks, &ticks))
		return fail_result(node, fault);
	value_set_ticks(ret, DT_DBTIMESTAMP, ticks);
	return 0;
}

static int eval_datediff(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int64_t a, b, diff;

	if (ticks_arg(&args[1], &a, fault) || ticks_arg(&args[2], &b, fault))
		return -1;
	diff = date_part_diff(part_arg(node), a, b);
	if (diff > INT32_MAX || diff < INT32_MIN)
		return fail_result(node, fault);
	value_set_int(ret, DT_I4, diff);
	return 0;
}

static int eval_part(enum date_part part, const struct value *date, struct value *ret,
    struct fault *fault)
{
	int64_t ticks;

	if (ticks_arg(date, &ticks, fault))
		return -1;
	value_set_int(ret, DT_I4, date_part_get(part, ticks));
	return 0;
}

static int eval_datepart(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_part(part_arg(node), &args[1], ret, fault);
}

static int eval_day(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_DAY, &args[0], ret, fault);
}

static int eval_month(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_MONTH, &args[0], ret, fault);
}

static int eval_year(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_YEAR, &args[0], ret, fault);
}

static int now(bool local, struct value *ret)
{
	int64_t ticks = clock_wall();

	if (local)
		ticks += clock_local_offset_min(ticks) * INT64_C(60) * TICKS_PER_SECOND;
	value_set_ticks(ret, DT_DBTIMESTAMP, ticks - ticks % TICKS_PER_MS);
	return 0;
}

static int eval_getdate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)args, (void)fault;
	return now(true, ret);
}

static int eval_getutcdate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)args, (void)fault;
	return now(false, ret);
}

/* ---- NULL ---- */

static int check_isnull(struct node *node, struct fault *fault)
{
	(void)fault;
	node->type = value_type_of(DT_BOOL);
	return 0;
}

static int eval_isnull(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	value_set_bool(ret, args[0].null);
	return 0;
}

/* The second argument must convert to the type of the first without being asked. */
static int check_replacenull(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[0]->type, *b = &node->args[1]->type;
	enum dt_family x = dt_family(a->dt), y = dt_family(b->dt);

	node->type = *a;
	if (x == y || (dt_is_number(a->dt) && dt_is_number(b->dt)) || (x == FAMILY_DATE && y == FAMILY_STRING) ||
	    (x == FAMILY_LOB && y == FAMILY_STRING)) {
		if (x == FAMILY_STRING && b->length > a->length)
			node->type.length = b->length;
		return 0;
	}
	return fail_param(node, 1, fault);
}

static int eval_replacenull(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct value_type type = node->type;

	if (!args[0].null) {
		value_move(&args[0], ret);
		return 0;
	}
	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0;
	return value_cast(&args[1], &type, ret, fault);
}

static const struct expr_function functions[] = {
	{ "ABS", 1, 1, false, check_same_number, eval_abs },
	{ "CEILING", 1, 1, false, check_same_number, eval_ceiling },
	{ "CODEPOINT", 1, 1, false, check_codepoint, eval_codepoint },
	{ "DATEADD", 3, 3, false, check_dateadd, eval_dateadd },
	{ "DATEDIFF", 3, 3, false, check_datediff, eval_datediff },
	{ "DATEPART", 2, 2, false, check_datepart, eval_datepart },
	{ "DAY", 1, 1, false, check_one_part, eval_day },
	{ "EXP", 1, 1, false, check_real, eval_exp },
	{ "FINDSTRING", 3, 3, false, check_findstring, eval_findstring },
	{ "FLOOR", 1, 1, false, check_same_number, eval_floor },
	{ "GETDATE", 0, 0, true, check_now, eval_getdate },
	{ "GETUTCDATE", 0, 0, true, check_now, eval_getutcdate },
	{ "HEX", 1, 1, false, check_hex, eval_hex },
	{ "ISNULL", 1, 1, true, check_isnull, eval_isnull },
	{ "LEFT", 2, 2, false, check_left_right, eval_left },
	{ "LEN", 1, 1, false, check_len, eval_len },
	{ "LN", 1, 1, false, check_real, eval_ln },
	{ "LOG", 1, 1, false, check_real, eval_log },
	{ "LOWER", 1, 1, false, check_text, eval_lower },
	{ "LTRIM", 1, 1, false, check_text, eval_ltrim },
	{ "MONTH", 1, 1, false, check_one_part, eval_month },
	{ "POWER", 2, 2, false, check_real, eval_power },
	{ "REPLACE", 3, 3, false, check_replace, eval_replace },
	{ "REPLACENULL", 2, 2, true, check_replacenull, eval_replacenull },
	{ "REPLICATE", 2, 2, false, check_replicate, eval_replicate },
	{ "REVERSE", 1, 1, false, check_text, eval_reverse },
	{ "RIGHT", 2, 2, false, check_left_right, eval_right },
	{ "ROUND", 2, 2, false, check_same_number, eval_round },
	{ "RTRIM", 1, 1, false, check_text, eval_rtrim },
	{ "SIGN", 1, 1, false, check_sign, eval_sign },
	{ "SQRT", 1, 1, false, check_real, eval_sqrt },
	{ "SQUARE", 1, 1, false, check_real, eval_square },
	{ "SUBSTRING", 3, 3, false, check_substring, eval_substring },
	{ "TOKEN", 3, 3, false, check_token, eval_token },
	{ "TOKENCOUNT", 2, 2, true, check_tokencount, eval_tokencount },
	{ "TRIM", 1, 1, false, check_text, eval_trim },
	{ "UPPER", 1, 1, false, check_text, eval_upper },
	{ "YEAR", 1, 1, false, check_one_part, eval_year },
};

const struct expr_function *expr_functions(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(functions);
	return functions;
}

const struct expr_function *expr_function_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (!utf8_ncasecmp(functions[i].name, strlen(functions[i].name), name, len))
			return &functions[i];
	}
	return NULL;
}
