/* SPDX-License-Identifier: MIT */
/*
 * The server side: what a room adds to the language. The T-SQL room knows
 * nothing of SSIS; the catalog registers its databases, procedures, views and
 * functions in tables, and every session on a SQLite connection can then use
 * them.
 */
#ifndef SO_TSQL_SERVER_H
#define SO_TSQL_SERVER_H

#include "tsql/client.h"

struct sqlite3;
struct tsql_session;
struct tsql_call;

enum tsql_param_flags {
	TSQL_PARAM_OUT = 1,      /* may be passed with OUTPUT */
	TSQL_PARAM_OPTIONAL = 2, /* may be left out; default_value says what it is then */
	TSQL_PARAM_TABLE = 4,    /* READONLY table parameter of the procedure's table_type; decl has no meaning */
};

struct tsql_view_column;

/* A table type: what DECLARE @t AS [schema].[name] makes, and what may be passed to a procedure's table parameter. */
struct tsql_table_type {
	const char *database, *schema, *name;
	const struct tsql_view_column *columns;
	size_t column_count;
};

struct tsql_proc_param {
	const char *name;    /* "@folder_name" */
	const char *aliases; /* other accepted spellings, separated by blanks, or NULL */
	struct tsql_decl decl;
	unsigned flags;
	const char *default_value; /* text converted to decl; NULL = the NULL value */
};

/*
 * A procedure. run gets converted arguments and returns 0, or negative after
 * tsql_call_error. Unless no_transaction is set, it runs inside a savepoint
 * that is rolled back when it fails (outside a transaction: BEGIN IMMEDIATE,
 * so that it never fails half-way for the write lock).
 */
struct tsql_proc {
	const char *database; /* "SSISDB"; NULL = found from any database (sp_... of master) */
	const char *schema;   /* "catalog" */
	const char *name;
	const struct tsql_proc_param *params;
	size_t param_count;
	int (*run)(struct tsql_call *call);
	const struct tsql_table_type *table_type; /* of its table parameters; NULL = it has none */
	bool no_transaction;
	bool read_only; /* only reads: its transaction takes no write lock */
	/*
	 * Optional: rewrite a positional call before binding. Gets which of the
	 * positions carry OUTPUT; returns the parameter index for a position
	 * (create_execution's two historical signatures, spec/catalog.md §0.1).
	 */
	size_t (*map_position)(size_t position, size_t count, const bool *is_output);
};

struct tsql_view_column {
	const char *name;
	struct tsql_decl decl;
	const char *comment; /* one line, for sp_help and the docs; may be NULL */
	const char *alias_of; /* a second name for another column (folders.id), hidden from SELECT * and absent from sql; or NULL */
};

/*
 * A bound on the rows of a view that have one value: where "of = ?1 AND column = ?2" is asked, no key is smaller than what sql, an
 * SQLite query with one value, says; NULL = there are no such rows.
 */
struct tsql_bound {
	const char *column, *of, *key, *sql;
};

/*
 * A view: sql is one SQLite SELECT giving the columns in this order in the
 * storage forms of value.h. It may call the SQLite functions that the room
 * registers on the connection (row visibility). A view with parameters is a
 * table function: ?1, ?2 ... stand for its arguments.
 */
struct tsql_view {
	const char *database;
	const char *schema;
	const char *name;
	const struct tsql_view_column *columns;
	size_t column_count;
	const char *sql;
	const struct tsql_decl *params; /* table function, else NULL */
	size_t param_count;
	/* Optional: what takes the place of sql in a session of which tsql_catalog.narrow is true. The same rows, another plan. */
	const char *narrow_sql;
	/* Optional: a column of whole numbers; rows of one value come in the order of the key, so lists of values are merged. */
	const char *merges;
	const struct tsql_bound *bounds; /* ends with a row without column; NULL = none */
};

/* The type of a table parameter, or NULL. */
static inline const struct tsql_table_type *tsql_param_table(const struct tsql_proc *proc, size_t index)
{
	return proc->params[index].flags & TSQL_PARAM_TABLE ? proc->table_type : NULL;
}

/* A scalar function in T-SQL expressions: IS_MEMBER, SUSER_SNAME. Arguments arrive unconverted. */
struct tsql_function {
	const char *name;
	size_t min_args, max_args;
	struct tsql_decl result;
	int (*run)(struct tsql_session *session, const struct tsql_value *args, size_t count,
	    struct tsql_value *ret, struct err *err);
};

/* What sys.types and sys.columns tell about a declaration: bytes is -1 for (max). */
struct tsql_type_facts {
	int id, bytes, precision, scale;
};
struct tsql_type_facts tsql_decl_facts(const struct tsql_decl *decl);
/* TSQL_UNKNOWN when no type has the number. */
enum tsql_type tsql_type_of_id(int64_t id);
/* The i-th type in the order of the numbers; returns how many there are. */
size_t tsql_type_each(size_t i, enum tsql_type *ret);
/* Numbers of schemas: NULL and 0 when there is none. */
const char *tsql_schema_name(int64_t id);
int tsql_schema_id(const char *name);

/* OBJECT_ID: these and the position in the catalog's lists. Views are fewer than the distance. */
#define TSQL_VIEW_ID 1000
#define TSQL_PROC_ID 2000

struct tsql_catalog {
	const struct tsql_proc *const *procs; /* NULL-terminated lists of tables' rows */
	const struct tsql_view *const *views;
	const struct tsql_function *const *functions;
	const struct tsql_table_type *const *table_types; /* the same; NULL = none */
	/*
	 * OPENROWSET(BULK 'path', ...): append the file to ret, at most max bytes, when the session's
	 * login may read files here. Fails as a T-SQL error. NULL = OPENROWSET is refused.
	 */
	int (*read_file)(struct tsql_session *session, const char *path, size_t max, struct buf *ret, struct err *err);
	/*
	 * Statements about principals (CREATE/DROP LOGIN|USER, ALTER ROLE ... ADD|DROP MEMBER,
	 * EXECUTE AS, REVERT) are parsed by the T-SQL room and handed over as words; NULL = refused.
	 */
	int (*principal_statement)(struct tsql_session *session, const char *verb, const char *kind,
	    const char *name, const char *argument, struct err *err);
	/* Whether views are read by their narrow_sql; asked whenever a query runs. NULL = never. */
	bool (*narrow)(struct tsql_session *session);
	/*
	 * What the batch has committed so far must survive a power cut: asked before the client is told
	 * anything, before a pause, and at the batch's end; not between commits that nobody hears of. Returns
	 * 0 or a code of SQLite's. NULL = a commit is durable by itself.
	 */
	int (*settle)(struct tsql_session *session);
	/* The batch is about to wait, for a time or for something to happen. NULL = nobody wants to know. */
	void (*pausing)(struct tsql_session *session);
};

/*
 * A session: variables live per batch; current database, temp tables and
 * transaction live per session. db is borrowed and must stay open; app is the
 * room's own context, given back by tsql_session_app. close_app, when not
 * NULL, is called with app at tsql_client_close after the session is gone
 * (it may close db). The result is a client.
 */
int tsql_session_open(struct sqlite3 *db, const struct tsql_catalog *catalog,
    const char *database, const char *login, void *app, void (*close_app)(void *app),
    struct tsql_client **ret, struct err *err);
void *tsql_session_app(struct tsql_session *session);
struct sqlite3 *tsql_session_db(struct tsql_session *session);

/* --- inside a procedure --- */

struct tsql_session *tsql_call_session(struct tsql_call *call);
void *tsql_call_app(struct tsql_call *call);
struct sqlite3 *tsql_call_db(struct tsql_call *call);
const struct tsql_proc *tsql_call_proc(struct tsql_call *call);

/* Argument by index, converted to its declaration; the default when it was left out. Borrowed. */
const struct tsql_value *tsql_arg(struct tsql_call *call, size_t index);
bool tsql_arg_given(struct tsql_call *call, size_t index);
/*
 * The rows of a table parameter's argument, in the order they were inserted; values are borrowed until row returns.
 * A negative return of row stops and is returned.
 */
int tsql_arg_rows(struct tsql_call *call, size_t index,
    int (*row)(void *ctx, const struct tsql_value *values, size_t count), void *ctx);
/* Set an OUT parameter (moved in). */
void tsql_set_out(struct tsql_call *call, size_t index, struct tsql_value value);
/* The procedure's RETURN code; 0 unless set. */
void tsql_set_return(struct tsql_call *call, int code);

/*
 * Raise an error. Severity 11-16 ends the procedure when it returns the result
 * (always -ERR_SQL): return tsql_call_error(...). Severity 10 is information
 * (tsql_call_info) and the procedure goes on.
 */
int tsql_call_error(struct tsql_call *call, int number, int state, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void tsql_call_info(struct tsql_call *call, int number, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Raise what a lower room reported: its number when ERR_SQL, else 50000 with primary, detail and hint. */
int tsql_call_fail(struct tsql_call *call, const struct err *err);

/* Return a rowset to the caller: columns once, then rows. Values are borrowed. Non-zero = cancelled, return it. */
int tsql_call_columns(struct tsql_call *call, const struct tsql_column *columns, size_t count);
int tsql_call_row(struct tsql_call *call, const struct tsql_value *values, size_t count);

/* True when the client asked to stop; long procedures look now and then. */
bool tsql_call_cancelled(struct tsql_call *call);
/* Sleep, less than a second; what was committed is on the disk before. false = the batch was cancelled: return -ERR_CANCELLED. */
bool tsql_call_pause(struct tsql_call *call, int ms);

#endif
