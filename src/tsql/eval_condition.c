/* SPDX-License-Identifier: MIT */
/* The evaluator of conditions, in the three-valued logic of SQL: what compares with NULL is unknown. */
#include "tsql/eval_impl.h"

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

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
	return eval_set_line(eval, x, r);
}
