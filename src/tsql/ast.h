/* SPDX-License-Identifier: MIT */
/*
 * The syntax tree of a batch. Everything in it lives in the batch's arena and
 * does not change after parsing, except the caches marked as such.
 */
#ifndef SO_TSQL_AST_H
#define SO_TSQL_AST_H

#include "base/mem.h"
#include "base/arena.h"
#include "tsql/value.h"

struct expr;
struct query;
struct stmt;
struct function;
struct table_function;
struct order_item;
struct json_field;

/* [server].[database].[schema].object; missing parts are NULL. */
struct ast_name {
	const char *server, *database, *schema, *object;
	int line;
};

struct expr_list {
	struct expr **items;
	size_t count;
};

enum expr_kind {
	EXPR_LITERAL,
	EXPR_VARIABLE, /* @x: slot in the batch's variables */
	EXPR_COLUMN,   /* [table.]column */
	EXPR_UNARY,    /* - + ~ */
	EXPR_BINARY,   /* + - * / % & | ^ */
	EXPR_CALL,     /* a function, @@global or aggregate */
	EXPR_CAST,     /* CAST, CONVERT, TRY_... */
	EXPR_CASE,     /* searched; the simple form, COALESCE, NULLIF and IIF become this */
	EXPR_SUBQUERY,
	/* From here on conditions: they have a truth, not a value. */
	EXPR_COMPARE,
	EXPR_AND,
	EXPR_OR,
	EXPR_NOT,
	EXPR_IS_NULL,
	EXPR_BETWEEN,
	EXPR_IN,
	EXPR_LIKE,
	EXPR_EXISTS,
};

enum compare_op { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

struct case_arm {
	struct expr *when, *then;
};

struct expr {
	enum expr_kind kind;
	int line, column;
	union {
		struct tsql_value literal;
		size_t slot;
		struct {
			const char *database, *schema, *table, *name; /* all but name may be NULL */
		} col;
		struct {
			int op; /* '-', '+', '~', '*', ... */
			struct expr *left, *right; /* unary: left */
		} op;
		struct {
			const struct function *function;
			struct expr_list args;
			bool distinct, star; /* COUNT(DISTINCT x), COUNT(*) */
			struct window *window; /* OVER (...), or NULL */
			struct order_item *within; /* WITHIN GROUP (ORDER BY ...) */
			size_t within_count;
		} call;
		struct {
			struct expr *from, *style;
			struct tsql_decl decl;
			bool attempt; /* TRY_CAST: NULL instead of an error */
		} cast;
		struct {
			struct case_arm *arms;
			size_t count;
			struct expr *otherwise; /* or NULL */
		} branch;
		struct query *query; /* SUBQUERY, EXISTS */
		struct {
			enum compare_op op;
			struct expr *left, *right;
		} compare;
		struct {
			struct expr *left, *right; /* NOT, IS_NULL: left */
			bool negated;              /* IS NOT NULL */
		} logic;
		struct {
			struct expr *value, *low, *high; /* LIKE: pattern and escape */
			bool negated;
		} between;
		struct {
			struct expr *value;
			struct expr_list list;
			struct query *query; /* instead of list */
			bool negated;
		} in;
	};
};

struct order_item {
	struct expr *expr;
	bool descending;
};

enum frame_bound { FRAME_UNBOUNDED_PRECEDING, FRAME_PRECEDING, FRAME_CURRENT, FRAME_FOLLOWING, FRAME_UNBOUNDED_FOLLOWING };

/* OVER (PARTITION BY ... ORDER BY ... ROWS ...) */
struct window {
	struct expr_list partition;
	struct order_item *order;
	size_t order_count;
	bool framed, by_rows; /* ROWS, else RANGE */
	enum frame_bound from, to;
	int from_rows, to_rows;
};

static inline bool expr_is_condition(const struct expr *x)
{
	return x->kind >= EXPR_COMPARE;
}

/* --- queries --- */

enum join_kind { JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_CROSS, JOIN_CROSS_APPLY, JOIN_OUTER_APPLY };

static inline bool join_is_apply(enum join_kind kind)
{
	return kind == JOIN_CROSS_APPLY || kind == JOIN_OUTER_APPLY;
}

enum source_kind { SOURCE_NAME, SOURCE_FUNCTION, SOURCE_VARIABLE, SOURCE_QUERY, SOURCE_FILE, SOURCE_JOIN, SOURCE_PIVOT };

/* PIVOT (aggregate(value) FOR name IN (names)), or UNPIVOT (value FOR name IN (names)). */
struct pivot {
	bool back;              /* UNPIVOT */
	struct expr *aggregate; /* PIVOT: its argument is the value's column */
	const char *value, *name;
	const char **names;
	size_t count;
};

struct source {
	enum source_kind kind;
	int line;
	struct ast_name name; /* NAME and FUNCTION; VARIABLE: object is "@t" */
	const char *alias;    /* or NULL */
	struct expr_list args; /* FUNCTION; FILE: the path */
	bool text;             /* FILE: SINGLE_CLOB */
	bool bound;            /* made by the translator: the arguments' columns are values already */
	const struct table_function *function; /* FUNCTION: of the language; NULL: a registered one */
	const struct json_field *fields;       /* OPENJSON ... WITH (...), or NULL */
	size_t field_count;
	struct query *query;
	const char **columns; /* alias (a, b): names for the columns, or NULL */
	size_t column_count;
	enum join_kind join;
	struct source *left, *right; /* PIVOT: left is what it turns */
	const struct pivot *pivot;
	struct expr *on;
};

struct select_item {
	struct expr *expr;      /* NULL for * */
	const char *star_table; /* t.* */
	bool star;
	const char *alias;
	bool assigns; /* @slot = expr */
	int assign_op; /* '=' or SYMBOL of the operator before it ('+') */
	size_t slot;
	const struct table_column *identity; /* IDENTITY(type, seed, increment) of SELECT INTO, or NULL */
	int line;
};

/* One SELECT without its ORDER BY. */
struct select {
	bool distinct;
	struct expr *top;
	bool percent, ties; /* TOP ... PERCENT, WITH TIES */
	struct select_item *items;
	size_t item_count;
	struct source *from; /* a comma is a cross join; NULL without FROM */
	struct expr *where, *having;
	struct expr_list group_by;
	uint64_t *sets; /* GROUPING SETS, ROLLUP, CUBE: each a set of items of group_by, as bits; NULL = all of them, once */
	size_t set_count;
	const char *into; /* SELECT ... INTO #t, or NULL */
	int line;
};

enum set_op { SET_NONE, SET_UNION, SET_UNION_ALL, SET_EXCEPT, SET_INTERSECT };

struct cte {
	const char *name;
	const char **columns;
	size_t column_count;
	struct query *query;
};

/* FOR XML */
struct for_xml {
	const char *row;     /* the element of a row; "" = none */
	bool raw, elements;  /* RAW, else PATH; RAW with ELEMENTS */
	bool typed;          /* TYPE: the result is xml */
};

/* FOR JSON */
struct for_json {
	const struct for_xml *xml; /* it is FOR XML after all; or NULL */
	bool automatic;   /* AUTO, else PATH */
	const char *root; /* ROOT('name'), or NULL */
	bool include_null, bare; /* INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER */
};

/* SELECTs joined by UNION and the like, with what stands around them. */
struct query {
	struct cte *ctes;
	size_t cte_count;
	struct query_term {
		enum set_op op; /* how it joins the one before; SET_NONE for the first */
		struct select *select;
	} *terms;
	size_t term_count;
	struct order_item *order;
	size_t order_count;
	struct expr *offset, *fetch;
	struct for_json *json; /* or NULL */
	int max_recursion;     /* OPTION (MAXRECURSION n); 0 = not given, -1 = no limit */
	int line;
	bool assigns; /* SELECT @x = ... */
	struct select_plan *plan; /* cache: the SQLite translation; owned by the batch */
};

/* --- statements --- */

enum stmt_kind {
	STMT_DECLARE,
	STMT_SET,
	STMT_SELECT,
	STMT_EXEC,
	STMT_PRINT,
	STMT_IF,
	STMT_WHILE,
	STMT_BREAK,
	STMT_CONTINUE,
	STMT_BLOCK,
	STMT_RETURN,
	STMT_USE,
	STMT_OPTION,    /* SET NOCOUNT ON and the like */
	STMT_PRINCIPAL, /* CREATE LOGIN, ALTER ROLE ... */
	STMT_TRY,
	STMT_THROW,
	STMT_RAISERROR,
	STMT_TRAN, /* BEGIN, COMMIT, ROLLBACK, SAVE TRANSACTION */
	STMT_WAITFOR,
	STMT_EXEC_TEXT, /* EXEC ('...') */
	STMT_CREATE_TABLE, /* CREATE TABLE #t, DECLARE @t TABLE */
	STMT_DROP_TABLE,   /* also TRUNCATE */
	STMT_ALTER_TABLE,
	STMT_INDEX, /* CREATE INDEX, DROP INDEX */
	STMT_INSERT,
	STMT_UPDATE,
	STMT_DELETE,
	STMT_MERGE,
	STMT_LABEL, /* name: */
	STMT_GOTO,
	STMT_CURSOR, /* DECLARE CURSOR, OPEN, FETCH ... */
	STMT_COUNT
};

struct exec_arg {
	const char *name;   /* "@x", or NULL when positional */
	const char *table;  /* a table variable, "@t": instead of value */
	struct expr *value; /* NULL for DEFAULT */
	bool output;
	int line;
};

struct stmt_list {
	struct stmt **items;
	size_t count;
};

enum cursor_op { CURSOR_DECLARE, CURSOR_SET, CURSOR_OPEN, CURSOR_FETCH, CURSOR_CLOSE, CURSOR_DEALLOCATE };

enum cursor_place { CURSOR_NEXT, CURSOR_PRIOR, CURSOR_FIRST, CURSOR_LAST, CURSOR_ABSOLUTE, CURSOR_RELATIVE, CURSOR_PLACE_COUNT };

enum tran_op { TRAN_BEGIN, TRAN_COMMIT, TRAN_ROLLBACK, TRAN_SAVE };

/* A column of a temporary table as it is declared. */
struct table_column {
	const char *name;
	struct tsql_decl decl;
	bool not_null, identity;
	bool with_values; /* of ALTER TABLE ... ADD: rows get the default */
	int64_t seed, increment;
	const char *default_text; /* the expression's text, or NULL */
	const char *default_name; /* of its constraint, or NULL */
};

struct table_key {
	const char *name; /* of the constraint, or NULL */
	const char **columns;
	size_t count;
};

struct table_check {
	const char *name, *text; /* name may be NULL */
};

/* ADD DEFAULT ... FOR column */
struct table_default {
	const char *name, *text, *column; /* name may be NULL */
};

/* The tables that an OUTPUT clause reads, as the executor names them. */
#define OUTPUT_INSERTED "#$inserted"
#define OUTPUT_DELETED "#$deleted"
#define OUTPUT_ACTION "#$action" /* of MERGE: one column, $action */

/* OUTPUT items [INTO target (columns)] */
struct output {
	bool inserted, deleted, action; /* what the statement has */
	struct query *query;    /* the items over OUTPUT_INSERTED and OUTPUT_DELETED */
	struct ast_name into;   /* object NULL: the rows are shown */
	const char **columns;
	size_t column_count;
};

/* SET column = item of the query, or SET @slot = item. */
struct update_set {
	const char *column; /* NULL: a variable */
	size_t slot;
	bool is_default; /* SET column = DEFAULT */
};

/* WHEN ... THEN of a MERGE: an INSERT, UPDATE or DELETE without a query of its own. */
struct merge_clause {
	struct stmt *change;
	size_t first, count; /* items of MERGE's query: the row's number, then the values */
};

struct stmt {
	enum stmt_kind kind;
	int line, column;
	union {
		struct {
			size_t slot;
			struct expr *value; /* SET; DECLARE with an initialiser */
			int op;             /* '=' or '+', ... of += */
		} set;                      /* a DECLARE of several is several statements */
		struct query *query;
		struct {
			struct ast_name name;
			bool by_variable; /* EXEC @name: instead of name */
			size_t name_slot;
			struct exec_arg *args;
			size_t arg_count;
			bool has_return;
			size_t return_slot;
			const struct tsql_proc *proc; /* cache, good while proc_database is the current one */
			const char *proc_database;
		} exec;
		struct expr *expr; /* PRINT, EXEC_TEXT, RETURN (may be NULL) */
		struct {
			struct stmt_list body, handler;
		} attempt; /* TRY */
		struct {
			struct expr *number, *message, *state; /* all NULL: raise the caught error again */
		} raise_again;                                 /* THROW */
		struct {
			struct expr *message, *severity, *state;
			struct expr_list args;
		} raise; /* RAISERROR */
		struct {
			enum tran_op op;
			const char *name; /* or NULL */
		} tran;
		struct {
			const char *name;
			const struct ast_name *type; /* DECLARE @t AS schema.type: instead of columns */
			struct table_column *columns;
			size_t column_count;
			struct table_key *keys; /* PRIMARY KEY and UNIQUE */
			size_t key_count;
			struct table_check *checks;
			size_t check_count;
			/* ALTER TABLE only: */
			bool alters;          /* ALTER COLUMN; else what is there is added */
			const char **dropped; /* names of DROP COLUMN, or of DROP CONSTRAINT */
			size_t dropped_count;
			bool drops_constraints;
			struct table_default *defaults;
			size_t default_count;
			bool if_exists;
		} create;
		struct {
			const char *name, *table;
			struct table_key key;
			bool unique, drop, if_exists;
		} index;
		struct {
			const char **names;
			size_t count;
			bool if_exists, truncate;
		} drop;
		struct {
			struct ast_name target;
			const char **columns; /* NULL: all but the identity */
			size_t column_count;
			struct expr_list *rows; /* VALUES; a NULL expression is DEFAULT */
			size_t row_count;
			struct query *query; /* or INSERT ... SELECT */
			struct stmt *exec;   /* or INSERT ... EXEC */
			struct output *output; /* or NULL */
		} insert;
		struct {
			struct ast_name target; /* UPDATE and DELETE */
			struct query *query;    /* gives $rowid and the new values */
			struct update_set *sets;
			size_t set_count;
			struct output *output; /* or NULL */
		} update;
		struct {
			struct ast_name target;
			struct query *query; /* the number of the clause that a row meets, or NULL; then what the clauses ask for */
			struct merge_clause *clauses;
			size_t clause_count;
			struct output *output; /* or NULL */
		} merge;
		struct {
			enum cursor_op op;
			const char *name; /* "c", or "@c": a cursor variable */
			bool global;      /* GLOBAL c: not the batch's own */
			const char *from; /* SET @c = from */
			bool local, scroll;
			struct query *query;
			enum cursor_place place;
			struct expr *offset; /* ABSOLUTE and RELATIVE */
			size_t *slots;       /* FETCH ... INTO; none: the row is shown */
			size_t slot_count;
		} cursor;
		struct {
			struct expr *time;
			bool until; /* WAITFOR TIME */
		} wait;
		struct {
			struct expr *condition;
			struct stmt *then, *otherwise; /* WHILE: then */
		} branch;
		struct stmt_list block;
		const char *database; /* USE */
		struct {
			const char *name; /* "NOCOUNT" */
			bool on;
		} option;
		struct {
			const char *name;
			const struct stmt *target; /* GOTO: the label */
		} jump;
		struct {
			const char *verb, *kind, *name, *argument;
		} principal;
	};
};

struct batch_variable {
	const char *name; /* with the @ */
	struct tsql_decl decl;
};

/* A parsed batch. */
struct batch {
	struct arena arena;
	struct stmt_list statements;
	struct batch_variable *variables; /* parameters first */
	size_t variable_count;
	VEC(struct select_plan *) plans; /* caches hanging from queries */
	const char *checked; /* the database in which check_batch found nothing wrong, or NULL */
	int holds;   /* cursors whose query is in it */
	bool orphan; /* freed when the last hold goes */
};

#endif
