/* SPDX-License-Identifier: MIT */
/*
 * Statements. Each kind is a function in a table; the result says how the
 * batch goes on. An error of a statement is reported and the batch continues
 * with the next one, unless the error is of the kind that ends the batch.
 */
#include "tsql/exec.h"

#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "tsql/check.h"
#include "tsql/cursor.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/table.h"
#include "tsql/tree.h"
#include "tsql/types.h"

/* What a statement tells its block: 0 = go on; negative = an error code. */
enum flow { FLOW_NEXT = 0, FLOW_BREAK = 1, FLOW_CONTINUE = 2, FLOW_RETURN = 3, FLOW_GOTO = 4 };

static int run_statement(struct exec *e, struct stmt *s);

/* --- what the rest of the room asks --- */

struct tsql_session *exec_session(struct exec *exec)
{
	return exec->session;
}

const struct tsql_value *exec_variable(struct exec *exec, size_t slot)
{
	return &exec->variables[slot];
}

struct tsql_decl exec_variable_decl(struct exec *exec, size_t slot)
{
	return exec->batch->variables[slot].decl;
}

int exec_assign(struct exec *exec, size_t slot, const struct tsql_value *value, struct err *err)
{
	struct tsql_value converted;
	int r = tsql_value_convert(value, &exec->batch->variables[slot].decl, &converted, err);

	if (r < 0)
		return r;
	tsql_value_release(&exec->variables[slot]);
	exec->variables[slot] = converted;
	return 0;
}

struct tsql_value *exec_new_variables(const struct batch *batch)
{
	struct tsql_value *v = xcalloc(batch->variable_count + 1, sizeof(*v));

	for (size_t i = 0; i < batch->variable_count; i++) {
		const struct tsql_decl *d = &batch->variables[i].decl;
		v[i] = tsql_null(d->type == TSQL_VARIANT ? TSQL_UNKNOWN : d->type);
		v[i].length = d->length;
		v[i].precision = type_is_datetime(d->type) ? 0 : d->precision;
		v[i].scale = d->scale;
	}
	return v;
}

void exec_free_variables(const struct batch *batch, struct tsql_value *variables)
{
	for (size_t i = 0; i < batch->variable_count; i++)
		tsql_value_release(&variables[i]);
	free(variables);
}

bool exec_cancelled(struct exec *exec)
{
	return exec->sink_stopped || exec->unsettled || atomic_load(&exec->session->cancel);
}

static bool same_name(const char *a, const char *b)
{
	return utf8_casecmp(a, b) == 0;
}

void exec_server_name(char ret[SERVER_NAME_SIZE])
{
	if (gethostname(ret, SERVER_NAME_SIZE - 1) < 0)
		snprintf(ret, SERVER_NAME_SIZE, "localhost");
	ret[SERVER_NAME_SIZE - 1] = '\0';
}

bool exec_is_elsewhere(const struct ast_name *name)
{
	char own[SERVER_NAME_SIZE];

	if (!name->server)
		return false;
	exec_server_name(own);
	return !same_name(name->server, own);
}

int exec_not_found(const struct ast_name *name, struct err *err)
{
	struct buf shown = BUF_INIT;

	if (exec_is_elsewhere(name))
		return sql_error_full(err, 7202, 11, 2,
		    "Could not find server '%s' in sys.servers. Verify that the correct server name was specified. There are no linked servers here.",
		    name->server);
	exec_show_name(name, &shown);
	sql_error(err, 208, "Invalid object name '%s'.", shown.data);
	buf_release(&shown);
	return -ERR_SQL;
}

const struct tsql_view *exec_find_view(struct exec *exec, const struct ast_name *name)
{
	const struct tsql_view *const *views = exec->session->catalog->views;
	const char *database = name->database ? name->database : exec->session->database;
	const char *schema = name->schema ? name->schema : "dbo";

	if (exec_is_elsewhere(name))
		return NULL;
	for (; views && *views; views++)
		if (same_name((*views)->name, name->object) && same_name((*views)->schema, schema) &&
		    (!(*views)->database || same_name((*views)->database, database)))
			return *views;
	return NULL;
}

void exec_show_name(const struct ast_name *name, struct buf *out)
{
	const char *parts[] = { name->server, name->database, name->schema };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i])
			buf_addf(out, "%s.", parts[i]);
	buf_adds(out, name->object);
}

/* --- statements --- */

static int value_of(struct exec *e, const struct expr *x, struct tsql_value *ret)
{
	struct eval eval = { .exec = e, .err = e->err };

	return eval_value(&eval, x, ret);
}

int exec_text(struct exec *e, const struct expr *x, struct tsql_value *ret)
{
	static const struct tsql_decl text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	struct tsql_value v;
	int r = value_of(e, x, &v);

	if (r < 0)
		return r;
	r = tsql_value_convert(&v, &text, ret, e->err);
	tsql_value_release(&v);
	return r;
}

int exec_int(struct exec *e, const struct expr *x, int *ret)
{
	static const struct tsql_decl as_int = { .type = TSQL_INT };
	struct tsql_value v, n;
	int r = value_of(e, x, &v);

	if (r < 0)
		return r;
	r = tsql_value_convert(&v, &as_int, &n, e->err);
	tsql_value_release(&v);
	if (r == 0)
		*ret = n.null ? 0 : (int)n.i;
	return r;
}

/* @slot op= value */
static int assign_op(struct exec *e, size_t slot, int op, const struct tsql_value *value)
{
	struct eval eval = { .exec = e, .err = e->err };
	struct tsql_value sum;
	int r;

	if (op == '=')
		return exec_assign(e, slot, value, e->err);
	r = eval_binary(&eval, op, &e->variables[slot], value, &sum);
	if (r == 0) {
		r = exec_assign(e, slot, &sum, e->err);
		tsql_value_release(&sum);
	}
	return r;
}

int exec_check_implicit(struct exec *e, const struct tsql_decl *from, const struct tsql_decl *to)
{
	if (from->type != TSQL_VARIANT || to->type == TSQL_VARIANT || to->type == TSQL_UNKNOWN)
		return 0;
	return sql_error_full(e->err, 257, 16, 3,
	    "Implicit conversion from data type sql_variant to %s is not allowed. Use the CONVERT function to run this query.",
	    tsql_type_name(to->type));
}

int exec_check_value(struct exec *e, const struct expr *x, const struct tsql_decl *to)
{
	struct eval eval = { .exec = e, .err = e->err };
	struct tsql_decl from;

	if (x->kind == EXPR_LITERAL || x->kind == EXPR_CAST || to->type == TSQL_VARIANT)
		return 0;
	from = eval_type_here(&eval, x);
	return exec_check_implicit(e, &from, to);
}

/* The value of an expression for a variable. */
static int value_for(struct exec *e, const struct expr *x, size_t slot, struct tsql_value *ret)
{
	int r = exec_check_value(e, x, &e->batch->variables[slot].decl);

	return r < 0 ? r : value_of(e, x, ret);
}

static int run_set(struct exec *e, struct stmt *s)
{
	struct tsql_value v;
	int r;

	if (!s->set.value)
		return 0; /* DECLARE without a value: the variable is NULL from the start, and keeps its value in a loop */
	r = value_for(e, s->set.value, s->set.slot, &v);
	if (r < 0)
		return r;
	r = assign_op(e, s->set.slot, s->set.op, &v);
	tsql_value_release(&v);
	return r;
}

struct select_ctx {
	struct exec *exec;
	const struct select *assigns; /* the items assign, or NULL */
	int64_t rows;
};

static int select_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct select_ctx *c = ctx;
	int r = 0;

	c->rows++;
	if (!c->assigns)
		return exec_row(c->exec, values, count);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = assign_op(c->exec, c->assigns->items[i].slot, c->assigns->items[i].assign_op, &values[i]);
	return r;
}

/* Can SELECT be computed without SQLite: no FROM, one row, no subquery of its own shape? */
static bool is_plain(const struct query *q)
{
	const struct select *s = q->terms[0].select;

	if (q->json || q->term_count != 1 || q->cte_count || q->order_count || s->from || s->where || s->having || s->top || s->distinct ||
	    s->group_by.count)
		return false;
	for (size_t i = 0; i < s->item_count; i++)
		if (s->items[i].star || tree_has_aggregate(s->items[i].expr))
			return false;
	return true;
}

/* SELECT 1 + @x, ...: evaluated item by item, so later assignments see earlier ones. */
static int run_plain_assignment(struct exec *e, const struct select *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->item_count; i++) {
		struct tsql_value v;
		r = value_for(e, s->items[i].expr, s->items[i].slot, &v);
		if (r < 0)
			break;
		r = assign_op(e, s->items[i].slot, s->items[i].assign_op, &v);
		tsql_value_release(&v);
	}
	if (r == 0)
		e->session->rowcount = 1;
	return r;
}

static int run_plain_select(struct exec *e, const struct select *s)
{
	struct tsql_value *values = xcalloc(s->item_count, sizeof(*values));
	struct tsql_column *columns = xcalloc(s->item_count, sizeof(*columns));
	struct eval eval = { .exec = e, .err = e->err };
	size_t done = 0;
	int r = 0;

	for (; r == 0 && done < s->item_count; done++) {
		const struct select_item *item = &s->items[done];
		columns[done].name = item->alias ? item->alias : "";
		columns[done].decl = eval_type_here(&eval, item->expr);
		r = eval_value(&eval, item->expr, &values[done]);
		if (r < 0)
			break;
		if (columns[done].decl.type == TSQL_UNKNOWN) /* SELECT NULL is an int */
			columns[done].decl.type = TSQL_INT;
	}
	if (r == 0)
		r = exec_columns(e, columns, s->item_count);
	if (r == 0)
		r = exec_row(e, values, s->item_count);
	if (r == 0)
		r = exec_done(e, 1);
	for (size_t i = 0; i < done; i++)
		tsql_value_release(&values[i]);
	free(values);
	free(columns);
	return r;
}

static int run_select(struct exec *e, struct stmt *s)
{
	struct query *q = s->query;
	struct select_ctx ctx = { .exec = e, .assigns = q->assigns ? q->terms[0].select : NULL };
	const struct tsql_column *columns;
	struct select_plan *plan;
	size_t count;
	int r;

	if (q->terms[0].select->into)
		return exec_select_into(e, s);
	if (is_plain(q))
		return q->assigns ? run_plain_assignment(e, q->terms[0].select) : run_plain_select(e, q->terms[0].select);
	r = plan_get(e, q, &plan, e->err);
	if (r < 0)
		return r;
	columns = plan_columns(plan, &count);
	if (!q->assigns)
		r = exec_columns(e, columns, count);
	for (size_t i = 0; r == 0 && q->assigns && i < count; i++)
		r = exec_check_implicit(e, &columns[i].decl, &e->batch->variables[q->terms[0].select->items[i].slot].decl);
	if (r == 0)
		r = plan_run(e, plan, select_row, &ctx, e->err);
	if (r < 0)
		return r;
	e->session->rowcount = ctx.rows;
	return q->assigns ? 0 : exec_done(e, ctx.rows);
}

static int run_print(struct exec *e, struct stmt *s)
{
	struct tsql_value shown;
	int r = exec_text(e, s->expr, &shown);

	if (r < 0)
		return r;
	exec_print(e, s->line, NULL, 0, shown.null ? "" : shown.s.data);
	tsql_value_release(&shown);
	return 0;
}

static int condition_of(struct exec *e, const struct expr *x, bool *ret)
{
	struct eval eval = { .exec = e, .err = e->err };
	enum truth truth = TRUTH_UNKNOWN;
	int r = eval_condition(&eval, x, &truth);

	*ret = truth == TRUTH_TRUE;
	return r;
}

static int run_if(struct exec *e, struct stmt *s)
{
	bool holds;
	int r = condition_of(e, s->branch.condition, &holds);

	if (r < 0)
		return r;
	if (holds)
		return run_statement(e, s->branch.then);
	return s->branch.otherwise ? run_statement(e, s->branch.otherwise) : FLOW_NEXT;
}

static int run_while(struct exec *e, struct stmt *s)
{
	for (;;) {
		bool holds;
		int r = condition_of(e, s->branch.condition, &holds);
		if (r < 0 || !holds)
			return r;
		r = run_statement(e, s->branch.then);
		if (r == FLOW_BREAK)
			return FLOW_NEXT;
		if (r < 0 || r == FLOW_RETURN || r == FLOW_GOTO)
			return r;
		if (exec_cancelled(e))
			return -ERR_CANCELLED;
	}
}

static int run_break(struct exec *e, struct stmt *s)
{
	(void)e;
	return s->kind == STMT_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
}

static int run_goto(struct exec *e, struct stmt *s)
{
	if (s->kind == STMT_LABEL)
		return FLOW_NEXT;
	e->jump = s->jump.target;
	return FLOW_GOTO;
}

/* Where the label of a jump stands in a list; false when it is further out. */
static bool find_jump(const struct exec *e, const struct stmt_list *list, size_t *ret)
{
	for (*ret = 0; *ret < list->count; ++*ret)
		if (list->items[*ret] == e->jump)
			return true;
	return false;
}

int exec_list(struct exec *e, const struct stmt_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		int r = run_statement(e, list->items[i]);
		if (r == FLOW_GOTO && find_jump(e, list, &i))
			continue;
		if (r != FLOW_NEXT)
			return r;
	}
	return FLOW_NEXT;
}

static int run_block(struct exec *e, struct stmt *s)
{
	return exec_list(e, &s->block);
}

static int run_return(struct exec *e, struct stmt *s)
{
	int r = s->expr ? exec_int(e, s->expr, &e->return_code) : 0;

	return r < 0 ? r : FLOW_RETURN;
}

static int run_use(struct exec *e, struct stmt *s)
{
	const char *database = session_find_database(e->session, s->database);
	struct err changed;

	if (!database)
		return sql_error(e->err, 911, "Database '%s' does not exist. Make sure that the name is entered correctly.", s->database);
	e->session->database = database;
	sql_error_full(&changed, 5701, 0, 2, "Changed database context to '%s'.", database);
	exec_message(e, &changed, s->line, NULL);
	return 0;
}

static int run_option(struct exec *e, struct stmt *s)
{
	if (strcmp(s->option.name, "NOCOUNT") == 0)
		e->session->nocount = s->option.on;
	else if (strcmp(s->option.name, "XACT_ABORT") == 0)
		e->session->xact_abort = s->option.on;
	return 0;
}

static int (*const run_kind[])(struct exec *, struct stmt *) = {
	[STMT_DECLARE] = run_set,
	[STMT_SET] = run_set,
	[STMT_SELECT] = run_select,
	[STMT_EXEC] = exec_call,
	[STMT_PRINT] = run_print,
	[STMT_IF] = run_if,
	[STMT_WHILE] = run_while,
	[STMT_BREAK] = run_break,
	[STMT_CONTINUE] = run_break,
	[STMT_BLOCK] = run_block,
	[STMT_RETURN] = run_return,
	[STMT_USE] = run_use,
	[STMT_OPTION] = run_option,
	[STMT_PRINCIPAL] = exec_principal,
	[STMT_TRY] = exec_try,
	[STMT_THROW] = exec_throw,
	[STMT_RAISERROR] = exec_raiserror,
	[STMT_TRAN] = exec_transaction,
	[STMT_WAITFOR] = exec_waitfor,
	[STMT_EXEC_TEXT] = exec_run_text,
	[STMT_CREATE_TABLE] = exec_create_table,
	[STMT_DROP_TABLE] = exec_drop_table,
	[STMT_INSERT] = exec_insert,
	[STMT_UPDATE] = exec_update,
	[STMT_DELETE] = exec_delete,
	[STMT_ALTER_TABLE] = exec_alter_table,
	[STMT_INDEX] = exec_index,
	[STMT_MERGE] = exec_merge,
	[STMT_LABEL] = run_goto,
	[STMT_GOTO] = run_goto,
	[STMT_CURSOR] = exec_cursor,
};
_Static_assert(ARRAY_LEN(run_kind) == STMT_COUNT, "every statement can run");

/* Errors after which the server does not run the rest of the batch. */
static bool ends_batch(const struct err *err)
{
	static const int numbers[] = { 235, 241, 242, 244, 245, 248, 295, 8169 };

	if (err->code != ERR_SQL || err->sql_severity >= 17)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (err->sql_number == numbers[i])
			return true;
	return false;
}

static bool is_compound(const struct stmt *s)
{
	return s->kind == STMT_BLOCK || s->kind == STMT_IF || s->kind == STMT_WHILE || s->kind == STMT_TRY;
}

/* Statements that leave @@ERROR as it is. */
static bool keeps_error(const struct stmt *s)
{
	return is_compound(s) || s->kind == STMT_EXEC || s->kind == STMT_EXEC_TEXT || s->kind == STMT_PRINT || s->kind == STMT_DECLARE ||
	    s->kind == STMT_RAISERROR;
}

/* An error has come up to this statement: hand it to the TRY around it, or report it. */
static int handle_error(struct exec *e, const struct stmt *s, int r)
{
	bool aborts = e->session->xact_abort && !e->err_raised, ends, ends_text;

	if (e->err_passes)
		return r;
	if (e->err->sql_line == 0)
		e->err->sql_line = s->line;
	ends_text = !e->err_inside && check_is_compile_error(e->err);
	if (ends_text) {
		aborts = false;
		e->err_passes = e->outer_tries > 0;
	}
	if ((ends_text ? e->outer_tries : e->try_depth) > 0 && e->err->code == ERR_SQL && e->err->sql_severity < 20) {
		if (e->session->trancount > 0 && (aborts || ends_batch(e->err)))
			e->session->doomed = true;
		return -ERR_SQL;
	}
	exec_message(e, e->err, e->err->sql_line, e->err_procedure);
	ends = ends_batch(e->err) || e->err_ends_batch || aborts;
	if (ends && (!e->err_ends_batch || aborts))
		exec_abort_transaction(e);
	err_clear(e->err);
	e->err_procedure = NULL;
	e->err_ends_batch = false;
	return ends ? r : ends_text ? FLOW_RETURN : FLOW_NEXT;
}

/* Statements that a doomed transaction refuses. Table variables are no part of a transaction. */
static bool changes_data(const struct stmt *s)
{
	switch (s->kind) {
	case STMT_INSERT:
		return s->insert.target.object[0] != '@';
	case STMT_UPDATE:
	case STMT_DELETE:
		return s->update.target.object[0] != '@';
	case STMT_MERGE:
		return s->merge.target.object[0] != '@';
	case STMT_CREATE_TABLE:
		return s->create.name[0] != '@';
	case STMT_DROP_TABLE:
	case STMT_ALTER_TABLE:
	case STMT_INDEX:
		return true;
	case STMT_PRINCIPAL:
		return exec_changes_principals(s);
	case STMT_SELECT:
		return s->query->terms[0].select->into != NULL;
	default:
		return false;
	}
}

/* Run one statement and report its error, if any. Returns a flow, or a negative code that ends the batch. */
static int run_statement(struct exec *e, struct stmt *s)
{
	int r;

	if (exec_cancelled(e))
		return -ERR_CANCELLED;
	err_clear(e->err);
	e->err_raised = e->err_inside = false;
	r = e->session->doomed && changes_data(s) ? exec_check_doomed(e) : run_kind[s->kind](e, s);
	if (e->sink_stopped || r == -ERR_CANCELLED)
		return -ERR_CANCELLED;
	if (r < 0 && e->err->code != ERR_NONE)
		return handle_error(e, s, r);
	if (r >= 0 && !keeps_error(s))
		e->session->last_error = 0;
	return r;
}

int exec_batch(struct exec *e, struct err *err)
{
	struct check_errors errors = { 0 };
	struct err scratch;

	err_clear(&scratch);
	e->err = &scratch;
	if (check_batch(e, &errors) == 0)
		exec_list(e, &e->batch->statements);
	for (size_t i = 0; i < errors.len; i++)
		exec_message(e, &errors.items[i], errors.items[i].sql_line, NULL);
	vec_release(&errors);
	if (e->session->doomed) { /* it does not outlive its batch */
		sql_error(&scratch, 3998, "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.");
		exec_message(e, &scratch, 1, NULL);
		exec_abort_transaction(e);
	}
	e->err = NULL;
	if (exec_cancelled(e) && !e->unsettled)
		return err_set(err, ERR_CANCELLED, "the batch was cancelled");
	if (e->first.code != ERR_NONE) {
		if (err)
			*err = e->first;
		return -(int)e->first.code;
	}
	return 0;
}
