/* SPDX-License-Identifier: MIT */
/* Bytes as an expression: parsing, checking and computing never harm, and a refusal has a code and a text. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "runtime/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "@i" and so on: one variable of each common type, by its first letter. */
static int read_variable(void *ctx, const char *space, const char *name, struct value *ret,
    struct fault *fault)
{
	static const char *const types[][3] = { { "i", "Int32", "7" }, { "l", "Int64", "-9223372036854775808" },
		{ "s", "String", "gr\xC3\xBC\xC3\x9F" }, { "b", "Boolean", "true" }, { "d", "DateTime", "2020-02-29 13:14:15" },
		{ "m", "Decimal", "-79228162514264337593543950335" }, { "r", "Double", "1e308" }, { "u", "Byte", "255" } };

	(void)ctx, (void)space;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (name[0] == types[i][0][0])
			return value_from_type_name(types[i][1], types[i][2], ret, fault);
	}
	return fault_set(fault, EXPR_VARIABLE_NOT_FOUND, "no variable");
}

static int type_of(void *ctx, const char *space, const char *name, struct value_type *ret,
    struct fault *fault)
{
	struct value v;

	if (read_variable(ctx, space, name, &v, fault))
		return -1;
	*ret = v.type;
	value_release(&v);
	return 0;
}

static int write_variable(void *ctx, const char *space, const char *name, const struct value *value,
    struct fault *fault)
{
	(void)ctx, (void)space, (void)name, (void)value, (void)fault;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct expr_scope scope = { .type_of = type_of, .read = read_variable,
		.write = write_variable };
	struct expr *expr = NULL;
	struct fault fault = { 0 };
	struct value v;

	if (expr_parse((const char *)data, size, &expr, &fault)) {
		assert(fault.code < 0 && fault.text[0]);
		return 0;
	}
	if (expr_eval(expr, &scope, &v, &fault)) {
		assert(fault.code < 0 && fault.text[0]);
	} else {
		struct buf text = BUF_INIT;
		value_text(&v, &text);
		buf_release(&text);
		value_release(&v);
	}
	expr_free(expr);
	return 0;
}
