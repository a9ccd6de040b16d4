/* SPDX-License-Identifier: MIT */
/*
 * Values of a query: names, types, aggregates, scalar subqueries, and the
 * general case of a row expression, tsql_eval(?, leaf...).
 */
#include "tsql/select_impl.h"

#define MAX_LEAVES 100 /* SQLite functions take at most 127 arguments */

/* --- helpers --- */

int tr_refuse(struct translator *t, const struct expr *x, const char *what)
{
	sql_error(t->err, 40517, "%s is not supported here (line %d, column %d).", what, x->line, x->column);
	if (t->err)
		t->err->sql_line = x->line;
	return -ERR_SQL;
}

int tr_at_line(struct translator *t, int line, int r)
{
	if (r < 0 && t->err && t->err->sql_line == 0)
		t->err->sql_line = line;
	return r;
}

void tr_bind(struct translator *t, struct plan_bind bind, struct buf *out)
{
	vec_push(&t->plan->binds, bind);
	buf_addf(out, "?%zu", t->plan->binds.len);
}

/* --- names --- */

static bool source_matches(const struct instance *i, const struct expr *x)
{
	if (!x->col.table)
		return true;
	return utf8_casecmp(i->alias, x->col.table) == 0 &&
	    (!x->col.schema || (i->schema && utf8_casecmp(i->schema, x->col.schema) == 0));
}

int tr_find_here(struct translator *t, const struct scope *s, const struct expr *x, struct found *ret)
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
		return tr_at_line(t, x->line, sql_error(t->err, 209, "Ambiguous column name '%s'.", x->col.name));
	return hits;
}

/* Whether a prefix means a table of this scope. */
static bool has_prefix(const struct scope *s, const struct expr *x)
{
	for (size_t i = 0; x->col.table && i < s->sources.len; i++)
		if (source_matches(s->sources.items[i], x))
			return true;
	return false;
}

/*
 * Find a column, looking outwards. Sets *ret_scope to where it was found: NULL
 * when that is outside an APPLY, whose right side this translator makes.
 */
static int find_column(struct translator *t, struct scope *s, const struct expr *x, struct found *ret,
    const struct scope **ret_scope)
{
	for (; s; s = s->outer) {
		int r = tr_find_here(t, s, x, ret);
		if (r < 0)
			return r;
		if (r == 1) {
			*ret_scope = s;
			return 0;
		}
		if (has_prefix(s, x))
			break;
	}
	if (t->parent && !s) {
		int r = find_column(t->parent, t->parent_scope, x, ret, ret_scope);
		*ret_scope = NULL;
		return r;
	}
	if (x->col.table && !s)
		sql_error(t->err, 4104, "The multi-part identifier \"%s.%s\" could not be bound.", x->col.table, x->col.name);
	else
		sql_error(t->err, 207, "Invalid column name '%s'.", x->col.name);
	return tr_at_line(t, x->line, -ERR_SQL);
}

void tr_emit_column(const struct found *f, struct buf *out)
{
	buf_addf(out, "s%d.", f->source->number);
	store_quote_name(f->column->sql_name, out);
}

/* Is it, as a whole, one of the grouped expressions? */
static bool is_group_key(const struct scope *s, const struct expr *x)
{
	if (!s->grouped || s->in_aggregate)
		return false;
	for (size_t i = 0; i < s->grouped->group_by.count; i++)
		if (tree_same(s->grouped->group_by.items[i], x))
			return true;
	return false;
}

/* --- types --- */

struct type_ctx {
	struct translator *t;
	struct scope *scope;
};

static struct tsql_decl aggregate_type(struct translator *t, struct scope *s, const struct expr *x);

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
	if (tree_is_aggregate(x)) {
		*ret = aggregate_type(t, c->scope, x);
		return true;
	}
	if (x->kind == EXPR_CALL && x->call.window) {
		*ret = tr_window_type(t, c->scope, x);
		return true;
	}
	if (x->kind == EXPR_SUBQUERY) {
		tr_subquery_type(t, c->scope, x->query, ret);
		return true;
	}
	return false;
}

struct tsql_decl tr_type(struct translator *t, struct scope *s, const struct expr *x)
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
	d = tr_type(t, s, x->call.args.items[0]);
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

void tr_forget_binds(struct translator *t, size_t keep_count)
{
	while (t->plan->binds.len > keep_count)
		plan_bind_release(&t->plan->binds.items[--t->plan->binds.len]);
}

static int translate_for_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret)
{
	/* Translate it for its columns and forget the text and what it bound. */
	size_t binds = t->plan->binds.len;
	struct result columns = { 0 };
	struct buf ignored = BUF_INIT;
	int r = tr_query(t, s, q, NULL, false, &ignored, &columns);

	tr_forget_binds(t, binds);
	if (r == 0 && columns.columns.len)
		*ret = columns.columns.items[0].decl;
	vec_release(&columns.columns);
	buf_release(&ignored);
	return r;
}

int tr_subquery_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret)
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

void tr_bind_value(struct translator *t, const struct expr *x, struct tsql_decl decl, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_VALUE, .expr = x, .decl = decl };

	tr_bind(t, bind, out);
}

static int check_grouped(struct translator *t, const struct scope *where, const struct found *f, const struct expr *x)
{
	if (!where->grouped || where->in_aggregate || is_group_key(where, x))
		return 0;
	return tr_at_line(t, x->line, sql_error(t->err, 8120,
	    "Column '%s.%s' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
	    f->source->alias, x->col.name));
}

static int tr_column(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	const struct scope *where;
	struct found f;
	int r = find_column(t, s, x, &f, &where);

	if (r == 0 && !where)
		return tr_outer_column(t, x, out);
	if (r == 0)
		r = check_grouped(t, where, &f, x);
	if (r == 0)
		tr_emit_column(&f, out);
	return r;
}

const char *tr_collation(enum tsql_type type)
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

	if (saved || tree_has_aggregate(arg))
		return tr_at_line(t, x->line, sql_error(t->err, 130,
		    "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."));
	s->in_aggregate = true;
	if (x->call.distinct)
		buf_adds(out, "DISTINCT ");
	r = tr_value(t, s, arg, out);
	if (r == 0)
		buf_adds(out, tr_collation(tr_type(t, s, arg).type));
	s->in_aggregate = saved;
	return r;
}

static int wrap_aggregate(struct translator *t, struct scope *s, const struct expr *x, const char *name, struct buf *out)
{
	int r;

	buf_addf(out, "%s(", name);
	r = tr_aggregate_argument(t, s, x, out);
	buf_addc(out, ')');
	return r;
}

static int check_summable(struct translator *t, struct scope *s, const struct expr *x)
{
	bool saved = s->in_aggregate;
	struct tsql_decl d;

	s->in_aggregate = true;
	d = tr_type(t, s, x->call.args.items[0]);
	s->in_aggregate = saved;
	if (type_is_number(d.type) && d.type != TSQL_BIT)
		return 0;
	return tr_at_line(t, x->line, sql_error(t->err, 8117, "Operand data type %s is invalid for %s operator.",
	    tsql_type_name(d.type), x->call.function->aggregate == AGGREGATE_SUM ? "sum" : "avg"));
}

/* tsql_string_agg(order, value, separator, key...) */
static int tr_string_agg(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_ORDER, .order = xcalloc(1, sizeof(*bind.order)) };
	static const struct tsql_decl text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	bool saved = s->in_aggregate;
	int r;

	buf_adds(out, "tsql_string_agg(");
	tr_bind(t, bind, out);
	buf_adds(out, ", ");
	if (x->call.distinct)
		return tr_refuse(t, x, "STRING_AGG(DISTINCT ...)");
	if (saved || tree_has_aggregate(x->call.args.items[0]))
		return tr_at_line(t, x->line, sql_error(t->err, 130,
		    "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."));
	if (tree_depends_on_row(x->call.args.items[1]))
		return tr_refuse(t, x, "STRING_AGG with a separator that varies");
	s->in_aggregate = true;
	r = tr_value_as(t, s, x->call.args.items[0], &text, out);
	buf_adds(out, ", ");
	tr_bind_value(t, x->call.args.items[1], text, out);
	for (size_t i = 0; r == 0 && i < x->call.within_count; i++) {
		bind.order->keys[i].decl = tr_type(t, s, x->call.within[i].expr);
		bind.order->keys[i].descending = x->call.within[i].descending;
		bind.order->count++;
		buf_adds(out, ", ");
		r = tr_value(t, s, x->call.within[i].expr, out);
	}
	s->in_aggregate = saved;
	buf_addc(out, ')');
	return r;
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
		return tr_string_agg(t, s, x, out);
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
	return !s->from || (s->group_by.count == 0 && s->item_count == 1 && s->items[0].expr && tree_has_aggregate(s->items[0].expr));
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
		r = tr_at_line(t, x->line, sql_error(t->err, 116,
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
	if (!tree_is_leaf(x) && !(is_group_key(c->s, x) && tree_depends_on_row(x)))
		return false;
	for (size_t i = 0; i < c->row->leaves.len; i++)
		if (c->row->leaves.items[i].expr == x)
			return true;
	if (c->row->leaves.len >= MAX_LEAVES) {
		c->result = tr_refuse(c->t, x, "an expression over more than 100 columns");
		return true;
	}
	leaf.decl = tr_type(c->t, c->s, x);
	vec_push(&c->row->leaves, leaf);
	buf_adds(c->args, ", ");
	c->result = tr_leaf(c->t, c->s, x, c->args);
	return true;
}

int tr_row(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *cast, struct buf *out)
{
	struct buf args = BUF_INIT;
	struct row_expr *row = xcalloc(1, sizeof(*row));
	struct plan_bind bind = { .kind = BIND_ROW, .row = row };
	struct leaf_ctx ctx = { t, s, row, &args, 0 };

	row->plan = t->plan;
	row->expr = x;
	row->decl = cast ? *cast : expr_is_condition(x) ? (struct tsql_decl){ .type = TSQL_BIT } : tr_type(t, s, x);
	row->cast = cast != NULL;
	if (tree_is_leaf(x) || is_group_key(s, x)) /* a cast of a bare column */
		visit_row_leaf(&ctx, x);
	else
		tree_walk(x, visit_row_leaf, &ctx);
	buf_adds(out, "tsql_eval(");
	tr_bind(t, bind, out); /* the plan owns row from here */
	buf_add(out, args.data, args.len);
	buf_addc(out, ')');
	buf_release(&args);
	return ctx.result;
}

int tr_value(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	if (x->kind == EXPR_COLUMN)
		return tr_column(t, s, x, out);
	if (is_group_key(s, x)) {
		/* The grouped expression itself is computed from rows; any row of the group gives the same. */
		const struct select *grouped = s->grouped;
		int r;
		s->grouped = NULL;
		r = tr_value(t, s, x, out);
		s->grouped = grouped;
		return r;
	}
	if (tree_is_aggregate(x)) {
		if (!s->grouped)
			return tr_at_line(t, x->line, sql_error_full(t->err, 147, 15, 1,
			    "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference."));
		return tr_aggregate(t, s, x, out);
	}
	if (x->kind == EXPR_CALL && x->call.window)
		return tr_window(t, s, x, out);
	if (x->kind == EXPR_SUBQUERY)
		return tr_scalar_subquery(t, s, x, out);
	if (!tree_depends_on_row(x)) {
		tr_bind_value(t, x, (struct tsql_decl){ 0 }, out);
		return 0;
	}
	return tr_row(t, s, x, NULL, out);
}

int tr_value_as(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *want,
    struct buf *out)
{
	struct tsql_decl have;

	if (!tree_depends_on_row(x)) {
		tr_bind_value(t, x, *want, out);
		return 0;
	}
	have = tr_type(t, s, x);
	if (have.type == want->type && (have.type != TSQL_DECIMAL || (have.scale == want->scale)))
		return tr_value(t, s, x, out);
	if (tsql_type_is_text(have.type) && tsql_type_is_text(want->type))
		return tr_value(t, s, x, out);
	return tr_row(t, s, x, want, out);
}
