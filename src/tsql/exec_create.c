/* SPDX-License-Identifier: MIT */
/* Temporary tables come and go: CREATE TABLE, DECLARE ... TABLE, SELECT INTO, DROP and TRUNCATE. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec_change.h"
#include "tsql/plan.h"
#include "tsql/rows.h"
#include "tsql/sqlerr.h"

static const struct tsql_table_type *find_type(struct exec *e, const struct ast_name *name)
{
	const struct tsql_table_type *const *t = e->session->catalog->table_types;

	for (; t && *t && !name->database; t++) {
		if (utf8_casecmp((*t)->database, e->session->database) == 0 && utf8_casecmp((*t)->schema, name->schema) == 0 &&
		    utf8_casecmp((*t)->name, name->object) == 0)
			return *t;
	}
	return NULL;
}

/* DECLARE @t AS schema.type */
static int create_of_type(struct exec *e, struct stmt *s)
{
	const struct tsql_table_type *type = find_type(e, s->create.type);
	struct table_column *columns;
	struct table *t;
	int r;

	if (!type)
		return sql_error(e->err, 2715, "Column, parameter, or variable %s: Cannot find data type %s.%s.", s->create.name,
		    s->create.type->schema, s->create.type->object);
	columns = xcalloc(type->column_count + 1, sizeof(*columns));
	for (size_t i = 0; i < type->column_count; i++) {
		columns[i].name = type->columns[i].name;
		columns[i].decl = type->columns[i].decl;
	}
	r = table_create(e, s->create.name, columns, type->column_count, NULL, 0, &t);
	if (r == 0)
		t->type = type;
	free(columns);
	return r;
}

int exec_create_table(struct exec *e, struct stmt *s)
{
	struct table *t;
	int r;

	if (s->create.name[0] == '@' && (t = table_find(e, s->create.name)) && t->frame == e->frame)
		return 0; /* DECLARE in a loop: the table is there, and keeps its rows */
	if (s->create.type)
		return create_of_type(e, s);
	r = table_create(e, s->create.name, s->create.columns, s->create.column_count, s->create.keys, s->create.key_count, &t);
	for (size_t i = 0; r == 0 && i < s->create.check_count; i++)
		table_add_check(t, &s->create.checks[i]);
	return r;
}

int exec_drop_table(struct exec *e, struct stmt *s)
{
	for (size_t i = 0; i < s->drop.count; i++) {
		struct table *t = table_find(e, s->drop.names[i]);
		if (!t && s->drop.if_exists)
			continue;
		if (!t)
			return sql_error_full(e->err, s->drop.truncate ? 4701 : 3701, 11, 5,
			    "Cannot %s the table '%s', because it does not exist or you do not have permission.",
			    s->drop.truncate ? "truncate" : "drop", s->drop.names[i]);
		if (s->drop.truncate) {
			struct buf sql = BUF_INIT;
			int r;
			buf_addf(&sql, "DELETE FROM %s", t->sql_name);
			r = exec_sql(e, sql.data, e->err);
			buf_release(&sql);
			for (size_t c = 0; c < t->column_count; c++)
				if (t->columns[c].identity)
					t->next_identity = t->columns[c].seed;
			if (r < 0)
				return r;
			continue;
		}
		table_drop(e, t);
	}
	return 0;
}

/* The item that counts in column i of count, or NULL. A star on one side of it may stand for any number of columns. */
static const struct select_item *identity_item(const struct select *sel, size_t i, size_t count)
{
	bool star = false;

	for (size_t k = 0; k < sel->item_count; k++) {
		star = star || sel->items[k].star;
		if (sel->items[k].identity && i == (star ? count - (sel->item_count - k) : k))
			return &sel->items[k];
	}
	return NULL;
}

/* Every value goes to the column of its place; in place of what counts stands a NULL, which goes nowhere. */
static void given_into(struct insert *in)
{
	size_t n = in->table->column_count;

	in->given = xcalloc(n + 1, sizeof(*in->given));
	in->all = xcalloc(n + 1, sizeof(*in->all));
	in->given_count = n;
	for (size_t c = 0; c < n; c++) {
		in->all[c] = c;
		in->given[c] = in->table->columns[c].identity ? SIZE_MAX : c;
	}
}

int exec_select_into(struct exec *e, struct stmt *s)
{
	const char *name = s->query->terms[0].select->into;
	struct insert in = { .exec = e };
	const struct tsql_column *from;
	struct table_column *columns;
	struct select_plan *plan;
	struct rows rows = { 0 };
	size_t count;
	int r = plan_get(e, s->query, &plan, e->err);

	if (r < 0)
		return r;
	from = plan_columns(plan, &count);
	columns = xcalloc(count + 1, sizeof(*columns));
	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct select_item *item = identity_item(s->query->terms[0].select, i, count);
		if (item)
			columns[i] = *item->identity;
		columns[i].name = from[i].name;
		if (!item)
			columns[i].decl = from[i].decl;
		if (columns[i].decl.type == TSQL_UNKNOWN)
			columns[i].decl.type = TSQL_INT;
		if (!from[i].name[0])
			r = sql_error(e->err, 1038,
			    "An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name.");
	}
	if (r == 0)
		r = tsql_rows_read(e, s->query, &rows);
	if (r == 0)
		r = table_create(e, name, columns, count, NULL, 0, &in.table);
	free(columns);
	if (r == 0) {
		given_into(&in);
		r = change_insert_rows(&in, &rows);
	}
	if (r == 0)
		r = exec_done(e, (int64_t)rows.count);
	tsql_rows_release(&rows);
	free(in.given);
	free(in.all);
	return r;
}
