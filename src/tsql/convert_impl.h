/* SPDX-License-Identifier: MIT */
/* What the files of the conversions share. */
#ifndef SO_TSQL_CONVERT_IMPL_H
#define SO_TSQL_CONVERT_IMPL_H

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/datetime.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

struct conversion {
	const struct tsql_value *from;
	struct tsql_decl to;
	int style; /* -1 = none given */
	struct err *err;
};

/* The type's name in messages: decimal is called numeric. */
const char *convert_type_name(enum tsql_type type);
/* Errors 8115 and 8114. */
int convert_overflow(const struct conversion *c, const char *what);
int convert_bad_type(const struct conversion *c);
/* The text of a value without blanks around. */
const char *convert_trimmed(const struct tsql_value *v, size_t *len);

/* To each family of types; ret has its type and declaration, and gets the content. */
int convert_to_integer(const struct conversion *c, struct tsql_value *ret);
int convert_to_decimal(const struct conversion *c, struct tsql_value *ret);
int convert_to_money(const struct conversion *c, struct tsql_value *ret);
int convert_to_float(const struct conversion *c, struct tsql_value *ret);
int convert_to_text(const struct conversion *c, struct tsql_value *ret);
int convert_to_binary(const struct conversion *c, struct tsql_value *ret);
int convert_to_datetime(const struct conversion *c, struct tsql_value *ret);

/* The 16 bytes of a GUID as the server stores them; its own inverse. */
void convert_uuid_to_binary(const struct uuid *id, struct buf *bytes);

#endif
