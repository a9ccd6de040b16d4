/* SPDX-License-Identifier: MIT */
/*
 * Text to syntax tree (grammar in spec/package.md §4.2): binary operators by
 * their level in one loop, everything else by recursive descent. Nesting is
 * bounded, so hostile text cannot exhaust the stack.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/expr_node.h"

#define NESTING_MAX 200

struct parser {
	struct lexer lexer;
	struct token token; /* the current one */
	int nesting;
	struct fault *fault;
};

/* Higher binds tighter; 0 = not binary. */
static const int levels[OP_COUNT] = {
	[OP_OR] = 1, [OP_AND] = 2, [OP_BIT_OR] = 3, [OP_BIT_XOR] = 4, [OP_BIT_AND] = 5,
	[OP_EQ] = 6, [OP_NE] = 6, [OP_LT] = 7, [OP_GT] = 7, [OP_LE] = 7, [OP_GE] = 7,
	[OP_ADD] = 8, [OP_SUB] = 8, [OP_MUL] = 9, [OP_DIV] = 9, [OP_MOD] = 9,
};

static struct node *parse_choice(struct parser *p);
static struct node *parse_unary(struct parser *p);

static void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->arg_count; i++)
		node_free(node->args[i]);
	free(node->args);
	free(node->space);
	free(node->name);
	value_release(&node->value);
	free(node);
}

static struct node *node_new(enum node_kind kind)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->kind = kind;
	node->op = OP_COUNT;
	node->depth = 1;
	value_init(&node->value);
	return node;
}

/* Takes arg. */
static void node_add(struct node *node, struct node *arg)
{
	node->args = xreallocarray(node->args, node->arg_count + 1, sizeof(*node->args));
	node->args[node->arg_count++] = arg;
	if (arg->depth >= node->depth)
		node->depth = arg->depth + 1;
}

static int next(struct parser *p)
{
	token_release(&p->token);
	return lexer_next(&p->lexer, &p->token, p->fault);
}

static void fail_here(struct parser *p)
{
	const struct lexer *lexer = &p->lexer;

	if (p->token.kind == TOKEN_END)
		fault_set(p->fault, EXPR_INCOMPLETE,
		    "Parsing the expression \"%.200s\" failed: it ends too early, or its parentheses do not "
		    "match.",
		    lexer->text);
	else if (p->token.kind == TOKEN_ASSIGN)
		fault_set(p->fault, EXPR_SINGLE_EQUAL,
		    "Parsing the expression \"%.200s\" failed: the equal sign at line %d, character %d is "
		    "unexpected; a comparison needs \"==\".",
		    lexer->text, p->token.line, p->token.column);
	else
		fault_set(p->fault, EXPR_INVALID_TOKEN,
		    "Parsing the expression \"%.200s\" failed: \"%.*s\" at line %d, character %d is not "
		    "expected here.",
		    lexer->text, (int)(lexer->at - p->token.start > 60 ? 60 : lexer->at - p->token.start),
		    lexer->text + p->token.start, p->token.line, p->token.column);
}

/* The current token must be this one; go on to the next. */
static bool expect(struct parser *p, enum token_kind kind)
{
	if (p->token.kind != kind) {
		fail_here(p);
		return false;
	}
	return next(p) == 0;
}

/* One constant of a type's parameter list. */
static bool parse_type_number(struct parser *p, int *ret)
{
	const struct value *v = &p->token.value;

	if (!expect(p, TOKEN_COMMA))
		return false;
	if (p->token.kind != TOKEN_LITERAL || dt_family(v->type.dt) != FAMILY_INT || v->i > INT32_MAX) {
		fault_set(p->fault, EXPR_INVALID_CAST_PARAM,
		    "Parsing the expression \"%.200s\" failed: the parameters of a type must be constant "
		    "integers.",
		    p->lexer.text);
		return false;
	}
	*ret = (int)v->i;
	return next(p) == 0;
}

static bool check_type_numbers(struct parser *p, const struct value_type *type)
{
	const struct dt_info *info = dt_info(type->dt);
	int scale_max = info->params & PARAM_PRECISION ? type->precision : info->scale_max;

	if ((info->params & PARAM_LENGTH) && type->length < 1)
		return fault_set(p->fault, EXPR_CAST_LENGTH,
			   "The length %d is not valid for type \"%s\": it must be positive.", type->length,
			   info->name) == 0;
	if ((info->params & PARAM_PRECISION) && (type->precision < 1 || type->precision > info->digits))
		return fault_set(p->fault, EXPR_CAST_PRECISION,
			   "The precision %d is not valid for type \"%s\": it must be 1 to %d.",
			   type->precision, info->name, info->digits) == 0;
	if ((info->params & PARAM_SCALE) && type->scale > scale_max)
		return fault_set(p->fault, EXPR_CAST_SCALE,
			   "The scale %d is not valid for type \"%s\": it must be 0 to %d.", type->scale,
			   info->name, scale_max) == 0;
	if ((info->params & PARAM_CODE_PAGE) && type->code_page < 1)
		return fault_set(p->fault, EXPR_CAST_CODE_PAGE,
			   "The code page %d is not valid for type \"%s\".", type->code_page,
			   info->name) == 0;
	return true;
}

/* "DT_xxx {, number}" with the name as the current token, up to and with ")". */
static bool parse_type(struct parser *p, struct value_type *ret)
{
	const struct dt_info *info = dt_by_name(p->token.text, strlen(p->token.text));

	if (!info) {
		fail_here(p);
		return false;
	}
	*ret = value_type_of(info->dt);
	if (next(p))
		return false;
	if ((info->params & PARAM_LENGTH) && !parse_type_number(p, &ret->length))
		return false;
	if ((info->params & PARAM_PRECISION) && !parse_type_number(p, &ret->precision))
		return false;
	if ((info->params & PARAM_CODE_PAGE) && !parse_type_number(p, &ret->code_page))
		return false;
	if ((info->params & PARAM_SCALE) && !parse_type_number(p, &ret->scale))
		return false;
	return check_type_numbers(p, ret) && expect(p, TOKEN_RIGHT);
}

static bool is_type_name(const struct token *token)
{
	return token->kind == TOKEN_NAME && !utf8_ncasecmp(token->text,
	    strlen(token->text) < 3 ? strlen(token->text) : 3, "DT_", 3);
}

static struct node *fail_node(struct node *node)
{
	node_free(node);
	return NULL;
}

/* NAME "(" args ")", with "(" as the current token. */
static struct node *parse_call(struct parser *p, char *name)
{
	struct node *node = node_new(NODE_CALL), *arg;

	node->name = name;
	node->function = expr_function_find(name, strlen(name));
	if (!node->function) {
		fault_set(p->fault, EXPR_UNKNOWN_FUNCTION, "The function \"%.100s\" was not recognized.", name);
		return fail_node(node);
	}
	if (!expect(p, TOKEN_LEFT))
		return fail_node(node);
	while (p->token.kind != TOKEN_RIGHT) {
		if (node->arg_count && !expect(p, TOKEN_COMMA))
			return fail_node(node);
		arg = parse_choice(p);
		if (!arg)
			return fail_node(node);
		node_add(node, arg);
	}
	if (node->arg_count < node->function->min_args || node->arg_count > node->function->max_args) {
		fault_set(p->fault, EXPR_PARAM_COUNT,
		    "The function \"%s\" requires %zu parameters, not %zu.", node->function->name,
		    node->function->min_args, node->arg_count);
		return fail_node(node);
	}
	return next(p) ? fail_node(node) : node;
}

/* NULL(type), with "(" as the current token. */
static struct node *parse_null(struct parser *p)
{
	struct node *node = node_new(NODE_NULL);

	if (!expect(p, TOKEN_LEFT))
		return fail_node(node);
	if (p->token.kind != TOKEN_NAME) {
		fail_here(p);
		return fail_node(node);
	}
	return parse_type(p, &node->type) ? node : fail_node(node);
}

/* A name that is a function, a column, or a qualified column. */
static struct node *parse_word(struct parser *p)
{
	char *name = p->token.text;
	struct node *node;

	p->token.text = NULL;
	if (next(p)) {
		free(name);
		return NULL;
	}
	if (p->token.kind == TOKEN_LEFT) {
		if (utf8_casecmp(name, "NULL"))
			return parse_call(p, name);
		free(name);
		return parse_null(p);
	}
	node = node_new(NODE_COLUMN);
	node->name = name;
	node->space = xstrdup("");
	if (p->token.kind == TOKEN_DOT) {
		if (next(p))
			return fail_node(node);
		if (p->token.kind != TOKEN_NAME && p->token.kind != TOKEN_BRACKET) {
			fail_here(p);
			return fail_node(node);
		}
		free(node->space);
		node->space = node->name;
		node->name = p->token.text;
		p->token.text = NULL;
		if (next(p))
			return fail_node(node);
	}
	return node;
}

static struct node *parse_primary(struct parser *p)
{
	struct node *node;

	switch (p->token.kind) {
	case TOKEN_LITERAL:
		node = node_new(NODE_LITERAL);
		value_move(&p->token.value, &node->value);
		break;
	case TOKEN_VARIABLE:
	case TOKEN_LINEAGE:
		node = node_new(p->token.kind == TOKEN_VARIABLE ? NODE_VARIABLE : NODE_COLUMN);
		node->name = p->token.text;
		node->space = p->token.space ? p->token.space : xstrdup("");
		p->token.text = p->token.space = NULL;
		break;
	case TOKEN_NAME:
	case TOKEN_BRACKET:
		return parse_word(p);
	default:
		fail_here(p);
		return NULL;
	}
	return next(p) ? fail_node(node) : node;
}

/* "(" type ")" unary, or "(" expr ")" */
static struct node *parse_parenthesis(struct parser *p)
{
	struct node *node, *arg;

	if (next(p))
		return NULL;
	if (!is_type_name(&p->token)) {
		node = parse_choice(p);
		return node && expect(p, TOKEN_RIGHT) ? node : fail_node(node);
	}
	node = node_new(NODE_CAST);
	if (!parse_type(p, &node->type))
		return fail_node(node);
	arg = parse_unary(p);
	if (!arg)
		return fail_node(node);
	node_add(node, arg);
	return node;
}

static struct node *parse_unary_inner(struct parser *p)
{
	enum expr_op op = p->token.op;
	struct node *node, *arg;

	if (p->token.kind == TOKEN_LEFT)
		return parse_parenthesis(p);
	if (p->token.kind != TOKEN_OP || (op != OP_SUB && op != OP_NOT && op != OP_BIT_NOT))
		return parse_primary(p);
	if (next(p))
		return NULL;
	arg = parse_unary(p);
	if (!arg)
		return NULL;
	node = node_new(NODE_UNARY);
	node->op = op == OP_SUB ? OP_NEG : op;
	node_add(node, arg);
	return node;
}

static struct node *parse_unary(struct parser *p)
{
	struct node *node;

	if (p->nesting >= NESTING_MAX) {
		fault_set(p->fault, EXPR_PARSE, "The expression is nested deeper than %d levels.",
		    NESTING_MAX);
		return NULL;
	}
	p->nesting++;
	node = parse_unary_inner(p);
	p->nesting--;
	return node;
}

/* Operators of at least this level, left to right. */
static struct node *parse_binary(struct parser *p, int level)
{
	struct node *left = parse_unary(p), *right, *node;

	while (left && p->token.kind == TOKEN_OP && levels[p->token.op] >= level) {
		enum expr_op op = p->token.op;
		if (next(p))
			return fail_node(left);
		right = parse_binary(p, levels[op] + 1);
		if (!right)
			return fail_node(left);
		node = node_new(NODE_BINARY);
		node->op = op;
		node_add(node, left);
		node_add(node, right);
		left = node;
		if (node->depth > EXPR_DEPTH_MAX) {
			fault_set(p->fault, EXPR_PARSE, "The expression has more than %d operators in a row.",
			    EXPR_DEPTH_MAX);
			return fail_node(node);
		}
	}
	return left;
}

static struct node *parse_choice(struct parser *p)
{
	struct node *node, *left = parse_binary(p, 1), *arg;

	if (!left || p->token.kind != TOKEN_QUESTION)
		return left;
	node = node_new(NODE_CHOICE);
	node_add(node, left);
	if (p->nesting >= NESTING_MAX) {
		fault_set(p->fault, EXPR_PARSE, "The expression is nested deeper than %d levels.",
		    NESTING_MAX);
		return fail_node(node);
	}
	p->nesting++;
	if (next(p) || !(arg = parse_choice(p)))
		return fail_node(node);
	node_add(node, arg);
	if (!expect(p, TOKEN_COLON) || !(arg = parse_choice(p)))
		return fail_node(node);
	node_add(node, arg);
	p->nesting--;
	return node;
}

/* "@x =" in front; on anything else the lexer goes back to the start. */
static int parse_target(struct parser *p, struct expr *expr)
{
	struct lexer start = p->lexer;

	if (next(p))
		return -1;
	if (p->token.kind != TOKEN_VARIABLE)
		return 0;
	char *space = p->token.space, *name = p->token.text;
	p->token.space = p->token.text = NULL;
	if (!next(p) && p->token.kind == TOKEN_ASSIGN) {
		expr->target_space = space;
		expr->target = name;
		return next(p);
	}
	free(space);
	free(name);
	p->lexer = start;
	return next(p);
}

int expr_parse(const char *text, size_t len, struct expr **ret, struct fault *fault)
{
	struct parser p = { .lexer = { .len = len, .line = 1 }, .fault = fault };
	struct expr *expr;
	int r = -1;

	if (len > EXPR_TEXT_MAX)
		return fault_set(fault, EXPR_PARSE, "The expression is longer than %zu bytes.", EXPR_TEXT_MAX);
	expr = xcalloc(1, sizeof(*expr));
	expr->text = xstrndup(text, len);
	p.lexer.text = expr->text;
	p.lexer.len = strlen(expr->text);
	value_init(&p.token.value);
	if (parse_target(&p, expr))
		goto out;
	if (p.token.kind == TOKEN_END && !expr->target) {
		fault_set(fault, EXPR_EMPTY, "There is no expression to compute: the text is empty.");
		goto out;
	}
	expr->root = parse_choice(&p);
	if (!expr->root)
		goto out;
	if (p.token.kind != TOKEN_END) {
		fail_here(&p);
		goto out;
	}
	*ret = expr;
	r = 0;
out:
	token_release(&p.token);
	if (r)
		expr_free(expr);
	return r;
}

void expr_free(struct expr *expr)
{
	if (!expr)
		return;
	node_free(expr->root);
	free(expr->target_space);
	free(expr->target);
	free(expr->text);
	free(expr);
}

bool expr_is_assignment(const struct expr *expr)
{
	return expr->target != NULL;
}
