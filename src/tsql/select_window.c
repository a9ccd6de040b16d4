/* SPDX-License-Identifier: MIT */
/* Functions with OVER. SQLite has the same ones, with the same default frame. */
#include "tsql/select_impl.h"

struct tsql_decl tr_window_type(struct translator *t, struct scope *s, const struct expr *x)
{
	struct expr plain = *x;

	if (x->call.function->aggregate == AGGREGATE_WINDOW)
		return x->call.function->result.type != TSQL_UNKNOWN ? x->call.function->result : tr_type(t, s, x->call.args.items[0]);
	plain.call.window = NULL; /* an aggregate has the type it has without OVER */
	return tr_type(t, s, &plain);
}

static int tr_order_items(struct translator *t, struct scope *s, const struct window *w, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->order_count; i++) {
		const struct expr *x = w->order[i].expr;
		buf_adds(out, i ? ", " : " ORDER BY ");
		if (x->kind == EXPR_LITERAL && !x->literal.null)
			return tr_at_line(t, x->line, sql_error(t->err, 5308,
			    "Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions."));
		r = tr_value(t, s, x, out); /* (SELECT NULL) is the usual way to ask for no order */
		if (r == 0)
			buf_addf(out, "%s%s", tr_collation(tr_type(t, s, x).type), w->order[i].descending ? " DESC" : "");
	}
	return r;
}

static void add_bound(enum frame_bound bound, int rows, struct buf *out)
{
	static const char *const words[] = { [FRAME_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING", [FRAME_PRECEDING] = " PRECEDING",
		[FRAME_CURRENT] = "CURRENT ROW", [FRAME_FOLLOWING] = " FOLLOWING", [FRAME_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING" };

	if (bound == FRAME_PRECEDING || bound == FRAME_FOLLOWING)
		buf_addf(out, "%d", rows);
	buf_adds(out, words[bound]);
}

static int tr_over(struct translator *t, struct scope *s, const struct window *w, struct buf *out)
{
	int r = 0;

	buf_adds(out, " OVER (");
	for (size_t i = 0; r == 0 && i < w->partition.count; i++) {
		buf_adds(out, i ? ", " : "PARTITION BY ");
		r = tr_value(t, s, w->partition.items[i], out);
		if (r == 0)
			buf_adds(out, tr_collation(tr_type(t, s, w->partition.items[i]).type));
	}
	if (r == 0)
		r = tr_order_items(t, s, w, out);
	if (r == 0 && w->framed) {
		buf_adds(out, w->by_rows ? " ROWS BETWEEN " : " RANGE BETWEEN ");
		add_bound(w->from, w->from_rows, out);
		buf_adds(out, " AND ");
		add_bound(w->to, w->to_rows, out);
	}
	buf_addc(out, ')');
	return r;
}

/* name(arguments) OVER (...) */
static int tr_call_over(struct translator *t, struct scope *s, const struct expr *x, const char *name, struct buf *out)
{
	int r = 0;

	buf_addf(out, "%s(", name);
	if (x->call.star)
		buf_addc(out, '*');
	for (size_t i = 0; r == 0 && i < x->call.args.count; i++) {
		struct tsql_decl decl = i == 2 ? tr_type(t, s, x->call.args.items[0]) : (struct tsql_decl){ 0 };
		buf_adds(out, i ? ", " : "");
		/* LAG's default has the type of the value */
		r = i == 2 ? tr_value_as(t, s, x->call.args.items[i], &decl, out) : tr_value(t, s, x->call.args.items[i], out);
		if (r == 0 && i == 0)
			buf_adds(out, tr_collation(tr_type(t, s, x->call.args.items[0]).type));
	}
	buf_addc(out, ')');
	return r < 0 ? r : tr_over(t, s, x->call.window, out);
}

int tr_window(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	enum aggregate a = x->call.function->aggregate;

	if (!s->in_select)
		return tr_at_line(t, x->line, sql_error_full(t->err, 4108, 15, 1,
		    "Windowed functions can only appear in the SELECT or ORDER BY clauses."));
	if (a == AGGREGATE_WINDOW && x->call.window->order_count == 0)
		return tr_at_line(t, x->line, sql_error_full(t->err, 4112, 15, 1,
		    "The function '%s' must have an OVER clause with ORDER BY.", x->call.function->name));
	return tr_sqlite_aggregate(t, s, x, tr_call_over, out);
}
