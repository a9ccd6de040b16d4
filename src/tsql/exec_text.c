/* SPDX-License-Identifier: MIT */
/*
 * T-SQL inside T-SQL: EXEC ('...'), sp_executesql and small procedures. The inner batch runs in
 * the same exec, with its own variables; its errors are the statement's.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/check.h"
#include "tsql/cursor.h"
#include "tsql/exec.h"
#include "tsql/parser.h"
#include "tsql/sqlerr.h"
#include "tsql/table.h"
#include "tsql/types.h"

/* The first error of the text goes on to the TRY around it; without one all are told, the last as the error of the EXEC. */
static int check_text(struct exec *e)
{
	struct check_errors errors = { 0 };
	int r = check_batch(e, &errors);

	for (size_t i = 0; e->try_depth == 0 && i + 1 < errors.len; i++)
		exec_message(e, &errors.items[i], errors.items[i].sql_line, NULL);
	if (errors.len)
		*e->err = errors.items[e->try_depth == 0 ? errors.len - 1 : 0];
	vec_release(&errors);
	return r;
}

/* Run a text with parameters as its first variables; their last values are put back. */
static int run_nested(struct exec *e, const char *text, struct tsql_param *params, size_t count)
{
	struct batch *outer_batch = e->batch, *batch;
	struct tsql_value *outer_variables = e->variables;
	const char *database = e->session->database;
	int r, outer_return = e->return_code, outer_frame = e->frame, outer_tries = e->outer_tries, impersonations = e->impersonations;

	if (e->nest >= EXEC_NEST_MAX)
		return sql_error(e->err, 217, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit %d).",
		    EXEC_NEST_MAX);
	r = session_batch(e->session, text, params, count, &batch, e->err);
	e->err_inside = true;
	if (r < 0)
		return r;
	e->nest++;
	e->outer_tries = e->try_depth;
	e->impersonations = e->session->impersonations;
	e->frame = ++e->session->frames;
	e->batch = batch;
	e->variables = exec_new_variables(batch);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = exec_assign(e, i, &params[i].value, e->err);
	if (r == 0)
		r = check_text(e);
	if (r == 0)
		r = exec_list(e, &batch->statements);
	e->err_inside = true;
	e->err_passes = false;
	exec_end_impersonations(e);
	e->impersonations = impersonations;
	e->outer_tries = outer_tries;
	for (size_t i = 0; i < count; i++) {
		tsql_value_release(&params[i].value);
		params[i].value = tsql_value_copy(&e->variables[i]);
	}
	table_end_frame(e, e->frame);
	cursor_end_frame(e->session, e->frame);
	e->frame = outer_frame;
	exec_free_variables(batch, e->variables);
	session_batch_done(e->session, batch);
	e->batch = outer_batch;
	e->variables = outer_variables;
	e->session->database = database; /* USE in the inner text ends with it */
	e->return_code = outer_return;
	e->nest--;
	return r < 0 ? r : 0; /* RETURN ends the inner batch only */
}

int exec_run_text(struct exec *e, struct stmt *s)
{
	struct tsql_value text;
	int r = exec_text(e, s->expr, &text);

	if (r < 0)
		return r;
	if (!text.null)
		r = run_nested(e, text.s.data, NULL, 0);
	tsql_value_release(&text);
	return r;
}

/* --- sp_executesql --- */

struct call_params {
	VEC(struct tsql_param) items;
	VEC(size_t) out_slots; /* caller's variable, or SIZE_MAX */
};

static int find_declared(const struct call_params *p, const char *name, size_t *ret)
{
	for (size_t i = 0; i < p->items.len; i++) {
		if (utf8_casecmp(p->items.items[i].name, name) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -ERR_NOT_FOUND;
}

/* Give one argument to the parameter it names or stands at. */
static int pass_argument(struct exec *e, const char *proc, struct call_params *p, const struct exec_arg *a, size_t position)
{
	struct eval eval = { .exec = e, .err = e->err };
	struct tsql_value v;
	size_t index = position;
	int r;

	if ((a->name && find_declared(p, a->name, &index) < 0) || index >= p->items.len)
		return a->name ? sql_error_full(e->err, 8145, 16, 2, "%s is not a parameter for procedure %s.", a->name, proc) :
				 sql_error_full(e->err, 8144, 16, 2, "Procedure or function %s has too many arguments specified.", proc);
	if (a->output)
		p->out_slots.items[index] = a->value->slot;
	if (!a->value)
		return 0;
	r = eval_value(&eval, a->value, &v);
	if (r < 0)
		return r;
	r = tsql_value_convert(&v, &p->items.items[index].decl, &p->items.items[index].value, e->err);
	tsql_value_release(&v);
	return r;
}

static int declare_params(struct exec *e, const char *text, struct arena *names, struct call_params *p)
{
	struct batch_variable *variables;
	size_t count;
	int r = parser_declarations(text, strlen(text), names, &variables, &count, e->err);

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct tsql_param param = { .name = variables[i].name, .decl = variables[i].decl, .out = true };
		param.value = tsql_null(param.decl.type == TSQL_VARIANT ? TSQL_UNKNOWN : param.decl.type);
		vec_push(&p->items, param);
		vec_push(&p->out_slots, SIZE_MAX);
	}
	return r;
}

/* --- procedures of the server that are T-SQL --- */

/* A name that LIKE takes; left out: every name. */
#define MATCHES(column, parameter) "(" parameter " IS NULL OR " column " LIKE " parameter ")"

static const struct text_proc {
	const char *name, *parameters, *text;
} text_procs[] = {
	{ "sp_databases", "",
	    "SELECT name AS DATABASE_NAME, CAST(NULL AS int) AS DATABASE_SIZE, CAST(NULL AS varchar(254)) AS REMARKS"
	    " FROM sys.databases ORDER BY name" },
	{ "sp_helpdb", "@dbname sysname",
	    "IF @dbname IS NOT NULL AND DB_ID(@dbname) IS NULL RAISERROR('The database ''%s'' does not exist.', 16, 1, @dbname)"
	    " ELSE SELECT name, database_id AS dbid, compatibility_level, state_desc AS status FROM sys.databases"
	    " WHERE @dbname IS NULL OR name = @dbname ORDER BY name" },
	{ "sp_tables", "@table_name nvarchar(384), @table_owner nvarchar(384), @table_qualifier sysname, @table_type varchar(100)",
	    "SELECT TABLE_CATALOG AS TABLE_QUALIFIER, TABLE_SCHEMA AS TABLE_OWNER, TABLE_NAME, CAST(TABLE_TYPE AS varchar(32)) AS TABLE_TYPE,"
	    " CAST(NULL AS varchar(254)) AS REMARKS FROM INFORMATION_SCHEMA.TABLES"
	    " WHERE " MATCHES("TABLE_NAME", "@table_name") " AND " MATCHES("TABLE_SCHEMA", "@table_owner")
	    " AND (@table_qualifier IS NULL OR TABLE_CATALOG = @table_qualifier)"
	    " AND (@table_type IS NULL OR CHARINDEX(TABLE_TYPE, @table_type) > 0) ORDER BY TABLE_SCHEMA, TABLE_NAME" },
	{ "sp_columns", "@table_name nvarchar(384), @table_owner nvarchar(384), @table_qualifier sysname, @column_name nvarchar(384)",
	    "IF @table_name IS NULL RAISERROR('Procedure or function ''sp_columns'' expects parameter ''@table_name'', which was not supplied.', 16, 4)"
	    " ELSE SELECT 'SSISDB' AS TABLE_QUALIFIER, SCHEMA_NAME(o.schema_id) AS TABLE_OWNER, o.name AS TABLE_NAME, c.name AS COLUMN_NAME,"
	    " TYPE_NAME(c.system_type_id) AS TYPE_NAME, c.precision AS [PRECISION], c.max_length AS LENGTH, c.scale AS SCALE,"
	    " c.is_nullable AS NULLABLE, c.column_id AS ORDINAL_POSITION FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id"
	    " WHERE o.name LIKE @table_name AND " MATCHES("SCHEMA_NAME(o.schema_id)", "@table_owner") " AND " MATCHES("c.name", "@column_name")
	    " ORDER BY o.name, c.column_id" },
	{ "sp_helptext", "@objname nvarchar(776)",
	    "IF OBJECT_ID(@objname) IS NULL"
	    " RAISERROR('The object ''%s'' does not exist in database ''SSISDB'' or is invalid for this operation.', 16, 1, @objname)"
	    " ELSE RAISERROR('There is no text for object ''%s''.', 16, 1, @objname)" },
};

static const struct text_proc *find_text_proc(const struct ast_name *name)
{
	if (name->schema && utf8_casecmp(name->schema, "sys") != 0 && utf8_casecmp(name->schema, "dbo") != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(text_procs); i++)
		if (utf8_casecmp(text_procs[i].name, name->object) == 0)
			return &text_procs[i];
	return NULL;
}

static void release_params(struct call_params *p)
{
	for (size_t i = 0; i < p->items.len; i++)
		tsql_value_release(&p->items.items[i].value);
	vec_release(&p->items);
	vec_release(&p->out_slots);
}

bool exec_is_text_proc(const struct ast_name *name)
{
	return find_text_proc(name) != NULL;
}

int exec_text_proc(struct exec *e, struct stmt *s)
{
	const struct text_proc *proc = find_text_proc(&s->exec.name);
	struct call_params p = { 0 };
	struct arena names = { 0 };
	int r = declare_params(e, proc->parameters, &names, &p);

	for (size_t i = 0; r == 0 && i < s->exec.arg_count; i++)
		r = pass_argument(e, proc->name, &p, &s->exec.args[i], i);
	if (r == 0)
		r = run_nested(e, proc->text, p.items.items, p.items.len);
	if (r == 0 && s->exec.has_return) {
		struct tsql_value zero = tsql_int(0);
		r = exec_assign(e, s->exec.return_slot, &zero, e->err);
	}
	release_params(&p);
	arena_release(&names);
	return r;
}

int exec_executesql(struct exec *e, struct stmt *s)
{
	struct tsql_value text = tsql_null(TSQL_UNKNOWN), declared = tsql_null(TSQL_UNKNOWN);
	struct call_params p = { 0 };
	struct arena names = { 0 };
	int r = 0;

	if (s->exec.arg_count == 0 || !s->exec.args[0].value)
		return sql_error_full(e->err, 201, 16, 10,
		    "Procedure or function 'sp_executesql' expects parameter '@statement', which was not supplied.");
	r = exec_text(e, s->exec.args[0].value, &text);
	if (r == 0 && s->exec.arg_count > 1 && s->exec.args[1].value)
		r = exec_text(e, s->exec.args[1].value, &declared);
	if (r == 0 && !declared.null)
		r = declare_params(e, declared.s.data, &names, &p);
	for (size_t i = 2; r == 0 && i < s->exec.arg_count; i++)
		r = pass_argument(e, "sp_executesql", &p, &s->exec.args[i], i - 2);
	if (r == 0 && !text.null)
		r = run_nested(e, text.s.data, p.items.items, p.items.len);
	for (size_t i = 0; r == 0 && i < p.items.len; i++)
		if (p.out_slots.items[i] != SIZE_MAX)
			r = exec_assign(e, p.out_slots.items[i], &p.items.items[i].value, e->err);
	if (r == 0 && s->exec.has_return) {
		struct tsql_value zero = tsql_int(0);
		r = exec_assign(e, s->exec.return_slot, &zero, e->err);
	}
	release_params(&p);
	tsql_value_release(&text);
	tsql_value_release(&declared);
	arena_release(&names);
	return r;
}
