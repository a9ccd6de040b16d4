/* SPDX-License-Identifier: MIT */
/*
 * SELECT to SQLite: the only file that writes SQLite's dialect.
 *
 * What SQLite does exactly as T-SQL (columns, comparisons of like with like,
 * AND/OR, joins, grouping, order) becomes SQL, so that its planner sees it.
 * Whatever has no column in it is evaluated here once and bound as a value of
 * the column's type, so `status = '7'` or `start_time > '2026-01-01'` use
 * indexes. Everything else in a row becomes tsql_eval(?, column...), which runs
 * our evaluator on the row: one meaning of CASE, conversions and functions.
 *
 * Registered views stand in front as WITH terms that SQLite flattens.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/function.h"
#include "tsql/plan_impl.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

#define MAX_LEAVES 100 /* SQLite functions take at most 127 arguments */

/* A column that a FROM source offers. */
struct offered {
	const char *name;     /* as T-SQL sees it */
	const char *sql_name; /* as SQLite sees it */
	struct tsql_decl decl;
	bool hidden; /* not in SELECT * */
};

struct instance {
	const char *alias;  /* how columns are qualified */
	const char *schema; /* of a view used without alias; may be NULL */
	int number;         /* "s1" */
	VEC(struct offered) columns;
};

struct scope {
	struct scope *outer;
	VEC(struct instance *) sources;
	const struct select *grouped; /* its GROUP BY, when the query aggregates */
	bool in_aggregate;
};

struct known_cte {
	const char *name;
	char sql_name[16];
	VEC(struct offered) columns;
};

struct known_type {
	const struct query *query;
	struct tsql_decl decl;
};

struct translator {
	struct exec *exec;
	struct select_plan *plan;
	struct arena arena; /* names and instances */
	struct buf with;
	VEC(const struct tsql_view *) views; /* already in with */
	VEC(struct known_cte *) ctes;
	VEC(struct instance *) instances;
	VEC(struct known_type) known_types; /* of scalar subqueries: deriving one means translating it */
	int next_number;
	int depth;
	struct err *err;
	int line;
};

/* The columns a (sub)query gives. */
struct result {
	VEC(struct tsql_column) columns; /* names borrowed; NULL = none */
};

static int tr_value(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
static int tr_condition(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
static int tr_query(struct translator *t, struct scope *outer, const struct query *q,
    const struct result *want, bool named, struct buf *out, struct result *ret);

/* --- helpers --- */

static void quote(const char *name, struct buf *out)
{
	buf_addc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_addc(out, '"');
		buf_addc(out, *name);
	}
	buf_addc(out, '"');
}

static const char *keep(struct translator *t, const char *text)
{
	return arena_strndup(&t->arena, text, strlen(text));
}

static int refuse(struct translator *t, const struct expr *x, const char *what)
{
	sql_error(t->err, 40517, "%s is not supported here (line %d, column %d).", what, x->line, x->column);
	if (t->err)
		t->err->sql_line = x->line;
	return -ERR_SQL;
}

static int at_line(struct translator *t, int line, int r)
{
	if (r < 0 && t->err && t->err->sql_line == 0)
		t->err->sql_line = line;
	return r;
}

static void add_bind(struct translator *t, struct plan_bind bind, struct buf *out)
{
	vec_push(&t->plan->binds, bind);
	buf_addf(out, "?%zu", t->plan->binds.len);
}

/* --- names --- */

struct found {
	const struct instance *source;
	const struct offered *column;
};

static bool source_matches(const struct instance *i, const struct expr *x)
{
	if (!x->col.table)
		return true;
	return utf8_casecmp(i->alias, x->col.table) == 0 &&
	    (!x->col.schema || (i->schema && utf8_casecmp(i->schema, x->col.schema) == 0));
}

static int find_in_scope(struct translator *t, const struct scope *s, const struct expr *x, struct found *ret)
{
	int hits = 0;

	for (size_t i = 0; i < s->sources.len; i++) {
		const struct instance *source = s->sources.items[i];
		if (!source_matches(source, x))
			continue;
		for (size_t c = 0; c < source->columns.len; c++) {
			if (utf8_casecmp(source->columns.items[c].name, x->col.name) != 0)
				continue;
			ret->source = source;
			ret->column = &source->columns.items[c];
			hits++;
		}
	}
	if (hits > 1)
		return at_line(t, x->line, sql_error(t->err, 209, "Ambiguous column name '%s'.", x->col.name));
	return hits;
}

/* Find a column, looking outwards. Sets *ret_scope to where it was found. */
static int find_column(struct translator *t, struct scope *s, const struct expr *x, struct found *ret,
    const struct scope **ret_scope)
{
	for (; s; s = s->outer) {
		int r = find_in_scope(t, s, x, ret);
		if (r < 0)
			return r;
		if (r == 1) {
			*ret_scope = s;
			return 0;
		}
	}
	if (x->col.table)
		sql_error(t->err, 4104, "The multi-part identifier \"%s.%s\" could not be bound.", x->col.table, x->col.name);
	else
		sql_error(t->err, 207, "Invalid column name '%s'.", x->col.name);
	return at_line(t, x->line, -ERR_SQL);
}

static void emit_column(const struct found *f, struct buf *out)
{
	buf_addf(out, "s%d.", f->source->number);
	quote(f->column->sql_name, out);
}

/* --- walking expressions --- */

typedef bool visit_fn(void *ctx, const struct expr *x);

/* Calls visit on a node; true stops there (its children are not seen). */
static void walk(const struct expr *x, visit_fn *visit, void *ctx)
{
	if (!x || visit(ctx, x))
		return;
	switch (x->kind) {
	case EXPR_UNARY:
		walk(x->op.left, visit, ctx);
		break;
	case EXPR_BINARY:
		walk(x->op.left, visit, ctx);
		walk(x->op.right, visit, ctx);
		break;
	case EXPR_CALL:
		for (size_t i = 0; i < x->call.args.count; i++)
			walk(x->call.args.items[i], visit, ctx);
		break;
	case EXPR_CAST:
		walk(x->cast.from, visit, ctx);
		walk(x->cast.style, visit, ctx);
		break;
	case EXPR_CASE:
		for (size_t i = 0; i < x->branch.count; i++) {
			walk(x->branch.arms[i].when, visit, ctx);
			walk(x->branch.arms[i].then, visit, ctx);
		}
		walk(x->branch.otherwise, visit, ctx);
		break;
	case EXPR_COMPARE:
		walk(x->compare.left, visit, ctx);
		walk(x->compare.right, visit, ctx);
		break;
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
	case EXPR_IS_NULL:
		walk(x->logic.left, visit, ctx);
		walk(x->logic.right, visit, ctx);
		break;
	case EXPR_BETWEEN:
	case EXPR_LIKE:
		walk(x->between.value, visit, ctx);
		walk(x->between.low, visit, ctx);
		walk(x->between.high, visit, ctx);
		break;
	case EXPR_IN:
		walk(x->in.value, visit, ctx);
		for (size_t i = 0; i < x->in.list.count; i++)
			walk(x->in.list.items[i], visit, ctx);
		break;
	default:
		break;
	}
}

static bool is_aggregate(const struct expr *x)
{
	return x->kind == EXPR_CALL && x->call.function->aggregate != AGGREGATE_NONE;
}

/* A node that SQLite computes for a row expression. */
static bool is_leaf(const struct expr *x)
{
	return x->kind == EXPR_COLUMN || x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS ||
	    (x->kind == EXPR_IN && x->in.query) || is_aggregate(x);
}

static bool visit_leaf(void *ctx, const struct expr *x)
{
	if (is_leaf(x) || (x->kind == EXPR_CALL && (x->call.function->flags & FUNCTION_STATEFUL)))
		*(bool *)ctx = true;
	return *(bool *)ctx;
}

/* Whether an expression differs from row to row. */
static bool depends_on_row(const struct expr *x)
{
	bool depends = false;

	walk(x, visit_leaf, &depends);
	return depends;
}

static bool visit_aggregate(void *ctx, const struct expr *x)
{
	if (is_aggregate(x))
		*(bool *)ctx = true;
	return *(bool *)ctx || x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS;
}

static bool has_aggregate(const struct expr *x)
{
	bool has = false;

	walk(x, visit_aggregate, &has);
	return has;
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && utf8_casecmp(a, b) == 0);
}

/* Structural equality, for GROUP BY. */
static bool same_expr(const struct expr *a, const struct expr *b)
{
	int order;

	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case EXPR_LITERAL:
		if (a->literal.type != b->literal.type || a->literal.null != b->literal.null)
			return false;
		return a->literal.null || (tsql_value_compare(&a->literal, &b->literal, &order, NULL) == 0 && order == 0);
	case EXPR_VARIABLE:
		return a->slot == b->slot;
	case EXPR_COLUMN:
		return utf8_casecmp(a->col.name, b->col.name) == 0 &&
		    (same_text(a->col.table, b->col.table) || !a->col.table || !b->col.table);
	case EXPR_UNARY:
	case EXPR_BINARY:
		return a->op.op == b->op.op && same_expr(a->op.left, b->op.left) &&
		    (a->kind == EXPR_UNARY || same_expr(a->op.right, b->op.right));
	case EXPR_CALL:
		if (a->call.function != b->call.function || a->call.args.count != b->call.args.count)
			return false;
		for (size_t i = 0; i < a->call.args.count; i++)
			if (!same_expr(a->call.args.items[i], b->call.args.items[i]))
				return false;
		return true;
	case EXPR_CAST:
		return memcmp(&a->cast.decl, &b->cast.decl, sizeof(a->cast.decl)) == 0 && same_expr(a->cast.from, b->cast.from) &&
		    same_expr(a->cast.style, b->cast.style);
	case EXPR_CASE:
		if (a->branch.count != b->branch.count || !same_expr(a->branch.otherwise, b->branch.otherwise))
			return false;
		for (size_t i = 0; i < a->branch.count; i++)
			if (!same_expr(a->branch.arms[i].when, b->branch.arms[i].when) ||
			    !same_expr(a->branch.arms[i].then, b->branch.arms[i].then))
				return false;
		return true;
	case EXPR_COMPARE:
		return a->compare.op == b->compare.op && same_expr(a->compare.left, b->compare.left) &&
		    same_expr(a->compare.right, b->compare.right);
	case EXPR_AND:
	case EXPR_OR:
		return same_expr(a->logic.left, b->logic.left) && same_expr(a->logic.right, b->logic.right);
	case EXPR_NOT:
	case EXPR_IS_NULL:
		return a->logic.negated == b->logic.negated && same_expr(a->logic.left, b->logic.left);
	case EXPR_BETWEEN:
	case EXPR_LIKE:
		return a->between.negated == b->between.negated && same_expr(a->between.value, b->between.value) &&
		    same_expr(a->between.low, b->between.low) && same_expr(a->between.high, b->between.high);
	default:
		return false;
	}
}

/* Is it, as a whole, one of the grouped expressions? */
static bool is_group_key(const struct scope *s, const struct expr *x)
{
	if (!s->grouped || s->in_aggregate)
		return false;
	for (size_t i = 0; i < s->grouped->group_by.count; i++)
		if (same_expr(s->grouped->group_by.items[i], x))
			return true;
	return false;
}

/* --- types --- */

struct type_ctx {
	struct translator *t;
	struct scope *scope;
};

static struct tsql_decl aggregate_type(struct translator *t, struct scope *s, const struct expr *x);
static int subquery_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret);

static bool leaf_type(void *ctx, const struct expr *x, struct tsql_decl *ret)
{
	struct type_ctx *c = ctx;
	struct translator *t = c->t;
	const struct scope *where;
	struct found f;

	if (x->kind == EXPR_COLUMN) {
		if (find_column(t, c->scope, x, &f, &where) == 0)
			*ret = f.column->decl;
		return true;
	}
	if (is_aggregate(x)) {
		*ret = aggregate_type(t, c->scope, x);
		return true;
	}
	if (x->kind == EXPR_SUBQUERY) {
		subquery_type(t, c->scope, x->query, ret);
		return true;
	}
	return false;
}

static struct tsql_decl type_of(struct translator *t, struct scope *s, const struct expr *x)
{
	struct type_ctx ctx = { t, s };
	struct typing typing = { t->exec, leaf_type, &ctx };

	return eval_type(&typing, x);
}

static struct tsql_decl sum_type(struct tsql_decl d)
{
	switch (type_info(d.type)->family) {
	case FAMILY_INTEGER:
		d.type = d.type == TSQL_BIGINT ? TSQL_BIGINT : TSQL_INT;
		break;
	case FAMILY_DECIMAL:
		d.precision = DECIMAL_MAX_PRECISION;
		break;
	case FAMILY_MONEY:
		d.type = TSQL_MONEY;
		break;
	default:
		d.type = TSQL_FLOAT;
	}
	return d;
}

static struct tsql_decl aggregate_type(struct translator *t, struct scope *s, const struct expr *x)
{
	struct tsql_decl d = { .type = TSQL_INT };
	enum aggregate a = x->call.function->aggregate;
	bool saved = s->in_aggregate;

	if (a == AGGREGATE_COUNT)
		return x->call.function->result;
	s->in_aggregate = true;
	d = type_of(t, s, x->call.args.items[0]);
	s->in_aggregate = saved;
	if (a == AGGREGATE_SUM || a == AGGREGATE_AVG) {
		d = sum_type(d);
		if (a == AGGREGATE_AVG && d.type == TSQL_DECIMAL && d.scale < 6)
			d.scale = 6;
	}
	if (a == AGGREGATE_STRING)
		d = (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	return d;
}

static void forget_binds(struct translator *t, size_t keep_count)
{
	while (t->plan->binds.len > keep_count) {
		struct row_expr *row = t->plan->binds.items[--t->plan->binds.len].row;
		if (row)
			vec_release(&row->leaves);
		free(row);
	}
}

static int translate_for_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret)
{
	/* Translate it for its columns and forget the text and what it bound. */
	size_t binds = t->plan->binds.len;
	struct result columns = { 0 };
	struct buf ignored = BUF_INIT;
	int r = tr_query(t, s, q, NULL, false, &ignored, &columns);

	forget_binds(t, binds);
	if (r == 0 && columns.columns.len)
		*ret = columns.columns.items[0].decl;
	vec_release(&columns.columns);
	buf_release(&ignored);
	return r;
}

static int subquery_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret)
{
	struct known_type known = { .query = q };
	int r;

	for (size_t i = 0; i < t->known_types.len; i++) {
		if (t->known_types.items[i].query == q) {
			*ret = t->known_types.items[i].decl;
			return 0;
		}
	}
	r = translate_for_type(t, s, q, ret);
	if (r < 0)
		return r;
	known.decl = *ret;
	vec_push(&t->known_types, known);
	return 0;
}

/* --- values --- */

/* Bind a value without leaves. decl TSQL_UNKNOWN: as it is. */
static void bind_value(struct translator *t, const struct expr *x, struct tsql_decl decl, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_VALUE, .expr = x, .decl = decl };

	add_bind(t, bind, out);
}

static int check_grouped(struct translator *t, const struct scope *where, const struct found *f, const struct expr *x)
{
	if (!where->grouped || where->in_aggregate || is_group_key(where, x))
		return 0;
	return at_line(t, x->line, sql_error(t->err, 8120,
	    "Column '%s.%s' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
	    f->source->alias, x->col.name));
}

static int tr_column(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	const struct scope *where;
	struct found f;
	int r = find_column(t, s, x, &f, &where);

	if (r == 0)
		r = check_grouped(t, where, &f, x);
	if (r == 0)
		emit_column(&f, out);
	return r;
}

static const char *collation_of(enum tsql_type type)
{
	switch (type_info(type)->family) {
	case FAMILY_TEXT:
		return " COLLATE TSQL";
	case FAMILY_DECIMAL:
	case FAMILY_MONEY:
		return " COLLATE TSQL_DECIMAL";
	default:
		return "";
	}
}

static int tr_aggregate_argument(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	const struct expr *arg = x->call.args.items[0];
	bool saved = s->in_aggregate;
	int r;

	if (saved || has_aggregate(arg))
		return at_line(t, x->line, sql_error(t->err, 130,
		    "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."));
	s->in_aggregate = true;
	if (x->call.distinct)
		buf_adds(out, "DISTINCT ");
	r = tr_value(t, s, arg, out);
	if (r == 0)
		buf_adds(out, collation_of(type_of(t, s, arg).type));
	s->in_aggregate = saved;
	return r;
}

static int wrap_aggregate(struct translator *t, struct scope *s, const struct expr *x, const char *name, struct buf *out)
{
	int r;

	buf_addf(out, "%s(", name);
	r = tr_aggregate_argument(t, s, x, out);
	if (r == 0 && x->call.function->aggregate == AGGREGATE_STRING) {
		if (depends_on_row(x->call.args.items[1]))
			return refuse(t, x, "STRING_AGG with a separator that varies");
		buf_adds(out, ", ");
		bind_value(t, x->call.args.items[1], (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = TSQL_MAX }, out);
	}
	buf_addc(out, ')');
	return r;
}

static int check_summable(struct translator *t, struct scope *s, const struct expr *x)
{
	bool saved = s->in_aggregate;
	struct tsql_decl d;

	s->in_aggregate = true;
	d = type_of(t, s, x->call.args.items[0]);
	s->in_aggregate = saved;
	if (type_is_number(d.type) && d.type != TSQL_BIT)
		return 0;
	return at_line(t, x->line, sql_error(t->err, 8117, "Operand data type %s is invalid for %s operator.",
	    tsql_type_name(d.type), x->call.function->aggregate == AGGREGATE_SUM ? "sum" : "avg"));
}

static int tr_aggregate(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	enum aggregate a = x->call.function->aggregate;
	enum type_family family = type_info(aggregate_type(t, s, x).type)->family;
	bool exact = family == FAMILY_DECIMAL || family == FAMILY_MONEY;
	int r;

	switch (a) {
	case AGGREGATE_COUNT:
		if (x->call.star) {
			buf_adds(out, "count(*)");
			return 0;
		}
		return wrap_aggregate(t, s, x, "count", out);
	case AGGREGATE_SUM:
		r = check_summable(t, s, x);
		return r < 0 ? r : wrap_aggregate(t, s, x, exact ? "tsql_sum" : "sum", out);
	case AGGREGATE_AVG:
		r = check_summable(t, s, x);
		if (r < 0)
			return r;
		if (family != FAMILY_INTEGER)
			return wrap_aggregate(t, s, x, exact ? "tsql_avg" : "avg", out);
		buf_addc(out, '(');
		r = wrap_aggregate(t, s, x, "sum", out);
		buf_adds(out, " / ");
		if (r == 0)
			r = wrap_aggregate(t, s, x, "count", out);
		buf_addc(out, ')');
		return r;
	case AGGREGATE_MIN:
		return wrap_aggregate(t, s, x, "min", out);
	case AGGREGATE_MAX:
		return wrap_aggregate(t, s, x, "max", out);
	default:
		return wrap_aggregate(t, s, x, "group_concat", out);
	}
}

/* At most one row comes out: TOP (1) or an aggregate without GROUP BY. */
static bool gives_one_row(const struct query *q)
{
	const struct select *s = q->terms[0].select;

	if (q->term_count != 1)
		return false;
	if (s->top && s->top->kind == EXPR_LITERAL && s->top->literal.i <= 1)
		return true;
	return !s->from || (s->group_by.count == 0 && s->item_count == 1 && s->items[0].expr && has_aggregate(s->items[0].expr));
}

static int tr_scalar_subquery(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct result columns = { 0 };
	bool one = gives_one_row(x->query);
	int r;

	buf_adds(out, one ? "(" : "(SELECT CASE WHEN count(*) > 1 THEN tsql_fail(512) ELSE max(c1) END FROM (SELECT c1 FROM (");
	r = tr_query(t, s, x->query, NULL, true, out, &columns);
	buf_adds(out, one ? ")" : ") LIMIT 2))");
	if (r == 0 && columns.columns.len != 1)
		r = at_line(t, x->line, sql_error(t->err, 116,
		    "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS."));
	vec_release(&columns.columns);
	return r;
}

struct leaf_ctx {
	struct translator *t;
	struct scope *s;
	struct row_expr *row;
	struct buf *args;
	int result;
};

static int tr_leaf(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	return expr_is_condition(x) ? tr_condition(t, s, x, out) : tr_value(t, s, x, out);
}

static bool visit_row_leaf(void *ctx, const struct expr *x)
{
	struct leaf_ctx *c = ctx;
	struct eval_leaf leaf = { .expr = x };

	if (c->result < 0)
		return true;
	if (!is_leaf(x) && !(is_group_key(c->s, x) && depends_on_row(x)))
		return false;
	for (size_t i = 0; i < c->row->leaves.len; i++)
		if (c->row->leaves.items[i].expr == x)
			return true;
	if (c->row->leaves.len >= MAX_LEAVES) {
		c->result = refuse(c->t, x, "an expression over more than 100 columns");
		return true;
	}
	leaf.decl = type_of(c->t, c->s, x);
	vec_push(&c->row->leaves, leaf);
	buf_adds(c->args, ", ");
	c->result = tr_leaf(c->t, c->s, x, c->args);
	return true;
}

/* The general case: SQLite computes the leaves, the evaluator the rest. */
static int tr_row(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *cast, struct buf *out)
{
	struct buf args = BUF_INIT;
	struct row_expr *row = xcalloc(1, sizeof(*row));
	struct plan_bind bind = { .kind = BIND_ROW, .row = row };
	struct leaf_ctx ctx = { t, s, row, &args, 0 };

	row->plan = t->plan;
	row->expr = x;
	row->decl = cast ? *cast : expr_is_condition(x) ? (struct tsql_decl){ .type = TSQL_BIT } : type_of(t, s, x);
	row->cast = cast != NULL;
	if (is_leaf(x) || is_group_key(s, x)) /* a cast of a bare column */
		visit_row_leaf(&ctx, x);
	else
		walk(x, visit_row_leaf, &ctx);
	buf_adds(out, "tsql_eval(");
	add_bind(t, bind, out); /* the plan owns row from here */
	buf_add(out, args.data, args.len);
	buf_addc(out, ')');
	buf_release(&args);
	return ctx.result;
}

static int tr_value(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	if (x->kind == EXPR_COLUMN)
		return tr_column(t, s, x, out);
	if (is_aggregate(x)) {
		if (!s->grouped)
			return at_line(t, x->line, sql_error_full(t->err, 147, 15, 1,
			    "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference."));
		return tr_aggregate(t, s, x, out);
	}
	if (x->kind == EXPR_SUBQUERY)
		return tr_scalar_subquery(t, s, x, out);
	if (!depends_on_row(x)) {
		bind_value(t, x, (struct tsql_decl){ 0 }, out);
		return 0;
	}
	return tr_row(t, s, x, NULL, out);
}

/* A value converted to a declaration, when its storage would differ. */
static int tr_value_as(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *want,
    struct buf *out)
{
	struct tsql_decl have;

	if (!depends_on_row(x)) {
		bind_value(t, x, *want, out);
		return 0;
	}
	have = type_of(t, s, x);
	if (have.type == want->type && (have.type != TSQL_DECIMAL || (have.scale == want->scale)))
		return tr_value(t, s, x, out);
	if (tsql_type_is_text(have.type) && tsql_type_is_text(want->type))
		return tr_value(t, s, x, out);
	return tr_row(t, s, x, want, out);
}

/* --- conditions --- */

/* Types whose stored forms SQLite compares as T-SQL does; civil dates and times share one. */
static enum type_family compare_family(enum tsql_type type)
{
	enum type_family f = type_info(type)->family;

	if (type == TSQL_DATETIMEOFFSET)
		return FAMILY_VARIANT + 1; /* UTC: only with itself */
	if (f == FAMILY_DATE || f == FAMILY_DATETIME2)
		return FAMILY_DATETIME;
	if (f == FAMILY_MONEY)
		return FAMILY_DECIMAL;
	return f;
}

static bool comparable_natively(enum tsql_type a, enum tsql_type b)
{
	enum type_family x = compare_family(a), y = compare_family(b);

	if (x == FAMILY_VARIANT || x == FAMILY_XML || x == FAMILY_NONE || a == TSQL_UNKNOWN || b == TSQL_UNKNOWN)
		return false;
	return x == y || (x == FAMILY_INTEGER && y == FAMILY_FLOAT) || (x == FAMILY_FLOAT && y == FAMILY_INTEGER);
}

/* May a value without leaves be converted to the column's type before the comparison? By precedence, it would be. */
static bool converts_to_column(struct tsql_decl column, struct tsql_decl value)
{
	if (column.type == TSQL_VARIANT || column.type == TSQL_UNKNOWN || value.type == TSQL_VARIANT)
		return false;
	return value.type == TSQL_UNKNOWN || type_info(column.type)->precedence >= type_info(value.type)->precedence;
}

/* The declaration a constant is converted to for a comparison: the column's type, but never cut. */
static struct tsql_decl compare_decl(struct tsql_decl column)
{
	if (column.length)
		column.length = TSQL_MAX;
	if (type_info(column.type)->is_fixed)
		column.type = column.type == TSQL_CHAR ? TSQL_VARCHAR : column.type == TSQL_NCHAR ? TSQL_NVARCHAR : TSQL_VARBINARY;
	if (type_is_datetime(column.type) && column.type >= TSQL_DATETIME2) {
		column.scale = 7;
		column.precision = 1;
	}
	return column;
}

static const char *const compare_sql[] = { [COMPARE_EQ] = " = ", [COMPARE_NE] = " <> ", [COMPARE_LT] = " < ",
	[COMPARE_LE] = " <= ", [COMPARE_GT] = " > ", [COMPARE_GE] = " >= " };

/* One side of a native comparison. */
static int tr_side(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *other, bool convert,
    struct buf *out)
{
	if (convert) {
		bind_value(t, x, compare_decl(*other), out);
		return 0;
	}
	return tr_value(t, s, x, out);
}

/* a OP b where either may be computed; whole is the expression to fall back on, or NULL to say whether it can be native. */
static int try_compare(struct translator *t, struct scope *s, enum compare_op op, const struct expr *a,
    const struct expr *b, struct buf *out, bool *native)
{
	struct tsql_decl da = type_of(t, s, a), db = type_of(t, s, b);
	bool row_a = depends_on_row(a), row_b = depends_on_row(b);
	bool convert_a = row_b && !row_a && converts_to_column(db, da);
	bool convert_b = row_a && !row_b && converts_to_column(da, db);
	int r;

	*native = convert_a ? compare_family(db.type) != FAMILY_XML : convert_b ? compare_family(da.type) != FAMILY_XML :
	    comparable_natively(da.type, db.type);
	if (!*native)
		return 0;
	r = tr_side(t, s, a, &db, convert_a, out);
	if (r < 0)
		return r;
	buf_adds(out, compare_sql[op]);
	r = tr_side(t, s, b, &da, convert_b, out);
	buf_adds(out, collation_of(convert_a ? db.type : da.type));
	return r;
}

static int tr_compare(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	bool native;
	int r = try_compare(t, s, x->compare.op, x->compare.left, x->compare.right, out, &native);

	return native || r < 0 ? r : tr_row(t, s, x, NULL, out);
}

static int tr_between(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct buf low = BUF_INIT, high = BUF_INIT;
	bool native_low, native_high = false;
	int r = try_compare(t, s, COMPARE_GE, x->between.value, x->between.low, &low, &native_low);

	if (r == 0 && native_low)
		r = try_compare(t, s, COMPARE_LE, x->between.value, x->between.high, &high, &native_high);
	if (r == 0 && native_high) {
		buf_addf(out, "%s(%s AND %s)", x->between.negated ? "NOT " : "", low.data, high.data);
	} else if (r == 0) {
		r = tr_row(t, s, x, NULL, out);
	}
	buf_release(&low);
	buf_release(&high);
	return r;
}

static int tr_in_list(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct buf list = BUF_INIT;
	bool native = true;
	int r = 0;

	for (size_t i = 0; r == 0 && native && i < x->in.list.count; i++) {
		buf_adds(&list, i ? " OR " : "");
		r = try_compare(t, s, COMPARE_EQ, x->in.value, x->in.list.items[i], &list, &native);
	}
	if (r == 0 && native)
		buf_addf(out, "%s(%s)", x->in.negated ? "NOT " : "", list.data);
	else if (r == 0)
		r = tr_row(t, s, x, NULL, out);
	buf_release(&list);
	return r;
}

static int tr_in_query(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct tsql_decl value = type_of(t, s, x->in.value), column = { 0 }, meet;
	struct result columns = { 0 }, want = { 0 };
	struct tsql_column as = { 0 };
	int r = subquery_type(t, s, x->in.query, &column);

	if (r < 0)
		return r;
	meet = comparable_natively(value.type, column.type) ? value : decl_unite(&value, &column);
	if (comparable_natively(value.type, column.type))
		r = tr_value(t, s, x->in.value, out);
	else
		r = tr_value_as(t, s, x->in.value, &meet, out);
	if (r < 0)
		return r;
	buf_addf(out, "%s%s IN (", collation_of(meet.type), x->in.negated ? " NOT" : "");
	if (!comparable_natively(value.type, column.type)) {
		as.decl = meet;
		vec_push(&want.columns, as);
	}
	r = tr_query(t, s, x->in.query, want.columns.len ? &want : NULL, false, out, &columns);
	buf_addc(out, ')');
	if (r == 0 && columns.columns.len != 1)
		r = at_line(t, x->line, sql_error(t->err, 116,
		    "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS."));
	vec_release(&columns.columns);
	vec_release(&want.columns);
	return r;
}

static int tr_exists(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct result columns = { 0 };
	int r;

	buf_adds(out, "EXISTS (");
	r = tr_query(t, s, x->query, NULL, false, out, &columns);
	buf_addc(out, ')');
	vec_release(&columns.columns);
	return r;
}

static int tr_logic(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	int r;

	buf_addc(out, '(');
	r = tr_condition(t, s, x->logic.left, out);
	if (r < 0)
		return r;
	buf_adds(out, x->kind == EXPR_AND ? " AND " : " OR ");
	r = tr_condition(t, s, x->logic.right, out);
	buf_addc(out, ')');
	return r;
}

static int tr_condition(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	int r;

	if (!depends_on_row(x)) {
		struct plan_bind bind = { .kind = BIND_TRUTH, .expr = x };
		add_bind(t, bind, out);
		return 0;
	}
	switch (x->kind) {
	case EXPR_COMPARE:
		return tr_compare(t, s, x, out);
	case EXPR_AND:
	case EXPR_OR:
		return tr_logic(t, s, x, out);
	case EXPR_NOT:
		buf_adds(out, "NOT (");
		r = tr_condition(t, s, x->logic.left, out);
		buf_addc(out, ')');
		return r;
	case EXPR_IS_NULL:
		buf_addc(out, '(');
		r = tr_value(t, s, x->logic.left, out);
		buf_adds(out, x->logic.negated ? ") IS NOT NULL" : ") IS NULL");
		return r;
	case EXPR_BETWEEN:
		return tr_between(t, s, x, out);
	case EXPR_IN:
		return x->in.query ? tr_in_query(t, s, x, out) : tr_in_list(t, s, x, out);
	case EXPR_EXISTS:
		return tr_exists(t, s, x, out);
	default:
		return tr_row(t, s, x, NULL, out);
	}
}

/* --- FROM --- */

static struct instance *new_instance(struct translator *t, struct scope *s, const char *alias)
{
	struct instance *i = arena_alloc(&t->arena, sizeof(*i));

	i->alias = alias;
	i->number = ++t->next_number;
	vec_push(&t->instances, i);
	vec_push(&s->sources, i);
	return i;
}

static void add_view_columns(struct instance *i, const struct tsql_view *v)
{
	for (size_t c = 0; c < v->column_count; c++) {
		struct offered o = { .name = v->columns[c].name, .sql_name = v->columns[c].name,
			.decl = decl_complete(v->columns[c].decl, false) };
		if (v->columns[c].alias_of) {
			o.sql_name = v->columns[c].alias_of;
			o.hidden = true;
		}
		vec_push(&i->columns, o);
	}
}

static void view_sql_name(const struct tsql_view *v, struct buf *out)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s.%s.%s", v->database ? v->database : "", v->schema, v->name);
	quote(name.data, out);
	buf_release(&name);
}

static void view_column_list(const struct tsql_view *v, struct buf *out)
{
	bool first = true;

	buf_addc(out, '(');
	for (size_t c = 0; c < v->column_count; c++) {
		if (v->columns[c].alias_of)
			continue;
		if (!first)
			buf_adds(out, ", ");
		quote(v->columns[c].name, out);
		first = false;
	}
	buf_addc(out, ')');
}

static void begin_with(struct translator *t)
{
	buf_adds(&t->with, t->with.len ? ", " : "WITH ");
}

static void need_view(struct translator *t, const struct tsql_view *v)
{
	for (size_t i = 0; i < t->views.len; i++)
		if (t->views.items[i] == v)
			return;
	vec_push(&t->views, v);
	begin_with(t);
	view_sql_name(v, &t->with);
	view_column_list(v, &t->with);
	buf_addf(&t->with, " AS NOT MATERIALIZED (%s)", v->sql);
}

/* A view's text with ?1, ?2 ... replaced by what its arguments were bound as. */
static void substitute_arguments(const char *sql, const size_t *numbers, size_t count, struct buf *out)
{
	char quoted = '\0';

	for (; *sql; sql++) {
		if (quoted) {
			quoted = *sql == quoted ? '\0' : quoted;
		} else if (*sql == '\'' || *sql == '"') {
			quoted = *sql;
		} else if (*sql == '?' && sql[1] >= '1' && sql[1] <= '9') {
			char *end;
			unsigned long n = strtoul(sql + 1, &end, 10);
			if (n <= count) {
				buf_addf(out, "?%zu", numbers[n - 1]);
				sql = end - 1;
				continue;
			}
		}
		buf_addc(out, *sql);
	}
}

static int tr_function_source(struct translator *t, struct scope *s, const struct source *from,
    const struct tsql_view *v, struct buf *out)
{
	size_t numbers[16];
	struct buf name = BUF_INIT;
	struct instance *i;

	if (!v->params || from->args.count != v->param_count || v->param_count > ARRAY_LEN(numbers))
		return at_line(t, from->line, sql_error(t->err, from->args.count > v->param_count ? 8144 : 313,
		    from->args.count > v->param_count ? "Procedure or function %s has too many arguments specified." :
		    "An insufficient number of arguments were supplied for the procedure or function %s.", v->name));
	for (size_t a = 0; a < from->args.count; a++) {
		if (depends_on_row(from->args.items[a]))
			return refuse(t, from->args.items[a], "a table function over another table's columns");
		bind_value(t, from->args.items[a], decl_complete(v->params[a], false), &name);
		numbers[a] = t->plan->binds.len;
	}
	buf_clear(&name);
	/* Its own WITH term, because the arguments differ from use to use. */
	i = new_instance(t, s, from->alias ? from->alias : from->name.object);
	add_view_columns(i, v);
	buf_addf(&name, "f%d", i->number);
	begin_with(t);
	buf_add(&t->with, name.data, name.len);
	view_column_list(v, &t->with);
	buf_adds(&t->with, " AS NOT MATERIALIZED (");
	substitute_arguments(v->sql, numbers, v->param_count, &t->with);
	buf_addc(&t->with, ')');
	buf_addf(out, "%s AS s%d", name.data, i->number);
	buf_release(&name);
	return 0;
}

static struct known_cte *find_cte(struct translator *t, const struct ast_name *name)
{
	if (name->schema || name->database)
		return NULL;
	for (size_t i = t->ctes.len; i > 0; i--)
		if (utf8_casecmp(t->ctes.items[i - 1]->name, name->object) == 0)
			return t->ctes.items[i - 1];
	return NULL;
}

static int tr_named_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	struct known_cte *cte = find_cte(t, &from->name);
	const struct tsql_view *v;
	struct instance *i;

	if (cte && from->kind == SOURCE_NAME) {
		i = new_instance(t, s, from->alias ? from->alias : cte->name);
		for (size_t c = 0; c < cte->columns.len; c++)
			vec_push(&i->columns, cte->columns.items[c]);
		buf_addf(out, "%s AS s%d", cte->sql_name, i->number);
		return 0;
	}
	v = exec_find_view(t->exec, &from->name);
	if (!v || (from->kind == SOURCE_NAME && v->params)) {
		struct buf shown = BUF_INIT;
		exec_show_name(&from->name, &shown);
		sql_error(t->err, 208, "Invalid object name '%s'.", shown.data);
		buf_release(&shown);
		return at_line(t, from->line, -ERR_SQL);
	}
	if (from->kind == SOURCE_FUNCTION)
		return tr_function_source(t, s, from, v, out);
	need_view(t, v);
	i = new_instance(t, s, from->alias ? from->alias : from->name.object);
	i->schema = from->alias ? NULL : v->schema;
	add_view_columns(i, v);
	view_sql_name(v, out);
	buf_addf(out, " AS s%d", i->number);
	return 0;
}

/* Columns of a derived table or CTE: c1, c2 ... in SQLite. */
static int offer_result(struct translator *t, const struct result *columns, const char **names, size_t name_count,
    const char *what, struct instance *i)
{
	if (names && name_count != columns->columns.len)
		return sql_error(t->err, name_count < columns->columns.len ? 8158 : 8159,
		    name_count < columns->columns.len ? "'%s' has more columns than were specified in the column list." :
		    "'%s' has fewer columns than were specified in the column list.", what);
	for (size_t c = 0; c < columns->columns.len; c++) {
		const char *name = names ? names[c] : columns->columns.items[c].name;
		struct offered o = { .name = name, .decl = columns->columns.items[c].decl };
		char sql_name[32];
		if (!name || !name[0])
			return sql_error(t->err, 8155, "No column name was specified for column %zu of '%s'.", c + 1, what);
		snprintf(sql_name, sizeof(sql_name), "c%zu", c + 1);
		o.sql_name = keep(t, sql_name);
		vec_push(&i->columns, o);
	}
	return 0;
}

static int tr_derived_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	struct result columns = { 0 };
	struct instance *i;
	int r;

	buf_addc(out, '(');
	/* A derived table sees the outer query, but not its neighbours in FROM. */
	r = tr_query(t, s->outer, from->query, NULL, true, out, &columns);
	if (r == 0) {
		i = new_instance(t, s, from->alias);
		buf_addf(out, ") AS s%d", i->number);
		r = at_line(t, from->line, offer_result(t, &columns, from->columns, from->column_count, from->alias, i));
	}
	vec_release(&columns.columns);
	return r;
}

static int tr_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	static const char *const joins[] = { [JOIN_INNER] = " JOIN ", [JOIN_LEFT] = " LEFT JOIN ",
		[JOIN_RIGHT] = " RIGHT JOIN ", [JOIN_FULL] = " FULL JOIN ", [JOIN_CROSS] = " JOIN " };
	int r;

	if (from->kind == SOURCE_QUERY)
		return tr_derived_source(t, s, from, out);
	if (from->kind != SOURCE_JOIN)
		return tr_named_source(t, s, from, out);
	r = tr_source(t, s, from->left, out);
	if (r < 0)
		return r;
	buf_adds(out, joins[from->join]);
	if (from->right->kind == SOURCE_JOIN)
		buf_addc(out, '(');
	r = tr_source(t, s, from->right, out);
	if (from->right->kind == SOURCE_JOIN)
		buf_addc(out, ')');
	if (r == 0 && from->on) {
		buf_adds(out, " ON ");
		r = tr_condition(t, s, from->on, out);
	}
	return r;
}

/* --- the select list --- */

struct item_ctx {
	struct translator *t;
	struct scope *s;
	const struct result *want;
	bool named;
	struct buf *out;
	struct result *ret;
};

static void item_comma(struct item_ctx *c)
{
	if (c->ret->columns.len)
		buf_adds(c->out, ", ");
}

static void item_end(struct item_ctx *c, const char *name, struct tsql_decl decl)
{
	struct tsql_column column = { .name = name, .decl = decl };

	buf_adds(c->out, collation_of(decl.type));
	vec_push(&c->ret->columns, column);
	if (c->named)
		buf_addf(c->out, " AS c%zu", c->ret->columns.len);
}

/* The declaration this column is wanted in (set operations), or NULL. */
static const struct tsql_decl *item_want(const struct item_ctx *c)
{
	size_t at = c->ret->columns.len;

	return c->want && at < c->want->columns.len ? &c->want->columns.items[at].decl : NULL;
}

static int tr_star(struct item_ctx *c, const struct select_item *item)
{
	bool any = false;

	for (size_t i = 0; i < c->s->sources.len; i++) {
		const struct instance *source = c->s->sources.items[i];
		if (item->star_table && utf8_casecmp(source->alias, item->star_table) != 0)
			continue;
		any = true;
		for (size_t n = 0; n < source->columns.len; n++) {
			struct found f = { source, &source->columns.items[n] };
			const struct tsql_decl *want = item_want(c);
			if (f.column->hidden)
				continue;
			if (c->s->grouped || (want && want->type != f.column->decl.type)) {
				/* through the general path, for its checks and conversions */
				struct expr *x = arena_alloc(&c->t->arena, sizeof(*x));
				int r;
				x->kind = EXPR_COLUMN;
				x->line = item->line;
				x->col.table = source->alias;
				x->col.name = f.column->name;
				item_comma(c);
				r = want ? tr_value_as(c->t, c->s, x, want, c->out) : tr_value(c->t, c->s, x, c->out);
				if (r < 0)
					return r;
				item_end(c, f.column->name, want ? *want : f.column->decl);
				continue;
			}
			item_comma(c);
			emit_column(&f, c->out);
			item_end(c, f.column->name, f.column->decl);
		}
	}
	if (!any && item->star_table)
		return at_line(c->t, item->line, sql_error(c->t->err, 107,
		    "The column prefix '%s' does not match with a table name or alias name used in the query.", item->star_table));
	if (!any)
		return at_line(c->t, item->line, sql_error(c->t->err, 263, "Must specify table to select from."));
	return 0;
}

static int tr_item(struct item_ctx *c, const struct select_item *item)
{
	const struct tsql_decl *want = item_want(c);
	const char *name = item->alias;
	struct tsql_decl decl;
	int r;

	if (item->star)
		return tr_star(c, item);
	if (!name && item->expr->kind == EXPR_COLUMN)
		name = item->expr->col.name;
	item_comma(c);
	decl = type_of(c->t, c->s, item->expr);
	if (want) {
		decl = *want;
		r = tr_value_as(c->t, c->s, item->expr, want, c->out);
	} else {
		r = tr_value(c->t, c->s, item->expr, c->out);
	}
	if (r == 0)
		item_end(c, name, decl);
	return r;
}

/* --- one SELECT --- */

static bool is_grouped(const struct select *sel, const struct query *q)
{
	bool grouped = sel->group_by.count > 0 || sel->having;

	for (size_t i = 0; !grouped && i < sel->item_count; i++)
		grouped = sel->items[i].expr && has_aggregate(sel->items[i].expr);
	for (size_t i = 0; !grouped && q->term_count == 1 && i < q->order_count; i++)
		grouped = has_aggregate(q->order[i].expr);
	return grouped;
}

static int tr_group_by(struct translator *t, struct scope *s, const struct select *sel, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sel->group_by.count; i++) {
		const struct expr *x = sel->group_by.items[i];
		if (!depends_on_row(x))
			return at_line(t, x->line, sql_error(t->err, 164,
			    "Each GROUP BY expression must contain at least one column that is not an outer reference."));
		if (has_aggregate(x))
			return at_line(t, x->line, sql_error_full(t->err, 144, 15, 1,
			    "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause."));
		buf_adds(out, i ? ", " : " GROUP BY ");
		r = tr_value(t, s, x, out);
		buf_adds(out, collation_of(type_of(t, s, x).type));
	}
	return r;
}

static int tr_where(struct translator *t, struct scope *s, const struct select *sel, struct buf *out)
{
	const struct select *grouped = s->grouped;
	int r;

	s->grouped = NULL; /* rows, not groups */
	buf_adds(out, " WHERE ");
	r = tr_condition(t, s, sel->where, out);
	s->grouped = grouped;
	return r;
}

static int tr_select(struct translator *t, struct scope *s, const struct query *q, const struct select *sel,
    const struct result *want, bool named, struct buf *out, struct result *ret)
{
	struct item_ctx items = { t, s, want, named, out, ret };
	struct buf from = BUF_INIT;
	int r = 0;

	if (sel->from)
		r = tr_source(t, s, sel->from, &from);
	if (r == 0 && is_grouped(sel, q))
		s->grouped = sel;
	buf_adds(out, sel->distinct ? "SELECT DISTINCT " : "SELECT ");
	for (size_t i = 0; r == 0 && i < sel->item_count; i++)
		r = tr_item(&items, &sel->items[i]);
	if (r == 0 && sel->from)
		buf_addf(out, " FROM %s", from.data);
	buf_release(&from);
	if (r == 0 && sel->where)
		r = tr_where(t, s, sel, out);
	if (r == 0)
		r = tr_group_by(t, s, sel, out);
	if (r == 0 && sel->having) {
		/* HAVING without GROUP BY: one group */
		buf_adds(out, sel->group_by.count ? " HAVING " : " GROUP BY NULL HAVING ");
		r = tr_condition(t, s, sel->having, out);
	}
	return r;
}

/* --- ORDER BY, TOP --- */

/* The number of the select item that an ORDER BY item means, or 0. */
static int order_ordinal(struct translator *t, const struct query *q, const struct expr *x, const struct result *columns,
    size_t *ret)
{
	const struct select *sel = q->terms[0].select;

	*ret = 0;
	if (x->kind == EXPR_LITERAL && x->literal.type == TSQL_INT) {
		if (x->literal.i < 1 || (size_t)x->literal.i > columns->columns.len)
			return at_line(t, x->line, sql_error(t->err, 108,
			    "The ORDER BY position number %lld is out of range of the number of items in the select list.",
			    (long long)x->literal.i));
		*ret = (size_t)x->literal.i;
		return 0;
	}
	if (x->kind != EXPR_COLUMN || x->col.table)
		return 0;
	for (size_t i = 0; i < columns->columns.len; i++) {
		bool alias = sel->item_count == columns->columns.len && sel->items[i].alias;
		if ((alias || q->term_count > 1) && columns->columns.items[i].name &&
		    utf8_casecmp(columns->columns.items[i].name, x->col.name) == 0) {
			*ret = i + 1;
			return 0;
		}
	}
	return 0;
}

static int tr_order(struct translator *t, struct scope *s, const struct query *q, const struct result *columns, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->order_count; i++) {
		const struct expr *x = q->order[i].expr;
		size_t ordinal;
		buf_adds(out, i ? ", " : " ORDER BY ");
		r = order_ordinal(t, q, x, columns, &ordinal);
		if (r < 0)
			return r;
		if (ordinal) {
			buf_addf(out, "%zu", ordinal);
		} else if (q->term_count > 1) {
			r = at_line(t, x->line, sql_error(t->err, 104,
			    "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator."));
		} else if (!depends_on_row(x)) {
			buf_adds(out, "NULL"); /* the same for every row */
		} else {
			r = tr_value(t, s, x, out);
			buf_adds(out, collation_of(type_of(t, s, x).type));
		}
		if (q->order[i].descending)
			buf_adds(out, " DESC");
	}
	return r;
}

static int tr_count(struct translator *t, const struct expr *x, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_COUNT, .expr = x };

	if (depends_on_row(x))
		return refuse(t, x, "a number of rows that is not a constant or variable");
	add_bind(t, bind, out);
	return 0;
}

static int tr_limit(struct translator *t, const struct query *q, const struct expr *top, struct buf *out)
{
	int r = 0;

	if (top && q->offset)
		return at_line(t, q->line, sql_error(t->err, 10741,
		    "A TOP can not be used in the same query or sub-query as a OFFSET."));
	if (top || q->fetch || q->offset) {
		buf_adds(out, " LIMIT ");
		if (top || q->fetch)
			r = tr_count(t, top ? top : q->fetch, out);
		else
			buf_adds(out, "-1");
	}
	if (r == 0 && q->offset) {
		buf_adds(out, " OFFSET ");
		r = tr_count(t, q->offset, out);
	}
	return r;
}

/* --- the whole query --- */

static void scope_release(struct scope *s)
{
	vec_release(&s->sources);
}

/* All terms; want gives the types that the columns of every term get. */
static int tr_terms(struct translator *t, struct scope *outer, const struct query *q, const struct result *want, bool named,
    struct buf *out, struct result *ret, struct result *unified)
{
	static const char *const ops[] = { [SET_NONE] = "", [SET_UNION] = " UNION ", [SET_UNION_ALL] = " UNION ALL ",
		[SET_EXCEPT] = " EXCEPT ", [SET_INTERSECT] = " INTERSECT " };
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->term_count; i++) {
		const struct select *sel = q->terms[i].select;
		struct scope s = { .outer = outer };
		struct result columns = { 0 };
		bool wrap = sel->top && q->term_count > 1;
		buf_adds(out, ops[q->terms[i].op]);
		buf_adds(out, wrap ? "SELECT * FROM (" : "");
		r = tr_select(t, &s, q, sel, want, named, out, &columns);
		if (r == 0 && wrap) {
			buf_adds(out, " LIMIT ");
			r = tr_count(t, sel->top, out);
			buf_addc(out, ')');
		}
		if (r == 0 && i > 0 && columns.columns.len != ret->columns.len)
			r = at_line(t, sel->line, sql_error(t->err, 205,
			    "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists."));
		if (r == 0 && q->term_count == 1) {
			r = tr_order(t, &s, q, &columns, out);
			if (r == 0)
				r = tr_limit(t, q, sel->top, out);
		}
		for (size_t c = 0; r == 0 && c < columns.columns.len; c++) {
			if (i == 0) {
				vec_push(&ret->columns, columns.columns.items[c]);
				vec_push(&unified->columns, columns.columns.items[c]);
			} else {
				struct tsql_decl *d = &unified->columns.items[c].decl;
				*d = decl_unite(d, &columns.columns.items[c].decl);
			}
		}
		vec_release(&columns.columns);
		scope_release(&s);
	}
	if (r == 0 && q->term_count > 1) {
		struct scope none = { .outer = outer };
		r = tr_order(t, &none, q, ret, out);
		if (r == 0)
			r = tr_limit(t, q, NULL, out);
	}
	return r;
}

static int tr_ctes(struct translator *t, const struct query *q)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->cte_count; i++) {
		const struct cte *c = &q->ctes[i];
		struct known_cte *known = arena_alloc(&t->arena, sizeof(*known));
		struct instance *made = arena_alloc(&t->arena, sizeof(*made));
		struct result columns = { 0 };
		struct buf sql = BUF_INIT;
		r = tr_query(t, NULL, c->query, NULL, true, &sql, &columns);
		if (r == 0)
			r = at_line(t, c->query->line, offer_result(t, &columns, c->columns, c->column_count, c->name, made));
		known->name = c->name;
		snprintf(known->sql_name, sizeof(known->sql_name), "q%d", ++t->next_number);
		for (size_t n = 0; n < made->columns.len; n++)
			vec_push(&known->columns, made->columns.items[n]);
		vec_release(&made->columns);
		vec_push(&t->ctes, known);
		if (r == 0) {
			begin_with(t);
			buf_addf(&t->with, "%s AS NOT MATERIALIZED (%s)", known->sql_name, sql.data);
		}
		vec_release(&columns.columns);
		buf_release(&sql);
	}
	return r;
}

static bool same_types(const struct result *a, const struct result *b)
{
	for (size_t i = 0; i < a->columns.len; i++)
		if (memcmp(&a->columns.items[i].decl, &b->columns.items[i].decl, sizeof(struct tsql_decl)) != 0)
			return false;
	return true;
}

static int tr_query(struct translator *t, struct scope *outer, const struct query *q, const struct result *want, bool named,
    struct buf *out, struct result *ret)
{
	size_t start = out->len, binds = t->plan->binds.len;
	struct result unified = { 0 }, again = { 0 };
	int r;

	if (++t->depth > 100)
		return sql_error(t->err, 191, "Some part of your SQL statement is nested too deeply.");
	if (outer && (q->order_count && !q->offset && !q->terms[0].select->top))
		return at_line(t, q->line, sql_error_full(t->err, 1033, 15, 1,
		    "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified."));
	r = tr_ctes(t, q);
	if (r == 0)
		r = tr_terms(t, outer, q, want, named, out, ret, &unified);
	if (r == 0 && !want && q->term_count > 1 && !same_types(ret, &unified)) {
		/* The terms differ in type: translate once more, each into the type they meet in. */
		buf_truncate(out, start);
		forget_binds(t, binds);
		ret->columns.len = 0;
		r = tr_terms(t, outer, q, &unified, named, out, ret, &again);
	}
	vec_release(&unified.columns);
	vec_release(&again.columns);
	t->depth--;
	return r;
}

static void translator_release(struct translator *t)
{
	for (size_t i = 0; i < t->instances.len; i++)
		vec_release(&t->instances.items[i]->columns);
	for (size_t i = 0; i < t->ctes.len; i++)
		vec_release(&t->ctes.items[i]->columns);
	vec_release(&t->instances);
	vec_release(&t->ctes);
	vec_release(&t->views);
	vec_release(&t->known_types);
	buf_release(&t->with);
	arena_release(&t->arena);
}

int select_translate(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err)
{
	struct translator t = { .exec = exec, .err = err, .with = BUF_INIT };
	struct result columns = { 0 };
	struct buf body = BUF_INIT, sql = BUF_INIT;
	int r;

	err_clear(err);
	t.plan = xcalloc(1, sizeof(*t.plan));
	r = tr_query(&t, NULL, query, NULL, false, &body, &columns);
	if (r == 0 && err && err->code != ERR_NONE) /* a type that could not be derived */
		r = -ERR_SQL;
	if (r == 0) {
		buf_addf(&sql, "%s%s%s", t.with.data, t.with.len ? " " : "", body.data);
		t.plan->sql = buf_detach(&sql);
		t.plan->column_count = columns.columns.len;
		t.plan->columns = xcalloc(columns.columns.len + 1, sizeof(*t.plan->columns));
		for (size_t i = 0; i < columns.columns.len; i++) {
			t.plan->columns[i].decl = columns.columns.items[i].decl;
			t.plan->columns[i].name = xstrdup(columns.columns.items[i].name ? columns.columns.items[i].name : "");
		}
		*ret = t.plan;
	} else {
		plan_free(t.plan);
	}
	vec_release(&columns.columns);
	buf_release(&body);
	buf_release(&sql);
	translator_release(&t);
	return r;
}
