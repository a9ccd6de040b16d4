/* SPDX-License-Identifier: MIT */
/* Operators: which types they take and give (spec/package.md §4.4), and what they compute. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "runtime/expr_node.h"

static bool is_arithmetic(enum expr_op op)
{
	return op >= OP_ADD && op <= OP_MOD;
}

static bool is_comparison(enum expr_op op)
{
	return op >= OP_EQ && op <= OP_GE;
}

static bool is_bitwise(enum expr_op op)
{
	return op == OP_BIT_OR || op == OP_BIT_XOR || op == OP_BIT_AND;
}

static int fail_types(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_BINARY_TYPE_MISMATCH,
	    "The data types \"%s\" and \"%s\" are incompatible for binary operator \"%s\". One or both "
	    "operands need an explicit cast.",
	    dt_info(node->args[0]->type.dt)->name, dt_info(node->args[1]->type.dt)->name,
	    expr_op_text(node->op));
}

static int fail_type(enum dt dt, enum expr_op op, struct fault *fault)
{
	return fault_set(fault, EXPR_UNSUPPORTED_BINARY_TYPE,
	    "The data type \"%s\" cannot be used with binary operator \"%s\"; an explicit cast is needed.",
	    dt_info(dt)->name, expr_op_text(op));
}

/* Two integer types: at least DT_I4; signed with unsigned becomes signed and wide enough. */
static int common_int(const struct dt_info *a, const struct dt_info *b, const char *op,
    struct value_type *ret, struct fault *fault)
{
	int bits = a->bits > b->bits ? a->bits : b->bits;

	if (bits < 32) {
		*ret = value_type_of(DT_I4);
	} else if (a->is_signed == b->is_signed) {
		*ret = value_type_of(a->is_signed ? (bits == 64 ? DT_I8 : DT_I4)
						  : (bits == 64 ? DT_UI8 : DT_UI4));
	} else {
		const struct dt_info *plus = a->is_signed ? b : a, *minus = a->is_signed ? a : b;
		if (plus->bits == 64)
			return fault_set(fault, EXPR_SIGN_MISMATCH,
			    "The operands of operator \"%s\" do not match in sign: \"%s\" with \"%s\" needs an "
			    "explicit cast.",
			    op, a->name, b->name);
		*ret = value_type_of(minus->bits == 64 || plus->bits == 32 ? DT_I8 : DT_I4);
	}
	return 0;
}

/* Precision of a number as DT_NUMERIC. */
static int digits_of(const struct value_type *type)
{
	return type->dt == DT_NUMERIC && type->precision ? type->precision : dt_info(type->dt)->digits;
}

static int scale_of(const struct value_type *type)
{
	return dt_family(type->dt) == FAMILY_DECIMAL ? type->scale : 0;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

int expr_common_number(const struct value_type *a, const struct value_type *b, const char *op,
    struct value_type *ret, struct fault *fault)
{
	const struct dt_info *x = dt_info(a->dt), *y = dt_info(b->dt);

	if (x->family == FAMILY_INT && y->family == FAMILY_INT)
		return common_int(x, y, op, ret, fault);
	if (x->family == FAMILY_REAL || y->family == FAMILY_REAL) {
		*ret = value_type_of(a->dt == DT_R4 && b->dt == DT_R4 ? DT_R4 : DT_R8);
		return 0;
	}
	if (a->dt == DT_CY && b->dt == DT_CY) {
		*ret = value_type_of(DT_CY);
		return 0;
	}
	*ret = value_type_of(DT_NUMERIC);
	ret->scale = larger(scale_of(a), scale_of(b));
	ret->precision = larger(digits_of(a) - scale_of(a), digits_of(b) - scale_of(b)) + ret->scale;
	if (ret->precision > DEC_DIGITS_MAX)
		ret->precision = DEC_DIGITS_MAX;
	return 0;
}

/* Precision and scale of an exact decimal result: T-SQL's rules, capped at 38 digits. */
static void numeric_result(enum expr_op op, const struct value_type *a, const struct value_type *b,
    struct value_type *ret)
{
	int p1 = digits_of(a), s1 = scale_of(a), p2 = digits_of(b), s2 = scale_of(b), p, s;

	if (op == OP_MUL) {
		s = s1 + s2;
		p = p1 + p2 + 1;
	} else if (op == OP_DIV) {
		s = larger(6, s1 + p2 + 1);
		p = p1 - s1 + s2 + s;
	} else {
		s = larger(s1, s2);
		p = larger(p1 - s1, p2 - s2) + s + 1;
	}
	if (p > DEC_DIGITS_MAX) {
		int room = DEC_DIGITS_MAX - (p - s), least = s < 6 ? s : 6;
		s = larger(room, least);
		p = DEC_DIGITS_MAX;
	}
	*ret = value_type_of(DT_NUMERIC);
	ret->precision = p;
	ret->scale = s;
}

enum dt expr_common_date(enum dt a, enum dt b)
{
	static const enum dt order[] = { DT_DBTIMESTAMPOFFSET, DT_DBTIMESTAMP2, DT_DBTIME2 };
	const struct dt_info *x = dt_info(a), *y = dt_info(b);

	if (a == b)
		return a;
	if (x->has_date != y->has_date)
		return DT_EMPTY;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (a == order[i] || b == order[i])
			return order[i];
	}
	return x->has_date ? DT_DBTIMESTAMP : DT_DBTIME2;
}

static bool is_text(enum dt dt)
{
	return dt_family(dt) == FAMILY_STRING;
}

/* "+" on texts and bytes; false when it is none of those. */
static bool check_concat(struct node *node, const struct value_type *a, const struct value_type *b)
{
	if (is_text(a->dt) && is_text(b->dt)) {
		node->operand = value_type_of(DT_WSTR);
		node->type = node->operand;
	} else if (a->dt == DT_BYTES && b->dt == DT_BYTES) {
		node->operand = node->type = value_type_of(DT_BYTES);
	} else {
		bool left = a->dt == DT_NTEXT || a->dt == DT_TEXT;
		const struct value_type *lob = left ? a : b, *other = left ? b : a;
		if ((lob->dt != DT_NTEXT && lob->dt != DT_TEXT) || !is_text(other->dt))
			return false;
		node->operand = node->type = *lob;
	}
	node->type.length = a->length + b->length;
	return true;
}

static int check_arithmetic(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[0]->type, *b = &node->args[1]->type;

	if (node->op == OP_ADD && check_concat(node, a, b))
		return 0;
	if (!dt_is_number(a->dt) || !dt_is_number(b->dt)) {
		if (a->dt == b->dt || (is_text(a->dt) && is_text(b->dt)))
			return fail_type(a->dt, node->op, fault);
		return fail_types(node, fault);
	}
	if (node->op == OP_MOD && (dt_family(a->dt) != FAMILY_INT || dt_family(b->dt) != FAMILY_INT))
		return fail_type(dt_family(a->dt) != FAMILY_INT ? a->dt : b->dt, node->op, fault);
	if (expr_common_number(a, b, expr_op_text(node->op), &node->operand, fault))
		return -1;
	node->type = node->operand;
	bool money = node->operand.dt == DT_CY && (node->op == OP_MUL || node->op == OP_DIV);
	if (node->operand.dt == DT_NUMERIC || money) {
		node->operand = value_type_of(DT_NUMERIC);
		numeric_result(node->op, a, b, &node->type);
	}
	return 0;
}

static int check_comparison(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[0]->type, *b = &node->args[1]->type;
	bool equality = node->op == OP_EQ || node->op == OP_NE;
	enum dt_family family = dt_family(a->dt);

	node->type = value_type_of(DT_BOOL);
	if (dt_is_number(a->dt) && dt_is_number(b->dt))
		return expr_common_number(a, b, expr_op_text(node->op), &node->operand, fault);
	if (is_text(a->dt) && is_text(b->dt)) {
		node->operand = value_type_of(DT_WSTR);
		return 0;
	}
	if (family != dt_family(b->dt))
		return fail_types(node, fault);
	if (family == FAMILY_DATE) {
		node->operand = value_type_of(expr_common_date(a->dt, b->dt));
		return node->operand.dt == DT_EMPTY ? fail_types(node, fault) : 0;
	}
	node->operand = *a;
	if (equality && (family == FAMILY_BOOL || family == FAMILY_GUID || family == FAMILY_BYTES))
		return 0;
	return fail_type(a->dt, node->op, fault);
}

static int check_bitwise(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[0]->type, *b = &node->args[1]->type;

	if (dt_family(a->dt) != FAMILY_INT)
		return fail_type(a->dt, node->op, fault);
	if (dt_family(b->dt) != FAMILY_INT)
		return fail_type(b->dt, node->op, fault);
	if (expr_common_number(a, b, expr_op_text(node->op), &node->operand, fault))
		return -1;
	node->type = node->operand;
	return 0;
}

int op_check_binary(struct node *node, struct fault *fault)
{
	if (is_arithmetic(node->op))
		return check_arithmetic(node, fault);
	if (is_comparison(node->op))
		return check_comparison(node, fault);
	if (is_bitwise(node->op))
		return check_bitwise(node, fault);
	for (size_t i = 0; i < 2; i++) {
		if (node->args[i]->type.dt != DT_BOOL)
			return fail_type(node->args[i]->type.dt, node->op, fault);
	}
	node->operand = node->type = value_type_of(DT_BOOL);
	return 0;
}

int op_check_unary(struct node *node, struct fault *fault)
{
	const struct dt_info *info = dt_info(node->args[0]->type.dt);
	bool fits = node->op == OP_NOT ? info->family == FAMILY_BOOL
	    : node->op == OP_BIT_NOT   ? info->family == FAMILY_INT
				       : dt_is_number(info->dt) && info->is_signed;

	if (!fits)
		return fault_set(fault, EXPR_UNSUPPORTED_UNARY_TYPE,
		    "The data type \"%s\" cannot be used with unary operator \"%s\"; an explicit cast is needed.",
		    info->name, expr_op_text(node->op));
	node->type = node->args[0]->type;
	return 0;
}

int op_check_choice(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[1]->type, *b = &node->args[2]->type;
	enum dt date;

	if (node->args[0]->type.dt != DT_BOOL)
		return fault_set(fault, EXPR_CONDITION_NOT_BOOL,
		    "The condition of the conditional operator has type \"%s\"; it must be DT_BOOL.",
		    dt_info(node->args[0]->type.dt)->name);
	node->type = *a;
	if (is_text(a->dt) && is_text(b->dt)) {
		node->type = value_type_of(DT_WSTR);
		node->type.length = larger(a->length, b->length);
		return 0;
	}
	if (a->dt == b->dt && dt_family(a->dt) != FAMILY_DECIMAL) {
		node->type.length = larger(a->length, b->length);
		node->type.scale = larger(a->scale, b->scale);
		return 0;
	}
	if (dt_is_number(a->dt) && dt_is_number(b->dt))
		return expr_common_number(a, b, "?:", &node->type, fault);
	date = dt_family(a->dt) == FAMILY_DATE && dt_family(b->dt) == FAMILY_DATE
	    ? expr_common_date(a->dt, b->dt)
	    : DT_EMPTY;
	if (date != DT_EMPTY) {
		node->type = value_type_of(date);
		return 0;
	}
	return fault_set(fault, EXPR_CONDITION_TYPE_MISMATCH,
	    "The data types \"%s\" and \"%s\" are incompatible for the conditional operator. One or both "
	    "operands need an explicit cast.",
	    dt_info(a->dt)->name, dt_info(b->dt)->name);
}

static int fail_overflow(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_BINARY_OVERFLOW,
	    "The result of the binary operation \"%s\" exceeds the maximum size of data type \"%s\".",
	    expr_op_text(node->op), dt_info(node->type.dt)->name);
}

static int fail_zero(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_DIV_BY_ZERO,
	    "Division by zero: the right side of operator \"%s\" is zero.", expr_op_text(node->op));
}

/* Integers are computed in 128 bits and then have to fit. */
static int arithmetic_int(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault)
{
	const struct dt_info *info = dt_info(node->type.dt);
	int128 x = info->is_signed ? (int128)a->i : (int128)a->u;
	int128 y = info->is_signed ? (int128)b->i : (int128)b->u, r;

	if ((node->op == OP_DIV || node->op == OP_MOD) && y == 0)
		return fail_zero(node, fault);
	if (node->op == OP_MUL && __builtin_mul_overflow(x, y, &r))
		return fail_overflow(node, fault);
	if (node->op != OP_MUL)
		r = node->op == OP_ADD ? x + y : node->op == OP_SUB ? x - y : node->op == OP_DIV ? x / y : x % y;
	int128 low = info->is_signed ? -((int128)1 << (info->bits - 1)) : 0;
	int128 high = ((int128)1 << (info->bits - info->is_signed)) - 1;
	if (r < low || r > high)
		return fail_overflow(node, fault);
	if (info->is_signed)
		value_set_int(ret, info->dt, (int64_t)r);
	else
		value_set_uint(ret, info->dt, (uint64_t)r);
	return 0;
}

static int arithmetic_real(const struct node *node, double x, double y, struct value *ret,
    struct fault *fault)
{
	if (node->op == OP_DIV && y == 0)
		return fail_zero(node, fault);
	double r = node->op == OP_ADD ? x + y : node->op == OP_SUB ? x - y : node->op == OP_MUL ? x * y : x / y;
	if (!isfinite(node->type.dt == DT_R4 ? (double)(float)r : r))
		return fail_overflow(node, fault);
	value_set_real(ret, node->type.dt, r);
	return 0;
}

static int arithmetic_decimal(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault)
{
	int sa = a->type.scale, sb = b->type.scale, s = node->type.scale;
	int128 r;
	bool fits;

	if (node->op == OP_DIV && b->dec == 0)
		return fail_zero(node, fault);
	if (node->op == OP_MUL)
		fits = dec_mul(a->dec, sa, b->dec, sb, s, &r);
	else if (node->op == OP_DIV)
		fits = dec_div(a->dec, sa, b->dec, sb, s, &r);
	else
		fits = dec_add(a->dec, sa, node->op == OP_SUB ? -b->dec : b->dec, sb, s, &r);
	if (!fits || dec_digits(r) > digits_of(&node->type))
		return fail_overflow(node, fault);
	value_set_decimal(ret, node->type.dt, r, digits_of(&node->type), s);
	return 0;
}

static int concat(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault)
{
	struct buf text = BUF_INIT;

	if (a->s.len + b->s.len > EXPR_STRING_MAX)
		return fail_overflow(node, fault);
	buf_add(&text, a->s.data, a->s.len);
	buf_add(&text, b->s.data, b->s.len);
	value_set_text_len(ret, node->type.dt, text.data, text.len);
	ret->type.code_page = node->type.code_page;
	buf_release(&text);
	return 0;
}

static int64_t utc_ticks(const struct value *v)
{
	return v->ticks - v->offset_min * INT64_C(60) * TICKS_PER_SECOND;
}

/* Ordinal, case-sensitive, no padding; UTF-8 order is code point order. */
static int compare_bytes(const struct value *a, const struct value *b)
{
	size_t n = a->s.len < b->s.len ? a->s.len : b->s.len;
	int order = n ? memcmp(a->s.data, b->s.data, n) : 0;

	return order ? order : (a->s.len > b->s.len) - (a->s.len < b->s.len);
}

static int compare(const struct value *a, const struct value *b)
{
	const struct dt_info *info = dt_info(a->type.dt);

	switch (info->family) {
	case FAMILY_INT:
		if (!info->is_signed)
			return (a->u > b->u) - (a->u < b->u);
		/* fall through */
	case FAMILY_BOOL:
		return (a->i > b->i) - (a->i < b->i);
	case FAMILY_REAL:
		return (a->r > b->r) - (a->r < b->r);
	case FAMILY_DECIMAL:
		return dec_compare(a->dec, a->type.scale, b->dec, b->type.scale);
	case FAMILY_DATE:
		return (utc_ticks(a) > utc_ticks(b)) - (utc_ticks(a) < utc_ticks(b));
	case FAMILY_GUID:
		return memcmp(&a->guid, &b->guid, sizeof(a->guid));
	default:
		return compare_bytes(a, b);
	}
}

static bool comparison_holds(enum expr_op op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order < 0;
	case OP_GT:
		return order > 0;
	case OP_LE:
		return order <= 0;
	default:
		return order >= 0;
	}
}

static void bitwise(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret)
{
	uint64_t r = node->op == OP_BIT_AND ? (a->u & b->u)
	    : node->op == OP_BIT_OR	    ? (a->u | b->u)
					    : (a->u ^ b->u);

	value_set_uint(ret, node->type.dt, r);
}

/* Both sides in the operand type; exact decimals keep their own scale. */
static int bring(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	struct value_type type = *to;

	if (to->dt == DT_NUMERIC) {
		type.scale = scale_of(&v->type);
		type.precision = DEC_DIGITS_MAX;
	}
	return value_cast(v, &type, ret, fault);
}

static int apply(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault)
{
	if (is_comparison(node->op)) {
		value_set_bool(ret, comparison_holds(node->op, compare(a, b)));
		return 0;
	}
	if (is_bitwise(node->op)) {
		bitwise(node, a, b, ret);
		return 0;
	}
	switch (dt_family(a->type.dt)) {
	case FAMILY_INT:
		return arithmetic_int(node, a, b, ret, fault);
	case FAMILY_REAL:
		return arithmetic_real(node, a->r, b->r, ret, fault);
	case FAMILY_DECIMAL:
		return arithmetic_decimal(node, a, b, ret, fault);
	default:
		return concat(node, a, b, ret, fault);
	}
}

int op_binary(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault)
{
	struct value x, y;
	int r;

	if (bring(a, &node->operand, &x, fault))
		return -1;
	if (bring(b, &node->operand, &y, fault)) {
		value_release(&x);
		return -1;
	}
	r = apply(node, &x, &y, ret, fault);
	value_release(&x);
	value_release(&y);
	return r;
}

/* Minus on an integer: the most negative one has no counterpart. */
static int negate_int(const struct node *node, const struct value *a, struct value *ret,
    struct fault *fault)
{
	const struct dt_info *info = dt_info(node->type.dt);

	if ((int128)a->i == -((int128)1 << (info->bits - 1)))
		return fault_set(fault, EXPR_UNARY_OVERFLOW,
		    "The result of the unary minus exceeds the maximum size of data type \"%s\".", info->name);
	value_set_int(ret, info->dt, -a->i);
	return 0;
}

int op_unary(const struct node *node, const struct value *a, struct value *ret, struct fault *fault)
{
	const struct dt_info *info = dt_info(a->type.dt);

	*ret = *a; /* numbers and truth values own nothing */
	if (node->op == OP_NOT)
		ret->i = !a->i;
	else if (node->op == OP_BIT_NOT && info->is_signed)
		ret->i = ~a->i;
	else if (node->op == OP_BIT_NOT)
		ret->u = ~a->u & (UINT64_MAX >> (64 - info->bits));
	else if (info->family == FAMILY_INT)
		return negate_int(node, a, ret, fault);
	else if (info->family == FAMILY_REAL)
		ret->r = -a->r;
	else
		ret->dec = -a->dec;
	return 0;
}
