/* SPDX-License-Identifier: MIT */
/*
 * WITH: each common table expression becomes a WITH term of SQLite. One that
 * names itself becomes a recursive term; its rows carry a hidden column with
 * the number of the turn, so that MAXRECURSION holds.
 */
#include "tsql/select_impl.h"

/* --- questions --- */

/* How often a FROM names the CTE, not counting subqueries; *ret_outer: in or beside an outer join. */
static int count_names(const struct source *from, const char *name, bool *ret_outer)
{
	int n;

	if (!from)
		return 0;
	if (from->kind == SOURCE_NAME)
		return !from->name.schema && !from->name.database && utf8_casecmp(from->name.object, name) == 0;
	if (from->kind != SOURCE_JOIN)
		return 0;
	n = count_names(from->left, name, ret_outer) + count_names(from->right, name, ret_outer);
	if (n > 0 && from->join != JOIN_INNER && from->join != JOIN_CROSS)
		*ret_outer = true;
	return n;
}

/* The first term that names the CTE: where the recursive part begins; term_count when there is none. */
static size_t recursive_part(const struct cte *c)
{
	bool ignored;
	size_t i = 0;

	while (i < c->query->term_count && count_names(c->query->terms[i].select->from, c->name, &ignored) == 0)
		i++;
	return i;
}

/* What a recursive member may not have. */
static int check_member(struct translator *t, const struct cte *c, const struct query_term *term)
{
	const struct select *sel = term->select;
	bool outer = false;
	int names = count_names(sel->from, c->name, &outer);
	bool aggregates = sel->group_by.count || sel->having;

	for (size_t i = 0; i < sel->item_count; i++)
		aggregates = aggregates || (sel->items[i].expr && tree_has_aggregate(sel->items[i].expr));
	if (term->op != SET_UNION_ALL || names == 0)
		return sql_error(t->err, 252, "Recursive common table expression '%s' does not contain a top-level UNION ALL operator.",
		    c->name);
	if (names > 1)
		return sql_error(t->err, 253, "Recursive member of a common table expression '%s' has multiple recursive references.",
		    c->name);
	if (sel->distinct)
		return sql_error(t->err, 460, "DISTINCT operator is not allowed in the recursive part of a recursive common table expression '%s'.",
		    c->name);
	if (sel->top)
		return sql_error(t->err, 461, "The TOP or OFFSET operator is not allowed in the recursive part of a recursive common table expression '%s'.",
		    c->name);
	if (outer)
		return sql_error(t->err, 462, "Outer join is not allowed in the recursive part of a recursive common table expression '%s'.",
		    c->name);
	if (aggregates)
		return sql_error(t->err, 467,
		    "GROUP BY, HAVING, or aggregate functions are not allowed in the recursive part of a recursive common table expression '%s'.",
		    c->name);
	return 0;
}

/* The anchor's types are the CTE's: each member must have the same. */
static int check_types(struct translator *t, const struct cte *c, const struct known_cte *known, const struct result *member)
{
	if (member->columns.len != known->columns.len)
		return sql_error(t->err, 205,
		    "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.");
	for (size_t i = 0; i < known->columns.len; i++) {
		struct tsql_decl a = known->columns.items[i].decl, b = member->columns.items[i].decl;
		bool sized = tsql_type_is_text(a.type) || type_info(a.type)->family == FAMILY_BINARY;
		if (b.type == TSQL_UNKNOWN)
			continue;
		if (a.type != b.type || (sized && a.length != b.length) ||
		    (a.type == TSQL_DECIMAL && (a.precision != b.precision || a.scale != b.scale)))
			return sql_error(t->err, 240,
			    "Types don't match between the anchor and the recursive part in column \"%s\" of recursive query \"%s\".",
			    known->columns.items[i].name, c->name);
	}
	return 0;
}

/* --- translation --- */

static struct known_cte *add_cte(struct translator *t, const struct cte *c, const struct instance *made)
{
	struct known_cte *known = arena_alloc(&t->arena, sizeof(*known));

	known->name = c->name;
	snprintf(known->sql_name, sizeof(known->sql_name), "q%d", ++t->next_number);
	for (size_t n = 0; n < made->columns.len; n++)
		vec_push(&known->columns, made->columns.items[n]);
	vec_push(&t->ctes, known);
	return known;
}

/* One recursive member, appended after UNION ALL. */
static int tr_member(struct translator *t, const struct cte *c, struct known_cte *known, const struct query_term *term,
    struct buf *out)
{
	struct query_term alone = { .op = SET_NONE, .select = term->select };
	struct query q = { .terms = &alone, .term_count = 1, .line = term->select->line };
	struct result columns = { 0 };
	int r = check_member(t, c, term);

	if (r == 0) {
		buf_adds(out, " UNION ALL ");
		known->recursing = true;
		known->uses = 0;
		r = tr_query(t, NULL, &q, NULL, true, out, &columns);
		known->recursing = false;
	}
	if (r == 0 && known->uses != 1)
		r = sql_error(t->err, 465, "Recursive references are not allowed in subqueries.");
	if (r == 0)
		r = check_types(t, c, known, &columns);
	vec_release(&columns.columns);
	return tr_at_line(t, term->select->line, r);
}

static void begin_recursive(const struct known_cte *known, const char *anchor, struct buf *out)
{
	buf_addf(out, "%s(", known->sql_name);
	for (size_t i = 0; i < known->columns.len; i++)
		buf_addf(out, "%s, ", known->columns.items[i].sql_name);
	buf_addf(out, LEVEL_COLUMN ") AS (SELECT *, 0 FROM (%s)", anchor);
}

/* The terms before members give the columns; from there on each is a recursive member. */
static int tr_cte(struct translator *t, const struct cte *c, size_t members)
{
	struct instance *made = arena_alloc(&t->arena, sizeof(*made));
	struct query anchor = *c->query;
	struct result columns = { 0 };
	struct buf sql = BUF_INIT, term = BUF_INIT;
	struct known_cte *known;
	bool recursive = members < c->query->term_count;
	int r;

	anchor.term_count = members;
	r = tr_query(t, NULL, &anchor, NULL, true, &sql, &columns);
	if (r == 0)
		r = tr_at_line(t, c->query->line, tr_offer_result(t, &columns, c->columns, c->column_count, c->name, made));
	known = add_cte(t, c, made);
	if (r == 0 && recursive)
		begin_recursive(known, sql.data, &term);
	for (size_t i = members; r == 0 && i < c->query->term_count; i++)
		r = tr_member(t, c, known, &c->query->terms[i], &term);
	if (r == 0) {
		tr_begin_with(t);
		if (recursive)
			buf_addf(&t->with, "%s)", term.data);
		else
			buf_addf(&t->with, "%s AS NOT MATERIALIZED (%s)", known->sql_name, sql.data);
	}
	vec_release(&made->columns);
	vec_release(&columns.columns);
	buf_release(&sql);
	buf_release(&term);
	return r;
}

int tr_one_cte(struct translator *t, const struct cte *c)
{
	size_t members = recursive_part(c);
	int r;

	if (members == 0 && c->query->term_count > 1)
		return tr_at_line(t, c->query->line, sql_error(t->err, 246,
		    "No anchor member was specified for recursive query \"%s\".", c->name));
	if (members == 0)
		return tr_at_line(t, c->query->line, sql_error(t->err, 252,
		    "Recursive common table expression '%s' does not contain a top-level UNION ALL operator.", c->name));
	if (members < c->query->term_count && (c->query->order_count || c->query->json || c->query->offset))
		return tr_at_line(t, c->query->line, sql_error_full(t->err, 1033, 15, 1,
		    "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified."));
	r = tr_cte(t, c, members);
	if (r == 0)
		vec_push(&t->done_ctes, c);
	return r;
}

int tr_ctes(struct translator *t, const struct query *q)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->cte_count; i++)
		r = tr_one_cte(t, &q->ctes[i]);
	return r;
}
