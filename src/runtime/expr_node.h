/* SPDX-License-Identifier: MIT */
/* Inside the expression language: tokens, the syntax tree, and what its files share. */
#ifndef SO_RUNTIME_EXPR_NODE_H
#define SO_RUNTIME_EXPR_NODE_H

#include "runtime/expr.h"

enum token_kind {
	TOKEN_END,
	TOKEN_LITERAL,  /* value */
	TOKEN_NAME,     /* plain identifier: text */
	TOKEN_BRACKET,  /* [any text]: text */
	TOKEN_LINEAGE,  /* #123 or #{refId}: text with the "#" */
	TOKEN_VARIABLE, /* space, text */
	TOKEN_OP,       /* op */
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_COMMA,
	TOKEN_DOT,
	TOKEN_QUESTION,
	TOKEN_COLON,
	TOKEN_ASSIGN /* "=" or ":=" */
};

enum expr_op {
	OP_OR, OP_AND, OP_BIT_OR, OP_BIT_XOR, OP_BIT_AND,
	OP_EQ, OP_NE, OP_LT, OP_GT, OP_LE, OP_GE,
	OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
	OP_NOT, OP_BIT_NOT, OP_NEG,
	OP_COUNT
};

struct token {
	enum token_kind kind;
	enum expr_op op;
	char *text, *space; /* owned until taken */
	struct value value; /* owned until moved */
	size_t start;       /* byte offset */
	int line, column;   /* 1-based, for messages */
};

struct lexer {
	const char *text;
	size_t len, at, line_start;
	int line;
};

/* Next token; release with token_release. */
int lexer_next(struct lexer *lexer, struct token *ret, struct fault *fault);
void token_release(struct token *token);
/* "+" for OP_ADD. */
const char *expr_op_text(enum expr_op op);

enum node_kind {
	NODE_LITERAL, /* value */
	NODE_VARIABLE, /* space, name */
	NODE_COLUMN,  /* space = component, name */
	NODE_UNARY,   /* op, args[0] */
	NODE_BINARY,  /* op, args[0..1] */
	NODE_CHOICE,  /* args[0] ? args[1] : args[2] */
	NODE_CAST,    /* type from the text, args[0] */
	NODE_NULL,    /* type from the text */
	NODE_CALL     /* function, args */
};

struct expr_function;

struct node {
	enum node_kind kind;
	enum expr_op op;
	struct value value;
	char *space, *name;
	const struct expr_function *function;
	struct node **args;
	size_t arg_count;
	struct value_type type;    /* set by the check */
	struct value_type operand; /* NODE_BINARY: the type both sides are brought to */
	int depth;
};

struct expr {
	char *text;
	struct node *root;
	char *target_space, *target; /* assignment, or NULL */
};

/* One row per function. check sets node->type from the arguments' types; eval gets arguments that are not NULL unless keeps_null. */
struct expr_function {
	const char *name;
	size_t min_args, max_args;
	bool keeps_null;
	int (*check)(struct node *node, struct fault *fault);
	int (*eval)(const struct node *node, struct value *args, struct value *ret, struct fault *fault);
};
const struct expr_function *expr_function_find(const char *name, size_t len);
/* The functions by what they work on, each in a file of its own. */
struct expr_function_list {
	const struct expr_function *rows;
	size_t count;
};
extern const struct expr_function_list expr_number_functions, expr_text_functions, expr_date_functions;

/* For the checks: argument i must be of that family; 0, or -1 with fault. */
int expr_need_text(const struct node *node, size_t i, struct fault *fault);
int expr_need_int(const struct node *node, size_t i, struct fault *fault);
int expr_need_number(const struct node *node, size_t i, struct fault *fault);
int expr_need_date(const struct node *node, size_t i, struct fault *fault);
int expr_fail_param(const struct node *node, size_t i, struct fault *fault);
/* The result does not fit its type. */
int expr_fail_result(const struct node *node, struct fault *fault);
/* An integer argument as int; what does not fit is cut to the ends. */
int expr_int_arg(const struct value *v);

/* Common type of two numbers for arithmetic and comparison; 0, or -1 with fault. op names the operator. */
int expr_common_number(const struct value_type *a, const struct value_type *b, const char *op,
    struct value_type *ret, struct fault *fault);
/* Common type of two date values, or DT_EMPTY. */
enum dt expr_common_date(enum dt a, enum dt b);
/* Check and compute one node (expr_eval.c). */
int node_check(struct node *node, const struct expr_scope *scope, struct fault *fault);
int node_eval(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault);
/* Operators on values (expr_ops.c). */
int op_check_binary(struct node *node, struct fault *fault);
int op_check_unary(struct node *node, struct fault *fault);
int op_check_choice(struct node *node, struct fault *fault);
int op_binary(const struct node *node, const struct value *a, const struct value *b,
    struct value *ret, struct fault *fault);
int op_unary(const struct node *node, const struct value *a, struct value *ret, struct fault *fault);

#endif
