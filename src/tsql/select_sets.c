/* SPDX-License-Identifier: MIT */
/*
 * Grouping sets: SQLite groups by one list only, so a SELECT with several is the
 * UNION ALL of one for each, in which the expressions that are not in its set
 * are NULL. The query's orders stand behind the columns, since what orders a
 * union must be one of its columns.
 */
#include "tsql/select_impl.h"

static int find_key(const struct scope *s, const struct expr *x)
{
	for (size_t i = 0; s->grouped && i < s->grouped->group_by.count; i++)
		if (tree_same(s->grouped->group_by.items[i], x))
			return (int)i;
	return -1;
}

bool tr_is_absent_key(const struct scope *s, const struct expr *x)
{
	int key = s->set && !s->in_aggregate ? find_key(s, x) : -1;

	return key >= 0 && !(*s->set >> key & 1);
}

int tr_grouping(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	unsigned bits = 0;

	for (size_t i = 0; i < x->call.args.count; i++) {
		int key = find_key(s, x->call.args.items[i]);
		if (key < 0)
			return tr_at_line(t, x->line, sql_error(t->err, 8161,
			    "Argument %zu of the %s function does not match any of the expressions in the GROUP BY clause.", i + 1,
			    x->call.function->name));
		bits = bits << 1 | (s->set && !(*s->set >> key & 1));
	}
	buf_addf(out, "%u", bits);
	return 0;
}

int tr_sets(struct translator *t, struct scope *outer, const struct query *q, const struct select *sel, const struct result *want,
    struct buf *out, struct result *ret)
{
	struct buf rows = BUF_INIT;
	int r = 0;

	if (sel->ties)
		return tr_at_line(t, sel->line, sql_error(t->err, 40517,
		    "Keyword or statement option 'TOP ... WITH TIES beside grouping sets' is not supported here."));
	for (size_t i = 0; r == 0 && i < sel->set_count; i++) {
		struct scope s = { .outer = outer, .set = &sel->sets[i] };
		struct result columns = { 0 };
		buf_adds(&rows, i ? " UNION ALL " : "");
		t->keys = q->term_count == 1;
		r = tr_select(t, &s, q, sel, want, true, &rows, i ? &columns : ret);
		vec_release(&columns.columns);
		vec_release(&s.sources);
	}
	buf_adds(out, sel->distinct ? "SELECT DISTINCT " : "SELECT ");
	for (size_t c = 0; c < ret->columns.len; c++)
		buf_addf(out, "%sc%zu%s AS c%zu", c ? ", " : "", c + 1, tr_collation(ret->columns.items[c].decl.type), c + 1);
	buf_addf(out, " FROM (%s)", rows.data);
	buf_release(&rows);
	return r;
}
