/* SPDX-License-Identifier: MIT */
/*
 * Conversions (spec/package.md §4.6): the cast operator, assignment to
 * variables and property setting all come through value_cast. One function per
 * family of target types; each looks at the family of the source.
 */
#include "runtime/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

static int fail_overflow(const struct value *v, const struct value_type *to, struct fault *fault)
{
	return fault_set(fault, EXPR_CONVERSION_OVERFLOW,
	    "Conversion from data type \"%s\" to \"%s\" overflows: the value does not fit.",
	    dt_info(v->type.dt)->name, dt_info(to->dt)->name);
}

static int fail_text(const struct value *v, const struct value_type *to, struct fault *fault)
{
	return fault_set(fault, EXPR_CONVERSION_FAILED,
	    "The text \"%.100s\" cannot be converted to data type \"%s\".", value_str(v),
	    dt_info(to->dt)->name);
}

static int fail_pair(const struct value *v, const struct value_type *to, struct fault *fault)
{
	return fault_set(fault, EXPR_CONVERSION_NOT_SUPPORTED,
	    "Conversion from data type \"%s\" to \"%s\" is not supported.", dt_info(v->type.dt)->name,
	    dt_info(to->dt)->name);
}

/* Text without leading and trailing blanks. */
static const char *trimmed(const struct value *v, size_t *ret_len)
{
	const char *text = v->s.data, *end = v->s.data + v->s.len;

	while (text < end && (*text == ' ' || (*text >= '\t' && *text <= '\r')))
		text++;
	while (end > text && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')))
		end--;
	*ret_len = (size_t)(end - text);
	return text;
}

/* A plain decimal number with optional exponent; nothing else that strtod takes. */
static bool text_to_double(const struct value *v, double *ret)
{
	char copy[400], *end;
	size_t len;
	const char *text = trimmed(v, &len);

	if (!len || len >= sizeof(copy) || strspn(text, "+-.0123456789eE") < len)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*ret = strtod(copy, &end);
	return *end == '\0' && isfinite(*ret);
}

static double ole_days(int64_t ticks)
{
	return (double)(ticks - DATE_TICKS_OLE) / (double)TICKS_PER_DAY;
}

/* Any source as a decimal with its own scale. */
static int to_decimal_parts(const struct value *v, const struct value_type *to, int128 *ret,
    int *ret_scale, struct fault *fault)
{
	double r;
	size_t len;
	const char *text;

	*ret_scale = 0;
	switch (dt_family(v->type.dt)) {
	case FAMILY_INT:
		*ret = dt_info(v->type.dt)->is_signed ? (int128)v->i : (int128)v->u;
		return 0;
	case FAMILY_BOOL:
		*ret = v->i ? -1 : 0;
		return 0;
	case FAMILY_DECIMAL:
		*ret = v->dec;
		*ret_scale = v->type.scale;
		return 0;
	case FAMILY_STRING:
	case FAMILY_LOB:
		text = trimmed(v, &len);
		if (dec_parse(text, len, ret, ret_scale))
			return 0;
		if (!text_to_double(v, &r))
			return fail_text(v, to, fault);
		break;
	case FAMILY_DATE:
		r = ole_days(v->ticks);
		break;
	default:
		r = v->r;
		break;
	}
	*ret_scale = dt_family(to->dt) == FAMILY_DECIMAL ? to->scale : 0;
	return dec_from_double(r, *ret_scale, ret) ? 0 : fail_overflow(v, to, fault);
}

static int cast_int(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	const struct dt_info *info = dt_info(to->dt);
	int128 whole, low, high;
	int scale;

	if (to_decimal_parts(v, to, &whole, &scale, fault))
		return -1;
	if (!dec_rescale(whole, scale, 0, true, &whole))
		return fail_overflow(v, to, fault);
	low = info->is_signed ? -((int128)1 << (info->bits - 1)) : 0;
	high = ((int128)1 << (info->bits - info->is_signed)) - 1;
	if (whole < low || whole > high)
		return fail_overflow(v, to, fault);
	if (info->is_signed)
		value_set_int(ret, to->dt, (int64_t)whole);
	else
		value_set_uint(ret, to->dt, (uint64_t)whole);
	return 0;
}

static int cast_real(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	double r;

	switch (dt_family(v->type.dt)) {
	case FAMILY_REAL:
		r = v->r;
		break;
	case FAMILY_INT:
		r = dt_info(v->type.dt)->is_signed ? (double)v->i : (double)v->u;
		break;
	case FAMILY_BOOL:
		r = v->i ? -1 : 0;
		break;
	case FAMILY_DECIMAL:
		r = dec_to_double(v->dec, v->type.scale);
		break;
	case FAMILY_DATE:
		r = ole_days(v->ticks);
		break;
	default:
		if (!text_to_double(v, &r))
			return fail_text(v, to, fault);
		break;
	}
	if (to->dt == DT_R4 && isinf((float)r) && !isinf(r))
		return fail_overflow(v, to, fault);
	value_set_real(ret, to->dt, r);
	return 0;
}

static int cast_decimal(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	int digits = to->precision ? to->precision : dt_info(to->dt)->digits;
	int128 dec;
	int scale;

	if (to_decimal_parts(v, to, &dec, &scale, fault))
		return -1;
	if (!dec_rescale(dec, scale, to->scale, true, &dec) || dec_digits(dec) > digits)
		return fail_overflow(v, to, fault);
	value_set_decimal(ret, to->dt, dec, digits, to->scale);
	return 0;
}

static int cast_bool(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	const char *text;
	size_t len;
	double r;

	switch (dt_family(v->type.dt)) {
	case FAMILY_BOOL:
	case FAMILY_INT:
		value_set_bool(ret, v->i != 0);
		return 0;
	case FAMILY_REAL:
		value_set_bool(ret, v->r != 0);
		return 0;
	case FAMILY_DECIMAL:
		value_set_bool(ret, v->dec != 0);
		return 0;
	default:
		break;
	}
	text = trimmed(v, &len);
	if (!utf8_ncasecmp(text, len, "true", 4) || !utf8_ncasecmp(text, len, "false", 5)) {
		value_set_bool(ret, len == 4);
		return 0;
	}
	if (!text_to_double(v, &r))
		return fail_text(v, to, fault);
	value_set_bool(ret, r != 0);
	return 0;
}

/* Local wall ticks of today's midnight. */
static int64_t today(void)
{
	int64_t now = clock_wall();

	now += clock_local_offset_min(now) * INT64_C(60) * TICKS_PER_SECOND;
	return now - now % TICKS_PER_DAY;
}

/* Cut a moment to what the target type can hold. */
static int64_t fit_ticks(int64_t ticks, const struct value_type *to)
{
	const struct dt_info *info = dt_info(to->dt);
	int digits = info->params & PARAM_SCALE ? to->scale : info->scale_max;
	int64_t unit = (int64_t)dec_pow10(7 - digits);

	if (!info->has_date)
		ticks %= TICKS_PER_DAY;
	if (!info->has_time)
		ticks -= ticks % TICKS_PER_DAY;
	return ticks - ticks % unit;
}

static int cast_date(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	const struct dt_info *from_info = dt_info(v->type.dt), *info = dt_info(to->dt);
	bool has_date = from_info->has_date, has_time = from_info->has_time;
	int64_t ticks = 0;
	int offset = 0;
	size_t len;

	if (from_info->family == FAMILY_STRING || from_info->family == FAMILY_LOB) {
		const char *text = trimmed(v, &len);
		if (!date_parse(text, len, &ticks, &offset, &has_date, &has_time))
			return fail_text(v, to, fault);
	} else if (from_info->family == FAMILY_DATE) {
		ticks = v->ticks;
		offset = v->offset_min;
	} else {
		struct value days = { 0 };
		struct value_type r8 = { .dt = DT_R8 };
		if (cast_real(v, &r8, &days, fault))
			return -1;
		if (!(days.r > -657435.0 && days.r < 2958466.0))
			return fail_overflow(v, to, fault);
		ticks = DATE_TICKS_OLE + (int64_t)llround(days.r * 86400000.0) * TICKS_PER_MS;
		has_date = has_time = true;
	}
	if (info->has_date && !has_date)
		ticks += today();
	if (to->dt != DT_DBTIMESTAMPOFFSET) {
		ticks -= offset * INT64_C(60) * TICKS_PER_SECOND;
		offset = 0;
	}
	if (ticks < 0)
		return fail_overflow(v, to, fault);
	*ret = (struct value){ .type = *to, .offset_min = offset, .ticks = fit_ticks(ticks, to) };
	return 0;
}

static void put_real(const struct value *v, struct buf *out)
{
	char text[40];
	bool narrow = v->type.dt == DT_R4;

	for (int digits = narrow ? 7 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*G", digits, v->r);
		double back = strtod(text, NULL);
		if (narrow ? (float)back == (float)v->r : back == v->r)
			break;
	}
	buf_adds(out, text);
}

static void put_hex(const struct value *v, struct buf *out)
{
	for (size_t i = 0; i < v->s.len; i++)
		buf_addf(out, "%02X", (unsigned char)v->s.data[i]);
}

void value_text(const struct value *v, struct buf *out)
{
	char text[UUID_TEXT_LEN + DEC_TEXT_MAX];

	if (v->null)
		return;
	switch (dt_family(v->type.dt)) {
	case FAMILY_INT:
		if (dt_info(v->type.dt)->is_signed)
			buf_addf(out, "%lld", (long long)v->i);
		else
			buf_addf(out, "%llu", (unsigned long long)v->u);
		break;
	case FAMILY_REAL:
		put_real(v, out);
		break;
	case FAMILY_DECIMAL:
		dec_format(v->dec, v->type.scale, text);
		buf_adds(out, text);
		break;
	case FAMILY_BOOL:
		buf_adds(out, v->i ? "True" : "False");
		break;
	case FAMILY_DATE:
		date_format(v, out);
		break;
	case FAMILY_GUID:
		uuid_format(&v->guid, true, text);
		buf_addf(out, "{%s}", text);
		break;
	case FAMILY_BYTES:
		put_hex(v, out);
		break;
	case FAMILY_LOB:
		if (v->type.dt == DT_IMAGE) {
			put_hex(v, out);
			break;
		}
		/* fall through */
	case FAMILY_STRING:
		buf_add(out, v->s.data, v->s.len);
		break;
	case FAMILY_OBJECT:
		buf_adds(out, "System.Object");
		break;
	default:
		break;
	}
}

/* Bytes of text that fit a string type's length; 0 means no limit. */
static size_t fitting(const char *text, size_t len, const struct value_type *to)
{
	if (to->length <= 0)
		return len;
	if (to->dt == DT_WSTR || to->dt == DT_NTEXT)
		return utf8_prefix_utf16(text, len, (size_t)to->length);
	size_t at = 0, used, units = 0;
	while (at < len) {
		utf8_decode(text + at, len - at, &used);
		units += to->code_page == 65001 ? used : 1;
		if (units > (size_t)to->length)
			break;
		at += used;
	}
	return at;
}

static int cast_text(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	struct buf text = BUF_INIT;
	enum dt_family family = dt_family(v->type.dt);
	bool may_cut = family == FAMILY_STRING || family == FAMILY_LOB || family == FAMILY_DATE ||
	    family == FAMILY_BYTES;

	value_text(v, &text);
	size_t fit = fitting(text.data, text.len, to);
	if (fit < text.len && !may_cut) {
		buf_release(&text);
		return fault_set(fault, EXPR_CONVERSION_FAILED,
		    "Conversion from data type \"%s\" to \"%s\" would be cut: the length %d is too small.",
		    dt_info(v->type.dt)->name, dt_info(to->dt)->name, to->length);
	}
	value_set_text_len(ret, to->dt, text.data, fit);
	ret->type.code_page = to->code_page;
	if (to->length > 0)
		ret->type.length = to->length;
	buf_release(&text);
	return 0;
}

static int cast_bytes(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	struct buf bytes = BUF_INIT;
	size_t len;
	enum dt_family family = dt_family(v->type.dt);

	if (family == FAMILY_GUID) {
		buf_add(&bytes, v->guid.bytes, sizeof(v->guid.bytes));
	} else if (family == FAMILY_STRING || (family == FAMILY_LOB && v->type.dt != DT_IMAGE)) {
		const char *text = trimmed(v, &len);
		size_t at = len >= 2 && text[0] == '0' && (text[1] | 32) == 'x' ? 2 : 0;
		for (; at + 1 < len && hex_digit(text[at]) >= 0 && hex_digit(text[at + 1]) >= 0; at += 2)
			buf_addc(&bytes, (char)(hex_digit(text[at]) << 4 | hex_digit(text[at + 1])));
		if (at != len) {
			buf_release(&bytes);
			return fail_text(v, to, fault);
		}
	} else {
		buf_add(&bytes, v->s.data, v->s.len);
	}
	if (to->length > 0 && bytes.len > (size_t)to->length)
		buf_truncate(&bytes, (size_t)to->length);
	value_set_text_len(ret, to->dt, bytes.data, bytes.len);
	if (to->length > 0)
		ret->type.length = to->length;
	buf_release(&bytes);
	return 0;
}

static int cast_guid(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	struct value guid = { .type = { .dt = DT_GUID } };
	size_t len;

	if (v->type.dt == DT_GUID) {
		guid.guid = v->guid;
	} else if (dt_family(v->type.dt) == FAMILY_BYTES) {
		if (v->s.len != sizeof(guid.guid.bytes))
			return fail_overflow(v, to, fault);
		memcpy(guid.guid.bytes, v->s.data, sizeof(guid.guid.bytes));
	} else {
		const char *text = trimmed(v, &len);
		if (!uuid_parse(text, len, &guid.guid))
			return fail_text(v, to, fault);
	}
	*ret = guid;
	return 0;
}

#define BIT(family) (1u << (family))
#define NUMBERS (BIT(FAMILY_INT) | BIT(FAMILY_REAL) | BIT(FAMILY_DECIMAL) | BIT(FAMILY_BOOL))
#define TEXTS (BIT(FAMILY_STRING) | BIT(FAMILY_LOB))

/* One row per family of targets: the families it takes, and how. */
static const struct cast_row {
	enum dt_family to;
	unsigned from;
	int (*cast)(const struct value *v, const struct value_type *to, struct value *ret,
	    struct fault *fault);
} cast_rows[] = {
	{ FAMILY_INT, NUMBERS | TEXTS | BIT(FAMILY_DATE), cast_int },
	{ FAMILY_REAL, NUMBERS | TEXTS | BIT(FAMILY_DATE), cast_real },
	{ FAMILY_DECIMAL, NUMBERS | TEXTS | BIT(FAMILY_DATE), cast_decimal },
	{ FAMILY_BOOL, NUMBERS | TEXTS, cast_bool },
	{ FAMILY_DATE, NUMBERS | TEXTS | BIT(FAMILY_DATE), cast_date },
	{ FAMILY_STRING,
	    NUMBERS | TEXTS | BIT(FAMILY_DATE) | BIT(FAMILY_GUID) | BIT(FAMILY_BYTES), cast_text },
	{ FAMILY_LOB, NUMBERS | TEXTS | BIT(FAMILY_DATE) | BIT(FAMILY_GUID) | BIT(FAMILY_BYTES),
	    cast_text },
	{ FAMILY_BYTES, TEXTS | BIT(FAMILY_BYTES) | BIT(FAMILY_GUID), cast_bytes },
	{ FAMILY_GUID, TEXTS | BIT(FAMILY_BYTES) | BIT(FAMILY_GUID), cast_guid },
};

static const struct cast_row *find_row(enum dt from, enum dt to)
{
	enum dt_family source = dt_family(from), target = to == DT_IMAGE ? FAMILY_BYTES : dt_family(to);

	/* Only DT_DATE is a number of days. */
	if (target == FAMILY_DATE && to != DT_DATE && (BIT(source) & NUMBERS))
		return NULL;
	if (source == FAMILY_DATE && from != DT_DATE && (BIT(target) & NUMBERS))
		return NULL;
	/* A number is no truth value of a date and the like; a day has no time. */
	if (source == FAMILY_BOOL && target == FAMILY_DATE)
		return NULL;
	if (source == FAMILY_DATE && target == FAMILY_DATE &&
	    !dt_info(to)->has_date && !dt_info(from)->has_time)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(cast_rows); i++) {
		if (cast_rows[i].to == target && (cast_rows[i].from & BIT(source)))
			return &cast_rows[i];
	}
	return NULL;
}

bool value_castable(enum dt from, enum dt to)
{
	return from == DT_NULL || find_row(from, to) || (from == DT_OBJECT && to == DT_OBJECT);
}

int value_cast(const struct value *v, const struct value_type *to, struct value *ret,
    struct fault *fault)
{
	struct value result;
	const struct cast_row *row = find_row(v->type.dt, to->dt);

	if (v->null && (row || v->type.dt == DT_NULL || v->type.dt == DT_EMPTY ||
	                   v->type.dt == DT_OBJECT)) {
		value_init(&result);
		result.type = *to;
	} else if (v->type.dt == DT_OBJECT && to->dt == DT_OBJECT) {
		value_copy(v, &result);
	} else if (to->dt == DT_OBJECT) {
		value_copy(v, &result); /* an Object variable holds any value */
	} else if (!row) {
		return fail_pair(v, to, fault);
	} else if (row->cast(v, to, &result, fault)) {
		return -1;
	}
	if (v == ret)
		value_release(ret);
	*ret = result;
	return 0;
}
