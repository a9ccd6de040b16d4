/* SPDX-License-Identifier: MIT */
/*
 * The evaluator. Operators look at the types their operands have now, which is
 * also how sql_variant works; only CASE needs the static type of all branches.
 */
#include "tsql/eval.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/function.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static int set_line(struct eval *eval, const struct expr *x, int r)
{
	if (r < 0 && eval->err && eval->err->sql_line == 0)
		eval->err->sql_line = x->line;
	return r;
}

/* --- static types --- */

static struct tsql_decl type_of_binary(const struct typing *t, const struct expr *x)
{
	struct tsql_decl a = eval_type(t, x->op.left), b = eval_type(t, x->op.right), r;
	int op = x->op.op;

	r = eval_operator_type(op, &a, &b);
	if (r.type == TSQL_DECIMAL) {
		enum decimal_op code = op == '+' ? DECIMAL_ADD : op == '-' ? DECIMAL_SUB : op == '*' ? DECIMAL_MUL :
		    op == '/' ? DECIMAL_DIV : DECIMAL_MOD;
		a = decl_as_decimal(&a);
		b = decl_as_decimal(&b);
		decimal_result_type(code, a.precision, a.scale, b.precision, b.scale, &r.precision, &r.scale);
	}
	return r;
}

static struct tsql_decl type_of_case(const struct typing *t, const struct expr *x)
{
	struct tsql_decl r = { 0 };

	for (size_t i = 0; i < x->branch.count; i++) {
		struct tsql_decl d = eval_type(t, x->branch.arms[i].then);
		r = i == 0 ? d : decl_unite(&r, &d);
	}
	if (x->branch.otherwise) {
		struct tsql_decl d = eval_type(t, x->branch.otherwise);
		r = decl_unite(&r, &d);
	}
	return r;
}

#define TYPED_ARGS 32

static struct tsql_decl type_of_call(const struct typing *t, const struct expr *x)
{
	const struct function *f = x->call.function;
	struct tsql_decl args[TYPED_ARGS];
	size_t count = x->call.args.count < TYPED_ARGS ? x->call.args.count : TYPED_ARGS;

	if (f->result.type != TSQL_UNKNOWN || !f->type)
		return decl_complete(f->result, true);
	for (size_t i = 0; i < count; i++)
		args[i] = eval_type(t, x->call.args.items[i]);
	return f->type(args, count);
}

struct tsql_decl eval_type(const struct typing *t, const struct expr *x)
{
	struct tsql_decl d = { 0 };

	if (t->leaf && t->leaf(t->ctx, x, &d))
		return d;
	switch (x->kind) {
	case EXPR_LITERAL:
		return decl_of(&x->literal);
	case EXPR_VARIABLE:
		return exec_variable_decl(t->exec, x->slot);
	case EXPR_UNARY:
		return eval_type(t, x->op.left);
	case EXPR_BINARY:
		return type_of_binary(t, x);
	case EXPR_CALL:
		return type_of_call(t, x);
	case EXPR_CAST:
		return x->cast.decl;
	case EXPR_CASE:
		return type_of_case(t, x);
	case EXPR_SUBQUERY:
		return plan_scalar_type(t->exec, x->query);
	default:
		d.type = TSQL_BIT;
		return d;
	}
}

static bool leaf_type(void *ctx, const struct expr *x, struct tsql_decl *ret)
{
	struct eval *eval = ctx;

	for (size_t i = 0; i < eval->leaf_count; i++) {
		if (eval->leaves[i].expr == x) {
			*ret = eval->leaves[i].decl;
			return true;
		}
	}
	return false;
}

struct tsql_decl eval_type_here(struct eval *eval, const struct expr *x)
{
	struct typing t = { eval->exec, leaf_type, eval };

	return eval_type(&t, x);
}

/* --- values --- */

static int eval_unary(struct eval *eval, const struct expr *x, struct tsql_value *ret)
{
	struct tsql_value v, zero = tsql_int(0);
	int r = eval_value(eval, x->op.left, &v);

	if (r < 0 || x->op.op == '+') {
		if (r == 0)
			*ret = v;
		return r;
	}
	if (x->op.op == '~') {
		if (!tsql_type_is_integer(v.type)) {
			r = sql_error(eval->err, 8117, "Operand data type %s is invalid for '~' operator.", tsql_type_name(v.type));
			tsql_value_release(&v);
			return r;
		}
		v.i = v.type == TSQL_BIT ? !v.i : v.type == TSQL_TINYINT ? (~v.i & 255) : ~v.i;
		*ret = v;
		return 0;
	}
	if (v.type == TSQL_DECIMAL && !v.null) { /* keeps precision and scale */
		struct decimal d = value_to_decimal(&v);
		d.units = -d.units;
		*ret = value_decimal(&d);
	} else if (tsql_type_is_text(v.type) || !type_is_number(v.type)) {
		r = v.null ? 0 : sql_error(eval->err, 8117, "Operand data type %s is invalid for minus operator.", tsql_type_name(v.type));
		if (r == 0)
			*ret = tsql_value_copy(&v);
	} else if (v.type == TSQL_FLOAT || v.type == TSQL_REAL) {
		v.f = v.null ? 0 : -v.f;
		*ret = v;
	} else {
		r = eval_binary(eval, '-', &zero, &v, ret);
	}
	tsql_value_release(&v);
	return r;
}

static int eval_case(struct eval *eval, const struct expr *x, struct tsql_value *ret)
{
	struct tsql_decl type = eval_type_here(eval, x);
	const struct expr *chosen = x->branch.otherwise;
	struct tsql_value v;
	int r;

	for (size_t i = 0; i < x->branch.count; i++) {
		enum truth truth;
		r = eval_condition(eval, x->branch.arms[i].when, &truth);
		if (r < 0)
			return r;
		if (truth == TRUTH_TRUE) {
			chosen = x->branch.arms[i].then;
			break;
		}
	}
	if (!chosen) {
		*ret = tsql_null(type.type == TSQL_VARIANT ? TSQL_UNKNOWN : type.type);
		return 0;
	}
	r = eval_value(eval, chosen, &v);
	if (r < 0)
		return r;
	r = tsql_value_convert(&v, &type, ret, eval->err);
	tsql_value_release(&v);
	return r;
}

static int eval_cast(struct eval *eval, const struct expr *x, struct tsql_value *ret)
{
	struct tsql_value v, style = tsql_int(-1);
	struct err ignored;
	int r = eval_value(eval, x->cast.from, &v);

	if (r == 0 && x->cast.style) {
		static const struct tsql_decl as_int = { .type = TSQL_INT };
		struct tsql_value given;
		r = eval_value(eval, x->cast.style, &given);
		if (r == 0) {
			r = tsql_value_convert(&given, &as_int, &style, eval->err);
			tsql_value_release(&given);
		}
		if (r < 0)
			tsql_value_release(&v);
	}
	if (r < 0)
		return r;
	r = tsql_value_cast(&v, &x->cast.decl, style.null ? -1 : (int)style.i, ret, x->cast.attempt ? &ignored : eval->err);
	if (r < 0 && x->cast.attempt && ignored.sql_number != 529) {
		*ret = tsql_null(x->cast.decl.type);
		r = 0;
	} else if (r < 0 && x->cast.attempt && eval->err) {
		*eval->err = ignored;
	}
	tsql_value_release(&v);
	return r;
}

static int run_function(struct eval *eval, const struct function *f, const struct tsql_value *args, size_t count,
    struct tsql_value *ret)
{
	struct tsql_value v = tsql_null(f->result.type);
	int r;

	if (f->flags & FUNCTION_STRICT)
		for (size_t i = 0; i < count; i++)
			if (args[i].null) {
				struct tsql_decl types[TYPED_ARGS], d = f->result;
				for (size_t j = 0; j < count && j < TYPED_ARGS; j++)
					types[j] = decl_of(&args[j]);
				if (d.type == TSQL_UNKNOWN && f->type)
					d = f->type(types, count < TYPED_ARGS ? count : TYPED_ARGS);
				*ret = tsql_null(d.type);
				ret->length = d.length;
				return 0;
			}
	if (f->external)
		r = f->external->run(exec_session(eval->exec), args, count, &v, eval->err);
	else
		r = f->run(eval, args, count, &v);
	if (r < 0)
		return r;
	if ((f->flags & FUNCTION_TYPED) && !v.null) {
		struct tsql_decl d = decl_of(&args[0]);
		if (d.type != TSQL_UNKNOWN) {
			r = tsql_value_convert(&v, &d, ret, eval->err);
			tsql_value_release(&v);
			return r;
		}
	}
	*ret = v;
	return 0;
}

static int eval_call(struct eval *eval, const struct expr *x, struct tsql_value *ret)
{
	struct tsql_value few[8], *args = few;
	size_t count = x->call.args.count, done = 0;
	int r = 0;

	if (x->call.function->aggregate != AGGREGATE_NONE)
		return sql_error_full(eval->err, 147, 15, 1,
		    "An aggregate may not appear here: %s needs a query's SELECT list, HAVING or ORDER BY.", x->call.function->name);
	if (count > ARRAY_LEN(few))
		args = xcalloc(count, sizeof(*args));
	while (r == 0 && done < count) {
		r = eval_value(eval, x->call.args.items[done], &args[done]);
		if (r == 0)
			done++;
	}
	if (r == 0)
		r = run_function(eval, x->call.function, args, count, ret);
	for (size_t i = 0; i < done; i++)
		tsql_value_release(&args[i]);
	if (args != few)
		free(args);
	return r;
}

static int eval_leaf(struct eval *eval, const struct expr *x, struct tsql_value *ret, bool *found)
{
	for (size_t i = 0; i < eval->leaf_count; i++) {
		if (eval->leaves[i].expr == x) {
			*found = true;
			*ret = tsql_value_copy(&eval->leaves[i].value);
			return 0;
		}
	}
	*found = false;
	return 0;
}

static int eval_column(struct eval *eval, const struct expr *x)
{
	struct buf name = BUF_INIT;
	int r;

	if (x->col.table) {
		buf_addf(&name, "%s.%s", x->col.table, x->col.name);
		r = sql_error(eval->err, 4104, "The multi-part identifier \"%s\" could not be bound.", name.data);
	} else {
		r = sql_error(eval->err, 207, "Invalid column name '%s'.", x->col.name);
	}
	buf_release(&name);
	return r;
}

int eval_value(struct eval *eval, const struct expr *x, struct tsql_value *ret)
{
	struct tsql_value a, b;
	bool found;
	int r;

	if (eval->leaf_count && x->kind != EXPR_LITERAL && x->kind != EXPR_VARIABLE) {
		r = eval_leaf(eval, x, ret, &found);
		if (found)
			return r;
	}
	switch (x->kind) {
	case EXPR_LITERAL:
		*ret = tsql_value_copy(&x->literal);
		return 0;
	case EXPR_VARIABLE:
		*ret = tsql_value_copy(exec_variable(eval->exec, x->slot));
		return 0;
	case EXPR_UNARY:
		r = eval_unary(eval, x, ret);
		break;
	case EXPR_BINARY:
		r = eval_value(eval, x->op.left, &a);
		if (r < 0)
			return r;
		r = eval_value(eval, x->op.right, &b);
		if (r == 0) {
			r = eval_binary(eval, x->op.op, &a, &b, ret);
			tsql_value_release(&b);
		}
		tsql_value_release(&a);
		break;
	case EXPR_CALL:
		r = eval_call(eval, x, ret);
		break;
	case EXPR_CAST:
		r = eval_cast(eval, x, ret);
		break;
	case EXPR_CASE:
		r = eval_case(eval, x, ret);
		break;
	case EXPR_SUBQUERY:
		r = plan_scalar(eval->exec, x->query, ret, eval->err);
		break;
	case EXPR_COLUMN:
		r = eval_column(eval, x);
		break;
	default:
		r = err_set(eval->err, ERR_INTERNAL, "a condition where a value is needed");
	}
	return set_line(eval, x, r);
}

/* --- conditions --- */

static enum truth negate(enum truth t, bool negated)
{
	return !negated || t == TRUTH_UNKNOWN ? t : t == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

static bool compare_holds(enum compare_op op, int order)
{
	switch (op) {
	case COMPARE_EQ:
		return order == 0;
	case COMPARE_NE:
		return order != 0;
	case COMPARE_LT:
		return order < 0;
	case COMPARE_LE:
		return order <= 0;
	case COMPARE_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static int compare_values(struct eval *eval, enum compare_op op, const struct tsql_value *a,
    const struct tsql_value *b, enum truth *ret)
{
	int order, r;

	if (a->null || b->null) {
		*ret = TRUTH_UNKNOWN;
		return 0;
	}
	r = tsql_value_compare(a, b, &order, eval->err);
	if (r == 0)
		*ret = compare_holds(op, order) ? TRUTH_TRUE : TRUTH_FALSE;
	return r;
}

/* Rank of a base type's family among sql_variants: values of different families compare by it alone. */
static int variant_rank(enum tsql_type type)
{
	switch (type_info(type)->family) {
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		return 5;
	case FAMILY_FLOAT:
		return 4;
	case FAMILY_INTEGER:
	case FAMILY_DECIMAL:
	case FAMILY_MONEY:
		return 3;
	case FAMILY_TEXT:
		return 2;
	case FAMILY_BINARY:
		return 1;
	default:
		return 0;
	}
}

static bool is_variant(struct eval *eval, const struct expr *x)
{
	return x->kind != EXPR_LITERAL && eval_type_here(eval, x).type == TSQL_VARIANT;
}

/* Compare the values of two expressions; their static types matter when one is a sql_variant. */
static int compare_exprs(struct eval *eval, enum compare_op op, const struct expr *left, const struct tsql_value *a,
    const struct expr *right, const struct tsql_value *b, enum truth *ret)
{
	int x = variant_rank(a->type), y = variant_rank(b->type);

	if (x != y && !a->null && !b->null && (is_variant(eval, left) || is_variant(eval, right))) {
		*ret = compare_holds(op, x - y) ? TRUTH_TRUE : TRUTH_FALSE;
		return 0;
	}
	return compare_values(eval, op, a, b, ret);
}

static int eval_compare(struct eval *eval, enum compare_op op, const struct expr *left, const struct expr *right,
    enum truth *ret)
{
	struct tsql_value a, b;
	int r = eval_value(eval, left, &a);

	if (r < 0)
		return r;
	r = eval_value(eval, right, &b);
	if (r == 0) {
		r = compare_exprs(eval, op, left, &a, right, &b, ret);
		tsql_value_release(&b);
	}
	tsql_value_release(&a);
	return r;
}

static int eval_logic(struct eval *eval, const struct expr *x, enum truth *ret)
{
	enum truth stop = x->kind == EXPR_AND ? TRUTH_FALSE : TRUTH_TRUE, a, b;
	int r = eval_condition(eval, x->logic.left, &a);

	if (r < 0)
		return r;
	if (a == stop) {
		*ret = stop;
		return 0;
	}
	r = eval_condition(eval, x->logic.right, &b);
	if (r == 0)
		*ret = b == stop ? stop : a == TRUTH_UNKNOWN ? a : b;
	return r;
}

static int eval_between(struct eval *eval, const struct expr *x, enum truth *ret)
{
	enum truth low, high;
	int r = eval_compare(eval, COMPARE_GE, x->between.value, x->between.low, &low);

	if (r == 0)
		r = eval_compare(eval, COMPARE_LE, x->between.value, x->between.high, &high);
	if (r < 0)
		return r;
	if (low == TRUTH_FALSE || high == TRUTH_FALSE)
		*ret = TRUTH_FALSE;
	else
		*ret = low == TRUTH_UNKNOWN || high == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : TRUTH_TRUE;
	*ret = negate(*ret, x->between.negated);
	return 0;
}

static int eval_in(struct eval *eval, const struct expr *x, enum truth *ret)
{
	enum truth result = TRUTH_FALSE, one;
	struct tsql_value value;
	int r = eval_value(eval, x->in.value, &value);

	if (r < 0)
		return r;
	if (x->in.query) {
		r = plan_contains(eval->exec, x->in.query, &value, &result, eval->err);
	} else {
		for (size_t i = 0; r == 0 && result != TRUTH_TRUE && i < x->in.list.count; i++) {
			struct tsql_value item;
			r = eval_value(eval, x->in.list.items[i], &item);
			if (r < 0)
				break;
			r = compare_exprs(eval, COMPARE_EQ, x->in.value, &value, x->in.list.items[i], &item, &one);
			if (r == 0 && one != TRUTH_FALSE)
				result = one;
			tsql_value_release(&item);
		}
	}
	tsql_value_release(&value);
	if (r == 0)
		*ret = negate(result, x->in.negated);
	return r;
}

static int eval_like(struct eval *eval, const struct expr *x, enum truth *ret)
{
	static const struct tsql_decl text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	const struct expr *parts[3] = { x->between.value, x->between.low, x->between.high };
	struct tsql_value v[3] = { tsql_null(TSQL_UNKNOWN), tsql_null(TSQL_UNKNOWN), tsql_null(TSQL_UNKNOWN) };
	int r = 0;

	for (int i = 0; r == 0 && i < 3 && parts[i]; i++) {
		struct tsql_value raw;
		r = eval_value(eval, parts[i], &raw);
		if (r < 0)
			break;
		r = tsql_value_convert(&raw, &text, &v[i], eval->err);
		tsql_value_release(&raw);
	}
	if (r == 0 && (v[0].null || v[1].null || (parts[2] && v[2].null))) {
		*ret = TRUTH_UNKNOWN;
	} else if (r == 0 && parts[2] && utf8_count(v[2].s.data, v[2].s.len) != 1) {
		r = sql_error(eval->err, 506, "The invalid escape character \"%s\" was specified in a LIKE predicate.", v[2].s.data);
	} else if (r == 0) {
		bool match = like_match(v[0].s.data, v[0].s.len, v[1].s.data, v[1].s.len, parts[2] ? v[2].s.data : NULL,
		    parts[2] ? v[2].s.len : 0);
		*ret = negate(match ? TRUTH_TRUE : TRUTH_FALSE, x->between.negated);
	}
	for (int i = 0; i < 3; i++)
		tsql_value_release(&v[i]);
	return r;
}

int eval_condition(struct eval *eval, const struct expr *x, enum truth *ret)
{
	struct tsql_value v;
	bool found = false;
	int r = 0;

	if (eval->leaf_count) {
		r = eval_leaf(eval, x, &v, &found);
		if (found) {
			*ret = v.null ? TRUTH_UNKNOWN : v.i ? TRUTH_TRUE : TRUTH_FALSE;
			return r;
		}
	}
	switch (x->kind) {
	case EXPR_COMPARE:
		r = eval_compare(eval, x->compare.op, x->compare.left, x->compare.right, ret);
		break;
	case EXPR_AND:
	case EXPR_OR:
		r = eval_logic(eval, x, ret);
		break;
	case EXPR_NOT:
		r = eval_condition(eval, x->logic.left, ret);
		if (r == 0)
			*ret = negate(*ret, true);
		break;
	case EXPR_IS_NULL:
		r = eval_value(eval, x->logic.left, &v);
		if (r == 0) {
			*ret = v.null != x->logic.negated ? TRUTH_TRUE : TRUTH_FALSE;
			tsql_value_release(&v);
		}
		break;
	case EXPR_BETWEEN:
		r = eval_between(eval, x, ret);
		break;
	case EXPR_IN:
		r = eval_in(eval, x, ret);
		break;
	case EXPR_LIKE:
		r = eval_like(eval, x, ret);
		break;
	case EXPR_EXISTS:
		r = plan_exists(eval->exec, x->query, ret, eval->err);
		break;
	default:
		r = err_set(eval->err, ERR_INTERNAL, "a value where a condition is needed");
	}
	return set_line(eval, x, r);
}
