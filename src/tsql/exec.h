/* SPDX-License-Identifier: MIT */
/* A running batch: variables, errors, and where results go. Inside the room only. */
#ifndef SO_TSQL_EXEC_H
#define SO_TSQL_EXEC_H

#include "tsql/ast.h"
#include "tsql/eval.h"
#include "tsql/session.h"

struct exec {
	struct tsql_session *session;
	struct batch *batch;
	struct tsql_value *variables; /* batch->variable_count of them */
	const struct tsql_sink *sink;
	struct err *err;      /* scratch for the statement at hand */
	struct err first;     /* first error of severity 11 and up */
	int return_code;      /* of RETURN */
	bool sink_stopped;    /* the sink said stop */
};

struct tsql_session *exec_session(struct exec *exec);
const struct tsql_value *exec_variable(struct exec *exec, size_t slot);
struct tsql_decl exec_variable_decl(struct exec *exec, size_t slot);
/* Assign as SET does: converted to the variable's declaration. */
int exec_assign(struct exec *exec, size_t slot, const struct tsql_value *value, struct err *err);
bool exec_cancelled(struct exec *exec);
const struct tsql_view *exec_find_view(struct exec *exec, const struct ast_name *name);
void exec_show_name(const struct ast_name *name, struct buf *out);

/* Send a message; an error of severity 11 and up is remembered and sets @@ERROR. procedure may be NULL. */
void exec_message(struct exec *exec, const struct err *err, int line, const char *procedure);
void exec_print(struct exec *exec, int line, const char *procedure, int number, const char *text);
/* Sink calls; non-zero means stop (-ERR_CANCELLED). */
int exec_columns(struct exec *exec, const struct tsql_column *columns, size_t count);
int exec_row(struct exec *exec, const struct tsql_value *values, size_t count);
int exec_done(struct exec *exec, int64_t rows);

/* EXEC of a registered procedure (call.c). */
int exec_call(struct exec *exec, struct stmt *s);

/* Run a parsed batch. Returns as tsql_client_run. */
int exec_batch(struct exec *exec, struct err *err);

#endif
