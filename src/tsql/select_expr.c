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

static void unknown_column(const struct expr *x, bool nowhere, struct err *err)
{
	if (x->col.table && nowhere)
		sql_error(err, 4104, "The multi-part identifier \"%s.%s\" could not be bound.", x->col.table, x->col.name);
	else
		sql_error(err, 207, "Invalid column name '%s'.", x->col.name);
}

/* When all unknown columns are asked for, this one is noted and taken for one that is there. */
static bool note_missing(struct translator *t, const struct expr *x, struct found *ret, const struct scope **ret_scope)
{
	static const struct offered nothing = { .name = "", .sql_name = "" };
	static const struct instance nowhere = { .alias = "" };
	static const struct scope none = { 0 };
	struct missing_columns *m = t->exec->missing;
	bool seen = false;

	if (!m || m->count == MISSING_COLUMNS_MAX)
		return false;
	for (size_t i = 0; i < m->count; i++)
		seen = seen || m->seen[i] == x;
	if (!seen) {
		m->seen[m->count] = x;
		m->errors[m->count] = *t->err;
		m->errors[m->count++].sql_line = x->line;
	}
	err_clear(t->err);
	ret->source = &nowhere;
	ret->column = &nothing;
	*ret_scope = &none;
	return true;
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
	unknown_column(x, !s, t->err);
	return note_missing(t, x, ret, ret_scope) ? 0 : tr_at_line(t, x->line, -ERR_SQL);
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
		*ret = tr_aggregate_type(t, c->scope, x);
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
	if (r == 0 && tr_is_absent_key(where, x))
		buf_adds(out, "NULL");
	else if (r == 0)
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
	if (tr_is_absent_key(s, x)) {
		buf_adds(out, "NULL");
		return 0;
	}
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
