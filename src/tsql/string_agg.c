/* SPDX-License-Identifier: MIT */
/*
 * STRING_AGG as the SQLite aggregate tsql_string_agg(order, value, separator,
 * key...): the texts are kept with their keys and sorted at the end.
 */
#include "tsql/string_agg.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "tsql/ast.h"
#include "tsql/plan_impl.h"
#include "tsql/store.h"

#define POINTER_TYPE "tsql-order"

struct piece {
	const struct string_order *order;
	char *text;
	size_t len, number; /* number: in which it came, for equal keys */
	struct tsql_value keys[STRING_AGG_KEYS];
};

struct pieces {
	VEC(struct piece) list;
	char *separator;
	size_t separator_len, bytes;
};

int string_agg_bind(struct sqlite3_stmt *stmt, int index, struct string_order *order)
{
	return sqlite3_bind_pointer(stmt, index, order, POINTER_TYPE, NULL);
}

static void step(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	struct pieces **slot = sqlite3_aggregate_context(context, sizeof(*slot)), *p;
	const struct string_order *order = sqlite3_value_pointer(argv[0], POINTER_TYPE);
	struct piece piece = { .order = order };

	if (!slot || !order || argc != 3 + (int)order->count || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return; /* NULL does not count */
	if (!*slot)
		*slot = xcalloc(1, sizeof(**slot));
	p = *slot;
	if (!p->separator) {
		const char *text = (const char *)sqlite3_value_text(argv[2]);
		p->separator = xstrdup(text ? text : "");
		p->separator_len = (size_t)sqlite3_value_bytes(argv[2]);
	}
	for (size_t i = 0; i < order->count; i++)
		if (store_read(argv[3 + i], &order->keys[i].decl, &piece.keys[i], NULL) < 0)
			piece.keys[i] = tsql_null(TSQL_UNKNOWN);
	piece.len = (size_t)sqlite3_value_bytes(argv[1]);
	piece.text = xstrndup((const char *)sqlite3_value_text(argv[1]), piece.len);
	piece.number = p->list.len;
	p->bytes += piece.len + p->separator_len;
	vec_push(&p->list, piece);
}

/* NULL is the least. */
static int compare_keys(const struct tsql_value *a, const struct tsql_value *b)
{
	int order = 0;

	if (a->null || b->null)
		return b->null - a->null;
	tsql_value_compare(a, b, &order, NULL);
	return order;
}

static int compare(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;

	for (size_t i = 0; i < a->order->count; i++) {
		int order = compare_keys(&a->keys[i], &b->keys[i]);
		if (order)
			return a->order->keys[i].descending ? -order : order;
	}
	return a->number < b->number ? -1 : a->number > b->number;
}

static void final(struct sqlite3_context *context)
{
	struct pieces **slot = sqlite3_aggregate_context(context, 0), *p;
	struct buf out = BUF_INIT;

	if (!slot || !*slot)
		return; /* no value: NULL */
	p = *slot;
	qsort(p->list.items, p->list.len, sizeof(*p->list.items), compare);
	for (size_t i = 0; i < p->list.len; i++) {
		struct piece *piece = &p->list.items[i];
		if (i)
			buf_add(&out, p->separator, p->separator_len);
		buf_add(&out, piece->text, piece->len);
		for (size_t k = 0; k < piece->order->count; k++)
			tsql_value_release(&piece->keys[k]);
		free(piece->text);
	}
	sqlite3_result_text64(context, out.data, out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_release(&out);
	vec_release(&p->list);
	free(p->separator);
	free(p);
}

int string_agg_register(struct sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "tsql_string_agg", -1, SQLITE_UTF8, NULL, NULL, step, final, NULL);
}
