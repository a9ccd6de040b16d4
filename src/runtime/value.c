/* SPDX-License-Identifier: MIT */
/* Types as one table, and the life of values; conversions are in value_cast.c. */
#include "runtime/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define INTEGER(dt, name, bits, is_signed, digits) \
	{ dt, name, FAMILY_INT, bits, is_signed, 0, digits, 0, false, false }
#define DATE(dt, name, params, scale, date, time) \
	{ dt, name, FAMILY_DATE, 0, false, params, 0, scale, date, time }
#define OTHER(dt, name, family, params) \
	{ dt, name, family, 0, false, params, 0, 0, false, false }

static const struct dt_info types[] = {
	OTHER(DT_EMPTY, "DT_EMPTY", FAMILY_NONE, 0),
	OTHER(DT_NULL, "DT_NULL", FAMILY_NONE, 0),
	INTEGER(DT_I1, "DT_I1", 8, true, 3),
	INTEGER(DT_I2, "DT_I2", 16, true, 5),
	INTEGER(DT_I4, "DT_I4", 32, true, 10),
	INTEGER(DT_I8, "DT_I8", 64, true, 19),
	INTEGER(DT_UI1, "DT_UI1", 8, false, 3),
	INTEGER(DT_UI2, "DT_UI2", 16, false, 5),
	INTEGER(DT_UI4, "DT_UI4", 32, false, 10),
	INTEGER(DT_UI8, "DT_UI8", 64, false, 20),
	{ DT_R4, "DT_R4", FAMILY_REAL, 32, true, 0, 7, 0, false, false },
	{ DT_R8, "DT_R8", FAMILY_REAL, 64, true, 0, 15, 0, false, false },
	{ DT_CY, "DT_CY", FAMILY_DECIMAL, 64, true, 0, 19, 4, false, false },
	{ DT_DECIMAL, "DT_DECIMAL", FAMILY_DECIMAL, 96, true, PARAM_SCALE, 29, 28, false, false },
	{ DT_NUMERIC, "DT_NUMERIC", FAMILY_DECIMAL, 128, true, PARAM_PRECISION | PARAM_SCALE, 38, 38,
	    false, false },
	OTHER(DT_BOOL, "DT_BOOL", FAMILY_BOOL, 0),
	DATE(DT_DATE, "DT_DATE", 0, 3, true, true),
	DATE(DT_DBDATE, "DT_DBDATE", 0, 0, true, false),
	DATE(DT_DBTIME, "DT_DBTIME", 0, 0, false, true),
	DATE(DT_DBTIME2, "DT_DBTIME2", PARAM_SCALE, 7, false, true),
	DATE(DT_DBTIMESTAMP, "DT_DBTIMESTAMP", 0, 3, true, true),
	DATE(DT_DBTIMESTAMP2, "DT_DBTIMESTAMP2", PARAM_SCALE, 7, true, true),
	DATE(DT_DBTIMESTAMPOFFSET, "DT_DBTIMESTAMPOFFSET", PARAM_SCALE, 7, true, true),
	DATE(DT_FILETIME, "DT_FILETIME", 0, 7, true, true),
	OTHER(DT_GUID, "DT_GUID", FAMILY_GUID, 0),
	OTHER(DT_STR, "DT_STR", FAMILY_STRING, PARAM_LENGTH | PARAM_CODE_PAGE),
	OTHER(DT_WSTR, "DT_WSTR", FAMILY_STRING, PARAM_LENGTH),
	OTHER(DT_BYTES, "DT_BYTES", FAMILY_BYTES, PARAM_LENGTH),
	OTHER(DT_TEXT, "DT_TEXT", FAMILY_LOB, PARAM_CODE_PAGE),
	OTHER(DT_NTEXT, "DT_NTEXT", FAMILY_LOB, 0),
	OTHER(DT_IMAGE, "DT_IMAGE", FAMILY_LOB, 0),
	OTHER(DT_OBJECT, "DT_OBJECT", FAMILY_OBJECT, 0),
};

const struct dt_info *dt_info(enum dt dt)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].dt == dt)
			return &types[i];
	}
	return &types[0];
}

const struct dt_info *dt_by_name(const char *name, size_t len)
{
	for (size_t i = 2; i < ARRAY_LEN(types); i++) {
		if (types[i].dt != DT_OBJECT &&
		    !utf8_ncasecmp(types[i].name, strlen(types[i].name), name, len))
			return &types[i];
	}
	return NULL;
}

const struct dt_info *dt_table(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(types);
	return types;
}

bool dt_is_number(enum dt dt)
{
	enum dt_family family = dt_family(dt);

	return family == FAMILY_INT || family == FAMILY_REAL || family == FAMILY_DECIMAL;
}

void value_type_format(const struct value_type *type, struct buf *out)
{
	const struct dt_info *info = dt_info(type->dt);

	buf_adds(out, info->name);
	if (info->params & PARAM_LENGTH)
		buf_addf(out, ",%d", type->length);
	if (info->params & PARAM_CODE_PAGE)
		buf_addf(out, ",%d", type->code_page);
	if (info->params & PARAM_PRECISION)
		buf_addf(out, ",%d", type->precision);
	if (info->params & PARAM_SCALE)
		buf_addf(out, ",%d", type->scale);
}

struct value_type value_type_of(enum dt dt)
{
	const struct dt_info *info = dt_info(dt);
	struct value_type type = { .dt = dt };

	if (dt == DT_STR || dt == DT_TEXT)
		type.code_page = 1252;
	if (info->family == FAMILY_DECIMAL)
		type.precision = info->digits;
	if (dt == DT_CY || info->family == FAMILY_DATE)
		type.scale = info->scale_max;
	return type;
}

static bool owns_bytes(enum dt dt)
{
	enum dt_family family = dt_family(dt);

	return family == FAMILY_STRING || family == FAMILY_LOB || family == FAMILY_BYTES;
}

void value_init(struct value *v)
{
	*v = (struct value){ .null = true };
}

static void object_release(struct object *object)
{
	if (!object || --object->refs > 0)
		return;
	for (size_t i = 0; i < object->count; i++)
		value_release(&object->items[i]);
	free(object->items);
	free(object);
}

void value_release(struct value *v)
{
	if (!v->null && owns_bytes(v->type.dt))
		free(v->s.data);
	else if (!v->null && v->type.dt == DT_OBJECT)
		object_release(v->object);
	value_init(v);
}

void value_copy(const struct value *from, struct value *ret)
{
	struct value copy = *from;

	if (!from->null && owns_bytes(from->type.dt)) {
		copy.s.data = xmalloc(from->s.len + 1);
		memcpy(copy.s.data, from->s.data, from->s.len);
		copy.s.data[from->s.len] = '\0';
	} else if (!from->null && from->type.dt == DT_OBJECT && from->object) {
		from->object->refs++;
	}
	*ret = copy;
}

void value_move(struct value *from, struct value *ret)
{
	*ret = *from;
	value_init(from);
}

void value_set_null(struct value *ret, const struct value_type *type)
{
	value_init(ret);
	ret->type = *type;
}

void value_set_int(struct value *ret, enum dt dt, int64_t i)
{
	*ret = (struct value){ .type = { .dt = dt }, .i = i };
}

void value_set_uint(struct value *ret, enum dt dt, uint64_t u)
{
	*ret = (struct value){ .type = { .dt = dt }, .u = u };
}

void value_set_bool(struct value *ret, bool b)
{
	*ret = (struct value){ .type = { .dt = DT_BOOL }, .i = b };
}

void value_set_real(struct value *ret, enum dt dt, double r)
{
	*ret = (struct value){ .type = { .dt = dt }, .r = dt == DT_R4 ? (double)(float)r : r };
}

void value_set_decimal(struct value *ret, enum dt dt, int128 dec, int precision, int scale)
{
	*ret = (struct value){ .type = { .dt = dt, .precision = precision, .scale = scale },
		.dec = dec };
}

void value_set_ticks(struct value *ret, enum dt dt, int64_t ticks)
{
	*ret = (struct value){ .type = value_type_of(dt), .ticks = ticks };
}

void value_set_text_len(struct value *ret, enum dt dt, const char *text, size_t len)
{
	struct value v = { .type = value_type_of(dt) };

	v.s.data = xmalloc(len + 1);
	memcpy(v.s.data, text, len);
	v.s.data[len] = '\0';
	v.s.len = len;
	v.type.length = dt == DT_WSTR || dt == DT_NTEXT ? (int)utf8_utf16_len(text, len) : (int)len;
	*ret = v;
}

void value_set_text(struct value *ret, const char *text)
{
	value_set_text_len(ret, DT_WSTR, text, strlen(text));
}

bool value_same(const struct value *a, const struct value *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;

	if (a->null != b->null || dt_family(a->type.dt) != dt_family(b->type.dt))
		return false;
	if (a->null)
		return true;
	if (a->type.dt == DT_OBJECT)
		return a->object == b->object;
	value_text(a, &x);
	value_text(b, &y);
	bool same = x.len == y.len && !memcmp(x.data, y.data, x.len);
	buf_release(&x);
	buf_release(&y);
	return same;
}

const char *value_str(const struct value *v)
{
	return !v->null && owns_bytes(v->type.dt) ? v->s.data : "";
}

/* How the catalog, VARIANTs and the expression language call the same types. */
static const struct {
	int vt;
	enum dt dt;
	const char *name;
} variants[] = {
	{ 0, DT_EMPTY, "Empty" },
	{ 1, DT_NULL, "DBNull" },
	{ 2, DT_I2, "Int16" },
	{ 3, DT_I4, "Int32" },
	{ 4, DT_R4, "Single" },
	{ 5, DT_R8, "Double" },
	{ 6, DT_CY, "Currency" },
	{ 7, DT_DATE, "DateTime" },
	{ 8, DT_WSTR, "String" },
	{ 11, DT_BOOL, "Boolean" },
	{ 13, DT_OBJECT, "Object" },
	{ 14, DT_DECIMAL, "Decimal" },
	{ 16, DT_I1, "SByte" },
	{ 17, DT_UI1, "Byte" },
	{ 18, DT_UI2, "UInt16" },
	{ 18, DT_UI2, "Char" },
	{ 19, DT_UI4, "UInt32" },
	{ 20, DT_I8, "Int64" },
	{ 21, DT_UI8, "UInt64" },
	{ 22, DT_I4, "Int" },
	{ 23, DT_UI4, "UInt" },
};

enum dt dt_from_variant(int vt)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		if (variants[i].vt == vt)
			return variants[i].dt;
	}
	return DT_EMPTY;
}

const char *value_type_name(enum dt dt)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		if (variants[i].dt == dt)
			return variants[i].name;
	}
	return "String";
}

static int from_text(enum dt dt, const char *text, struct value *ret, struct fault *fault)
{
	struct value_type type = value_type_of(dt);
	struct value source;
	int r;

	if (!text || dt == DT_NULL || dt == DT_EMPTY || dt == DT_OBJECT) {
		value_set_null(ret, &type);
		return 0;
	}
	value_set_text(&source, text);
	if (dt == DT_WSTR) {
		value_move(&source, ret);
		return 0;
	}
	if (dt == DT_DECIMAL) {
		const char *point = strchr(text, '.');
		size_t places = point ? strlen(point + 1) : 0;
		type.scale = places > 28 ? 28 : (int)places;
	}
	r = value_cast(&source, &type, ret, fault);
	value_release(&source);
	return r;
}

int value_from_variant(int vt, const char *text, struct value *ret, struct fault *fault)
{
	enum dt dt = dt_from_variant(vt);

	if (dt == DT_EMPTY && vt != 0)
		return fault_set(fault, DTS_INVALID_VARIABLE_VALUE, "Type code %d is not known.", vt);
	return from_text(dt, text, ret, fault);
}

int value_from_type_name(const char *type_name, const char *text, struct value *ret,
    struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		if (!utf8_casecmp(variants[i].name, type_name))
			return from_text(variants[i].dt, text, ret, fault);
	}
	return fault_set(fault, DTS_INVALID_VARIABLE_VALUE, "Data type \"%s\" is not known.", type_name);
}
