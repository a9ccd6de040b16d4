/* SPDX-License-Identifier: MIT */
/* The table of SQL types: what the rest of the room asks about a type. Inside the room only. */
#ifndef SO_TSQL_TYPES_H
#define SO_TSQL_TYPES_H

#include "tsql/decimal.h"
#include "tsql/value.h"

/* Types that behave alike in conversions. */
enum type_family {
	FAMILY_NONE,
	FAMILY_INTEGER, /* bit to bigint */
	FAMILY_DECIMAL,
	FAMILY_MONEY,
	FAMILY_FLOAT,
	FAMILY_TEXT,
	FAMILY_BINARY,
	FAMILY_DATE,     /* date */
	FAMILY_TIME,     /* time */
	FAMILY_DATETIME, /* smalldatetime and datetime */
	FAMILY_DATETIME2, /* datetime2 and datetimeoffset */
	FAMILY_UUID,
	FAMILY_XML,
	FAMILY_VARIANT,
	FAMILY_COUNT
};

struct type_info {
	const char *name;
	enum type_family family;
	int precedence;     /* the higher wins when two types meet */
	int default_length; /* of a declaration without one; 0 = takes none */
	int default_scale;
	bool is_unicode, is_fixed; /* fixed: char, nchar, binary pad with blanks or zeros */
};

const struct type_info *type_info(enum tsql_type type);
/* Type by its name in a declaration ("int", "sysname", "numeric"); TSQL_UNKNOWN when there is none. Sets length for sysname. */
struct tsql_decl type_from_name(const char *name, size_t len);
bool type_is_datetime(enum tsql_type type); /* any date or time type */
bool type_is_number(enum tsql_type type);   /* integers, decimal, money, float */
/* Declaration with the defaults of its type filled in. cast: CAST(... AS varchar) is 30 long, a variable 1. */
struct tsql_decl decl_complete(struct tsql_decl decl, bool cast);
/* What a value is declared as. */
struct tsql_decl decl_of(const struct tsql_value *value);
/* The declaration two operands meet in (comparison, CASE, UNION): the type of higher precedence, wide enough for both. */
struct tsql_decl decl_unite(const struct tsql_decl *a, const struct tsql_decl *b);

/* The decimal that an exact number counts as in arithmetic: int is decimal(10,0), the literal 3 decimal(1,0). */
struct tsql_decl decl_as_decimal(const struct tsql_decl *decl);

struct tsql_value value_decimal(const struct decimal *value);
/* The decimal a decimal value holds. */
struct decimal value_to_decimal(const struct tsql_value *value);
/* Text of a given type; length is its UTF-16 length. */
struct tsql_value tsql_value_text(enum tsql_type type, const char *text, size_t len);
/* The same when the length is known from a declaration, so that nothing is counted. */
struct tsql_value value_text_declared(enum tsql_type type, const char *text, size_t len, int length);
/* Number of UTF-16 units of a text value. */
size_t value_units(const struct tsql_value *value);

/*
 * CAST and CONVERT: like tsql_value_convert, but with the conversions that
 * only they allow, and with a style (-1 = none given).
 */
int tsql_value_cast(const struct tsql_value *value, const struct tsql_decl *decl, int style,
    struct tsql_value *ret, struct err *err);

#endif
