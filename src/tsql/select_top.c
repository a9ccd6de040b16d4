/* SPDX-License-Identifier: MIT */
/* TOP ... PERCENT, a part of the rows there are, and TOP ... WITH TIES, by their rank in the order. */
#include "tsql/select_impl.h"

int tr_top(struct translator *t, const struct select *sel, const char *rows, struct buf *out)
{
	static const struct tsql_decl as_float = { .type = TSQL_FLOAT };
	struct buf share = BUF_INIT;

	if (!sel->percent)
		return tr_count(t, sel->top, out);
	if (tree_depends_on_row(sel->top))
		return tr_refuse(t, sel->top, "a number of rows that is not a constant or variable");
	buf_adds(&share, "count(*) * ");
	tr_bind_value(t, sel->top, as_float, &share);
	buf_adds(&share, " / 100.0");
	/* rounded up */
	buf_addf(out, "(SELECT CAST(%s AS INTEGER) + (%s > CAST(%s AS INTEGER)) FROM (%s))", share.data, share.data, share.data, rows);
	buf_release(&share);
	return 0;
}

int tr_rank(struct translator *t, struct scope *s, const struct query *q, const struct select *sel, const struct result *columns,
    struct buf *out)
{
	int r = 0;

	if (q->order_count == 0 || q->term_count > 1)
		return tr_at_line(t, sel->line, sql_error_full(t->err, 1062, 15, 1,
		    "The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause."));
	for (size_t i = 0; r == 0 && i < q->order_count; i++) {
		const struct expr *x = q->order[i].expr;
		size_t ordinal;
		r = tr_order_ordinal(t, q, x, columns, &ordinal);
		if (r < 0)
			return r;
		if (ordinal && sel->item_count != columns->columns.len)
			return tr_refuse(t, x, "TOP ... WITH TIES ordered by the number of a column beside a *");
		if (ordinal)
			x = sel->items[ordinal - 1].expr;
		buf_adds(out, i ? ", " : ", rank() OVER (ORDER BY ");
		s->in_select = true;
		r = tr_value(t, s, x, out);
		s->in_select = false;
		buf_adds(out, tr_collation(tr_type(t, s, x).type));
		buf_adds(out, q->order[i].descending ? " DESC" : "");
	}
	buf_adds(out, ") AS place");
	return r;
}

int tr_ties(struct translator *t, const struct select *sel, const struct result *columns, size_t start, struct buf *out)
{
	struct buf rows = BUF_INIT;
	int r;

	buf_adds(&rows, out->data + start);
	buf_truncate(out, start);
	buf_adds(out, "SELECT ");
	for (size_t i = 0; i < columns->columns.len; i++)
		buf_addf(out, "%sc%zu", i ? ", " : "", i + 1);
	buf_addf(out, " FROM (%s) WHERE place <= ", rows.data);
	r = tr_top(t, sel, rows.data, out);
	buf_adds(out, " ORDER BY place");
	buf_release(&rows);
	return r;
}
