/* SPDX-License-Identifier: MIT */
/*
 * TOP rows of "column IN (1, 2, 3)" in some order. With the list as it is,
 * SQLite reads either every row in that order or every row of the values, and
 * sorts. For columns of views whose single values come in order from an index
 * (tsql_view.merges) the query becomes one SELECT per value, joined by
 * UNION ALL: SQLite merges those in order and stops after the rows asked for.
 * The orders become columns behind the query's own, which a compound needs.
 */
#include "tsql/select_impl.h"

#define VALUES_MAX 16

/* The view whose rows a FROM gives first, or NULL. */
static const struct tsql_view *first_view(struct translator *t, const struct source *from, const char **ret_alias)
{
	while (from->kind == SOURCE_JOIN && (from->join == JOIN_INNER || from->join == JOIN_LEFT))
		from = from->left;
	if (from->kind != SOURCE_NAME)
		return NULL;
	*ret_alias = from->alias ? from->alias : from->name.object;
	return exec_find_view(t->exec, &from->name);
}

static bool is_merging_column(const struct tsql_view *view, const char *alias, const struct expr *x)
{
	return x->kind == EXPR_COLUMN && (!x->col.table || utf8_casecmp(x->col.table, alias) == 0) &&
	    utf8_casecmp(view->merges, x->col.name) == 0;
}

/* Whole numbers: what differs in the list differs in every row, too. */
static bool is_list_of_numbers(const struct expr *x)
{
	for (size_t i = 0; i < x->in.list.count; i++) {
		const struct expr *item = x->in.list.items[i];
		if (item->kind != EXPR_LITERAL || item->literal.type != TSQL_INT || item->literal.null)
			return false;
	}
	return x->in.list.count > 1 && x->in.list.count <= VALUES_MAX;
}

static const struct expr *find_list(const struct tsql_view *view, const char *alias, const struct expr *where)
{
	const struct expr *found;

	if (where->kind == EXPR_AND) {
		found = find_list(view, alias, where->logic.left);
		return found ? found : find_list(view, alias, where->logic.right);
	}
	return where->kind == EXPR_IN && !where->in.query && !where->in.negated &&
	        is_merging_column(view, alias, where->in.value) && is_list_of_numbers(where) ? where : NULL;
}

static bool visit_window(void *ctx, const struct expr *x)
{
	*(bool *)ctx = *(bool *)ctx || (x->kind == EXPR_CALL && x->call.window);
	return *(bool *)ctx;
}

/* Window functions look at all rows, not at those of one value. */
static bool has_window(const struct query *q)
{
	const struct select *sel = q->terms[0].select;
	bool found = false;

	for (size_t i = 0; i < sel->item_count; i++)
		tree_walk(sel->items[i].expr, visit_window, &found);
	for (size_t i = 0; i < q->order_count; i++)
		tree_walk(q->order[i].expr, visit_window, &found);
	return found;
}

const struct expr *tr_merge_list(struct translator *t, const struct query *q)
{
	const struct select *sel = q->terms[0].select;
	const struct tsql_view *view;
	const char *alias;

	if (q->term_count != 1 || q->cte_count || q->order_count == 0 || !(sel->top || q->fetch) || !sel->from || !sel->where ||
	    sel->distinct || sel->percent || sel->ties || tr_is_grouped(sel, q) || has_window(q))
		return NULL;
	for (size_t i = 0; i < q->order_count; i++)
		if (!tree_depends_on_row(q->order[i].expr) && q->order[i].expr->kind != EXPR_LITERAL)
			return NULL;
	view = first_view(t, sel->from, &alias);
	return view && view->merges ? find_list(view, alias, sel->where) : NULL;
}

int tr_order_keys(struct translator *t, struct scope *s, const struct query *q, const struct result *columns,
    struct buf *out)
{
	int r = 0;

	s->in_select = true;
	for (size_t i = 0; r == 0 && i < q->order_count; i++) {
		const struct expr *x = q->order[i].expr;
		size_t ordinal;
		r = tr_order_ordinal(t, q, x, columns, &ordinal);
		if (r < 0)
			break;
		buf_adds(out, ", ");
		if (ordinal) {
			buf_addf(out, "NULL AS k%zu", i + 1); /* it is one of the query's own */
			continue;
		}
		r = tr_value(t, s, x, out);
		buf_addf(out, "%s AS k%zu", tr_collation(tr_type(t, s, x).type), i + 1);
	}
	s->in_select = false;
	return r;
}

static bool is_repeated(const struct expr *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (list->in.list.items[i]->literal.i == list->in.list.items[at]->literal.i)
			return true;
	return false;
}

int tr_keys_order(struct translator *t, const struct query *q, const struct result *columns, bool named, struct buf *out)
{
	for (size_t i = 0; i < q->order_count; i++) {
		size_t ordinal;
		int r = tr_order_ordinal(t, q, q->order[i].expr, columns, &ordinal);
		if (r < 0)
			return r;
		buf_adds(out, i ? ", " : " ORDER BY ");
		if (ordinal || !named)
			buf_addf(out, "%zu", ordinal ? ordinal : columns->columns.len + i + 1);
		else
			buf_addf(out, "k%zu", i + 1);
		buf_adds(out, q->order[i].descending ? " DESC" : "");
	}
	return 0;
}

int tr_merged(struct translator *t, const struct query *q, const struct expr *list, struct buf *out, struct result *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->in.list.count; i++) {
		struct scope s = { 0 };
		struct result columns = { 0 };
		if (is_repeated(list, i))
			continue;
		buf_adds(out, i ? " UNION ALL " : "");
		t->merged = list;
		t->keys = true;
		t->merged_value = list->in.list.items[i];
		r = tr_select(t, &s, q, q->terms[0].select, NULL, false, out, i ? &columns : ret);
		t->merged = NULL;
		t->keys = false;
		vec_release(&columns.columns);
		vec_release(&s.sources);
	}
	if (r == 0)
		r = tr_keys_order(t, q, ret, false, out);
	return r < 0 ? r : tr_limit(t, q, q->terms[0].select->top, out);
}
