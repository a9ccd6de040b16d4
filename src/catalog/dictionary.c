/* SPDX-License-Identifier: MIT */
/*
 * sys.schemas, sys.objects and what belongs to them. The objects are rows of
 * this program's tables, not of the file, so the views read a function that
 * gives the registry as JSON; names in it are identifiers and need no escaping.
 */
#include "catalog/dictionary.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/registry.h"

/* Views and procedures are numbered apart, so that a new one of a kind leaves the other's numbers. */
#define VIEW_ID_BASE TSQL_VIEW_ID
#define PROC_ID_BASE TSQL_PROC_ID
#define TABLE_TYPE_ID_BASE 257 /* user types of the product begin there */

static int schema_id(const char *schema)
{
	return !strcmp(schema, "sys") ? 4 : !strcmp(schema, "catalog") ? 5 : 6;
}

static void add_object(struct buf *ret, const char *schema, const char *name, size_t id, const char *type)
{
	assert(!strpbrk(schema, "\"\\") && !strpbrk(name, "\"\\"));
	buf_addf(ret, "%s[\"%s\",%zu,%d,\"%s\"]", ret->len > 1 ? "," : "", name, id, schema_id(schema), type);
}

static void add_objects(struct buf *ret)
{
	const struct tsql_catalog *all = catalog_registry();

	for (size_t i = 0; all->views[i]; i++)
		add_object(ret, all->views[i]->schema, all->views[i]->name, VIEW_ID_BASE + i,
		    all->views[i]->param_count ? "IF" : "V");
	for (size_t i = 0; all->procs[i]; i++)
		add_object(ret, all->procs[i]->schema, all->procs[i]->name, PROC_ID_BASE + i, "P");
}

/* One column or parameter: its object, number, name and type. */
static void add_part(struct buf *ret, size_t object, size_t number, const char *name, const struct tsql_decl *decl,
    const struct tsql_table_type *table, bool output)
{
	struct buf type = BUF_INIT;

	assert(!strpbrk(name, "\"\\"));
	if (table)
		buf_adds(&type, table->name);
	else
		tsql_decl_format(decl, &type);
	buf_addf(ret, "%s[%zu,%zu,\"%s\",\"%s\",%d]", ret->len > 1 ? "," : "", object, number, name, type.data, output);
	buf_release(&type);
}

static void add_columns(struct buf *ret)
{
	const struct tsql_catalog *all = catalog_registry();

	for (size_t i = 0; all->views[i]; i++) {
		const struct tsql_view *view = all->views[i];
		for (size_t c = 0; c < view->column_count; c++) {
			if (!view->columns[c].alias_of)
				add_part(ret, VIEW_ID_BASE + i, c + 1, view->columns[c].name, &view->columns[c].decl, NULL, false);
		}
	}
	for (size_t i = 0; all->table_types[i]; i++) {
		const struct tsql_table_type *type = all->table_types[i];
		for (size_t c = 0; c < type->column_count; c++)
			add_part(ret, TABLE_TYPE_ID_BASE + i, c + 1, type->columns[c].name, &type->columns[c].decl, NULL, false);
	}
}

static void add_parameters(struct buf *ret)
{
	const struct tsql_catalog *all = catalog_registry();

	for (size_t i = 0; all->procs[i]; i++) {
		const struct tsql_proc *proc = all->procs[i];
		for (size_t p = 0; p < proc->param_count; p++)
			add_part(ret, PROC_ID_BASE + i, p + 1, proc->params[p].name, &proc->params[p].decl, tsql_param_table(proc, p),
			    proc->params[p].flags & TSQL_PARAM_OUT);
	}
}

static void add_table_types(struct buf *ret)
{
	const struct tsql_catalog *all = catalog_registry();

	for (size_t i = 0; all->table_types[i]; i++)
		add_object(ret, all->table_types[i]->schema, all->table_types[i]->name, TABLE_TYPE_ID_BASE + i, "TT");
}

static const struct {
	const char *kind;
	void (*add)(struct buf *ret);
} kinds[] = {
	{ "objects", add_objects },
	{ "columns", add_columns },
	{ "parameters", add_parameters },
	{ "table types", add_table_types },
};

static void fn_dictionary(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	const char *kind = (const char *)sqlite3_value_text(args[0]);
	struct buf text = BUF_INIT;

	(void)count;
	buf_addc(&text, '[');
	for (size_t i = 0; kind && i < ARRAY_LEN(kinds); i++) {
		if (!strcmp(kinds[i].kind, kind))
			kinds[i].add(&text);
	}
	buf_addc(&text, ']');
	sqlite3_result_text(ctx, text.data, (int)text.len, SQLITE_TRANSIENT);
	buf_release(&text);
}

int dictionary_register(sqlite3 *db)
{
	return sqlite3_create_function(db, "so_dictionary", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
		   NULL, fn_dictionary, NULL, NULL) == SQLITE_OK
	    ? 0
	    : -1;
}

static const struct tsql_view_column schemas[] = {
	{ "name", T_SYSNAME, "schema", NULL },
	{ "schema_id", T_INT, "key", NULL },
};

static const struct tsql_view_column objects[] = {
	{ "name", T_SYSNAME, "view or procedure", NULL },
	{ "object_id", T_INT, "key; may change with the version", NULL },
	{ "schema_id", T_INT, "its schema", NULL },
	{ "type", { .type = TSQL_CHAR, .length = 2 }, "V view, P procedure, IF table function", NULL },
	{ "type_desc", T_NVARCHAR(60), "type in words", NULL },
	{ "is_ms_shipped", T_BIT, "came with the catalog: always 1", NULL },
};

static const struct tsql_view_column columns[] = {
	{ "object_id", T_INT, "its view", NULL },
	{ "name", T_SYSNAME, "column", NULL },
	{ "column_id", T_INT, "place in the view, from 1", NULL },
	{ "type_name", T_SYSNAME, "data type with its length", NULL },
};

static const struct tsql_view_column table_types[] = {
	{ "name", T_SYSNAME, "type", NULL },
	{ "system_type_id", { .type = TSQL_TINYINT }, "243: a table", NULL },
	{ "user_type_id", T_INT, "key", NULL },
	{ "schema_id", T_INT, "its schema", NULL },
	{ "is_nullable", T_BIT, "always 0", NULL },
	{ "is_user_defined", T_BIT, "always 1", NULL },
	{ "is_table_type", T_BIT, "always 1", NULL },
	{ "type_table_object_id", T_INT, "key of its columns in sys.columns", NULL },
	{ "is_memory_optimized", T_BIT, "always 0", NULL },
};

static const struct tsql_view_column parameters[] = {
	{ "object_id", T_INT, "its procedure", NULL },
	{ "name", T_SYSNAME, "with the @", NULL },
	{ "parameter_id", T_INT, "place in the call, from 1", NULL },
	{ "type_name", T_SYSNAME, "data type with its length", NULL },
	{ "is_output", T_BIT, "may be passed with OUTPUT", NULL },
};

#define OBJECTS(where) \
	"SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3," \
	" CASE j.value ->> 3 WHEN 'V' THEN 'VIEW' WHEN 'P' THEN 'SQL_STORED_PROCEDURE'" \
	" ELSE 'SQL_INLINE_TABLE_VALUED_FUNCTION' END, 1 FROM json_each(so_dictionary('objects')) AS j" where

static const struct tsql_view views[] = {
	VIEW_IN("sys", "schemas", schemas, "SELECT 'sys', 4 UNION ALL SELECT 'catalog', 5 UNION ALL SELECT 'dbo', 6"),
	VIEW_IN("sys", "objects", objects, OBJECTS("")),
	VIEW_IN("sys", "procedures", objects, OBJECTS(" WHERE j.value ->> 3 = 'P'")),
	VIEW_IN("sys", "views", objects, OBJECTS(" WHERE j.value ->> 3 = 'V'")),
	VIEW_IN("sys", "columns", columns,
	    "SELECT j.value ->> 0, j.value ->> 2, j.value ->> 1, j.value ->> 3"
	    " FROM json_each(so_dictionary('columns')) AS j"),
	VIEW_IN("sys", "table_types", table_types,
	    "SELECT j.value ->> 0, 243, j.value ->> 1, j.value ->> 2, 0, 1, 1, j.value ->> 1, 0"
	    " FROM json_each(so_dictionary('table types')) AS j"),
	VIEW_IN("sys", "parameters", parameters,
	    "SELECT j.value ->> 0, j.value ->> 2, j.value ->> 1, j.value ->> 3, j.value ->> 4"
	    " FROM json_each(so_dictionary('parameters')) AS j"),
};

const struct view_family views_dictionary = { views, ARRAY_LEN(views) };
