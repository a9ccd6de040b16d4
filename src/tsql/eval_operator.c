/* SPDX-License-Identifier: MIT */
/* Arithmetic and concatenation: in which type an operator works, and the work in each family of types. */
#include "tsql/eval.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const char *operator_name(int op)
{
	switch (op) {
	case '+':
		return "add";
	case '-':
		return "subtract";
	case '*':
		return "multiply";
	case '/':
		return "divide";
	case '%':
		return "modulo";
	case '&':
		return "'&'";
	case '|':
		return "'|'";
	default:
		return "'^'";
	}
}

static int divide_by_zero(struct eval *eval)
{
	return sql_error(eval->err, 8134, "Divide by zero error encountered.");
}

static int integer_op(struct eval *eval, int op, int64_t a, int64_t b, int64_t *ret)
{
	bool overflow = false;

	switch (op) {
	case '+':
		overflow = __builtin_add_overflow(a, b, ret);
		break;
	case '-':
		overflow = __builtin_sub_overflow(a, b, ret);
		break;
	case '*':
		overflow = __builtin_mul_overflow(a, b, ret);
		break;
	case '/':
	case '%':
		if (b == 0)
			return divide_by_zero(eval);
		if (b == -1)
			overflow = op == '/' ? __builtin_sub_overflow(INT64_C(0), a, ret) : (*ret = 0, false);
		else
			*ret = op == '/' ? a / b : a % b;
		break;
	case '&':
		*ret = a & b;
		break;
	case '|':
		*ret = a | b;
		break;
	default:
		*ret = a ^ b;
	}
	if (overflow)
		return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type bigint.");
	return 0;
}

static int binary_integer(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    enum tsql_type type, struct tsql_value *ret)
{
	struct tsql_decl decl = { .type = type };
	struct tsql_value v = { .type = TSQL_BIGINT };
	int r = integer_op(eval, op, a->i, b->i, &v.i);

	if (r < 0)
		return r;
	if (type == TSQL_INT && (v.i > INT32_MAX || v.i < INT32_MIN))
		return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type int.");
	return tsql_value_convert(&v, &decl, ret, eval->err);
}

static int binary_decimal(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    struct tsql_value *ret)
{
	struct decimal x = value_to_decimal(a), y = value_to_decimal(b), z;
	enum decimal_op code = op == '+' ? DECIMAL_ADD : op == '-' ? DECIMAL_SUB : op == '*' ? DECIMAL_MUL :
	    op == '/' ? DECIMAL_DIV : DECIMAL_MOD;

	if ((op == '/' || op == '%') && y.units == 0)
		return divide_by_zero(eval);
	if (!decimal_op(code, &x, &y, &z))
		return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type numeric.");
	*ret = value_decimal(&z);
	return 0;
}

static int binary_money(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    enum tsql_type type, struct tsql_value *ret)
{
	struct tsql_value exact, va = { .type = TSQL_MONEY, .i = a->i }, vb = { .type = TSQL_MONEY, .i = b->i };
	struct tsql_decl decl = { .type = type };
	int r = binary_decimal(eval, op, &va, &vb, &exact);

	if (r == 0) {
		r = tsql_value_convert(&exact, &decl, ret, eval->err);
		tsql_value_release(&exact);
	}
	return r;
}

static int binary_float(struct eval *eval, int op, double a, double b, enum tsql_type type, struct tsql_value *ret)
{
	struct tsql_value v = { .type = type };

	if ((op == '/' || op == '%') && b == 0)
		return divide_by_zero(eval);
	v.f = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : op == '/' ? a / b : fmod(a, b);
	if (!isfinite(v.f))
		return sql_error_full(eval->err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type float.");
	if (type == TSQL_REAL)
		v.f = (double)(float)v.f;
	*ret = v;
	return 0;
}

static struct tsql_decl concat_type(const struct tsql_decl *a, const struct tsql_decl *b)
{
	struct tsql_decl r = decl_unite(a, b);
	int most = type_info(r.type)->is_unicode ? 4000 : 8000;

	if (r.type == TSQL_CHAR || r.type == TSQL_NCHAR)
		r.type = r.type == TSQL_CHAR ? TSQL_VARCHAR : TSQL_NVARCHAR;
	if (a->length == TSQL_MAX || b->length == TSQL_MAX)
		r.length = TSQL_MAX;
	else
		r.length = a->length + b->length > most ? most : a->length + b->length;
	return r;
}

static int concatenate(struct eval *eval, const struct tsql_value *a, const struct tsql_value *b, struct tsql_value *ret)
{
	struct tsql_decl da = decl_of(a), db = decl_of(b), d = concat_type(&da, &db);
	struct tsql_value v = { .type = d.type, .length = d.length };
	size_t len = a->s.len + b->s.len;

	if (len > TSQL_VALUE_MAX)
		return sql_error(eval->err, 7105, "The value is longer than %zu bytes.", TSQL_VALUE_MAX);
	v.s.data = xmalloc(len + 1);
	memcpy(v.s.data, a->s.data, a->s.len);
	memcpy(v.s.data + a->s.len, b->s.data, b->s.len);
	v.s.data[len] = '\0';
	v.s.len = len;
	if (v.length > 0 && type_info(v.type)->family == FAMILY_TEXT && len > (size_t)v.length) {
		v.s.len = utf8_prefix_utf16(v.s.data, len, (size_t)v.length);
		v.s.data[v.s.len] = '\0';
	} else if (v.length > 0 && len > (size_t)v.length) {
		v.s.len = (size_t)v.length;
	}
	*ret = v;
	return 0;
}

struct tsql_decl eval_operator_type(int op, const struct tsql_decl *a, const struct tsql_decl *b)
{
	struct tsql_decl none = { 0 }, r = decl_unite(a, b);
	enum type_family family = type_info(r.type)->family;
	bool bits = op == '&' || op == '|' || op == '^';

	if (a->type == TSQL_VARIANT || b->type == TSQL_VARIANT)
		return none;
	if (r.type == TSQL_UNKNOWN) {
		r.type = TSQL_INT; /* NULL + NULL */
		return r;
	}
	switch (family) {
	case FAMILY_TEXT:
		/* 'a' + 'b'; '5' * '2' is refused by the server as well */
		return op == '+' ? concat_type(a, b) : none;
	case FAMILY_BINARY:
		return op == '+' ? concat_type(a, b) : none;
	case FAMILY_DATETIME:
		return op == '+' || op == '-' ? r : none;
	case FAMILY_INTEGER:
		if (r.type == TSQL_BIT && !bits)
			return none;
		return r;
	case FAMILY_DECIMAL:
		return bits ? none : r;
	case FAMILY_MONEY:
	case FAMILY_FLOAT:
		return bits || op == '%' ? (family == FAMILY_MONEY && op == '%' ? r : none) : r;
	default:
		return none;
	}
}

static int wrong_operands(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b)
{
	enum tsql_type high = type_info(a->type)->precedence >= type_info(b->type)->precedence ? a->type : b->type;

	if (type_is_datetime(high) && a->type != b->type)
		return sql_error_full(eval->err, 206, 16, 2, "Operand type clash: %s is incompatible with %s",
		    tsql_type_name(a->type), tsql_type_name(b->type));
	if (a->type == b->type)
		return sql_error(eval->err, 8117, "Operand data type %s is invalid for %s operator.", tsql_type_name(a->type),
		    operator_name(op));
	return sql_error(eval->err, 402, "The data types %s and %s are incompatible in the %s operator.",
	    tsql_type_name(a->type), tsql_type_name(b->type), operator_name(op));
}

/* Days and fractions since 1900, the arithmetic of datetime. */
static int binary_datetime(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    enum tsql_type type, struct tsql_value *ret)
{
	static const struct tsql_decl as_float = { .type = TSQL_FLOAT };
	struct tsql_decl decl = { .type = type };
	struct tsql_value x, y, sum;
	int r = tsql_value_cast(a, &as_float, -1, &x, eval->err);

	if (r == 0)
		r = tsql_value_cast(b, &as_float, -1, &y, eval->err);
	if (r < 0)
		return r;
	sum = tsql_float(op == '+' ? x.f + y.f : x.f - y.f);
	return tsql_value_convert(&sum, &decl, ret, eval->err);
}

int eval_binary(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    struct tsql_value *ret)
{
	struct tsql_decl da = decl_of(a), db = decl_of(b), d;
	struct tsql_value x = tsql_null(TSQL_UNKNOWN), y = tsql_null(TSQL_UNKNOWN);
	enum type_family family;
	int r;

	d = eval_operator_type(op, &da, &db);
	if (d.type == TSQL_UNKNOWN)
		return wrong_operands(eval, op, a, b);
	if (a->null || b->null) {
		*ret = tsql_null(d.type);
		ret->length = d.length;
		ret->precision = d.precision;
		ret->scale = d.scale;
		return 0;
	}
	family = type_info(d.type)->family;
	if (family == FAMILY_DATETIME)
		return binary_datetime(eval, op, a, b, d.type, ret);
	/* Decimal operands keep their own precision: the result's rules need them. */
	if (family == FAMILY_DECIMAL && (a->type == TSQL_DECIMAL || tsql_type_is_integer(a->type)) &&
	    (b->type == TSQL_DECIMAL || tsql_type_is_integer(b->type)))
		return binary_decimal(eval, op, a, b, ret);
	r = tsql_value_convert(a, &d, &x, eval->err);
	if (r == 0)
		r = tsql_value_convert(b, &d, &y, eval->err);
	if (r == 0) {
		switch (family) {
		case FAMILY_INTEGER:
			r = binary_integer(eval, op, &x, &y, d.type, ret);
			break;
		case FAMILY_DECIMAL:
			r = binary_decimal(eval, op, &x, &y, ret);
			break;
		case FAMILY_MONEY:
			r = binary_money(eval, op, &x, &y, d.type, ret);
			break;
		case FAMILY_FLOAT:
			r = binary_float(eval, op, x.f, y.f, d.type, ret);
			break;
		default: { /* the operands as they are: converting to the result's length would pad or cut */
			struct tsql_decl la = d, lb = d;
			la.length = lb.length = TSQL_MAX;
			tsql_value_release(&x);
			tsql_value_release(&y);
			r = tsql_value_convert(a, &la, &x, eval->err);
			if (r == 0)
				r = tsql_value_convert(b, &lb, &y, eval->err);
			x.length = da.length ? da.length : x.length;
			y.length = db.length ? db.length : y.length;
			if (r == 0)
				r = concatenate(eval, &x, &y, ret);
			if (r == 0 && !tsql_type_is_text(a->type) && type_info(a->type)->family != FAMILY_BINARY)
				ret->length = d.length;
		}
		}
	}
	tsql_value_release(&x);
	tsql_value_release(&y);
	return r;
}
