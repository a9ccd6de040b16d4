/* SPDX-License-Identifier: MIT */
/* Function calls, and the forms that only look like them: CAST, CONVERT, COALESCE, NULLIF, IIF, CASE. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/string_agg.h"
#include "tsql/types.h"

static const struct function *find_function(struct parser *p, const char *name)
{
	for (size_t i = 0; p->functions && p->functions[i]; i++) {
		if (utf8_casecmp(p->functions[i]->name, name) == 0) {
			struct function *f = parse_alloc(p, sizeof(*f));
			f->name = p->functions[i]->name;
			f->min_args = p->functions[i]->min_args;
			f->max_args = p->functions[i]->max_args;
			f->result = p->functions[i]->result;
			f->external = p->functions[i];
			return f;
		}
	}
	return function_find(name, strlen(name));
}

static struct expr *word_literal(struct parser *p, const char *word, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	x->literal = (struct tsql_value){ .type = TSQL_VARCHAR, .length = (int)strlen(word) };
	x->literal.s.data = arena_strndup(&p->batch->arena, word, strlen(word));
	x->literal.s.len = strlen(word);
	return x;
}

static struct expr *datepart_argument(struct parser *p)
{
	const struct token *t = p->at;

	if (p->at->kind != TOKEN_NAME)
		parse_fail_here(p);
	p->at++;
	return word_literal(p, arena_strndup(&p->batch->arena, t->start, t->len), t);
}

/* LEADING, TRAILING or BOTH in TRIM: the function that does it. */
static const char *take_trim_side(struct parser *p)
{
	static const struct {
		const char *word, *function;
	} sides[] = { { "LEADING", "LTRIM" }, { "TRAILING", "RTRIM" }, { "BOTH", "TRIM" } };

	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		if (parse_is_word(p, sides[i].word) && p->at[1].kind != TOKEN_SYMBOL) {
			p->at++;
			return sides[i].function;
		}
	}
	return NULL;
}

static void parse_arguments(struct parser *p, struct expr *x, const struct token *t)
{
	const struct function *f = x->call.function;
	struct expr_list rest;

	if (parse_is_symbol(p, '*') && f->aggregate == AGGREGATE_COUNT) {
		p->at++;
		x->call.star = true;
	} else if (f->flags & FUNCTION_DATEPART) {
		struct expr *part = datepart_argument(p);
		parse_expect_symbol(p, ',');
		rest = parse_expr_list(p);
		x->call.args.items = parse_alloc(p, (rest.count + 1) * sizeof(*rest.items));
		x->call.args.items[0] = part;
		memcpy(x->call.args.items + 1, rest.items, rest.count * sizeof(*rest.items));
		x->call.args.count = rest.count + 1;
	} else if (!parse_is_symbol(p, ')')) {
		if (f->aggregate != AGGREGATE_NONE) {
			x->call.distinct = parse_take(p, KW_DISTINCT);
			if (!x->call.distinct)
				parse_take(p, KW_ALL);
		}
		const char *side = strcmp(f->name, "TRIM") == 0 ? take_trim_side(p) : NULL;
		if (side)
			x->call.function = function_find(side, strlen(side));
		x->call.args = parse_expr_list(p);
		if (parse_is(p, KW_FROM) && strcmp(f->name, "TRIM") == 0 && x->call.args.count == 1) { /* TRIM(characters FROM text) */
			struct expr **pair = parse_alloc(p, 2 * sizeof(*pair));
			p->at++;
			pair[0] = parse_expr(p);
			pair[1] = x->call.args.items[0];
			x->call.args = (struct expr_list){ pair, 2 };
		}
	}
	parse_expect_symbol(p, ')');
	if (x->call.star)
		return;
	if (strcmp(f->name, "ISJSON") == 0 && x->call.args.count == 2 && x->call.args.items[1]->kind == EXPR_COLUMN)
		x->call.args.items[1] = word_literal(p, x->call.args.items[1]->col.name, t); /* OBJECT, ARRAY ... are bare words */
	if (x->call.args.count < f->min_args || x->call.args.count > f->max_args) {
		if (f->min_args == f->max_args)
			parse_fail(p, t, 174, "The %s function requires %zu argument(s).", f->name, f->min_args);
		parse_fail(p, t, 189, "The %s function requires %zu to %zu arguments.", f->name, f->min_args, f->max_args);
	}
}

/* The new value of a JSON_MODIFY is JSON already when a function of JSON gives it. */
static bool gives_json(const struct expr *x)
{
	if (x->kind == EXPR_SUBQUERY)
		return x->query->json != NULL;
	return x->kind == EXPR_CALL && (strcmp(x->call.function->name, "JSON_QUERY") == 0 ||
					   strncmp(x->call.function->name, "JSON_MODIFY", 11) == 0);
}

/* Functions of the reference that are not offered: refused by name, so that they are not taken for typing errors. */
static const char *const absent[] = {
	"APPLOCK_MODE", "APPLOCK_TEST", "APPROX_COUNT_DISTINCT", "APPROX_PERCENTILE_CONT", "APPROX_PERCENTILE_DISC", "ASSEMBLYPROPERTY",
	"ASYMKEY_ID", "BINARY_CHECKSUM", "CERTENCODED", "CERTPRIVATEKEY", "CERTPROPERTY", "CERT_ID", "CHECKSUM", "CHECKSUM_AGG", "COLLATIONPROPERTY",
	"COLUMNPROPERTY", "COLUMNS_UPDATED", "COMPRESS", "CONNECTIONPROPERTY", "CONTAINS", "CONTEXT_INFO", "CRYPT_GEN_RANDOM", "CURRENT_REQUEST_ID",
	"CURRENT_TIMEZONE", "CURRENT_TIMEZONE_ID", "CURRENT_TRANSACTION_ID", "DATABASEPROPERTY", "DATE_BUCKET", "DECOMPRESS", "DECRYPTBYASYMKEY",
	"DECRYPTBYCERT", "DECRYPTBYKEY", "DECRYPTBYKEYAUTOASYMKEY", "DECRYPTBYKEYAUTOCERT", "DECRYPTBYPASSPHRASE", "EDGE_ID_FROM_PARTS",
	"ENCRYPTBYASYMKEY", "ENCRYPTBYCERT", "ENCRYPTBYKEY", "ENCRYPTBYPASSPHRASE", "EVENTDATA", "FILEGROUPPROPERTY", "FILEGROUP_ID",
	"FILEGROUP_NAME", "FILEPROPERTY", "FILEPROPERTYEX", "FILE_ID", "FILE_IDEX", "FILE_NAME", "FREETEXT", "FULLTEXTCATALOGPROPERTY", "FULLTEXTSERVICEPROPERTY",
	"GENERATE_EMBEDDINGS", "GET_FILESTREAM_TRANSACTION_CONTEXT", "GRAPH_ID_FROM_EDGE_ID", "HOST_ID", "IDENTITY",
	"IDENT_CURRENT", "IDENT_INCR", "IDENT_SEED", "INDEXKEY_PROPERTY", "INDEXPROPERTY", "INDEX_COL", "IS_OBJECTSIGNED", "JSON_ARRAY", "JSON_ARRAYAGG",
	"JSON_CONTAINS", "JSON_OBJECT", "JSON_OBJECTAGG", "KEY_GUID", "KEY_ID", "KEY_NAME", "LOGINPROPERTY", "MIN_ACTIVE_ROWVERSION", "NEWSEQUENTIALID",
	"NODE_ID_FROM_PARTS", "OBJECTPROPERTY", "OBJECTPROPERTYEX", "ORIGINAL_DB_NAME", "PERCENTILE_CONT",
	"PERCENTILE_DISC", "PERMISSIONS", "PUBLISHINGSERVERNAME", "PWDCOMPARE", "PWDENCRYPT", "REGEXP_COUNT", "REGEXP_INSTR", "REGEXP_LIKE",
	"REGEXP_REPLACE", "REGEXP_SUBSTR", "SESSIONPROPERTY", "SESSION_CONTEXT", "SESSION_ID", "SIGNBYASYMKEY", "SIGNBYCERT", "STATS_DATE", 	"SUSER_ID", "SYMKEYPROPERTY", "TERTIARY_WEIGHTS", "TEXTPTR", "TEXTVALID", "TRIGGER_NESTLEVEL", "TYPEPROPERTY",
	"UNISTR", "UPDATE", "USER_ID", "VERIFYSIGNEDBYASYMKEY", "VERIFYSIGNEDBYCERT",
};

static void refuse_absent(struct parser *p, const char *name, const struct token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		if (utf8_casecmp(absent[i], name) == 0)
			parse_refuse(p, t, absent[i]);
}

static struct expr *int_literal(struct parser *p, int value, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	x->literal = tsql_int(value);
	return x;
}

/* PARSE(text AS type [USING culture]): a CAST of the text in the form that CAST reads. The parenthesis has been read. */
static struct expr *parse_parse(struct parser *p, bool attempt, const struct token *t)
{
	struct expr *cast = parse_new(p, EXPR_CAST, t), *call = parse_new(p, EXPR_CALL, t);
	struct expr **args = parse_alloc(p, 5 * sizeof(*args));

	args[0] = parse_expr(p);
	parse_expect(p, KW_AS);
	cast->cast.decl = decl_complete(parse_decl(p), true);
	if ((!type_is_number(cast->cast.decl.type) && !type_is_datetime(cast->cast.decl.type)) || cast->cast.decl.type == TSQL_BIT)
		parse_fail(p, t, 10761, "Invalid data type %s in function %s.", tsql_type_name(cast->cast.decl.type),
		    attempt ? "TRY_PARSE" : "PARSE");
	args[1] = int_literal(p, (int)type_info(cast->cast.decl.type)->family, t);
	args[2] = int_literal(p, (int)cast->cast.decl.type, t);
	args[3] = parse_take(p, KW_USING) ? parse_expr(p) : parse_new_null(p, t);
	args[4] = int_literal(p, attempt, t);
	parse_expect_symbol(p, ')');
	call->call.function = function_find(FUNCTION_PARSE, strlen(FUNCTION_PARSE));
	call->call.args = (struct expr_list){ args, 5 };
	cast->cast.from = call;
	cast->cast.attempt = attempt;
	return cast;
}

struct expr *parse_call(struct parser *p, const char *name, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_CALL, t);

	if (utf8_casecmp(name, "PARSE") == 0 || utf8_casecmp(name, "TRY_PARSE") == 0)
		return parse_parse(p, name[0] == 'T' || name[0] == 't', t);
	x->call.function = find_function(p, name);
	if (!x->call.function)
		refuse_absent(p, name, t);
	if (!x->call.function || (x->call.function->flags & FUNCTION_GLOBAL))
		parse_fail(p, t, 195, "'%s' is not a recognized built-in function name.", name);
	parse_enter(p);
	parse_arguments(p, x, t);
	parse_leave(p);
	if (strcmp(x->call.function->name, "JSON_MODIFY") == 0 && gives_json(x->call.args.items[2]))
		x->call.function = function_find(FUNCTION_JSON_MODIFY_RAW, strlen(FUNCTION_JSON_MODIFY_RAW));
	if (parse_is_word(p, "WITHIN") && x->call.function->aggregate == AGGREGATE_STRING) {
		const struct token *within = p->at++;
		parse_expect(p, KW_GROUP);
		parse_expect_symbol(p, '(');
		parse_expect(p, KW_ORDER);
		parse_expect(p, KW_BY);
		x->call.within = parse_order_items(p, &x->call.within_count);
		parse_expect_symbol(p, ')');
		if (x->call.within_count > STRING_AGG_KEYS)
			parse_refuse(p, within, "WITHIN GROUP of more than 8 expressions");
	}
	if (parse_is(p, KW_OVER)) {
		if (x->call.function->aggregate == AGGREGATE_NONE || x->call.function->aggregate == AGGREGATE_STRING ||
		    x->call.function->aggregate == AGGREGATE_GROUPING || x->call.distinct)
			parse_fail(p, t, 4113, "The function '%s' is not a valid windowing function, and cannot be used with the OVER clause.", name);
		p->at++;
		x->call.window = parse_window(p);
	} else if (x->call.function->aggregate == AGGREGATE_WINDOW) {
		parse_fail(p, t, 10753, "The function '%s' must have an OVER clause.", name);
	}
	return x;
}

/* CAST(x AS type), TRY_CAST */
struct expr *parse_cast(struct parser *p)
{
	struct expr *x = parse_new(p, EXPR_CAST, p->at);

	x->cast.attempt = p->at->keyword == KW_TRY_CAST;
	p->at++;
	parse_expect_symbol(p, '(');
	x->cast.from = parse_expr(p);
	parse_expect(p, KW_AS);
	x->cast.decl = decl_complete(parse_decl(p), true);
	parse_expect_symbol(p, ')');
	return x;
}

/* CONVERT(type, x [, style]), TRY_CONVERT */
struct expr *parse_convert(struct parser *p)
{
	struct expr *x = parse_new(p, EXPR_CAST, p->at);

	x->cast.attempt = p->at->keyword == KW_TRY_CONVERT;
	p->at++;
	parse_expect_symbol(p, '(');
	x->cast.decl = decl_complete(parse_decl(p), true);
	parse_expect_symbol(p, ',');
	x->cast.from = parse_expr(p);
	if (parse_take_symbol(p, ','))
		x->cast.style = parse_expr(p);
	parse_expect_symbol(p, ')');
	return x;
}

struct expr *parse_new_compare(struct parser *p, enum compare_op op, struct expr *left, struct expr *right,
    const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_COMPARE, t);

	x->compare.op = op;
	x->compare.left = left;
	x->compare.right = right;
	return x;
}

static struct expr *new_not_null(struct parser *p, struct expr *value, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_IS_NULL, t);

	x->logic.left = value;
	x->logic.negated = true;
	return x;
}

static struct expr *new_case(struct parser *p, size_t arms, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_CASE, t);

	x->branch.arms = parse_alloc(p, arms * sizeof(*x->branch.arms));
	x->branch.count = arms;
	return x;
}

/* COALESCE(a, b, c) = CASE WHEN a IS NOT NULL THEN a WHEN b IS NOT NULL THEN b ELSE c END */
struct expr *parse_coalesce(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr_list list;
	struct expr *x;

	parse_expect_symbol(p, '(');
	list = parse_expr_list(p);
	parse_expect_symbol(p, ')');
	if (list.count < 2)
		parse_fail(p, t, 102, "Incorrect syntax near 'COALESCE'.");
	x = new_case(p, list.count - 1, t);
	for (size_t i = 0; i + 1 < list.count; i++) {
		x->branch.arms[i].when = new_not_null(p, list.items[i], t);
		x->branch.arms[i].then = list.items[i];
	}
	x->branch.otherwise = list.items[list.count - 1];
	return x;
}

/* NULLIF(a, b) = CASE WHEN a = b THEN NULL ELSE a END */
struct expr *parse_nullif(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr *a, *b, *x;

	parse_expect_symbol(p, '(');
	a = parse_expr(p);
	parse_expect_symbol(p, ',');
	b = parse_expr(p);
	parse_expect_symbol(p, ')');
	x = new_case(p, 1, t);
	x->branch.arms[0].when = parse_new_compare(p, COMPARE_EQ, a, b, t);
	x->branch.arms[0].then = parse_new_null(p, t);
	x->branch.otherwise = a;
	return x;
}

/* IIF(condition, a, b); the opening parenthesis has been read. */
struct expr *parse_iif(struct parser *p, const struct token *t)
{
	struct expr *x = new_case(p, 1, t);

	x->branch.arms[0].when = parse_condition(p);
	parse_expect_symbol(p, ',');
	x->branch.arms[0].then = parse_expr(p);
	parse_expect_symbol(p, ',');
	x->branch.otherwise = parse_expr(p);
	parse_expect_symbol(p, ')');
	return x;
}

struct expr *parse_case(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr *x = parse_new(p, EXPR_CASE, t), *subject = NULL;
	size_t cap = 0;

	if (!parse_is(p, KW_WHEN))
		subject = parse_expr(p);
	while (parse_take(p, KW_WHEN)) {
		struct case_arm *arm;
		if (x->branch.count == cap) {
			struct case_arm *more = parse_alloc(p, (cap = cap ? cap * 2 : 4) * sizeof(*more));
			if (x->branch.count)
				memcpy(more, x->branch.arms, x->branch.count * sizeof(*more));
			x->branch.arms = more;
		}
		arm = &x->branch.arms[x->branch.count++];
		arm->when = subject ? parse_new_compare(p, COMPARE_EQ, subject, parse_expr(p), t) : parse_condition(p);
		parse_expect(p, KW_THEN);
		arm->then = parse_expr(p);
	}
	if (x->branch.count == 0)
		parse_fail_here(p);
	if (parse_take(p, KW_ELSE))
		x->branch.otherwise = parse_expr(p);
	parse_expect(p, KW_END);
	return x;
}
