/* SPDX-License-Identifier: MIT */
/*
 * SELECT to SQLite.
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
#include "tsql/select_impl.h"

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

	buf_adds(c->out, tr_collation(decl.type));
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
			tr_emit_column(&f, c->out);
			item_end(c, f.column->name, f.column->decl);
		}
	}
	if (!any && item->star_table)
		return tr_at_line(c->t, item->line, sql_error(c->t->err, 107,
		    "The column prefix '%s' does not match with a table name or alias name used in the query.", item->star_table));
	if (!any)
		return tr_at_line(c->t, item->line, sql_error(c->t->err, 263, "Must specify table to select from."));
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
	decl = tr_type(c->t, c->s, item->expr);
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

bool tr_is_grouped(const struct select *sel, const struct query *q)
{
	bool grouped = sel->group_by.count > 0 || sel->having;

	for (size_t i = 0; !grouped && i < sel->item_count; i++)
		grouped = sel->items[i].expr && tree_has_aggregate(sel->items[i].expr);
	for (size_t i = 0; !grouped && q->term_count == 1 && i < q->order_count; i++)
		grouped = tree_has_aggregate(q->order[i].expr);
	return grouped;
}

static int tr_group_by(struct translator *t, struct scope *s, const struct select *sel, struct buf *out)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sel->group_by.count; i++) {
		const struct expr *x = sel->group_by.items[i];
		if (!tree_depends_on_row(x))
			return tr_at_line(t, x->line, sql_error(t->err, 164,
			    "Each GROUP BY expression must contain at least one column that is not an outer reference."));
		if (tree_has_aggregate(x))
			return tr_at_line(t, x->line, sql_error_full(t->err, 144, 15, 1,
			    "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause."));
		if (s->set && !(*s->set >> i & 1))
			continue;
		buf_adds(out, any ? ", " : " GROUP BY ");
		any = true;
		r = tr_value(t, s, x, out);
		buf_adds(out, tr_collation(tr_type(t, s, x).type));
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
	if (r == 0)
		tr_bounds(t, s, sel->where, out);
	s->grouped = grouped;
	return r;
}

/* In the recursive part of a CTE: count the turns, and fail when they are too many. */
static void tr_turn(const struct translator *t, const struct scope *s, struct buf *out)
{
	for (size_t i = 0; i < s->sources.len; i++) {
		const struct instance *from = s->sources.items[i];
		if (!from->recursive)
			continue;
		if (t->max_recursion > 0)
			buf_addf(out, ", CASE WHEN s%d." LEVEL_COLUMN " >= %d THEN tsql_fail(530, %d) ELSE s%d." LEVEL_COLUMN " + 1 END",
			    from->number, t->max_recursion, t->max_recursion, from->number);
		else
			buf_adds(out, ", 0");
	}
}

int tr_select(struct translator *t, struct scope *s, const struct query *q, const struct select *sel,
    const struct result *want, bool named, struct buf *out, struct result *ret)
{
	struct item_ctx items = { t, s, want, named, out, ret };
	struct buf from = BUF_INIT;
	bool keys = t->keys;
	int r = 0;

	t->keys = false; /* not those of subqueries */
	if (sel->from)
		r = tr_source(t, s, sel->from, &from);
	if (r == 0 && tr_is_grouped(sel, q))
		s->grouped = sel;
	buf_adds(out, sel->distinct ? "SELECT DISTINCT " : "SELECT ");
	s->in_select = true;
	for (size_t i = 0; r == 0 && i < sel->item_count; i++)
		r = tr_item(&items, &sel->items[i]);
	s->in_select = false;
	if (r == 0 && sel->ties)
		r = tr_rank(t, s, q, sel, ret, out);
	if (r == 0 && keys)
		r = tr_order_keys(t, s, q, ret, out);
	if (r == 0 && s->set)
		buf_adds(out, ", count(*)"); /* () is one group, also without an aggregate */
	if (r == 0)
		tr_turn(t, s, out);
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

int tr_order_ordinal(struct translator *t, const struct query *q, const struct expr *x, const struct result *columns,
    size_t *ret)
{
	const struct select *sel = q->terms[0].select;

	*ret = 0;
	if (x->kind == EXPR_LITERAL && x->literal.type == TSQL_INT) {
		if (x->literal.i < 1 || (size_t)x->literal.i > columns->columns.len)
			return tr_at_line(t, x->line, sql_error(t->err, 108,
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
		r = tr_order_ordinal(t, q, x, columns, &ordinal);
		if (r < 0)
			return r;
		if (ordinal) {
			buf_addf(out, "%zu", ordinal);
		} else if (q->term_count > 1) {
			r = tr_at_line(t, x->line, sql_error(t->err, 104,
			    "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator."));
		} else if (!tree_depends_on_row(x)) {
			buf_adds(out, "NULL"); /* the same for every row */
		} else {
			s->in_select = true;
			r = tr_value(t, s, x, out);
			s->in_select = false;
			buf_adds(out, tr_collation(tr_type(t, s, x).type));
		}
		if (q->order[i].descending)
			buf_adds(out, " DESC");
	}
	return r;
}

int tr_count(struct translator *t, const struct expr *x, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_COUNT, .expr = x };

	if (tree_depends_on_row(x))
		return tr_refuse(t, x, "a number of rows that is not a constant or variable");
	tr_bind(t, bind, out);
	return 0;
}

int tr_limit(struct translator *t, const struct query *q, const struct expr *top, struct buf *out)
{
	int r = 0;

	if (top && q->offset)
		return tr_at_line(t, q->line, sql_error(t->err, 10741,
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
		struct buf rows = BUF_INIT;
		size_t start;
		buf_adds(out, ops[q->terms[i].op]);
		buf_adds(out, wrap ? "SELECT * FROM (" : "");
		start = out->len;
		r = sel->sets ? tr_sets(t, outer, q, sel, want, out, &columns) :
				tr_select(t, &s, q, sel, want, named || sel->ties, out, &columns);
		buf_adds(&rows, out->data + start);
		if (r == 0 && wrap) {
			buf_adds(out, " LIMIT ");
			r = tr_top(t, sel, rows.data, out);
			buf_addc(out, ')');
		}
		if (r == 0 && i > 0 && columns.columns.len != ret->columns.len)
			r = tr_at_line(t, sel->line, sql_error(t->err, 205,
			    "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists."));
		if (r == 0 && q->term_count == 1) {
			r = sel->ties ? tr_ties(t, sel, &columns, start, out) :
			    sel->sets ? tr_keys_order(t, q, &columns, true, out) :
					tr_order(t, &s, q, &columns, out);
			if (r == 0 && sel->percent && !sel->ties) {
				buf_adds(out, " LIMIT ");
				r = tr_top(t, sel, rows.data, out);
			} else if (r == 0) {
				r = tr_limit(t, q, sel->ties ? NULL : sel->top, out);
			}
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
		buf_release(&rows);
	}
	if (r == 0 && q->term_count > 1) {
		struct scope none = { .outer = outer };
		r = tr_order(t, &none, q, ret, out);
		if (r == 0)
			r = tr_limit(t, q, NULL, out);
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

static int tr_rows(struct translator *t, struct scope *outer, const struct query *q, const struct result *want, bool named,
    struct buf *out, struct result *ret)
{
	size_t start = out->len, binds = t->plan->binds.len;
	struct result unified = { 0 }, again = { 0 };
	const struct expr *list;
	int r;

	if (++t->depth > 100)
		return sql_error(t->err, 191, "Some part of your SQL statement is nested too deeply.");
	if (outer && (q->order_count && !q->offset && !q->json && !q->terms[0].select->top))
		return tr_at_line(t, q->line, sql_error_full(t->err, 1033, 15, 1,
		    "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified."));
	r = tr_ctes(t, q);
	list = outer || want || named ? NULL : tr_merge_list(t, q);
	if (r == 0)
		r = list ? tr_merged(t, q, list, out, ret) : tr_terms(t, outer, q, want, named, out, ret, &unified);
	if (r == 0 && !want && q->term_count > 1 && !same_types(ret, &unified)) {
		/* The terms differ in type: translate once more, each into the type they meet in. */
		buf_truncate(out, start);
		tr_forget_binds(t, binds);
		ret->columns.len = 0;
		r = tr_terms(t, outer, q, &unified, named, out, ret, &again);
	}
	vec_release(&unified.columns);
	vec_release(&again.columns);
	t->depth--;
	return r;
}

/* Which columns are JSON already: a FOR JSON in the select list. A * before it moves it on. */
static int mark_raw(struct translator *t, const struct select *sel, struct json_shape *shape)
{
	size_t at = 0, stars = 0, raw = 0;

	for (size_t i = 0; i < sel->item_count; i++)
		stars += sel->items[i].star;
	for (size_t i = 0; i < sel->item_count; i++) {
		const struct expr *x = sel->items[i].expr;
		if (!x) {
			at += shape->count - (sel->item_count - 1);
			continue;
		}
		if (x->kind == EXPR_SUBQUERY && x->query->json && at < shape->count) {
			shape->columns[at].raw = true;
			raw++;
		}
		at++;
	}
	if (stars > 1 && raw)
		return tr_at_line(t, sel->line, sql_error(t->err, 40517,
		    "Keyword or statement option 'FOR JSON beside more than one * in a SELECT' is not supported here."));
	return 0;
}

/* FOR JSON: the rows as a derived table, gathered into one text. No row gives no row. */
static int tr_json(struct translator *t, struct scope *outer, const struct query *q, bool named, struct buf *out,
    struct result *ret)
{
	struct plan_bind bind = { .kind = BIND_JSON };
	const struct for_xml *xml = q->json->xml;
	struct tsql_column column = { .name = xml ? XML_COLUMN : JSON_COLUMN,
		.decl = { .type = xml && xml->typed ? TSQL_XML : TSQL_NVARCHAR, .length = xml && xml->typed ? 0 : TSQL_MAX } };
	struct result columns = { 0 };
	struct buf rows = BUF_INIT;
	int r = tr_rows(t, outer, q, NULL, true, &rows, &columns);

	if (r == 0) {
		bind.json = json_shape_new(q->json, t->plan, columns.columns.len);
		for (size_t i = 0; i < columns.columns.len; i++) {
			bind.json->columns[i].path = xstrdup(columns.columns.items[i].name ? columns.columns.items[i].name : "");
			bind.json->columns[i].decl = columns.columns.items[i].decl;
		}
		buf_adds(out, "SELECT tsql_json(");
		tr_bind(t, bind, out);
		for (size_t i = 0; i < columns.columns.len; i++)
			buf_addf(out, ", c%zu", i + 1);
		buf_addf(out, ")%s FROM (%s) GROUP BY NULL", named ? " AS c1" : "", rows.data);
		vec_push(&ret->columns, column);
		r = tr_at_line(t, q->line, json_shape_check(bind.json, t->err));
	}
	if (r == 0 && !xml)
		r = mark_raw(t, q->terms[0].select, bind.json);
	vec_release(&columns.columns);
	buf_release(&rows);
	return r;
}

int tr_query(struct translator *t, struct scope *outer, const struct query *q, const struct result *want, bool named,
    struct buf *out, struct result *ret)
{
	return q->json ? tr_json(t, outer, q, named, out, ret) : tr_rows(t, outer, q, want, named, out, ret);
}

void tr_release(struct translator *t)
{
	for (size_t i = 0; i < t->instances.len; i++)
		vec_release(&t->instances.items[i]->columns);
	for (size_t i = 0; i < t->ctes.len; i++)
		vec_release(&t->ctes.items[i]->columns);
	vec_release(&t->instances);
	vec_release(&t->ctes);
	vec_release(&t->done_ctes);
	vec_release(&t->outer);
	vec_release(&t->views);
	vec_release(&t->known_types);
	buf_release(&t->with);
	arena_release(&t->arena);
}

void tr_finish(struct translator *t, struct buf *body, const struct result *columns)
{
	struct buf sql = BUF_INIT;
	struct select_plan *plan = t->plan;

	buf_addf(&sql, "%s%s%s", t->with.data, t->with.len ? " " : "", body->data);
	plan->table_epoch = t->exec->session->table_epoch;
	plan->frame = t->exec->frame;
	plan->sql = buf_detach(&sql);
	plan->column_count = columns->columns.len;
	plan->columns = xcalloc(columns->columns.len + 1, sizeof(*plan->columns));
	for (size_t i = 0; i < columns->columns.len; i++) {
		const char *name = columns->columns.items[i].name;
		plan->columns[i].decl = columns->columns.items[i].decl;
		plan->columns[i].name = xstrdup(name ? name : "");
	}
	buf_release(body);
}

int select_translate(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err)
{
	struct translator t = { .exec = exec, .err = err, .with = BUF_INIT };
	struct result columns = { 0 };
	struct buf body = BUF_INIT;
	int r;

	err_clear(err);
	t.max_recursion = query->max_recursion == 0 ? 100 : query->max_recursion;
	t.plan = xcalloc(1, sizeof(*t.plan));
	t.plan->narrow = plan_wants_narrow(exec);
	r = tr_query(&t, NULL, query, NULL, false, &body, &columns);
	if (r == 0 && err && err->code != ERR_NONE) /* a type that could not be derived */
		r = -ERR_SQL;
	if (r == 0) {
		tr_finish(&t, &body, &columns);
		*ret = t.plan;
	} else {
		plan_free(t.plan);
	}
	vec_release(&columns.columns);
	buf_release(&body);
	tr_release(&t);
	return r;
}
