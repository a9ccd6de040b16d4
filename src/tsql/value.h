/* SPDX-License-Identifier: MIT */
/*
 * SQL Server values: a type and, unless NULL, what it holds.
 *
 * One struct serves variables, parameters, literals and result columns. A
 * sql_variant is not a kind of value: a variable or column may be *declared*
 * sql_variant, and then each value carries its own base type
 * (spec/catalog.md §8.3).
 *
 * How values live in SQLite (bind and column functions below, the only
 * converters): bit and the integers as INTEGER; float and real as REAL;
 * decimal and money as TEXT in plain decimal digits; character types as TEXT
 * (UTF-8); binary as BLOB; uniqueidentifier as TEXT of 36 upper-case
 * characters; date and time types as INTEGER ticks of 100 ns (base/clock.h;
 * datetimeoffset in UTC, shown in local time); sql_variant as TEXT
 * "type:text" by tsql_variant_encode.
 */
#ifndef SO_TSQL_VALUE_H
#define SO_TSQL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

struct sqlite3_stmt;

enum tsql_type {
	TSQL_UNKNOWN, /* the untyped NULL */
	TSQL_BIT,
	TSQL_TINYINT,
	TSQL_SMALLINT,
	TSQL_INT,
	TSQL_BIGINT,
	TSQL_DECIMAL, /* numeric too */
	TSQL_MONEY,
	TSQL_SMALLMONEY,
	TSQL_REAL,
	TSQL_FLOAT,
	TSQL_CHAR,
	TSQL_VARCHAR,
	TSQL_TEXT,
	TSQL_NCHAR,
	TSQL_NVARCHAR, /* sysname too */
	TSQL_NTEXT,
	TSQL_BINARY,
	TSQL_VARBINARY,
	TSQL_IMAGE,
	TSQL_DATE,
	TSQL_TIME,
	TSQL_SMALLDATETIME,
	TSQL_DATETIME,
	TSQL_DATETIME2,
	TSQL_DATETIMEOFFSET,
	TSQL_UNIQUEIDENTIFIER,
	TSQL_XML,
	TSQL_VARIANT, /* declared type only: no value ever has it */
	TSQL_TABLE,   /* table variable or table-valued parameter */
	TSQL_TYPE_COUNT
};

#define TSQL_MAX (-1) /* length of varchar(max) and the like */

/* A declared type: of a variable, parameter or column. */
struct tsql_decl {
	enum tsql_type type;
	int length;    /* characters or bytes; TSQL_MAX; 0 = the type's default */
	int precision; /* decimal: 1-38 */
	int scale;     /* decimal 0-38; time types 0-7 */
};

/*
 * Most bytes one value may hold (documented limit: packages are deployed as
 * one varbinary(max) value).
 */
#define TSQL_VALUE_MAX ((size_t)512 * 1024 * 1024)

struct tsql_value {
	enum tsql_type type; /* base type, even when null */
	bool null;
	int length;    /* declared length of the text or bytes, as tsql_decl.length */
	int precision; /* decimal */
	int scale;     /* decimal and time types */
	union {
		int64_t i;         /* bit to bigint; money in 1/10000; ticks of every date and time type */
		double f;          /* real, float */
		struct uuid uuid;  /* uniqueidentifier */
		struct {
			char *data; /* owned; NUL-terminated; text is valid UTF-8; decimal is its canonical digits */
			size_t len; /* bytes */
		} s;           /* character types, binary, xml, decimal */
	};
	int offset_min; /* datetimeoffset: minutes east of UTC; i is UTC */
};

/* Name as in SQL ("nvarchar"), without length; never NULL. */
const char *tsql_type_name(enum tsql_type type);
/* Full text of a declaration: "nvarchar(128)", "decimal(18,2)", "varbinary(max)". */
void tsql_decl_format(const struct tsql_decl *decl, struct buf *ret);
bool tsql_type_is_text(enum tsql_type type);
bool tsql_type_is_integer(enum tsql_type type); /* bit to bigint */

/* Constructors; text is copied. Every value is released with tsql_value_release. */
struct tsql_value tsql_null(enum tsql_type type);
struct tsql_value tsql_bit(bool value);
struct tsql_value tsql_smallint(int16_t value);
struct tsql_value tsql_int(int32_t value);
struct tsql_value tsql_bigint(int64_t value);
struct tsql_value tsql_float(double value);
struct tsql_value tsql_nvarchar(const char *text);            /* NULL text gives a NULL value */
struct tsql_value tsql_nvarchar_n(const char *text, size_t len);
struct tsql_value tsql_varchar(const char *text);
struct tsql_value tsql_varbinary(const void *data, size_t len); /* NULL data gives a NULL value */
struct tsql_value tsql_uuid(const struct uuid *id);
struct tsql_value tsql_datetimeoffset(int64_t utc_ticks);       /* shown with the local offset */

void tsql_value_release(struct tsql_value *value); /* leaves an untyped NULL; wipes the bytes */
struct tsql_value tsql_value_copy(const struct tsql_value *value);

/*
 * Convert to a declared type as an assignment does (implicit conversion).
 * TSQL_VARIANT keeps value and base type. Fails with ERR_SQL and the
 * documented number: 245 bad text for a number, 8114 wrong type, 220 and 8115
 * overflow, 241 bad date, 8169 bad GUID, 206/257 not implicitly convertible.
 * Text longer than the declared length is cut silently. ret is a new value.
 */
int tsql_value_convert(const struct tsql_value *value, const struct tsql_decl *decl,
    struct tsql_value *ret, struct err *err);

/*
 * Text of a value as sqlcmd prints it ("NULL" for NULL, bit as 0/1, dates in
 * ISO form with the type's fraction digits, binary as 0x...).
 */
void tsql_value_format(const struct tsql_value *value, struct buf *ret);
/* T-SQL literal that makes the same value: N'it''s', 0x00FF, CAST(... AS type) where needed. */
void tsql_value_literal(const struct tsql_value *value, struct buf *ret);
/* Quote a name: [a]]b]. */
void tsql_quote_name(const char *name, struct buf *ret);

/* Order of two values of the same or compatible type: sets *ret to <0, 0, >0. NULLs are not comparable (-ERR_INVALID). Text compares without case. */
int tsql_value_compare(const struct tsql_value *a, const struct tsql_value *b, int *ret, struct err *err);

/* SQLite storage (see the top). column reads as the declared type; a NULL gives a typed NULL. Return 0 or a negative code. */
int tsql_value_bind(struct sqlite3_stmt *stmt, int index, const struct tsql_value *value);
int tsql_value_column(struct sqlite3_stmt *stmt, int column, const struct tsql_decl *decl,
    struct tsql_value *ret, struct err *err);
/* sql_variant as stored text ("int:42", "nvarchar(4000):abc", "decimal(18,2):1.50"); NULL is SQL NULL, not text. */
void tsql_variant_encode(const struct tsql_value *value, struct buf *ret);
int tsql_variant_decode(const char *text, size_t len, struct tsql_value *ret, struct err *err);

#endif
