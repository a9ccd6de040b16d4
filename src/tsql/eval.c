/* SPDX-License-Identifier: MIT */
/*
 * The evaluator of values; conditions are in eval_condition.c. Operators look at the types their operands have now, which is
 * also how sql_variant works; only CASE needs the static type of all branches.
 */
#include "tsql/eval_impl.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/function.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

int eval_set_line(struct eval *eval, const struct expr *x, int r)
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

int eval_leaf(struct eval *eval, const struct expr *x, struct tsql_value *ret, bool *found)
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
	return eval_set_line(eval, x, r);
}
