/* SPDX-License-Identifier: MIT */
/*
 * GROUP BY. ROLLUP, CUBE and GROUPING SETS are all lists of sets of the grouped
 * expressions; several of them, parted by commas, multiply.
 */
#include <string.h>
#include <strings.h>

#include "tsql/parse_impl.h"
#include "tsql/tree.h"

#define KEYS_MAX 32  /* as the server */
#define SETS_MAX 256 /* each is a term of a UNION, of which SQLite takes 500 */

struct sets {
	uint64_t items[SETS_MAX];
	size_t count;
};

static void add_set(struct parser *p, struct sets *sets, uint64_t set)
{
	if (sets->count == SETS_MAX)
		parse_refuse(p, p->at, "GROUP BY of more than 256 grouping sets");
	sets->items[sets->count++] = set;
}

static uint64_t bit(size_t key)
{
	return key < KEYS_MAX ? UINT64_C(1) << key : 0;
}

/* A grouped expression; the same one twice is one. */
static uint64_t add_key(struct parser *p, struct select *s, struct expr *x)
{
	size_t n = s->group_by.count;

	for (size_t i = 0; i < n && i < KEYS_MAX; i++)
		if (tree_same(s->group_by.items[i], x))
			return bit(i);
	if (n == 0 || (n >= KEYS_MAX && (n & (n - 1)) == 0)) {
		struct expr **more = parse_alloc(p, (n ? 2 * n : KEYS_MAX) * sizeof(*more));
		if (n)
			memcpy(more, s->group_by.items, n * sizeof(*more));
		s->group_by.items = more;
	}
	s->group_by.items[s->group_by.count++] = x;
	return bit(n);
}

/* Whether the parenthesis here is a list of its own, and not the beginning of (a + b) * 2. */
static bool is_list(const struct parser *p)
{
	const struct token *t = p->at;
	int depth = 0;

	do {
		if (t->kind == TOKEN_SYMBOL)
			depth += (t->symbol == '(') - (t->symbol == ')');
		t++;
	} while (depth > 0 && t->kind != TOKEN_END);
	return t->kind != TOKEN_SYMBOL || t->symbol == ',' || t->symbol == ')' || t->symbol == ';';
}

/* a, (a, b) or (): one thing to be grouped by. */
static uint64_t parse_element(struct parser *p, struct select *s)
{
	struct expr_list list = { 0 };
	uint64_t set = 0;

	if (!parse_is_symbol(p, '(') || !is_list(p))
		return add_key(p, s, parse_expr(p));
	p->at++;
	if (!parse_is_symbol(p, ')'))
		list = parse_expr_list(p);
	parse_expect_symbol(p, ')');
	for (size_t i = 0; i < list.count; i++)
		set |= add_key(p, s, list.items[i]);
	return set;
}

static void add_rollup(struct parser *p, const struct sets *elements, struct sets *ret)
{
	for (size_t n = elements->count + 1; n > 0; n--) {
		uint64_t set = 0;
		for (size_t i = 0; i + 1 < n; i++)
			set |= elements->items[i];
		add_set(p, ret, set);
	}
}

static void add_cube(struct parser *p, const struct sets *elements, struct sets *ret)
{
	if (elements->count > 8)
		parse_refuse(p, p->at, "CUBE of more than 8 expressions");
	for (size_t n = (size_t)1 << elements->count; n > 0; n--) {
		uint64_t set = 0;
		for (size_t i = 0; i < elements->count; i++)
			set |= (n - 1) >> (elements->count - 1 - i) & 1 ? elements->items[i] : 0;
		add_set(p, ret, set);
	}
}

static void parse_sets(struct parser *p, struct select *s, struct sets *ret);

/* (a, b, (c, d)) */
static void parse_elements(struct parser *p, struct select *s, struct sets *ret)
{
	parse_expect_symbol(p, '(');
	do {
		add_set(p, ret, parse_element(p, s));
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
}

static bool is_function(const struct parser *p, const char *word)
{
	return parse_is_word(p, word) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '(';
}

/* One item of GROUP BY or of GROUPING SETS: the sets that it stands for. */
static void parse_sets(struct parser *p, struct select *s, struct sets *ret)
{
	bool rollup = is_function(p, "ROLLUP");
	struct sets elements = { .count = 0 };

	parse_enter(p);
	if (rollup || is_function(p, "CUBE")) {
		p->at++;
		parse_elements(p, s, &elements);
		(rollup ? add_rollup : add_cube)(p, &elements, ret);
	} else if (parse_is_word(p, "GROUPING") && p->at[1].kind == TOKEN_NAME && p->at[1].len == 4) {
		p->at += 2;
		parse_expect_symbol(p, '(');
		do {
			parse_sets(p, s, ret);
		} while (parse_take_symbol(p, ','));
		parse_expect_symbol(p, ')');
	} else {
		add_set(p, ret, parse_element(p, s));
	}
	parse_leave(p);
}

static void multiply(struct parser *p, struct sets *all, const struct sets *by)
{
	struct sets product = { .count = 0 };

	for (size_t i = 0; i < all->count; i++)
		for (size_t j = 0; j < by->count; j++)
			add_set(p, &product, all->items[i] | by->items[j]);
	*all = product;
}

static bool begins_sets(const struct parser *p)
{
	return is_function(p, "ROLLUP") || is_function(p, "CUBE") || (parse_is_word(p, "GROUPING") && p->at[1].kind == TOKEN_NAME) ||
	    (parse_is_symbol(p, '(') && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == ')');
}

/* a, b WITH ROLLUP: the older spelling. */
static bool take_with(struct parser *p, struct select *s, struct sets *all)
{
	bool rollup = parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_NAME && p->at[1].len == 6 && strncasecmp(p->at[1].start, "ROLLUP", 6) == 0;
	bool cube = parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_NAME && p->at[1].len == 4 && strncasecmp(p->at[1].start, "CUBE", 4) == 0;
	struct sets elements = { .count = 0 };

	if (!rollup && !cube)
		return false;
	p->at += 2;
	for (size_t i = 0; i < s->group_by.count && i < KEYS_MAX; i++)
		add_set(p, &elements, bit(i));
	all->count = 0;
	(rollup ? add_rollup : add_cube)(p, &elements, all);
	return true;
}

void parse_group_by(struct parser *p, struct select *s)
{
	struct sets all = { .items = { 0 }, .count = 1 };
	bool several = false;

	do {
		struct sets item = { .count = 0 };
		several = several || begins_sets(p);
		parse_sets(p, s, &item);
		multiply(p, &all, &item);
	} while (parse_take_symbol(p, ','));
	several = take_with(p, s, &all) || several;
	if (!several)
		return;
	if (s->group_by.count > KEYS_MAX)
		parse_fail(p, p->at, 10703, "Too many expressions are specified in the GROUP BY clause. The maximum number is %d when grouping sets are supplied.",
		    KEYS_MAX);
	s->set_count = all.count;
	s->sets = parse_alloc(p, all.count * sizeof(*s->sets));
	memcpy(s->sets, all.items, all.count * sizeof(*s->sets));
}
