/* SPDX-License-Identifier: MIT */
/*
 * Functions on texts (spec/package.md §4.7). Characters are counted in UTF-16
 * units, as the product counts them; a position inside a surrogate pair is
 * moved to the pair's start.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/expr_node.h"

/* First argument text (its length is the result's), the others as said: 's' text, 'i' integer. */
static int check_text_args(struct node *node, const char *kinds, struct fault *fault)
{
	for (size_t i = 0; i < node->arg_count; i++) {
		if (kinds[i] == 's' ? expr_need_text(node, i, fault) : expr_need_int(node, i, fault))
			return -1;
	}
	node->type = value_type_of(DT_WSTR);
	node->type.length = node->args[0]->type.length;
	return 0;
}

static int check_text(struct node *node, struct fault *fault)
{
	return check_text_args(node, "ss", fault);
}

/* A constant length argument declares the length of the result. */
static void declare_length(struct node *node, size_t i)
{
	const struct node *arg = node->args[i];

	if (arg->kind == NODE_LITERAL && arg->value.i >= 0 && arg->value.i <= INT32_MAX)
		node->type.length = (int)arg->value.i;
}

static int check_left_right(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "si", fault))
		return -1;
	declare_length(node, 1);
	return 0;
}

static int check_substring(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "sii", fault))
		return -1;
	declare_length(node, 2);
	return 0;
}

static int check_replicate(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "si", fault))
		return -1;
	const struct node *count = node->args[1];
	int64_t n = count->kind == NODE_LITERAL && count->value.i > 0 ? count->value.i : 0;
	int64_t length = n > INT32_MAX ? INT32_MAX : n * node->type.length;
	node->type.length = length > 0 && length <= 4000 ? (int)length : 4000;
	return 0;
}

static int check_replace(struct node *node, struct fault *fault)
{
	if (check_text_args(node, "sss", fault))
		return -1;
	node->type.length = 4000;
	return 0;
}

static int check_token(struct node *node, struct fault *fault)
{
	return check_text_args(node, "ssi", fault);
}

static int check_count(struct node *node, const char *kinds, struct fault *fault)
{
	if (check_text_args(node, kinds, fault))
		return -1;
	node->type = value_type_of(DT_I4);
	return 0;
}

static int check_findstring(struct node *node, struct fault *fault)
{
	return check_count(node, "ssi", fault);
}

static int check_tokencount(struct node *node, struct fault *fault)
{
	return check_count(node, "ss", fault);
}

static int check_len(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	if (dt_family(node->args[0]->type.dt) == FAMILY_LOB ||
	    dt_family(node->args[0]->type.dt) == FAMILY_BYTES)
		return 0;
	return expr_need_text(node, 0, fault);
}

static int check_codepoint(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_UI2);
	return expr_need_text(node, 0, fault);
}

static int check_hex(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_WSTR);
	node->type.length = dt_info(node->args[0]->type.dt)->bits / 4;
	return expr_need_int(node, 0, fault);
}

static int eval_codepoint(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	size_t used;

	(void)fault;
	if (!args[0].s.len) {
		value_set_null(ret, &node->type);
		return 0;
	}
	uint32_t code = utf8_decode(args[0].s.data, args[0].s.len, &used);
	if (code > 0xFFFF)
		code = 0xD800 + ((code - 0x10000) >> 10);
	value_set_uint(ret, DT_UI2, code);
	return 0;
}

static int eval_findstring(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *text = args[0].s.data, *at = text;
	int occurrence = expr_int_arg(&args[2]), found = 0;

	if (occurrence < 1)
		return fault_set(fault, EXPR_OCCURRENCE,
		    "The occurrence %d is not valid for function \"%s\"; it must be greater than 0.",
		    occurrence, node->function->name);
	for (; args[1].s.len && (at = strstr(at, args[1].s.data)); at++) {
		if (++found == occurrence) {
			value_set_int(ret, DT_I4, (int64_t)utf8_utf16_len(text, (size_t)(at - text)) + 1);
			return 0;
		}
	}
	value_set_int(ret, DT_I4, 0);
	return 0;
}

static int eval_hex(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct buf text = BUF_INIT;
	int bits = dt_info(args[0].type.dt)->bits;

	(void)node, (void)fault;
	buf_addf(&text, "%llX", (unsigned long long)(args[0].u & (UINT64_MAX >> (64 - bits))));
	value_set_text(ret, text.data);
	buf_release(&text);
	return 0;
}

static int fail_length(const struct node *node, int n, int32_t code, struct fault *fault)
{
	return fault_set(fault, code,
	    "The length %d is not valid for function \"%s\"; it must not be negative.", n,
	    node->function->name);
}

static int eval_left(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = expr_int_arg(&args[1]);

	if (n < 0)
		return fail_length(node, n, EXPR_INVALID_LENGTH, fault);
	value_set_text_len(ret, DT_WSTR, args[0].s.data,
	    utf8_prefix_utf16(args[0].s.data, args[0].s.len, (size_t)n));
	return 0;
}

static int eval_right(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = expr_int_arg(&args[1]);
	size_t units = utf8_utf16_len(args[0].s.data, args[0].s.len), skip;

	if (n < 0)
		return fail_length(node, n, EXPR_RIGHT_LENGTH, fault);
	skip = utf8_prefix_utf16(args[0].s.data, args[0].s.len,
	    units > (size_t)n ? units - (size_t)n : 0);
	value_set_text_len(ret, DT_WSTR, args[0].s.data + skip, args[0].s.len - skip);
	return 0;
}

static int eval_substring(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int from = expr_int_arg(&args[1]), n = expr_int_arg(&args[2]);
	const char *text = args[0].s.data;

	if (from < 1)
		return fault_set(fault, EXPR_INVALID_START,
		    "The start position %d is not valid for function \"SUBSTRING\"; positions begin at 1.", from);
	if (n < 0)
		return fail_length(node, n, EXPR_INVALID_LENGTH, fault);
	size_t skip = utf8_prefix_utf16(text, args[0].s.len, (size_t)from - 1);
	value_set_text_len(ret, DT_WSTR, text + skip,
	    utf8_prefix_utf16(text + skip, args[0].s.len - skip, (size_t)n));
	return 0;
}

static int eval_len(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	bool bytes = dt_family(args[0].type.dt) != FAMILY_STRING;

	(void)node, (void)fault;
	value_set_int(ret, DT_I4,
	    (int64_t)(bytes ? args[0].s.len : utf8_utf16_len(args[0].s.data, args[0].s.len)));
	return 0;
}

static int map_text(struct value *args, struct value *ret, uint32_t (*map)(uint32_t))
{
	struct buf text = BUF_INIT;
	size_t used;

	for (size_t at = 0; at < args[0].s.len; at += used) {
		char utf8[4];
		uint32_t code = utf8_decode(args[0].s.data + at, args[0].s.len - at, &used);
		buf_add(&text, utf8, utf8_put(map(code), utf8));
	}
	value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return 0;
}

static int eval_lower(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return map_text(args, ret, utf8_fold);
}

static int eval_upper(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return map_text(args, ret, utf8_upper);
}

static int eval_reverse(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	size_t len = args[0].s.len, used;
	char *text = xmalloc(len + 1);

	(void)node, (void)fault;
	for (size_t at = 0; at < len; at += used) {
		utf8_decode(args[0].s.data + at, len - at, &used);
		memcpy(text + len - at - used, args[0].s.data + at, used);
	}
	value_set_text_len(ret, DT_WSTR, text, len);
	free(text);
	return 0;
}

static int trim(struct value *args, struct value *ret, bool left, bool right)
{
	const char *from = args[0].s.data, *end = from + args[0].s.len;

	while (left && from < end && *from == ' ')
		from++;
	while (right && end > from && end[-1] == ' ')
		end--;
	value_set_text_len(ret, DT_WSTR, from, (size_t)(end - from));
	return 0;
}

static int eval_ltrim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, true, false);
}

static int eval_rtrim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, false, true);
}

static int eval_trim(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	return trim(args, ret, true, true);
}

static int eval_replace(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct buf text = BUF_INIT;
	const char *at = args[0].s.data, *found;
	int r = 0;

	if (!args[1].s.len)
		return fault_set(fault, EXPR_INVALID_LENGTH,
		    "The text to find is empty, which function \"REPLACE\" does not allow.");
	buf_set_limit(&text, EXPR_STRING_MAX);
	for (; (found = strstr(at, args[1].s.data)); at = found + args[1].s.len) {
		buf_add(&text, at, (size_t)(found - at));
		buf_add(&text, args[2].s.data, args[2].s.len);
	}
	buf_adds(&text, at);
	if (text.overflow)
		r = expr_fail_result(node, fault);
	else
		value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return r;
}

static int eval_replicate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int n = expr_int_arg(&args[1]);
	struct buf text = BUF_INIT;

	if (n < 0)
		return fault_set(fault, EXPR_REPEAT_COUNT,
		    "The repeat count %d is negative, which is not valid for function \"REPLICATE\".", n);
	if (args[0].s.len && (size_t)n > EXPR_STRING_MAX / args[0].s.len)
		return expr_fail_result(node, fault);
	for (int i = 0; i < n && args[0].s.len; i++)
		buf_add(&text, args[0].s.data, args[0].s.len);
	value_set_text_len(ret, DT_WSTR, text.data, text.len);
	buf_release(&text);
	return 0;
}

/* Bytes of the character at p when it is one of the delimiters, else 0. */
static size_t delimiter_at(const char *p, const char *delimiters)
{
	size_t used, other;

	if (!*p)
		return 0;
	utf8_decode(p, strlen(p) < 4 ? strlen(p) : 4, &used);
	for (; *delimiters; delimiters += other) {
		utf8_decode(delimiters, strlen(delimiters) < 4 ? strlen(delimiters) : 4, &other);
		if (used == other && !memcmp(p, delimiters, used))
			return used;
	}
	return 0;
}

/* Find the next token from *at; false when there is none. */
static bool next_token(const char **at, const char *delimiters, const char **ret_start)
{
	const char *p = *at;
	size_t n;

	while ((n = delimiter_at(p, delimiters)))
		p += n;
	if (!*p)
		return false;
	*ret_start = p;
	while (*p && !delimiter_at(p, delimiters))
		p++;
	*at = p;
	return true;
}

static int eval_token(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *at = args[0].s.data, *start;
	int wanted = expr_int_arg(&args[2]);

	if (wanted < 1)
		return fault_set(fault, EXPR_OCCURRENCE,
		    "The occurrence %d is not valid for function \"TOKEN\"; it must be greater than 0.", wanted);
	for (int i = 1; next_token(&at, args[1].s.data, &start); i++) {
		if (i == wanted) {
			value_set_text_len(ret, DT_WSTR, start, (size_t)(at - start));
			return 0;
		}
	}
	value_set_null(ret, &node->type);
	return 0;
}

static int eval_tokencount(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	const char *at = args[0].null ? "" : args[0].s.data, *start;
	int n = 0;

	(void)node, (void)fault;
	while (!args[1].null && next_token(&at, args[1].s.data, &start))
		n++;
	value_set_int(ret, DT_I4, n);
	return 0;
}

static const struct expr_function rows[] = {
	{ "CODEPOINT", 1, 1, false, check_codepoint, eval_codepoint },
	{ "FINDSTRING", 3, 3, false, check_findstring, eval_findstring },
	{ "HEX", 1, 1, false, check_hex, eval_hex },
	{ "LEFT", 2, 2, false, check_left_right, eval_left },
	{ "LEN", 1, 1, false, check_len, eval_len },
	{ "LOWER", 1, 1, false, check_text, eval_lower },
	{ "LTRIM", 1, 1, false, check_text, eval_ltrim },
	{ "REPLACE", 3, 3, false, check_replace, eval_replace },
	{ "REPLICATE", 2, 2, false, check_replicate, eval_replicate },
	{ "REVERSE", 1, 1, false, check_text, eval_reverse },
	{ "RIGHT", 2, 2, false, check_left_right, eval_right },
	{ "RTRIM", 1, 1, false, check_text, eval_rtrim },
	{ "SUBSTRING", 3, 3, false, check_substring, eval_substring },
	{ "TOKEN", 3, 3, false, check_token, eval_token },
	{ "TOKENCOUNT", 2, 2, true, check_tokencount, eval_tokencount },
	{ "TRIM", 1, 1, false, check_text, eval_trim },
	{ "UPPER", 1, 1, false, check_text, eval_upper },
};

const struct expr_function_list expr_text_functions = { rows, ARRAY_LEN(rows) };
