/* SPDX-License-Identifier: MIT */
/* sp_help of a view, a table function or a procedure, from what is registered. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/parser.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

#define TEXT(name_, length_) { .name = (name_), .decl = { .type = TSQL_NVARCHAR, .length = (length_) } }
#define NUMBER(name_) { .name = (name_), .decl = { .type = TSQL_INT } }

static int show_object(struct exec *e, const char *name, const char *schema, const char *type)
{
	static const struct tsql_column columns[] = { TEXT("Name", 128), TEXT("Owner", 128), TEXT("Type", 31),
		{ .name = "Created_datetime", .decl = { .type = TSQL_DATETIME } } };
	struct tsql_value row[] = { tsql_nvarchar(name), tsql_nvarchar(schema), tsql_nvarchar(type), tsql_null(TSQL_DATETIME) };
	int r = exec_columns(e, columns, ARRAY_LEN(columns));

	if (r == 0)
		r = exec_row(e, row, ARRAY_LEN(row));
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		tsql_value_release(&row[i]);
	return r == 0 ? exec_done(e, 1) : r;
}

static int show_part(struct exec *e, const char *name, const struct tsql_decl *declared, int order)
{
	struct tsql_decl d = decl_complete(*declared, false);
	bool decimal = d.type == TSQL_DECIMAL;
	struct tsql_value row[] = { tsql_nvarchar(name), tsql_nvarchar(tsql_type_name(d.type)), tsql_int(tsql_decl_facts(&d).bytes),
		decimal ? tsql_int(d.precision) : tsql_null(TSQL_INT),
		decimal || type_is_datetime(d.type) ? tsql_int(d.scale) : tsql_null(TSQL_INT), tsql_int(order) };
	int r = exec_row(e, row, ARRAY_LEN(row));

	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		tsql_value_release(&row[i]);
	return r;
}

static int show_view(struct exec *e, const struct tsql_view *v)
{
	static const struct tsql_column columns[] = { TEXT("Column_name", 128), TEXT("Type", 128), NUMBER("Length"),
		NUMBER("Prec"), NUMBER("Scale"), NUMBER("Column_order") };
	int r = show_object(e, v->name, v->schema, v->params ? "inline function" : "view"), n = 0;

	if (r == 0)
		r = exec_columns(e, columns, ARRAY_LEN(columns));
	for (size_t i = 0; r == 0 && i < v->column_count; i++)
		if (!v->columns[i].alias_of)
			r = show_part(e, v->columns[i].name, &v->columns[i].decl, ++n);
	return r == 0 ? exec_done(e, n) : r;
}

static int show_proc(struct exec *e, const struct tsql_proc *p)
{
	static const struct tsql_column columns[] = { TEXT("Parameter_name", 128), TEXT("Type", 128), NUMBER("Length"),
		NUMBER("Prec"), NUMBER("Scale"), NUMBER("Param_order") };
	int r = show_object(e, p->name, p->schema, "stored procedure");

	if (r < 0 || p->param_count == 0)
		return r;
	r = exec_columns(e, columns, ARRAY_LEN(columns));
	for (size_t i = 0; r == 0 && i < p->param_count; i++)
		r = show_part(e, p->params[i].name, &p->params[i].decl, (int)i + 1);
	return r == 0 ? exec_done(e, (int64_t)p->param_count) : r;
}

static int help_on(struct exec *e, const char *text)
{
	struct arena arena = { 0 };
	struct ast_name name;
	const struct tsql_view *view = NULL;
	const struct tsql_proc *proc = NULL;
	struct err ignored;
	int r;

	if (parser_object_name(text, strlen(text), &arena, &name, &ignored) == 0 && !name.server) {
		view = exec_find_view(e, &name);
		proc = exec_find_proc(e, &name);
	}
	if (view)
		r = show_view(e, view);
	else if (proc)
		r = show_proc(e, proc);
	else
		r = sql_error(e->err, 15009, "The object '%s' does not exist in database '%s' or is invalid for this operation.", text,
		    e->session->database);
	arena_release(&arena);
	return r;
}

int exec_help(struct exec *e, struct stmt *s)
{
	struct tsql_value text;
	int r;

	if (s->exec.arg_count != 1 || !s->exec.args[0].value ||
	    (s->exec.args[0].name && utf8_casecmp(s->exec.args[0].name, "@objname") != 0))
		return sql_error(e->err, 201, "Procedure or function 'sp_help' expects parameter '@objname', which was not supplied.");
	r = exec_text(e, s->exec.args[0].value, &text);
	if (r < 0)
		return r;
	r = help_on(e, text.null ? "" : text.s.data);
	if (r == 0 && s->exec.has_return) {
		struct tsql_value zero = tsql_int(0);
		r = exec_assign(e, s->exec.return_slot, &zero, e->err);
	}
	tsql_value_release(&text);
	return r;
}
