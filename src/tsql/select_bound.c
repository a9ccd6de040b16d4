/* SPDX-License-Identifier: MIT */
/*
 * WHERE "operation_id = @id AND event_name = N'OnError'": the view reads on in
 * the order of its keys until a row has that name, through a million others
 * when none has. What the view's bounds tell of the place where such rows begin
 * becomes one more condition on the key, with which SQLite begins there, or not at all.
 */
#include "tsql/select_impl.h"

/* column = value, with a value that is the same for all rows. */
struct equality {
	struct found column;
	const struct expr *value;
};

struct equalities {
	VEC(struct equality);
};

/* The conditions that all rows meet. */
static void gather(struct translator *t, struct scope *s, const struct expr *x, struct equalities *ret)
{
	const struct expr *column, *value;
	struct equality e;

	if (x->kind == EXPR_AND) {
		gather(t, s, x->logic.left, ret);
		gather(t, s, x->logic.right, ret);
	}
	if (x->kind != EXPR_COMPARE || x->compare.op != COMPARE_EQ)
		return;
	column = x->compare.left->kind == EXPR_COLUMN ? x->compare.left : x->compare.right;
	value = column == x->compare.left ? x->compare.right : x->compare.left;
	if (column->kind != EXPR_COLUMN || tree_depends_on_row(value) || tr_find_here(t, s, column, &e.column) != 1)
		return;
	e.value = value;
	vec_push(ret, e);
}

static const struct equality *find(const struct equalities *all, const struct instance *source, const char *column)
{
	for (size_t i = 0; i < all->len; i++)
		if (all->items[i].column.source == source && utf8_casecmp(all->items[i].column.column->name, column) == 0)
			return &all->items[i];
	return NULL;
}

static void emit(struct translator *t, const struct tsql_bound *b, const struct equality *of, const struct equality *value,
    struct buf *out)
{
	const struct equality *both[] = { of, value };
	char *texts[ARRAY_LEN(both)];

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		struct buf text = BUF_INIT;
		tr_bind_compared(t, both[i]->value, both[i]->column.column->decl, &text);
		texts[i] = buf_detach(&text);
	}
	buf_addf(out, " AND s%d.", value->column.source->number);
	store_quote_name(b->key, out);
	buf_adds(out, " >= (");
	tr_substitute(b->sql, texts, ARRAY_LEN(texts), out);
	buf_addc(out, ')');
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
}

void tr_bounds(struct translator *t, struct scope *s, const struct expr *where, struct buf *out)
{
	struct equalities all = { 0 };

	gather(t, s, where, &all);
	for (size_t i = 0; i < all.len; i++) {
		const struct found *f = &all.items[i].column;
		const struct tsql_bound *b = f->source->view ? f->source->view->bounds : NULL;
		for (; b && b->column; b++) {
			const struct equality *of = find(&all, f->source, b->of);
			if (of && utf8_casecmp(b->column, f->column->name) == 0)
				emit(t, b, of, &all.items[i], out);
		}
	}
	vec_release(&all);
}
