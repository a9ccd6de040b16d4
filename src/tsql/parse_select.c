/* SPDX-License-Identifier: MIT */
/* Queries: SELECT with its clauses, FROM with joins, set operators, CTEs, ORDER BY. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/tree.h"

/* Grow an array in the arena; a longjmp must not leak. */
#define GROW(p, items, count, cap) \
	do { \
		if ((count) == (cap)) { \
			void *more_ = parse_alloc((p), ((cap) = (cap) ? (cap) * 2 : 4) * sizeof(*(items))); \
			if (count) \
				memcpy(more_, (items), (count) * sizeof(*(items))); \
			(items) = more_; \
		} \
	} while (0)

/* --- FROM --- */

static struct source *parse_joined(struct parser *p);

/* WITH (NOLOCK) and other table hints change nothing here. */
void parse_skip_hints(struct parser *p)
{
	int depth = 0;

	if (!parse_is(p, KW_WITH) || p->at[1].kind != TOKEN_SYMBOL || p->at[1].symbol != '(') {
		if (parse_is_symbol(p, '(') && p->at[1].kind == TOKEN_NAME && p->at[1].len == 6 &&
		    utf8_ncasecmp(p->at[1].start, 6, "NOLOCK", 6) == 0) {
			p->at += 2;
			parse_expect_symbol(p, ')');
		}
		return;
	}
	p->at++;
	do {
		if (p->at->kind == TOKEN_END)
			parse_fail_here(p);
		depth += parse_is_symbol(p, '(') - parse_is_symbol(p, ')');
		p->at++;
	} while (depth > 0);
}

static void parse_alias(struct parser *p, struct source *s)
{
	if (parse_take(p, KW_AS) || parse_is_optional_name(p))
		s->alias = parse_name(p);
	if (s->alias && (s->kind == SOURCE_QUERY || s->kind == SOURCE_FUNCTION || s->kind == SOURCE_FILE) && parse_is_symbol(p, '('))
		s->columns = parse_name_list(p, &s->column_count);
}

/* OPENROWSET(BULK 'file', SINGLE_BLOB | SINGLE_CLOB) AS x [(column)]; the word is the current token. */
static struct source *parse_openrowset(struct parser *p, struct source *s)
{
	const struct token *t = p->at;
	struct expr *path;

	s->kind = SOURCE_FILE;
	p->at += 2;
	if (!parse_take(p, KW_BULK))
		parse_refuse(p, t, "OPENROWSET of anything but BULK");
	if (p->at->kind != TOKEN_STRING && p->at->kind != TOKEN_NSTRING)
		parse_fail_here(p);
	path = parse_literal(p);
	s->args.items = parse_alloc(p, sizeof(*s->args.items));
	s->args.items[0] = path;
	s->args.count = 1;
	parse_expect_symbol(p, ',');
	s->text = parse_is_word(p, "SINGLE_CLOB");
	if (!s->text && !parse_is_word(p, "SINGLE_BLOB"))
		parse_refuse(p, p->at, parse_is_word(p, "SINGLE_NCLOB") ? "SINGLE_NCLOB" : "OPENROWSET(BULK ...) with a format");
	p->at++;
	parse_expect_symbol(p, ')');
	parse_alias(p, s);
	if (!s->alias)
		parse_fail(p, t, 491, "A correlation name must be specified for the bulk rowset in the from clause.");
	if (s->column_count > 1)
		parse_fail(p, t, 8159, "'%s' has fewer columns than were specified in the column list.", s->alias);
	return s;
}

/* One row of VALUES as a SELECT without FROM. */
static struct select *parse_values_row(struct parser *p)
{
	struct select *s = parse_alloc(p, sizeof(*s));
	struct expr_list row;

	s->line = p->at->line;
	parse_expect_symbol(p, '(');
	row = parse_expr_list(p);
	parse_expect_symbol(p, ')');
	s->item_count = row.count;
	s->items = parse_alloc(p, row.count * sizeof(*s->items));
	for (size_t i = 0; i < row.count; i++) {
		s->items[i].expr = row.items[i];
		s->items[i].line = row.items[i]->line;
	}
	return s;
}

/* SQLite takes a UNION of 500 terms. */
#define VALUES_MAX 400

/* VALUES (a, b), (c, d) as a table: SELECT a, b UNION ALL SELECT c, d. */
static struct query *parse_values_query(struct parser *p)
{
	struct query *q = parse_alloc(p, sizeof(*q));
	size_t cap = 0;

	q->line = p->at->line;
	parse_expect(p, KW_VALUES);
	do {
		GROW(p, q->terms, q->term_count, cap);
		if (q->term_count == VALUES_MAX)
			parse_refuse(p, p->at, "VALUES as a table of more than 400 rows");
		memset(&q->terms[q->term_count], 0, sizeof(*q->terms));
		q->terms[q->term_count].op = q->term_count ? SET_UNION_ALL : SET_NONE;
		q->terms[q->term_count].select = parse_values_row(p);
		if (q->terms[q->term_count++].select->item_count != q->terms[0].select->item_count)
			parse_fail(p, p->at, 10709, "The number of columns for each row in a table value constructor must be the same.");
	} while (parse_take_symbol(p, ','));
	return q;
}

/* PIVOT (...) AS alias, or UNPIVOT; the word is the current token. */
static struct source *parse_pivot(struct parser *p, struct source *of)
{
	struct source *s = parse_alloc(p, sizeof(*s));
	struct pivot *v = parse_alloc(p, sizeof(*v));
	const struct token *t = p->at;

	s->kind = SOURCE_PIVOT;
	s->line = t->line;
	s->left = of;
	s->pivot = v;
	v->back = parse_is(p, KW_UNPIVOT);
	p->at++;
	parse_expect_symbol(p, '(');
	if (v->back) {
		v->value = parse_name(p);
	} else {
		const struct token *call = p->at;
		v->aggregate = parse_expr(p);
		if (!tree_is_aggregate(v->aggregate) || v->aggregate->call.star || v->aggregate->call.distinct ||
		    v->aggregate->call.args.count != 1 || v->aggregate->call.args.items[0]->kind != EXPR_COLUMN)
			parse_fail(p, call, 102, "Incorrect syntax near '%.*s'.", (int)call->len, call->start);
		v->value = v->aggregate->call.args.items[0]->col.name;
	}
	parse_expect(p, KW_FOR);
	v->name = parse_object_name(p).object;
	parse_expect(p, KW_IN);
	v->names = parse_name_list(p, &v->count);
	parse_expect_symbol(p, ')');
	if (v->back && v->count > VALUES_MAX)
		parse_refuse(p, t, "UNPIVOT of more than 400 columns");
	for (size_t i = 0; i < v->count; i++)
		for (size_t j = 0; j < i; j++)
			if (utf8_casecmp(v->names[i], v->names[j]) == 0)
				parse_fail(p, t, 265, "The column name \"%s\" specified in the %s operator conflicts with the existing column name in the %s argument.",
				    v->names[i], v->back ? "UNPIVOT" : "PIVOT", v->back ? "UNPIVOT" : "PIVOT");
	parse_alias(p, s);
	if (!s->alias)
		parse_fail_here(p);
	return s;
}

static struct source *parse_plain_source(struct parser *p)
{
	struct source *s = parse_alloc(p, sizeof(*s));
	const struct token *t = p->at;
	bool values = false;

	s->line = t->line;
	if (parse_is_symbol(p, '(')) {
		p->at++;
		parse_enter(p);
		if (parse_is(p, KW_SELECT) || parse_is(p, KW_WITH)) {
			s->kind = SOURCE_QUERY;
			s->query = parse_query(p);
		} else if (parse_is(p, KW_VALUES)) {
			s->kind = SOURCE_QUERY;
			s->query = parse_values_query(p);
			values = true;
		} else {
			s = parse_joined(p);
		}
		parse_leave(p);
		parse_expect_symbol(p, ')');
		if (s->kind == SOURCE_QUERY) {
			parse_alias(p, s);
			if (!s->alias)
				parse_fail_here(p);
			if (values && !s->columns)
				parse_fail(p, t, 8155, "No column name was specified for column 1 of '%s'.", s->alias);
		}
		return s;
	}
	if (t->kind == TOKEN_VARIABLE) {
		s->kind = SOURCE_VARIABLE;
		s->name.object = parse_table_name(p);
		s->name.line = t->line;
		parse_alias(p, s);
		return s;
	}
	if (parse_is_word(p, "OPENROWSET") && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '(')
		return parse_openrowset(p, s);
	s->name = parse_object_name(p);
	if (parse_take_symbol(p, '(')) {
		s->kind = SOURCE_FUNCTION;
		parse_refuse_rowset(p, &s->name, t);
		if (!parse_is_symbol(p, ')'))
			s->args = parse_expr_list(p);
		parse_expect_symbol(p, ')');
		parse_table_function(p, s, t);
	}
	parse_skip_hints(p);
	if (parse_is(p, KW_TABLESAMPLE))
		parse_refuse(p, p->at, "TABLESAMPLE");
	parse_alias(p, s);
	parse_skip_hints(p);
	return s;
}

struct source *parse_one_source(struct parser *p)
{
	struct source *s = parse_plain_source(p);

	for (int n = 0; parse_is(p, KW_PIVOT) || parse_is(p, KW_UNPIVOT); n++) {
		if (n == 16)
			parse_refuse(p, p->at, "more than 16 PIVOTs of one table");
		s = parse_pivot(p, s);
	}
	return s;
}

/* The join that begins here, if any; its words are skipped. */
static bool take_join(struct parser *p, enum join_kind *ret)
{
	if ((parse_is(p, KW_CROSS) || parse_is(p, KW_OUTER)) && parse_is_at(p, 1, KW_APPLY)) {
		*ret = parse_is(p, KW_CROSS) ? JOIN_CROSS_APPLY : JOIN_OUTER_APPLY;
		p->at += 2;
		return true;
	}
	if (parse_take(p, KW_JOIN)) {
		*ret = JOIN_INNER;
		return true;
	}
	if (parse_is(p, KW_INNER) || parse_is(p, KW_CROSS)) {
		*ret = parse_is(p, KW_INNER) ? JOIN_INNER : JOIN_CROSS;
		p->at++;
	} else if (parse_is(p, KW_LEFT) || parse_is(p, KW_RIGHT) || parse_is(p, KW_FULL)) {
		*ret = parse_is(p, KW_LEFT) ? JOIN_LEFT : parse_is(p, KW_RIGHT) ? JOIN_RIGHT : JOIN_FULL;
		p->at++;
		parse_take(p, KW_OUTER);
	} else {
		return false;
	}
	if (parse_is_word(p, "LOOP") || parse_is_word(p, "HASH") || parse_is(p, KW_MERGE))
		p->at++; /* a join hint */
	parse_expect(p, KW_JOIN);
	return true;
}

static struct source *new_join(struct parser *p, enum join_kind kind, struct source *left, struct source *right)
{
	struct source *s = parse_alloc(p, sizeof(*s));

	s->kind = SOURCE_JOIN;
	s->join = kind;
	s->left = left;
	s->right = right;
	s->line = left->line;
	return s;
}

static struct source *parse_joined(struct parser *p)
{
	struct source *s = parse_one_source(p);
	enum join_kind kind;

	while (take_join(p, &kind)) {
		/* "a JOIN b JOIN c ON .. ON .." nests to the right. */
		bool bare = kind == JOIN_CROSS || join_is_apply(kind);
		const struct token *t = p->at;
		struct source *right = bare ? parse_one_source(p) : NULL;
		if (join_is_apply(kind) && right->kind == SOURCE_JOIN)
			parse_refuse(p, t, "APPLY of a join in parentheses");
		if (!right) {
			enum join_kind ahead;
			const struct token *mark;
			parse_enter(p);
			right = parse_one_source(p);
			mark = p->at;
			if (take_join(p, &ahead)) {
				p->at = mark;
				parse_fail(p, mark, 40517,
				    "Keyword or statement option 'nested JOIN without parentheses' is not supported here (line %d, column %d).",
				    mark->line, mark->column);
			}
			parse_leave(p);
		}
		s = new_join(p, kind, s, right);
		if (!bare) {
			parse_expect(p, KW_ON);
			s->on = parse_condition(p);
		}
	}
	return s;
}

struct source *parse_from(struct parser *p)
{
	struct source *s = parse_joined(p);
	int terms = 0;

	while (parse_take_symbol(p, ',')) {
		if (++terms > PARSER_DEPTH_MAX)
			parse_fail_here(p);
		s = new_join(p, JOIN_CROSS, s, parse_joined(p));
	}
	return s;
}

/* --- the select list --- */

static bool is_item_alias(const struct parser *p)
{
	return parse_is_optional_name(p) || p->at->kind == TOKEN_STRING || p->at->kind == TOKEN_NSTRING;
}

static const char *parse_item_alias(struct parser *p)
{
	size_t len;
	char *text;
	const char *alias;

	if (p->at->kind != TOKEN_STRING && p->at->kind != TOKEN_NSTRING)
		return parse_name(p);
	text = token_unquote(p->at, &len);
	alias = arena_strndup(&p->batch->arena, text, len);
	free(text);
	p->at++;
	return alias;
}

/* @x = expr, @x += expr */
static bool parse_assignment(struct parser *p, struct select_item *item)
{
	const struct token *next = p->at + 1;

	if (p->at->kind != TOKEN_VARIABLE || next->kind != TOKEN_SYMBOL || p->at->start[1] == '@')
		return false;
	if (next->symbol != '=' && (next->symbol < 256 || (next->symbol & 255) != '=' || next->symbol >> 8 == '<' ||
		next->symbol >> 8 == '>' || next->symbol >> 8 == '!'))
		return false;
	item->assigns = true;
	item->assign_op = next->symbol == '=' ? '=' : next->symbol >> 8;
	item->slot = parse_variable(p);
	p->at++;
	item->expr = parse_expr(p);
	return true;
}

/* IDENTITY(type [, seed, increment]): the column that SELECT INTO counts in. */
static struct expr *parse_identity_item(struct parser *p, struct select_item *item)
{
	struct table_column *c = parse_alloc(p, sizeof(*c));
	struct expr *x = parse_new(p, EXPR_LITERAL, p->at);

	p->at++;
	parse_expect_symbol(p, '(');
	c->decl = parse_decl(p);
	c->identity = true;
	c->seed = c->increment = 1;
	if (parse_take_symbol(p, ','))
		parse_seed(p, c);
	parse_expect_symbol(p, ')');
	item->identity = c;
	x->literal = tsql_null(c->decl.type);
	return x;
}

static struct expr *parse_item_value(struct parser *p, struct select_item *item)
{
	if (parse_is(p, KW_IDENTITY) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '(')
		return parse_identity_item(p, item);
	return parse_expr(p);
}

static void parse_item(struct parser *p, struct select_item *item)
{
	item->line = p->at->line;
	if (parse_take_symbol(p, '*')) {
		item->star = true;
		return;
	}
	if (parse_is_name(p) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '.' &&
	    p->at[2].kind == TOKEN_SYMBOL && p->at[2].symbol == '*') {
		item->star = true;
		item->star_table = parse_name(p);
		p->at += 2;
		return;
	}
	if (parse_assignment(p, item))
		return;
	if (is_item_alias(p) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '=') {
		item->alias = parse_item_alias(p); /* alias = expr */
		p->at++;
		item->expr = parse_item_value(p, item);
		return;
	}
	item->expr = parse_item_value(p, item);
	if (parse_take(p, KW_AS) || is_item_alias(p))
		item->alias = parse_item_alias(p);
}

void parse_items(struct parser *p, struct select *s)
{
	size_t cap = 0;

	do {
		GROW(p, s->items, s->item_count, cap);
		memset(&s->items[s->item_count], 0, sizeof(*s->items));
		parse_item(p, &s->items[s->item_count++]);
	} while (parse_take_symbol(p, ','));
	for (size_t i = 1; i < s->item_count; i++)
		if (s->items[i].assigns != s->items[0].assigns)
			parse_fail(p, p->at, 141,
			    "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.");
}

struct expr *parse_top(struct parser *p)
{
	struct expr *top;

	if (!parse_take(p, KW_TOP))
		return NULL;
	if (parse_take_symbol(p, '(')) {
		top = parse_expr(p);
		parse_expect_symbol(p, ')');
	} else {
		if (p->at->kind != TOKEN_INTEGER && p->at->kind != TOKEN_DECIMAL)
			parse_fail_here(p);
		top = parse_literal(p);
	}
	return top;
}

/* TOP n [PERCENT] [WITH TIES] */
static void parse_select_top(struct parser *p, struct select *s)
{
	s->top = parse_top(p);
	s->percent = s->top && parse_take(p, KW_PERCENT);
	s->ties = s->top && parse_is(p, KW_WITH) && parse_is_at(p, 1, KW_TIES);
	if (s->ties)
		p->at += 2;
	if (s->ties && s->distinct)
		parse_refuse(p, p->at, "TOP ... WITH TIES of a DISTINCT");
}

static struct select *parse_select_core(struct parser *p)
{
	struct select *s = parse_alloc(p, sizeof(*s));

	s->line = p->at->line;
	parse_expect(p, KW_SELECT);
	if (parse_take(p, KW_DISTINCT))
		s->distinct = true;
	else
		parse_take(p, KW_ALL);
	parse_select_top(p, s);
	parse_items(p, s);
	if (parse_is(p, KW_INTO)) {
		const struct token *t = p->at++;
		s->into = parse_name(p);
		if (s->into[0] != '#')
			parse_refuse(p, t, "SELECT ... INTO anything but a temporary table");
	}
	for (size_t i = 0; i < s->item_count; i++)
		if (s->items[i].identity && !s->into)
			parse_fail(p, p->at, 177, "The IDENTITY function can only be used when the SELECT statement has an INTO clause.");
	if (parse_take(p, KW_FROM))
		s->from = parse_from(p);
	if (parse_take(p, KW_WHERE))
		s->where = parse_condition(p);
	if (parse_take(p, KW_GROUP)) {
		parse_expect(p, KW_BY);
		parse_group_by(p, s);
	}
	if (parse_take(p, KW_HAVING))
		s->having = parse_condition(p);
	return s;
}

/* --- the whole query --- */

struct order_item *parse_order_items(struct parser *p, size_t *ret_count)
{
	struct order_item *items = NULL;
	size_t count = 0, cap = 0;

	do {
		GROW(p, items, count, cap);
		items[count].expr = parse_expr(p);
		items[count].descending = parse_take(p, KW_DESC);
		if (!items[count++].descending)
			parse_take(p, KW_ASC);
	} while (parse_take_symbol(p, ','));
	*ret_count = count;
	return items;
}

static enum frame_bound parse_bound(struct parser *p, int *rows)
{
	if (parse_take(p, KW_CURRENT)) {
		parse_expect(p, KW_ROW);
		return FRAME_CURRENT;
	}
	if (parse_is_word(p, "UNBOUNDED")) {
		p->at++;
	} else {
		if (p->at->kind != TOKEN_INTEGER || p->at->len > 9)
			parse_fail_here(p);
		*rows = (int)strtol(p->at++->start, NULL, 10);
	}
	if (!parse_is_word(p, "PRECEDING") && !parse_is_word(p, "FOLLOWING"))
		parse_fail_here(p);
	if (parse_is_word(p, "PRECEDING"))
		return (p->at++)[-1].kind == TOKEN_INTEGER ? FRAME_PRECEDING : FRAME_UNBOUNDED_PRECEDING;
	return (p->at++)[-1].kind == TOKEN_INTEGER ? FRAME_FOLLOWING : FRAME_UNBOUNDED_FOLLOWING;
}

struct window *parse_window(struct parser *p)
{
	struct window *w = parse_alloc(p, sizeof(*w));

	parse_expect_symbol(p, '(');
	if (parse_take(p, KW_PARTITION)) {
		parse_expect(p, KW_BY);
		w->partition = parse_expr_list(p);
	}
	if (parse_take(p, KW_ORDER)) {
		parse_expect(p, KW_BY);
		w->order = parse_order_items(p, &w->order_count);
	}
	if (parse_is(p, KW_ROWS) || parse_is_word(p, "RANGE")) {
		w->framed = true;
		w->by_rows = parse_is(p, KW_ROWS);
		p->at++;
		w->to = FRAME_CURRENT;
		if (parse_take(p, KW_BETWEEN)) {
			w->from = parse_bound(p, &w->from_rows);
			parse_expect(p, KW_AND);
			w->to = parse_bound(p, &w->to_rows);
		} else {
			w->from = parse_bound(p, &w->from_rows);
		}
	}
	parse_expect_symbol(p, ')');
	return w;
}

static void parse_order(struct parser *p, struct query *q)
{
	parse_expect(p, KW_BY);
	q->order = parse_order_items(p, &q->order_count);
	if (!parse_take(p, KW_OFFSET))
		return;
	q->offset = parse_expr(p);
	if (!parse_take(p, KW_ROWS))
		parse_expect(p, KW_ROW);
	if (!parse_take(p, KW_FETCH))
		return;
	if (!parse_take(p, KW_FIRST))
		parse_expect(p, KW_NEXT);
	q->fetch = parse_expr(p);
	if (!parse_take(p, KW_ROWS))
		parse_expect(p, KW_ROW);
	parse_expect(p, KW_ONLY);
}

static void parse_ctes(struct parser *p, struct query *q)
{
	size_t cap = 0;

	do {
		struct cte *c;
		GROW(p, q->ctes, q->cte_count, cap);
		c = &q->ctes[q->cte_count++];
		memset(c, 0, sizeof(*c));
		c->name = parse_name(p);
		if (parse_is_symbol(p, '('))
			c->columns = parse_name_list(p, &c->column_count);
		parse_expect(p, KW_AS);
		parse_expect_symbol(p, '(');
		parse_enter(p);
		c->query = parse_query(p);
		parse_leave(p);
		parse_expect_symbol(p, ')');
	} while (parse_take_symbol(p, ','));
}

static enum set_op take_set_op(struct parser *p)
{
	if (parse_take(p, KW_UNION))
		return parse_take(p, KW_ALL) ? SET_UNION_ALL : SET_UNION;
	if (parse_take(p, KW_EXCEPT))
		return SET_EXCEPT;
	return parse_take(p, KW_INTERSECT) ? SET_INTERSECT : SET_NONE;
}

static void parse_terms(struct parser *p, struct query *q)
{
	size_t cap = 0;
	enum set_op op = SET_NONE;

	do {
		if (parse_is_symbol(p, '('))
			parse_refuse(p, p->at, "parentheses around a SELECT in a set operation");
		GROW(p, q->terms, q->term_count, cap);
		q->terms[q->term_count].op = op;
		q->terms[q->term_count++].select = parse_select_core(p);
		if (q->term_count > PARSER_DEPTH_MAX)
			parse_fail_here(p);
		op = take_set_op(p);
	} while (op != SET_NONE);
	for (size_t i = 1; i < q->term_count; i++) /* SQLite gives them all one precedence */
		if (q->terms[i].op == SET_INTERSECT && q->terms[i - 1].op != SET_NONE && q->terms[i - 1].op != SET_INTERSECT)
			parse_refuse(p, p->at, "INTERSECT after another set operator");
}

/* MAXRECURSION n: the word is the current token, and the number when it is done. */
static int parse_recursion(struct parser *p)
{
	long n;

	p->at++;
	if (p->at->kind != TOKEN_INTEGER)
		parse_fail_here(p);
	n = p->at->len > 5 ? 99999 : strtol(p->at->start, NULL, 10);
	if (n > 32767)
		parse_fail(p, p->at, 310, "The value %.*s specified for the MAXRECURSION option exceeds the allowed maximum of 32767.",
		    (int)(p->at->len > 20 ? 20 : p->at->len), p->at->start);
	return n == 0 ? -1 : (int)n;
}

/* FOR, and OPTION (...), whose hints are skipped. */
static void parse_tail(struct parser *p, struct query *q)
{
	if (parse_is(p, KW_FOR))
		parse_for(p, q);
	if (parse_take(p, KW_OPTION)) {
		int depth = 0;
		do {
			if (p->at->kind == TOKEN_END)
				parse_fail_here(p);
			depth += parse_is_symbol(p, '(') - parse_is_symbol(p, ')');
			if (parse_is_word(p, "MAXRECURSION"))
				q->max_recursion = parse_recursion(p);
			p->at++;
		} while (depth > 0);
	}
}

struct query *parse_query(struct parser *p)
{
	struct query *q = parse_alloc(p, sizeof(*q));

	q->line = p->at->line;
	if (parse_take(p, KW_WITH))
		parse_ctes(p, q);
	parse_terms(p, q);
	if (parse_take(p, KW_ORDER))
		parse_order(p, q);
	parse_tail(p, q);
	q->assigns = q->terms[0].select->items[0].assigns;
	return q;
}
