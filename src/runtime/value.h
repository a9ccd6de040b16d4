/* SPDX-License-Identifier: MIT */
/*
 * Typed values of expressions, variables, parameters and properties
 * (spec/package.md §4.3). A value always has a type, also when it is NULL.
 */
#ifndef SO_RUNTIME_VALUE_H
#define SO_RUNTIME_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "runtime/decimal.h"
#include "runtime/fault.h"

/* The numbers are the OLE DB codes, as in files; OBJECT is variables only. */
enum dt {
	DT_EMPTY = 0,
	DT_NULL = 1,
	DT_I2 = 2,
	DT_I4 = 3,
	DT_R4 = 4,
	DT_R8 = 5,
	DT_CY = 6,
	DT_DATE = 7,
	DT_BOOL = 11,
	DT_OBJECT = 13,
	DT_DECIMAL = 14,
	DT_I1 = 16,
	DT_UI1 = 17,
	DT_UI2 = 18,
	DT_UI4 = 19,
	DT_I8 = 20,
	DT_UI8 = 21,
	DT_FILETIME = 64,
	DT_GUID = 72,
	DT_BYTES = 128,
	DT_STR = 129,
	DT_WSTR = 130,
	DT_NUMERIC = 131,
	DT_DBDATE = 133,
	DT_DBTIME = 134,
	DT_DBTIMESTAMP = 135,
	DT_DBTIME2 = 145,
	DT_DBTIMESTAMPOFFSET = 146,
	DT_IMAGE = 301,
	DT_TEXT = 302,
	DT_NTEXT = 303,
	DT_DBTIMESTAMP2 = 304
};

/* What casts, operators and functions ask about a type. */
enum dt_family {
	FAMILY_NONE,
	FAMILY_INT,     /* signed and unsigned integers */
	FAMILY_REAL,    /* R4, R8 */
	FAMILY_DECIMAL, /* CY, DECIMAL, NUMERIC */
	FAMILY_BOOL,
	FAMILY_DATE,   /* everything with a calendar or a clock */
	FAMILY_STRING, /* STR, WSTR */
	FAMILY_LOB,    /* TEXT, NTEXT, IMAGE */
	FAMILY_BYTES,
	FAMILY_GUID,
	FAMILY_OBJECT
};

/* Parameters that a type takes in a cast, in this order. */
enum dt_param { PARAM_LENGTH = 1, PARAM_CODE_PAGE = 2, PARAM_PRECISION = 4, PARAM_SCALE = 8 };

struct dt_info {
	enum dt dt;
	const char *name; /* "DT_I4" */
	enum dt_family family;
	int bits; /* integers: width; reals: 32 or 64 */
	bool is_signed;
	unsigned params; /* enum dt_param */
	int digits;      /* numbers: precision as DT_NUMERIC */
	int scale_max;   /* PARAM_SCALE; fraction digits of date types without it */
	bool has_date, has_time;
};

struct value_type {
	enum dt dt;
	int length;    /* STR, TEXT, BYTES, IMAGE: bytes; WSTR, NTEXT: UTF-16 units */
	int precision; /* NUMERIC, DECIMAL */
	int scale;     /* NUMERIC, DECIMAL, CY; fraction digits of date types */
	int code_page; /* STR, TEXT */
};

struct value {
	struct value_type type;
	bool null;
	int offset_min; /* DBTIMESTAMPOFFSET: minutes east of UTC; ticks are local */
	union {
		int64_t i;  /* signed integers; BOOL 0 or 1 */
		uint64_t u; /* unsigned integers */
		double r;
		int128 dec;    /* unscaled, type.scale digits behind the point */
		int64_t ticks; /* dates: 100 ns since 0001-01-01; times: since midnight */
		struct uuid guid;
		struct {
			char *data; /* NUL-terminated, owned; UTF-8 for strings */
			size_t len;
		} s;
		struct object *object; /* counted reference, may be NULL */
	};
};

/* Items of a DT_OBJECT variable: what a ForEach can walk. */
struct object {
	int refs;
	struct value *items;
	size_t count;
};

/* Row of a type (the row of DT_EMPTY when unknown), by name without regard to case (or NULL), all rows. */
const struct dt_info *dt_info(enum dt dt);
const struct dt_info *dt_by_name(const char *name, size_t len);
const struct dt_info *dt_table(size_t *ret_count);
static inline enum dt_family dt_family(enum dt dt)
{
	return dt_info(dt)->family;
}
bool dt_is_number(enum dt dt);
/* "DT_WSTR,50" style text of a type. */
void value_type_format(const struct value_type *type, struct buf *out);
/* A type with the defaults of its kind. */
struct value_type value_type_of(enum dt dt);

void value_init(struct value *v); /* DT_EMPTY, NULL */
void value_release(struct value *v);
void value_copy(const struct value *from, struct value *ret);
/* Move: from becomes empty. */
void value_move(struct value *from, struct value *ret);
/* The makers initialise ret; they do not release what was there. */
void value_set_null(struct value *ret, const struct value_type *type);
void value_set_int(struct value *ret, enum dt dt, int64_t i);
void value_set_uint(struct value *ret, enum dt dt, uint64_t u);
void value_set_bool(struct value *ret, bool b);
void value_set_real(struct value *ret, enum dt dt, double r);
void value_set_decimal(struct value *ret, enum dt dt, int128 dec, int precision, int scale);
void value_set_ticks(struct value *ret, enum dt dt, int64_t ticks);
void value_set_text(struct value *ret, const char *text);
void value_set_text_len(struct value *ret, enum dt dt, const char *text, size_t len);

/* true for the same value (types compared by family); for change detection, not the == of the language. */
bool value_same(const struct value *a, const struct value *b);
/* Invariant text, as messages, dumps and statistics show it; NULL gives "". */
void value_text(const struct value *v, struct buf *out);
/* The text of a string value, "" for others and NULL. Borrowed. */
const char *value_str(const struct value *v);

/*
 * Convert (the cast operator, assignments, property setting). ret must be
 * initialised by the call; v and ret may be the same object. A NULL stays NULL.
 * Strings that are too long are cut, numbers that do not fit are refused.
 */
int value_cast(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault);
/* Whether the cast operator knows this pair of types. */
bool value_castable(enum dt from, enum dt to);

/*
 * A value as packages store it: VARIANT code (spec/package.md §1.4) and text.
 * text NULL gives NULL. Used for variables, parameters, task values.
 */
int value_from_variant(int vt, const char *text, struct value *ret, struct fault *fault);
/* A value by its catalog type name ("Int32") and invariant text; NULL text gives NULL. */
int value_from_type_name(const char *type_name, const char *text, struct value *ret,
    struct fault *fault);
/* "Int32" for a value's type: what the catalog calls it. */
const char *value_type_name(enum dt dt);
/* VARIANT code to type; DT_EMPTY when unknown. */
enum dt dt_from_variant(int vt);

/* Dates as text: parse any accepted form; what_date and what_time say which parts the text had. */
bool date_parse(const char *text, size_t len, int64_t *ret_ticks, int *ret_offset_min,
    bool *ret_has_date, bool *ret_has_time);
/* Canonical text of a date value. */
void date_format(const struct value *v, struct buf *out);
#define DATE_TICKS_OLE INT64_C(599264352000000000) /* 1899-12-30 */

#endif
