/* SPDX-License-Identifier: MIT */
/* Functions about the session, the server and values as such. */
#include <string.h>

#include "base/utf8.h"
#include "base/uuid.h"
#include "tsql/cursor.h"
#include "tsql/eval.h"
#include "tsql/exec.h"
#include "tsql/function.h"
#include "tsql/sqlerr.h"
#include "tsql/table.h"
#include "tsql/types.h"

#define RUN(name) \
	static int name(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
#define UNUSED (void)eval, (void)args, (void)count

RUN(rowcount)
{
	int64_t n = exec_session(eval->exec)->rowcount;

	UNUSED;
	*ret = tsql_int(n > INT32_MAX ? INT32_MAX : n < 0 ? 0 : (int32_t)n);
	return 0;
}

RUN(rowcount_big)
{
	UNUSED;
	*ret = tsql_bigint(exec_session(eval->exec)->rowcount);
	return 0;
}

RUN(last_error)
{
	UNUSED;
	*ret = tsql_int(exec_session(eval->exec)->last_error);
	return 0;
}

RUN(fetch_status)
{
	UNUSED;
	*ret = tsql_int(exec_session(eval->exec)->fetch_status);
	return 0;
}

RUN(cursor_rows)
{
	UNUSED;
	*ret = tsql_int((int32_t)exec_session(eval->exec)->cursor_rows);
	return 0;
}

RUN(status_of_cursor)
{
	bool texts = !args[0].null && !args[1].null && tsql_type_is_text(args[0].type) && tsql_type_is_text(args[1].type);

	(void)count;
	*ret = tsql_smallint(texts ? (int16_t)cursor_status(eval->exec, args[0].s.data, args[1].s.data) : -3);
	return 0;
}

RUN(version)
{
	UNUSED;
	*ret = tsql_nvarchar("scaleout " SO_VERSION " (T-SQL over SQLite) on Linux");
	return 0;
}

RUN(server_name)
{
	char host[SERVER_NAME_SIZE];

	UNUSED;
	exec_server_name(host);
	*ret = tsql_nvarchar(host);
	return 0;
}

RUN(trancount)
{
	UNUSED;
	*ret = tsql_int(exec_session(eval->exec)->trancount);
	return 0;
}

RUN(xact_state)
{
	UNUSED;
	*ret = tsql_smallint(exec_session(eval->exec)->doomed ? -1 : exec_session(eval->exec)->trancount > 0);
	return 0;
}

/* ERROR_NUMBER() and its kin: NULL outside a CATCH block. */
RUN(error_number)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = c ? tsql_int(c->err.sql_number) : tsql_null(TSQL_INT);
	return 0;
}

RUN(error_severity)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = c ? tsql_int(c->err.sql_severity) : tsql_null(TSQL_INT);
	return 0;
}

RUN(error_state)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = c ? tsql_int(c->err.sql_state) : tsql_null(TSQL_INT);
	return 0;
}

RUN(error_line)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = c ? tsql_int(c->line) : tsql_null(TSQL_INT);
	return 0;
}

RUN(error_message)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = tsql_nvarchar(c ? c->err.primary : NULL);
	return 0;
}

RUN(error_procedure)
{
	const struct caught *c = eval->exec->caught;

	UNUSED;
	*ret = tsql_nvarchar(c ? c->procedure : NULL);
	return 0;
}

RUN(process_id)
{
	UNUSED;
	*ret = tsql_smallint(51);
	return 0;
}

RUN(login_name)
{
	UNUSED;
	*ret = tsql_nvarchar(exec_session(eval->exec)->login);
	return 0;
}

RUN(program_name)
{
	UNUSED;
	*ret = tsql_nvarchar("scaleout");
	return 0;
}

RUN(db_name)
{
	struct tsql_session *s = exec_session(eval->exec);
	const char *name = s->database;

	if (count == 1) {
		size_t id = args[0].null || !tsql_type_is_integer(args[0].type) || args[0].i < 1 ? 0 : (size_t)args[0].i;
		name = id >= 1 && id <= s->databases.len ? s->databases.items[id - 1] : NULL;
	}
	*ret = tsql_nvarchar(name);
	return 0;
}

RUN(db_id)
{
	struct tsql_session *s = exec_session(eval->exec);
	const char *name = s->database;

	if (count == 1)
		name = args[0].null || !tsql_type_is_text(args[0].type) ? NULL : session_find_database(s, args[0].s.data);
	*ret = tsql_null(TSQL_SMALLINT);
	for (size_t i = 0; name && i < s->databases.len; i++)
		if (utf8_casecmp(s->databases.items[i], name) == 0)
			*ret = tsql_smallint((int16_t)(i + 1));
	return 0;
}

/* Split "[db].[schema].name"; parts point into text, which is changed. Returns how many. */
static int split_name(char *text, char *part[3])
{
	int n = 0;

	while (*text && n < 3) {
		char *out = text;
		part[n++] = text;
		if (*text == '[') {
			for (text++; *text && !(text[0] == ']' && text[1] != ']'); text++) {
				if (text[0] == ']')
					text++;
				*out++ = *text;
			}
			text += *text == ']';
		} else {
			while (*text && *text != '.')
				*out++ = *text++;
		}
		if (*text == '.')
			text++;
		*out = '\0';
	}
	return n;
}

/* The row of the registry with this id. */
static bool find_id(const struct tsql_catalog *catalog, const struct tsql_value *id, const char **ret_name, const char **ret_schema)
{
	for (int i = 0; catalog->views && catalog->views[i]; i++) {
		if (id->i == TSQL_VIEW_ID + i) {
			*ret_name = catalog->views[i]->name;
			*ret_schema = catalog->views[i]->schema;
			return true;
		}
	}
	for (int i = 0; catalog->procs && catalog->procs[i]; i++) {
		if (id->i == TSQL_PROC_ID + i) {
			*ret_name = catalog->procs[i]->name;
			*ret_schema = catalog->procs[i]->schema;
			return true;
		}
	}
	return false;
}

RUN(object_name)
{
	const char *name, *schema;
	bool found = !args[0].null && tsql_type_is_integer(args[0].type) &&
	    find_id(exec_session(eval->exec)->catalog, &args[0], &name, &schema);

	(void)count;
	*ret = tsql_nvarchar(found ? name : NULL);
	return 0;
}

RUN(object_schema_name)
{
	const char *name, *schema;
	bool found = !args[0].null && tsql_type_is_integer(args[0].type) &&
	    find_id(exec_session(eval->exec)->catalog, &args[0], &name, &schema);

	(void)count;
	*ret = tsql_nvarchar(found ? schema : NULL);
	return 0;
}

/* No object of the catalog has a text in T-SQL. */
RUN(object_definition)
{
	(void)eval, (void)args, (void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	return 0;
}

/* Ids are positions in the registry. */
RUN(object_id)
{
	struct tsql_session *s = exec_session(eval->exec);
	struct ast_name name = { 0 };
	char *text, *part[3];
	int n;

	(void)count;
	*ret = tsql_null(TSQL_INT);
	if (args[0].null || !tsql_type_is_text(args[0].type))
		return 0;
	text = xstrdup(args[0].s.data);
	n = split_name(text, part);
	if (n > 0) {
		const struct tsql_view *v;
		const char *database = n > 2 ? part[0] : s->database, *schema = n > 1 ? part[n - 2] : "dbo";
		name.object = part[n - 1];
		if (name.object[0] == '#' && table_find(eval->exec, name.object))
			*ret = tsql_int(200000);
		name.schema = n > 1 ? part[n - 2] : NULL;
		name.database = n > 2 ? part[0] : NULL;
		v = exec_find_view(eval->exec, &name);
		for (int i = 0; v && s->catalog->views[i]; i++)
			if (s->catalog->views[i] == v)
				*ret = tsql_int(TSQL_VIEW_ID + i);
		for (int i = 0; s->catalog->procs && s->catalog->procs[i]; i++) {
			const struct tsql_proc *p = s->catalog->procs[i];
			if (utf8_casecmp(p->name, name.object) == 0 && utf8_casecmp(p->schema, schema) == 0 &&
			    (!p->database || utf8_casecmp(p->database, database) == 0))
				*ret = tsql_int(TSQL_PROC_ID + i);
		}
	}
	free(text);
	return 0;
}

/* The view or temporary table that a name means: its columns one by one; false after the last. */
static bool column_of(struct eval *eval, const struct tsql_value *object, size_t i, const char **ret_name, struct tsql_decl *ret)
{
	struct ast_name name = { 0 };
	char *text = xstrdup(object->s.data), *part[3];
	int n = split_name(text, part);
	const struct tsql_view *v = NULL;
	const struct table *t = NULL;
	bool there = false;

	if (n > 0) {
		name.object = part[n - 1];
		name.schema = n > 1 ? part[n - 2] : NULL;
		name.database = n > 2 ? part[0] : NULL;
		t = name.object[0] == '#' ? table_find(eval->exec, name.object) : NULL;
		v = t ? NULL : exec_find_view(eval->exec, &name);
	}
	if (t && i < t->column_count) {
		*ret_name = t->columns[i].name;
		*ret = t->columns[i].decl;
		there = true;
	} else if (v && i < v->column_count) {
		*ret_name = v->columns[i].name;
		*ret = decl_complete(v->columns[i].decl, false);
		there = true;
	}
	free(text);
	return there;
}

RUN(col_length)
{
	struct tsql_decl d;
	const char *name;

	(void)count;
	*ret = tsql_null(TSQL_SMALLINT);
	if (!tsql_type_is_text(args[0].type) || !tsql_type_is_text(args[1].type))
		return 0;
	for (size_t i = 0; column_of(eval, &args[0], i, &name, &d); i++)
		if (utf8_casecmp(name, args[1].s.data) == 0)
			*ret = tsql_smallint((int16_t)tsql_decl_facts(&d).bytes);
	return 0;
}

RUN(col_name)
{
	const struct tsql_catalog *catalog = exec_session(eval->exec)->catalog;
	int64_t view, column;

	(void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	if (!tsql_type_is_integer(args[0].type) || !tsql_type_is_integer(args[1].type))
		return 0;
	view = args[0].i - TSQL_VIEW_ID;
	column = args[1].i - 1;
	for (int64_t i = 0; view >= 0 && catalog->views && catalog->views[i]; i++)
		if (i == view && column >= 0 && (size_t)column < catalog->views[i]->column_count)
			*ret = tsql_nvarchar(catalog->views[i]->columns[column].name);
	return 0;
}

RUN(identity)
{
	UNUSED;
	*ret = tsql_bigint(exec_session(eval->exec)->identity);
	ret->null = ret->i == 0;
	return 0;
}

RUN(newid)
{
	struct uuid id;

	UNUSED;
	uuid_new(&id);
	*ret = tsql_uuid(&id);
	return 0;
}

RUN(isnull)
{
	struct tsql_decl d = decl_of(&args[0]);

	(void)count;
	if (!args[0].null || d.type == TSQL_UNKNOWN) {
		*ret = tsql_value_copy(args[0].null ? &args[1] : &args[0]);
		return 0;
	}
	return tsql_value_convert(&args[1], &d, ret, eval->err);
}

static struct tsql_decl isnull_type(const struct tsql_decl *args, size_t count)
{
	(void)count;
	return args[0].type == TSQL_UNKNOWN ? args[1] : args[0];
}

/* CHOOSE(n, a, b, ...) */
RUN(choose)
{
	static const struct tsql_decl as_int = { .type = TSQL_INT };
	struct tsql_value n;
	int r = tsql_value_convert(&args[0], &as_int, &n, eval->err);

	if (r < 0)
		return r;
	if (n.null || n.i < 1 || (size_t)n.i >= count)
		*ret = tsql_null(args[1].type);
	else
		*ret = tsql_value_copy(&args[n.i]);
	return 0;
}

static struct tsql_decl choose_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = args[1];

	for (size_t i = 2; i < count; i++)
		d = decl_unite(&d, &args[i]);
	return d;
}

/* Types whose digits the reference lists; the others have 0. */
static bool has_digits(enum tsql_type type)
{
	return type_is_number(type) || type == TSQL_DATETIME || type == TSQL_SMALLDATETIME;
}

RUN(variant_property)
{
	struct tsql_decl d = decl_of(&args[0]);
	struct tsql_type_facts facts = tsql_decl_facts(&d);
	const char *what = args[1].null || !tsql_type_is_text(args[1].type) ? "" : args[1].s.data;
	bool digits = has_digits(d.type);

	(void)eval;
	(void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	if (args[0].null)
		return 0;
	if (utf8_casecmp(what, "BaseType") == 0)
		*ret = tsql_nvarchar(tsql_type_name(d.type));
	else if (utf8_casecmp(what, "Precision") == 0)
		*ret = tsql_int(digits ? facts.precision : 0);
	else if (utf8_casecmp(what, "Scale") == 0)
		*ret = tsql_int(digits ? facts.scale : 0);
	else if (utf8_casecmp(what, "MaxLength") == 0)
		*ret = tsql_int(facts.bytes);
	else if (utf8_casecmp(what, "Collation") == 0 && tsql_type_is_text(d.type))
		*ret = tsql_nvarchar("SQL_Latin1_General_CP1_CI_AS");
	return 0;
}

#define I { .type = TSQL_INT }
#define N128 { .type = TSQL_NVARCHAR, .length = 128 }
#define G FUNCTION_GLOBAL
const struct function functions_system[] = {
	{ "@@ROWCOUNT", 0, 0, G, I, NULL, rowcount, AGGREGATE_NONE, NULL },
	{ "ROWCOUNT_BIG", 0, 0, 0, { .type = TSQL_BIGINT }, NULL, rowcount_big, AGGREGATE_NONE, NULL },
	{ "@@ERROR", 0, 0, G, I, NULL, last_error, AGGREGATE_NONE, NULL },
	{ "@@FETCH_STATUS", 0, 0, G, I, NULL, fetch_status, AGGREGATE_NONE, NULL },
	{ "@@CURSOR_ROWS", 0, 0, G, I, NULL, cursor_rows, AGGREGATE_NONE, NULL },
	{ "CURSOR_STATUS", 2, 2, 0, { .type = TSQL_SMALLINT }, NULL, status_of_cursor, AGGREGATE_NONE, NULL },
	{ "@@VERSION", 0, 0, G, { .type = TSQL_NVARCHAR, .length = 300 }, NULL, version, AGGREGATE_NONE, NULL },
	{ "@@SERVERNAME", 0, 0, G, N128, NULL, server_name, AGGREGATE_NONE, NULL },
	{ "@@IDENTITY", 0, 0, G, { .type = TSQL_BIGINT }, NULL, identity, AGGREGATE_NONE, NULL },
	{ "SCOPE_IDENTITY", 0, 0, 0, { .type = TSQL_BIGINT }, NULL, identity, AGGREGATE_NONE, NULL },
	{ "@@TRANCOUNT", 0, 0, G, I, NULL, trancount, AGGREGATE_NONE, NULL },
	{ "XACT_STATE", 0, 0, 0, { .type = TSQL_SMALLINT }, NULL, xact_state, AGGREGATE_NONE, NULL },
	{ "ERROR_NUMBER", 0, 0, 0, I, NULL, error_number, AGGREGATE_NONE, NULL },
	{ "ERROR_SEVERITY", 0, 0, 0, I, NULL, error_severity, AGGREGATE_NONE, NULL },
	{ "ERROR_STATE", 0, 0, 0, I, NULL, error_state, AGGREGATE_NONE, NULL },
	{ "ERROR_LINE", 0, 0, 0, I, NULL, error_line, AGGREGATE_NONE, NULL },
	{ "ERROR_MESSAGE", 0, 0, 0, { .type = TSQL_NVARCHAR, .length = 4000 }, NULL, error_message, AGGREGATE_NONE, NULL },
	{ "ERROR_PROCEDURE", 0, 0, 0, N128, NULL, error_procedure, AGGREGATE_NONE, NULL },
	{ "@@SPID", 0, 0, G, { .type = TSQL_SMALLINT }, NULL, process_id, AGGREGATE_NONE, NULL },
	{ "HOST_NAME", 0, 0, 0, N128, NULL, server_name, AGGREGATE_NONE, NULL },
	{ "APP_NAME", 0, 0, 0, N128, NULL, program_name, AGGREGATE_NONE, NULL },
	{ "ORIGINAL_LOGIN", 0, 0, 0, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "SUSER_NAME", 0, 0, 0, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "SUSER_SNAME", 0, 0, 0, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "USER_NAME", 0, 0, 0, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "SYSTEM_USER", 0, 0, G, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "CURRENT_USER", 0, 0, G, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "USER", 0, 0, G, N128, NULL, login_name, AGGREGATE_NONE, NULL },
	{ "DB_NAME", 0, 1, 0, N128, NULL, db_name, AGGREGATE_NONE, NULL },
	{ "DB_ID", 0, 1, 0, { .type = TSQL_SMALLINT }, NULL, db_id, AGGREGATE_NONE, NULL },
	{ "OBJECT_ID", 1, 2, 0, I, NULL, object_id, AGGREGATE_NONE, NULL },
	{ "OBJECT_DEFINITION", 1, 1, 0, { .type = TSQL_NVARCHAR, .length = TSQL_MAX }, NULL, object_definition, AGGREGATE_NONE, NULL },
	{ "OBJECT_NAME", 1, 1, 0, N128, NULL, object_name, AGGREGATE_NONE, NULL },
	{ "OBJECT_SCHEMA_NAME", 1, 1, 0, N128, NULL, object_schema_name, AGGREGATE_NONE, NULL },
	{ "COL_LENGTH", 2, 2, FUNCTION_STRICT, { .type = TSQL_SMALLINT }, NULL, col_length, AGGREGATE_NONE, NULL },
	{ "COL_NAME", 2, 2, FUNCTION_STRICT, N128, NULL, col_name, AGGREGATE_NONE, NULL },
	{ "NEWID", 0, 0, FUNCTION_STATEFUL, { .type = TSQL_UNIQUEIDENTIFIER }, NULL, newid, AGGREGATE_NONE, NULL },
	{ "ISNULL", 2, 2, 0, { 0 }, isnull_type, isnull, AGGREGATE_NONE, NULL },
	{ "CHOOSE", 2, 254, 0, { 0 }, choose_type, choose, AGGREGATE_NONE, NULL },
	{ "SQL_VARIANT_PROPERTY", 2, 2, 0, { .type = TSQL_VARIANT }, NULL, variant_property, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
