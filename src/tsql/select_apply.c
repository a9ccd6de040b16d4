/* SPDX-License-Identifier: MIT */
/*
 * What is computed for each row of its neighbours: the right side of APPLY and
 * table functions. Both stand in SQLite's FROM as tsql_rows(?, argument...), a
 * table of ours (row_source.c). A query on the right becomes a plan of its own;
 * the columns it takes from outside are its arguments.
 */
#include "tsql/select_impl.h"

int tr_outer_column(struct translator *t, const struct expr *x, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_OUTER };
	struct buf text = BUF_INIT;
	int r = tr_value(t->parent, t->parent_scope, x, &text);

	for (bind.outer = 0; bind.outer < t->outer.len; bind.outer++)
		if (strcmp(t->outer.items[bind.outer], text.data) == 0)
			break;
	if (r == 0 && bind.outer == ROW_SOURCE_ARGS)
		r = tr_refuse(t, x, "APPLY with more than 100 columns of the left side");
	if (r == 0 && bind.outer == t->outer.len)
		vec_push(&t->outer, arena_strndup(&t->arena, text.data, text.len));
	if (r == 0)
		tr_bind(t, bind, out);
	buf_release(&text);
	return r;
}

static int check_width(struct translator *t, const struct source *from, size_t count)
{
	if (count <= ROW_SOURCE_COLUMNS)
		return 0;
	sql_error(t->err, 40517, "APPLY of more than %d columns is not supported here (line %d).", ROW_SOURCE_COLUMNS, from->line);
	return tr_at_line(t, from->line, -ERR_SQL);
}

static int tr_right_side(struct translator *inner, const struct query *q, struct result *ret)
{
	struct buf body = BUF_INIT;
	struct scope top = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < inner->parent->done_ctes.len; i++)
		r = tr_one_cte(inner, inner->parent->done_ctes.items[i]);
	if (r == 0)
		r = tr_query(inner, &top, q, NULL, true, &body, ret);
	if (r == 0)
		tr_finish(inner, &body, ret);
	buf_release(&body);
	return r;
}

int tr_lateral(struct translator *t, struct scope *s, struct scope *seen, const struct query *q, const struct source *from,
    struct buf *out)
{
	struct translator inner = { .exec = t->exec, .err = t->err, .with = BUF_INIT, .parent = t, .parent_scope = seen,
		.depth = t->depth, .max_recursion = t->max_recursion };
	struct plan_bind bind = { .kind = BIND_ROWS };
	const char *alias = from->alias ? from->alias : from->name.object;
	struct result columns = { 0 };
	struct instance *i;
	int r;

	inner.plan = xcalloc(1, sizeof(*inner.plan));
	inner.plan->narrow = t->plan->narrow;
	r = tr_right_side(&inner, q, &columns);
	if (r == 0)
		r = check_width(t, from, columns.columns.len);
	if (r == 0) {
		t->plan->uses_tables = t->plan->uses_tables || inner.plan->uses_tables;
		t->plan->has_narrow = t->plan->has_narrow || inner.plan->has_narrow;
		bind.rows = xcalloc(1, sizeof(*bind.rows));
		bind.rows->plan = t->plan;
		bind.rows->query = inner.plan;
		buf_adds(out, "tsql_rows(");
		tr_bind(t, bind, out);
		for (size_t a = 0; a < inner.outer.len; a++)
			buf_addf(out, ", %s", inner.outer.items[a]);
		i = tr_new_instance(t, s, alias);
		buf_addf(out, ") AS s%d", i->number);
		for (size_t c = 0; c < columns.columns.len; c++) /* the names outlive the inner translator */
			columns.columns.items[c].name = arena_strndup(&t->arena, inner.plan->columns[c].name, strlen(inner.plan->columns[c].name));
		r = tr_at_line(t, from->line, tr_offer_result(t, &columns, from->columns, from->column_count, alias, i));
	} else {
		plan_free(inner.plan);
	}
	vec_release(&columns.columns);
	tr_release(&inner);
	return r;
}

int tr_table_function(struct translator *t, struct scope *s, struct scope *args_scope, const struct source *from, struct buf *out)
{
	struct row_source *source = xcalloc(1, sizeof(*source));
	struct plan_bind bind = { .kind = BIND_ROWS, .rows = source };
	struct result columns = { 0 };
	struct buf args = BUF_INIT;
	struct instance *i;
	int r = 0;

	source->plan = t->plan;
	source->from = from;
	buf_adds(out, "tsql_rows(");
	tr_bind(t, bind, out); /* the plan owns source from here */
	for (size_t a = 0; a < from->args.count; a++)
		source->types[a] = tr_type(t, args_scope, from->args.items[a]);
	for (size_t a = 0; r == 0 && a < from->args.count; a++) {
		struct tsql_decl want = from->function->arg(a, source->types, from->args.count);
		buf_adds(&args, ", ");
		r = tr_value_as(t, args_scope, from->args.items[a], &want, &args);
	}
	if (r == 0) {
		from->function->columns(from, source->types, &source->columns);
		i = tr_new_instance(t, s, from->alias ? from->alias : from->name.object);
		buf_addf(out, "%s) AS s%d", args.data, i->number);
		for (size_t c = 0; c < source->columns.list.len; c++)
			vec_push(&columns.columns, source->columns.list.items[c]);
		r = check_width(t, from, columns.columns.len);
		if (r == 0)
			r = tr_at_line(t, from->line, tr_offer_result(t, &columns, from->columns, from->column_count, i->alias, i));
	}
	vec_release(&columns.columns);
	buf_release(&args);
	return r;
}
