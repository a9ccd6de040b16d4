/* SPDX-License-Identifier: MIT */
/* A running batch: variables, errors, and where results go. Inside the room only. */
#ifndef SO_TSQL_EXEC_H
#define SO_TSQL_EXEC_H

#include "tsql/ast.h"
#include "tsql/eval.h"
#include "tsql/session.h"

/* The error that a CATCH block handles. */
struct caught {
	struct err err;
	int line;
	const char *procedure;
};

/* EXEC may call EXEC this deep. */
#define EXEC_NEST_MAX 32

/* Unknown columns of a query that is looked at for all of them. */
struct missing_columns {
	const struct expr **seen; /* each is told once */
	struct err *errors;
	size_t count;
};
#define MISSING_COLUMNS_MAX 100

struct exec {
	struct tsql_session *session;
	struct batch *batch;
	struct tsql_value *variables; /* batch->variable_count of them */
	const struct tsql_sink *sink;
	struct err *err;      /* scratch for the statement at hand */
	const char *err_procedure; /* the procedure err came from, or NULL */
	bool err_ends_batch;  /* THROW: whatever the number says */
	bool err_inside;      /* it comes from a text that the statement ran */
	bool err_passes;      /* it ends the running text: TRY blocks of that text let it pass */
	bool err_raised;      /* RAISERROR: XACT_ABORT does not count it */
	int try_depth;        /* TRY blocks around the statement */
	int outer_tries;      /* those of them that are around the running text */
	int nest;             /* EXECs around the batch */
	int frame;            /* number of the running batch, for table variables */
	int impersonations;   /* EXECUTE AS in force when the running text began; REVERT ends none of them */
	const struct caught *caught; /* inside a CATCH block */
	struct err first;     /* first error of severity 11 and up */
	struct missing_columns *missing; /* while such a query is looked at, or NULL */
	const struct stmt *jump; /* the label that a GOTO looks for */
	int return_code;      /* of RETURN */
	bool sink_stopped;    /* the sink said stop */
	bool unsettled;       /* what was committed may not be on the disk: nobody is told anything more; first says why */
};

struct tsql_session *exec_session(struct exec *exec);
const struct tsql_value *exec_variable(struct exec *exec, size_t slot);
struct tsql_decl exec_variable_decl(struct exec *exec, size_t slot);
/* Assign as SET does: converted to the variable's declaration. */
int exec_assign(struct exec *exec, size_t slot, const struct tsql_value *value, struct err *err);
/* Error 257 when a value declared so may not become the other without a CONVERT: sql_variant becomes nothing else. */
int exec_check_implicit(struct exec *exec, const struct tsql_decl *from, const struct tsql_decl *to);
/* The same for an expression without columns. */
int exec_check_value(struct exec *exec, const struct expr *x, const struct tsql_decl *to);
bool exec_cancelled(struct exec *exec);
const struct tsql_view *exec_find_view(struct exec *exec, const struct ast_name *name);
void exec_show_name(const struct ast_name *name, struct buf *out);
/* @@SERVERNAME, always terminated: the machine's name. */
enum { SERVER_NAME_SIZE = 256 };
void exec_server_name(char ret[SERVER_NAME_SIZE]);
/* Whether a name begins with that of another server. */
bool exec_is_elsewhere(const struct ast_name *name);
/* Error 208, or 7202 for what is on another server. */
int exec_not_found(const struct ast_name *name, struct err *err);

/* Send a message; an error of severity 11 and up is remembered and sets @@ERROR. procedure may be NULL. */
void exec_message(struct exec *exec, const struct err *err, int line, const char *procedure);
/* To be called before anybody hears of what was committed, and before a pause; false = the batch ends. */
bool exec_settle(struct exec *exec);
/* Wait ms, everything said and settled before. -ERR_CANCELLED as soon as the batch is told to end. */
int exec_pause(struct exec *exec, int64_t ms);
/* The end of a batch of which r is the result; an error when what it committed may not be on the disk. */
int exec_end(struct exec *exec, int r, struct err *err);
void exec_print(struct exec *exec, int line, const char *procedure, int number, const char *text);
/* Sink calls; non-zero means stop (-ERR_CANCELLED). */
int exec_columns(struct exec *exec, const struct tsql_column *columns, size_t count);
int exec_row(struct exec *exec, const struct tsql_value *values, size_t count);
int exec_done(struct exec *exec, int64_t rows);

/* Statements (exec.c, exec_error.c, exec_tran.c). */
int exec_list(struct exec *exec, const struct stmt_list *list); /* a flow, see exec.c */
int exec_try(struct exec *exec, struct stmt *s);
int exec_throw(struct exec *exec, struct stmt *s);
int exec_raiserror(struct exec *exec, struct stmt *s);
int exec_transaction(struct exec *exec, struct stmt *s);
int exec_waitfor(struct exec *exec, struct stmt *s);
/* Error 3930: a doomed transaction takes no changes. 0 when it is not doomed. */
int exec_check_doomed(struct exec *exec);
/* Undo the open transaction, if any, as an error that ends the batch does. */
void exec_abort_transaction(struct exec *exec);
/* One SQLite statement without results. */
int exec_sql(struct exec *exec, const char *sql, struct err *err);
/* Evaluate to text or int, NULL included. */
int exec_text(struct exec *exec, const struct expr *x, struct tsql_value *ret);
int exec_int(struct exec *exec, const struct expr *x, int *ret);

/* RAISERROR's printf, also of FORMATMESSAGE. */
int exec_format(struct err *err, const char *text, const struct tsql_value *args, size_t count, struct buf *out);

/* CREATE LOGIN, EXECUTE AS and the like (exec_principal.c). */
int exec_principal(struct exec *exec, struct stmt *s);
/* Whether such a statement changes the catalog: all but EXECUTE AS and REVERT. */
bool exec_changes_principals(const struct stmt *s);
/* End what the running text said with EXECUTE AS. */
void exec_end_impersonations(struct exec *exec);

/* EXEC ('text') and sp_executesql (exec_text.c). */
int exec_run_text(struct exec *exec, struct stmt *s);
int exec_executesql(struct exec *exec, struct stmt *s);

/* sp_tables, sp_columns and other procedures of the server that are T-SQL themselves (exec_text.c). */
bool exec_is_text_proc(const struct ast_name *name);
int exec_text_proc(struct exec *exec, struct stmt *s);

/* sp_help (help.c). */
int exec_help(struct exec *exec, struct stmt *s);
/* A registered procedure by its name, or NULL (call.c). */
const struct tsql_proc *exec_find_proc(struct exec *exec, const struct ast_name *name);
/* EXEC of a registered procedure (call.c). */
int exec_call(struct exec *exec, struct stmt *s);

/* Variables of a batch, all NULL of their types. */
struct tsql_value *exec_new_variables(const struct batch *batch);
void exec_free_variables(const struct batch *batch, struct tsql_value *variables);

/* Run a parsed batch. Returns as tsql_client_run. */
int exec_batch(struct exec *exec, struct err *err);

#endif
