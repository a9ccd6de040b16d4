/* SPDX-License-Identifier: MIT */
/*
 * EXEC of a registered procedure: find it, bind arguments to parameters,
 * convert, run it inside its own transaction or savepoint, hand back OUTPUT
 * values and the return code.
 */
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/parser.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/table.h"
#include "tsql/types.h"

struct tsql_call {
	struct exec *exec;
	const struct tsql_proc *proc;
	struct stmt *stmt;
	struct tsql_value *args; /* by parameter */
	const struct table **tables; /* the same: arguments of table parameters */
	bool *given;
	size_t *out_slots; /* variable to receive an OUT parameter, or NO_SLOT */
	bool *out_set;
	struct tsql_value *outs;
	int return_code;
	struct err err; /* the error it raised, not yet reported */
	bool in_rowset;
	int64_t rows;
};

#define NO_SLOT ((size_t)-1)

/* --- what a procedure may ask and do --- */

struct tsql_session *tsql_call_session(struct tsql_call *call)
{
	return call->exec->session;
}

void *tsql_call_app(struct tsql_call *call)
{
	return call->exec->session->app;
}

struct sqlite3 *tsql_call_db(struct tsql_call *call)
{
	return call->exec->session->db;
}

const struct tsql_proc *tsql_call_proc(struct tsql_call *call)
{
	return call->proc;
}

const struct tsql_value *tsql_arg(struct tsql_call *call, size_t index)
{
	return &call->args[index];
}

bool tsql_arg_given(struct tsql_call *call, size_t index)
{
	return call->given[index];
}

/* The row at the statement's cursor, handed over. */
static int give_row(struct tsql_call *call, const struct table *t, struct sqlite3_stmt *stmt,
    int (*row)(void *ctx, const struct tsql_value *values, size_t count), void *ctx)
{
	struct tsql_value *values = xcalloc(t->column_count + 1, sizeof(*values));
	size_t n = 0;
	int r = 0;

	for (; r == 0 && n < t->column_count; n++)
		r = store_read(sqlite3_column_value(stmt, (int)n), &t->columns[n].decl, &values[n], call->exec->err);
	if (r == 0)
		r = row(ctx, values, t->column_count);
	while (n > 0)
		tsql_value_release(&values[--n]);
	free(values);
	return r;
}

int tsql_arg_rows(struct tsql_call *call, size_t index,
    int (*row)(void *ctx, const struct tsql_value *values, size_t count), void *ctx)
{
	const struct table *t = call->tables[index];
	struct sqlite3_stmt *stmt = NULL;
	struct buf sql = BUF_INIT;
	int r, code = SQLITE_DONE;

	if (!t)
		return 0;
	buf_addf(&sql, "SELECT * FROM %s ORDER BY rowid", t->sql_name);
	r = session_prepare(call->exec->session, sql.data, &stmt, call->exec->err);
	buf_release(&sql);
	if (r < 0)
		return r;
	while (r == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		r = give_row(call, t, stmt, row, ctx);
	if (r == 0 && code != SQLITE_DONE)
		r = plan_sqlite_error(exec_session(call->exec), code, call->exec->err);
	session_done(call->exec->session, stmt);
	return r;
}

void tsql_set_out(struct tsql_call *call, size_t index, struct tsql_value value)
{
	tsql_value_release(&call->outs[index]);
	call->outs[index] = value;
	call->out_set[index] = true;
}

void tsql_set_return(struct tsql_call *call, int code)
{
	call->return_code = code;
}

/* An error that was raised before another one is reported as it stands. */
static void flush_error(struct tsql_call *call)
{
	if (call->err.code != ERR_NONE)
		exec_message(call->exec, &call->err, call->stmt->line, call->proc->name);
	err_clear(&call->err);
}

int tsql_call_error(struct tsql_call *call, int number, int state, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	flush_error(call);
	return sql_error_full(&call->err, number, 16, state, "%s", text);
}

void tsql_call_info(struct tsql_call *call, int number, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	exec_print(call->exec, call->stmt->line, call->proc->name, number, text.data);
	buf_release(&text);
}

int tsql_call_fail(struct tsql_call *call, const struct err *err)
{
	struct buf text = BUF_INIT;

	flush_error(call);
	if (err->code == ERR_SQL) {
		call->err = *err;
		if (call->err.sql_severity < 11)
			call->err.sql_severity = 16;
		return -ERR_SQL;
	}
	buf_adds(&text, err->primary);
	if (err->detail[0])
		buf_addf(&text, ": %s", err->detail);
	if (err->hint[0])
		buf_addf(&text, " (%s)", err->hint);
	sql_error(&call->err, err->code == ERR_BUSY ? 1222 : 50000, "%s", text.data);
	buf_release(&text);
	return err->code == ERR_CANCELLED ? -ERR_CANCELLED : -ERR_SQL;
}

static int end_rowset(struct tsql_call *call)
{
	if (!call->in_rowset)
		return 0;
	call->in_rowset = false;
	return exec_done(call->exec, call->rows);
}

int tsql_call_columns(struct tsql_call *call, const struct tsql_column *columns, size_t count)
{
	int r = end_rowset(call);

	call->in_rowset = true;
	call->rows = 0;
	return r ? r : exec_columns(call->exec, columns, count);
}

int tsql_call_row(struct tsql_call *call, const struct tsql_value *values, size_t count)
{
	call->rows++;
	return exec_row(call->exec, values, count);
}

bool tsql_call_cancelled(struct tsql_call *call)
{
	return exec_cancelled(call->exec);
}

bool tsql_call_pause(struct tsql_call *call, int ms)
{
	return exec_pause(call->exec, ms) == 0;
}

/* --- finding --- */

static bool same_name(const char *a, const char *b)
{
	return utf8_casecmp(a, b) == 0;
}

const struct tsql_proc *exec_find_proc(struct exec *e, const struct ast_name *n)
{
	const struct tsql_proc *const *p = e->session->catalog->procs;
	const char *database = n->database ? n->database : e->session->database;

	for (; p && *p; p++) {
		if (!same_name((*p)->name, n->object))
			continue;
		/* A system procedure is found from any database and without its schema. */
		if (!(*p)->database && (!n->schema || same_name(n->schema, (*p)->schema) || same_name(n->schema, "sys")))
			return *p;
		if ((*p)->database && same_name((*p)->database, database) && same_name((*p)->schema, n->schema ? n->schema : "dbo"))
			return *p;
	}
	return NULL;
}

static int lookup(struct exec *e, struct stmt *s, const struct tsql_proc **ret)
{
	if (!s->exec.proc || s->exec.proc_database != e->session->database) {
		struct buf name = BUF_INIT;
		if (exec_is_elsewhere(&s->exec.name)) {
			exec_not_found(&s->exec.name, e->err);
			return -ERR_SQL;
		}
		s->exec.proc = exec_find_proc(e, &s->exec.name);
		s->exec.proc_database = e->session->database;
		if (!s->exec.proc) {
			exec_show_name(&s->exec.name, &name);
			sql_error_full(e->err, 2812, 16, 62, "Could not find stored procedure '%s'.", name.data);
			buf_release(&name);
			return -ERR_SQL;
		}
	}
	*ret = s->exec.proc;
	return 0;
}

/* --- binding --- */

static bool name_in_list(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list && *list) {
		size_t n = strcspn(list, " ");
		if (utf8_ncasecmp(list, n, name, len) == 0)
			return true;
		list += n;
		while (*list == ' ')
			list++;
	}
	return false;
}

static int find_param(struct tsql_call *call, const char *name, size_t *ret)
{
	for (size_t i = 0; i < call->proc->param_count; i++) {
		const struct tsql_proc_param *p = &call->proc->params[i];
		if (same_name(p->name, name) || name_in_list(p->aliases, name)) {
			*ret = i;
			return 0;
		}
	}
	return sql_error(call->exec->err, 8145, "%s is not a parameter for procedure %s.", name, call->proc->name);
}

/* Which parameter an argument goes to. */
static int param_of(struct tsql_call *call, size_t position, size_t *ret)
{
	struct exec_arg *args = call->stmt->exec.args;
	size_t count = call->stmt->exec.arg_count, positional = 0;

	if (args[position].name)
		return find_param(call, args[position].name, ret);
	*ret = position;
	if (call->proc->map_position) {
		bool is_output[64] = { false };
		while (positional < count && positional < ARRAY_LEN(is_output) && !args[positional].name) {
			is_output[positional] = args[positional].output;
			positional++;
		}
		*ret = call->proc->map_position(position, positional, is_output);
	}
	if (*ret >= call->proc->param_count)
		return sql_error_full(call->exec->err, 8144, 16, 2, "Procedure or function %s has too many arguments specified.",
		    call->proc->name);
	return 0;
}

static const char *shown_type(enum tsql_type type)
{
	return type == TSQL_DECIMAL ? "numeric" : tsql_type_name(type);
}

/* Convert an argument; whatever goes wrong in the text of a value is 8114 here, as on the server. */
static int convert_argument(struct tsql_call *call, const struct tsql_value *value, size_t index)
{
	const struct tsql_proc_param *p = &call->proc->params[index];
	struct err *err = call->exec->err;
	struct tsql_value converted;
	int r = tsql_value_convert(value, &p->decl, &converted, err);

	if (r < 0) {
		int n = err->sql_number;
		if (n == 245 || n == 241 || n == 8114 || n == 8169 || n == 248 || n == 244 || n == 235)
			return sql_error_full(err, 8114, 16, 5, "Error converting data type %s to %s.", shown_type(value->type),
			    shown_type(p->decl.type));
		return r;
	}
	tsql_value_release(&call->args[index]);
	call->args[index] = converted;
	return 0;
}

/* A table variable goes to a parameter of its type, and to no other; nothing else goes there. */
static int bind_table(struct tsql_call *call, const struct exec_arg *a, size_t index)
{
	const struct tsql_proc_param *p = &call->proc->params[index];
	const struct tsql_table_type *type = tsql_param_table(call->proc, index);
	const struct table *t = a->table ? table_find(call->exec, a->table) : NULL;

	if (!a->table && !a->value)
		return 0; /* DEFAULT: no rows */
	if (!t || !type || t->type != type)
		return sql_error_full(call->exec->err, 206, 16, 2, "Operand type clash: %s is incompatible with %s.",
		    !a->table ? "a value" : t && t->type ? t->type->name : "table",
		    type ? type->name : tsql_type_name(p->decl.type));
	call->tables[index] = t;
	call->given[index] = true;
	return 0;
}

static int bind_argument(struct tsql_call *call, size_t position)
{
	struct exec *e = call->exec;
	const struct exec_arg *a = &call->stmt->exec.args[position];
	struct eval eval = { .exec = e, .err = e->err };
	struct tsql_value v;
	size_t index = 0;
	int r = param_of(call, position, &index);

	if (r < 0)
		return r;
	if (call->given[index])
		return sql_error(e->err, 8143, "Parameter '%s' was supplied multiple times.", call->proc->params[index].name);
	if (a->table || tsql_param_table(call->proc, index))
		return bind_table(call, a, index);
	if (!a->value)
		return 0; /* DEFAULT */
	if (a->output) {
		if (!(call->proc->params[index].flags & TSQL_PARAM_OUT))
			return sql_error_full(e->err, 8162, 16, 2,
			    "The formal parameter \"%s\" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.",
			    call->proc->params[index].name);
		call->out_slots[index] = a->value->slot;
	}
	r = exec_check_value(e, a->value, &call->proc->params[index].decl);
	if (r == 0)
		r = eval_value(&eval, a->value, &v);
	if (r < 0)
		return r;
	r = convert_argument(call, &v, index);
	tsql_value_release(&v);
	call->given[index] = true;
	return r;
}

/* Parameters left out take their default; one without is an error. */
static int bind_default(struct tsql_call *call, size_t index)
{
	const struct tsql_proc_param *p = &call->proc->params[index];
	struct tsql_value text;
	int r;

	if (!(p->flags & TSQL_PARAM_OPTIONAL))
		return sql_error_full(call->exec->err, 201, 16, 4,
		    "Procedure or function '%s' expects parameter '%s', which was not supplied.", call->proc->name, p->name);
	if (p->flags & TSQL_PARAM_TABLE)
		return 0;
	text = tsql_nvarchar(p->default_value);
	r = convert_argument(call, &text, index);
	tsql_value_release(&text);
	return r;
}

static int bind_arguments(struct tsql_call *call)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < call->stmt->exec.arg_count; i++)
		r = bind_argument(call, i);
	for (size_t i = 0; r == 0 && i < call->proc->param_count; i++)
		if (!call->given[i])
			r = bind_default(call, i);
	return r;
}

/* --- running --- */

/* Runs the procedure; its transaction ends with it, one way or the other. */
static int run_in_transaction(struct tsql_call *call)
{
	struct exec *e = call->exec;
	bool outermost = sqlite3_get_autocommit(e->session->db) != 0;
	struct err ignored;
	int r;

	if (call->proc->no_transaction)
		return call->proc->run(call);
	r = exec_sql(e, !outermost ? "SAVEPOINT tsql_proc" : call->proc->read_only ? "BEGIN" : "BEGIN IMMEDIATE", e->err);
	if (r < 0)
		return r;
	r = call->proc->run(call);
	if (r == 0) {
		r = exec_sql(e, outermost ? "COMMIT" : "RELEASE tsql_proc", e->err);
		if (r == 0)
			return 0;
	}
	if (sqlite3_get_autocommit(e->session->db)) /* SQLite has already rolled back */
		return r;
	exec_sql(e, outermost ? "ROLLBACK" : "ROLLBACK TO tsql_proc", &ignored);
	if (!outermost)
		exec_sql(e, "RELEASE tsql_proc", &ignored);
	return r;
}

static int return_outputs(struct tsql_call *call)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < call->proc->param_count; i++)
		if (call->out_slots[i] != NO_SLOT)
			r = exec_assign(call->exec, call->out_slots[i], call->out_set[i] ? &call->outs[i] : &call->args[i], call->exec->err);
	return r;
}

/* A procedure that failed still gives back what it set: deploy_project names the operation whose messages say why. */
static void return_set_outputs(struct tsql_call *call)
{
	struct err ignored;

	for (size_t i = 0; i < call->proc->param_count; i++)
		if (call->out_slots[i] != NO_SLOT && call->out_set[i])
			exec_assign(call->exec, call->out_slots[i], &call->outs[i], &ignored);
}

static int run_call(struct tsql_call *call)
{
	struct exec *e = call->exec;
	int r = run_in_transaction(call);

	if (end_rowset(call) < 0)
		return -ERR_CANCELLED;
	if (r < 0) {
		if (call->err.code != ERR_NONE)
			*e->err = call->err;
		else if (e->err->code == ERR_NONE && r != -ERR_CANCELLED)
			sql_error(e->err, 50000, "The procedure %s failed without saying why (code %d).", call->proc->name, r);
		return_set_outputs(call);
		return r;
	}
	flush_error(call);
	e->session->last_error = 0;
	return return_outputs(call);
}

static void call_init(struct tsql_call *call, struct exec *e, struct stmt *s, const struct tsql_proc *proc)
{
	size_t n = proc->param_count + 1;

	*call = (struct tsql_call){ .exec = e, .proc = proc, .stmt = s };
	call->args = xcalloc(n, sizeof(*call->args));
	call->tables = xcalloc(n, sizeof(*call->tables));
	call->outs = xcalloc(n, sizeof(*call->outs));
	call->given = xcalloc(n, sizeof(*call->given));
	call->out_set = xcalloc(n, sizeof(*call->out_set));
	call->out_slots = xcalloc(n, sizeof(*call->out_slots));
	for (size_t i = 0; i < n; i++)
		call->out_slots[i] = NO_SLOT;
}

static void call_release(struct tsql_call *call)
{
	for (size_t i = 0; i < call->proc->param_count; i++) {
		tsql_value_release(&call->args[i]);
		tsql_value_release(&call->outs[i]);
	}
	free(call->args);
	free(call->tables);
	free(call->outs);
	free(call->given);
	free(call->out_set);
	free(call->out_slots);
}

/* EXEC @name: the same as EXEC of the name that the variable holds. */
static int call_by_variable(struct exec *e, struct stmt *s)
{
	static const struct tsql_decl as_text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	struct stmt named = *s;
	struct arena arena = { 0 };
	struct tsql_value text;
	int r = tsql_value_convert(exec_variable(e, s->exec.name_slot), &as_text, &text, e->err);

	if (r < 0)
		return r;
	named.exec.by_variable = false;
	if (text.null || text.s.len == 0)
		r = sql_error_full(e->err, 2812, 16, 62, "Could not find stored procedure ''.");
	else
		r = parser_object_name(text.s.data, text.s.len, &arena, &named.exec.name, e->err);
	if (r < 0)
		e->err->sql_line = s->line;
	else
		r = exec_call(e, &named);
	tsql_value_release(&text);
	arena_release(&arena);
	return r;
}

int exec_call(struct exec *e, struct stmt *s)
{
	const struct tsql_proc *proc;
	struct tsql_call call;
	int r;

	if (s->exec.by_variable)
		return call_by_variable(e, s);
	if (same_name(s->exec.name.object, "sp_executesql"))
		return exec_executesql(e, s);
	if (same_name(s->exec.name.object, "sp_help"))
		return exec_help(e, s);
	if (exec_is_text_proc(&s->exec.name))
		return exec_text_proc(e, s);
	r = lookup(e, s, &proc);
	if (r < 0)
		return r;
	call_init(&call, e, s, proc);
	r = proc->read_only ? 0 : exec_check_doomed(e);
	if (r == 0)
		r = bind_arguments(&call);
	if (r == 0) {
		r = run_call(&call);
		if (s->exec.has_return && r != -ERR_CANCELLED) {
			struct tsql_value code = tsql_int(r < 0 && call.return_code == 0 ? -6 : call.return_code);
			exec_assign(e, s->exec.return_slot, &code, NULL);
		}
	}
	if (r < 0 && e->err->code != ERR_NONE) {
		e->err_procedure = proc->name;
		if (e->err->sql_line == 0)
			e->err->sql_line = s->line;
	}
	call_release(&call);
	return r;
}
