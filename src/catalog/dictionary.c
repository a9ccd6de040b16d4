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
#include "catalog/errors.h"
#include "catalog/registry.h"

/* Views and procedures are numbered apart, so that a new one of a kind leaves the other's numbers. */
#define VIEW_ID_BASE TSQL_VIEW_ID
#define PROC_ID_BASE TSQL_PROC_ID
#define TABLE_TYPE_ID_BASE 257 /* user types of the product begin there */

static void add_object(struct buf *ret, const char *schema, const char *name, size_t id, const char *type)
{
	assert(!strpbrk(schema, "\"\\") && !strpbrk(name, "\"\\"));
	buf_addf(ret, "%s[\"%s\",%zu,%d,\"%s\"]", ret->len > 1 ? "," : "", name, id, tsql_schema_id(schema), type);
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
	struct tsql_type_facts facts;

	assert(!strpbrk(name, "\"\\"));
	if (table)
		buf_adds(&type, table->name);
	else
		tsql_decl_format(decl, &type);
	facts = table ? (struct tsql_type_facts){ 243, -1, 0, 0 } : tsql_decl_facts(decl);
	buf_addf(ret, "%s[%zu,%zu,\"%s\",\"%s\",%d,%d,%d,%d,%d,\"%s\",%d]", ret->len > 1 ? "," : "", object, number, name, type.data, output,
	    facts.id, facts.bytes, facts.precision, facts.scale, table ? "table type" : tsql_type_name(decl->type), decl->length);
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

/* The types of the language: name, number, bytes, precision, scale. */
static void add_types(struct buf *ret)
{
	struct tsql_decl decl = { 0 };

	for (size_t i = 0; i < tsql_type_each(i, &decl.type); i++) {
		struct tsql_type_facts f = tsql_decl_facts(&decl);
		buf_addf(ret, "%s[\"%s\",%d,%d,%d,%d]", ret->len > 1 ? "," : "", tsql_type_name(decl.type), f.id, f.bytes, f.precision,
		    f.scale);
	}
}

static void add_messages(struct buf *ret)
{
	size_t count;
	const struct catalog_error *e = catalog_errors(&count);

	for (size_t i = 0; i < count; i++) {
		buf_addf(ret, "%s[%d,%d,\"", ret->len > 1 ? "," : "", e[i].number, e[i].severity);
		for (const char *at = e[i].text; *at; at++) {
			if (*at == '"' || *at == '\\')
				buf_addc(ret, '\\');
			buf_addc(ret, *at);
		}
		buf_adds(ret, "\"]");
	}
}

static const struct {
	const char *kind;
	void (*add)(struct buf *ret);
} kinds[] = {
	{ "objects", add_objects },
	{ "columns", add_columns },
	{ "parameters", add_parameters },
	{ "table types", add_table_types },
	{ "types", add_types },
	{ "messages", add_messages },
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

/* What columns and parameters have alike. */
#define SHAPE \
	{ "system_type_id", T_TINYINT, "number of the type", NULL }, { "user_type_id", T_INT, "the same", NULL }, \
	    { "max_length", T_SMALLINT, "bytes; -1 for (max)", NULL }, { "precision", T_TINYINT, "digits; 0 when not a number", NULL }, \
	{ \
		"scale", T_TINYINT, "digits behind the point", NULL \
	}
#define T_TINYINT { .type = TSQL_TINYINT }

static const struct tsql_view_column columns[] = {
	{ "object_id", T_INT, "its view", NULL },
	{ "name", T_SYSNAME, "column", NULL },
	{ "column_id", T_INT, "place in the view, from 1", NULL },
	SHAPE,
	{ "collation_name", T_SYSNAME, "of text, else NULL", NULL },
	{ "is_nullable", T_BIT, "always 1: views promise nothing", NULL },
	{ "is_identity", T_BIT, "always 0", NULL },
	{ "is_computed", T_BIT, "always 0", NULL },
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
	SHAPE,
	{ "is_output", T_BIT, "may be passed with OUTPUT", NULL },
	{ "type_name", T_SYSNAME, "data type with its length", NULL },
};

static const struct tsql_view_column databases[] = {
	{ "name", T_SYSNAME, "database", NULL },
	{ "database_id", T_INT, "key, as DB_ID has it", NULL },
	{ "compatibility_level", T_TINYINT, "of the language that is spoken", NULL },
	{ "collation_name", T_SYSNAME, "without case", NULL },
	{ "user_access_desc", T_NVARCHAR(60), "always MULTI_USER", NULL },
	{ "is_read_only", T_BIT, "always 0", NULL },
	{ "state", T_TINYINT, "0: online", NULL },
	{ "state_desc", T_NVARCHAR(60), "state in words", NULL },
};

static const struct tsql_view_column types[] = {
	{ "name", T_SYSNAME, "type", NULL },
	SHAPE,
	{ "schema_id", T_INT, "its schema", NULL },
	{ "is_user_defined", T_BIT, "1: a table type of the catalog", NULL },
	{ "is_table_type", T_BIT, "the same", NULL },
};

static const struct tsql_view_column messages[] = {
	{ "message_id", T_INT, "key", NULL },
	{ "language_id", T_SMALLINT, "1033: English", NULL },
	{ "severity", T_TINYINT, "10 information, 16 an error", NULL },
	{ "is_event_logged", T_BIT, "always 0", NULL },
	{ "text", T_NVARCHAR(2048), "%1 to %9 stand for what is filled in", NULL },
};

/* --- INFORMATION_SCHEMA --- */

#define PLACE(what) \
	{ what "_CATALOG", T_SYSNAME, "database", NULL }, { what "_SCHEMA", T_SYSNAME, "schema", NULL }

static const struct tsql_view_column info_schemata[] = {
	{ "CATALOG_NAME", T_SYSNAME, "database", NULL },
	{ "SCHEMA_NAME", T_SYSNAME, "schema", NULL },
	{ "SCHEMA_OWNER", T_SYSNAME, "always dbo", NULL },
};
static const struct tsql_view_column info_tables[] = {
	PLACE("TABLE"),
	{ "TABLE_NAME", T_SYSNAME, "view", NULL },
	{ "TABLE_TYPE", T_NVARCHAR(10), "always VIEW", NULL },
};
static const struct tsql_view_column info_views[] = {
	PLACE("TABLE"),
	{ "TABLE_NAME", T_SYSNAME, "view", NULL },
	{ "VIEW_DEFINITION", T_NVARCHAR(4000), "always NULL", NULL },
	{ "CHECK_OPTION", T_NVARCHAR(7), "always NONE", NULL },
	{ "IS_UPDATABLE", T_NVARCHAR(2), "always NO", NULL },
};
/* NUMERIC_SCALE and the like, behind the name of the type. */
#define INFO_TYPE \
	{ "DATA_TYPE", T_SYSNAME, "type without its length", NULL }, \
	    { "CHARACTER_MAXIMUM_LENGTH", T_INT, "characters or bytes; -1 for (max)", NULL }, \
	    { "NUMERIC_PRECISION", T_TINYINT, "digits of a number", NULL }, { "NUMERIC_SCALE", T_INT, "digits behind the point", NULL }, \
	{ \
		"DATETIME_PRECISION", T_SMALLINT, "digits of the seconds", NULL \
	}
static const struct tsql_view_column info_columns[] = {
	PLACE("TABLE"),
	{ "TABLE_NAME", T_SYSNAME, "view", NULL },
	{ "COLUMN_NAME", T_SYSNAME, "column", NULL },
	{ "ORDINAL_POSITION", T_INT, "place in the view, from 1", NULL },
	{ "COLUMN_DEFAULT", T_NVARCHAR(4000), "always NULL", NULL },
	{ "IS_NULLABLE", { .type = TSQL_VARCHAR, .length = 3 }, "always YES", NULL },
	INFO_TYPE,
};
static const struct tsql_view_column info_routines[] = {
	PLACE("SPECIFIC"),
	{ "SPECIFIC_NAME", T_SYSNAME, "procedure or function", NULL },
	PLACE("ROUTINE"),
	{ "ROUTINE_NAME", T_SYSNAME, "the same", NULL },
	{ "ROUTINE_TYPE", T_NVARCHAR(20), "PROCEDURE or FUNCTION", NULL },
	{ "ROUTINE_DEFINITION", T_NVARCHAR(4000), "always NULL", NULL },
};
static const struct tsql_view_column info_parameters[] = {
	PLACE("SPECIFIC"),
	{ "SPECIFIC_NAME", T_SYSNAME, "procedure", NULL },
	{ "ORDINAL_POSITION", T_INT, "place in the call, from 1", NULL },
	{ "PARAMETER_MODE", T_NVARCHAR(10), "IN or INOUT", NULL },
	{ "PARAMETER_NAME", T_SYSNAME, "with the @", NULL },
	INFO_TYPE,
};

#define OBJECTS(where) \
	"SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3," \
	" CASE j.value ->> 3 WHEN 'V' THEN 'VIEW' WHEN 'P' THEN 'SQL_STORED_PROCEDURE'" \
	" ELSE 'SQL_INLINE_TABLE_VALUED_FUNCTION' END, 1 FROM json_each(so_dictionary('objects')) AS j" where
#define SHAPE_SQL " j.value ->> 5, j.value ->> 5, j.value ->> 6, j.value ->> 7, j.value ->> 8,"
#define COLUMNS_SQL \
	"SELECT j.value ->> 0, j.value ->> 2, j.value ->> 1," SHAPE_SQL \
	" CASE WHEN j.value ->> 9 LIKE '%char' OR j.value ->> 9 IN ('text', 'ntext') THEN '" COLLATION "' END, 1, 0, 0, j.value ->> 3" \
	" FROM json_each(so_dictionary('columns')) AS j"
#define COLLATION "SQL_Latin1_General_CP1_CI_AS"
#define PARAMETERS_SQL \
	"SELECT j.value ->> 0, j.value ->> 2, j.value ->> 1," SHAPE_SQL " j.value ->> 4, j.value ->> 3" \
	" FROM json_each(so_dictionary('parameters')) AS j"
#define SCHEMAS "(SELECT 'dbo' AS column1, 1 AS column2 UNION ALL SELECT 'INFORMATION_SCHEMA', 3 UNION ALL SELECT 'sys', 4" \
		" UNION ALL SELECT 'catalog', 5 UNION ALL SELECT 'scaleout', 7)"
/* Objects with their schema as s.column1. */
#define NAMED \
	" FROM json_each(so_dictionary('objects')) AS o JOIN " SCHEMAS " AS s ON s.column2 = o.value ->> 2"
#define INFO_TYPE_SQL \
	" p.value ->> 9, CASE WHEN p.value ->> 9 LIKE 'n%char' AND p.value ->> 6 > 0 THEN p.value ->> 10" \
	" WHEN p.value ->> 9 LIKE '%char' OR p.value ->> 9 LIKE '%binary' OR p.value ->> 9 = 'xml' THEN p.value ->> 6 END," \
	" CASE WHEN p.value ->> 9 LIKE '%int' OR p.value ->> 9 IN ('decimal', 'money', 'smallmoney', 'float', 'real') THEN p.value ->> 7 END," \
	" CASE WHEN p.value ->> 9 LIKE '%int' OR p.value ->> 9 IN ('decimal', 'money', 'smallmoney') THEN p.value ->> 8 END," \
	" CASE WHEN p.value ->> 9 LIKE '%date%' OR p.value ->> 9 = 'time' THEN p.value ->> 8 END"

#define SERVER_VIEW(name_, columns_, sql_) \
	{ .database = NULL, .schema = "sys", .name = (name_), .columns = (columns_), .column_count = ARRAY_LEN(columns_), .sql = (sql_) }
#define INFO_VIEW(name_, columns_, sql_) VIEW_IN("INFORMATION_SCHEMA", name_, columns_, sql_)

static const struct tsql_view views[] = {
	VIEW_IN("sys", "schemas", schemas, "SELECT column1, column2 FROM " SCHEMAS),
	VIEW_IN("sys", "objects", objects, OBJECTS("")),
	VIEW_IN("sys", "procedures", objects, OBJECTS(" WHERE j.value ->> 3 = 'P'")),
	VIEW_IN("sys", "views", objects, OBJECTS(" WHERE j.value ->> 3 = 'V'")),
	VIEW_IN("sys", "columns", columns, COLUMNS_SQL),
	VIEW_IN("sys", "table_types", table_types,
	    "SELECT j.value ->> 0, 243, j.value ->> 1, j.value ->> 2, 0, 1, 1, j.value ->> 1, 0"
	    " FROM json_each(so_dictionary('table types')) AS j"),
	VIEW_IN("sys", "parameters", parameters, PARAMETERS_SQL),
	VIEW_IN("sys", "tables", objects, OBJECTS(" WHERE j.value ->> 3 = 'U'")),
	VIEW_IN("sys", "all_objects", objects, OBJECTS("")),
	VIEW_IN("sys", "all_views", objects, OBJECTS(" WHERE j.value ->> 3 = 'V'")),
	VIEW_IN("sys", "all_columns", columns, COLUMNS_SQL),
	VIEW_IN("sys", "all_parameters", parameters, PARAMETERS_SQL),
	SERVER_VIEW("databases", databases,
	    "SELECT column1, column2, 150, '" COLLATION "', 'MULTI_USER', 0, 0, 'ONLINE' FROM (VALUES ('master', 1), ('SSISDB', 2))"),
	SERVER_VIEW("types", types,
	    "SELECT j.value ->> 0, j.value ->> 1, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, 4, 0, 0"
	    " FROM json_each(so_dictionary('types')) AS j UNION ALL SELECT 'sysname', 231, 256, 256, 0, 0, 4, 0, 0"
	    " UNION ALL SELECT 'numeric', 108, 108, 17, 38, 38, 4, 0, 0"
	    " UNION ALL SELECT j.value ->> 0, 243, j.value ->> 1, -1, 0, 0, j.value ->> 2, 1, 1"
	    " FROM json_each(so_dictionary('table types')) AS j"),
	SERVER_VIEW("messages", messages,
	    "SELECT j.value ->> 0, 1033, j.value ->> 1, 0, j.value ->> 2 FROM json_each(so_dictionary('messages')) AS j"),
	INFO_VIEW("SCHEMATA", info_schemata, "SELECT 'SSISDB', column1, 'dbo' FROM " SCHEMAS),
	INFO_VIEW("TABLES", info_tables, "SELECT 'SSISDB', s.column1, o.value ->> 0, 'VIEW'" NAMED " WHERE o.value ->> 3 = 'V'"),
	INFO_VIEW("VIEWS", info_views, "SELECT 'SSISDB', s.column1, o.value ->> 0, NULL, 'NONE', 'NO'" NAMED " WHERE o.value ->> 3 = 'V'"),
	INFO_VIEW("COLUMNS", info_columns,
	    "SELECT 'SSISDB', s.column1, o.value ->> 0, p.value ->> 2, p.value ->> 1, NULL, 'YES'," INFO_TYPE_SQL NAMED
	    " JOIN json_each(so_dictionary('columns')) AS p ON p.value ->> 0 = o.value ->> 1 WHERE o.value ->> 3 = 'V'"),
	INFO_VIEW("ROUTINES", info_routines,
	    "SELECT 'SSISDB', s.column1, o.value ->> 0, 'SSISDB', s.column1, o.value ->> 0,"
	    " CASE o.value ->> 3 WHEN 'P' THEN 'PROCEDURE' ELSE 'FUNCTION' END, NULL" NAMED " WHERE o.value ->> 3 <> 'V'"),
	INFO_VIEW("PARAMETERS", info_parameters,
	    "SELECT 'SSISDB', s.column1, o.value ->> 0, p.value ->> 1, CASE p.value ->> 4 WHEN 1 THEN 'INOUT' ELSE 'IN' END,"
	    " p.value ->> 2," INFO_TYPE_SQL NAMED
	    " JOIN json_each(so_dictionary('parameters')) AS p ON p.value ->> 0 = o.value ->> 1"),
};

const struct view_family views_dictionary = { views, ARRAY_LEN(views) };
