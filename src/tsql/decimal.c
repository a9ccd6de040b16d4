/* SPDX-License-Identifier: MIT */
/*
 * Decimal arithmetic on 128-bit integers. Products and dividends need up to
 * 256 bits; they live in a small array of 32-bit limbs, which is plenty fast
 * for what scripts compute.
 */
#include "tsql/decimal.h"

#include <math.h>
#include <string.h>

typedef unsigned __int128 u128;

#define LIMBS 9 /* 288 bits: 10^38 * 10^38 and one digit for rounding */

struct wide {
	uint32_t limb[LIMBS];
};

static u128 power10(int n)
{
	u128 r = 1;

	while (n-- > 0)
		r *= 10;
	return r;
}

static u128 magnitude(__int128 v)
{
	return v < 0 ? (u128)0 - (u128)v : (u128)v;
}

static bool fits(u128 v, int precision)
{
	return v < power10(precision);
}

static void wide_set(struct wide *w, u128 v)
{
	memset(w, 0, sizeof(*w));
	for (int i = 0; i < 4; i++)
		w->limb[i] = (uint32_t)(v >> (32 * i));
}

static bool wide_mul_small(struct wide *w, uint32_t m)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)w->limb[i] * m;
		w->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return carry == 0;
}

static bool wide_mul_power10(struct wide *w, int n)
{
	while (n-- > 0)
		if (!wide_mul_small(w, 10))
			return false;
	return true;
}

static void wide_mul(struct wide *w, u128 a, u128 b)
{
	memset(w, 0, sizeof(*w));
	for (int i = 0; i < 4; i++) {
		uint64_t carry = 0;
		uint64_t x = (uint32_t)(a >> (32 * i));
		for (int j = 0; j < 4; j++) {
			carry += x * (uint32_t)(b >> (32 * j)) + w->limb[i + j];
			w->limb[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		w->limb[i + 4] = (uint32_t)carry;
	}
}

/* Divide in place; returns the remainder. Bit by bit: at most 288 steps. */
static u128 wide_div(struct wide *w, u128 divisor)
{
	u128 rest = 0;

	for (int i = LIMBS * 32 - 1; i >= 0; i--) {
		u128 bit = (w->limb[i / 32] >> (i % 32)) & 1;
		bool top = (rest >> 127) != 0;
		rest = (rest << 1) | bit;
		w->limb[i / 32] &= ~(UINT32_C(1) << (i % 32));
		if (top || rest >= divisor) {
			rest -= divisor;
			w->limb[i / 32] |= UINT32_C(1) << (i % 32);
		}
	}
	return rest;
}

static bool wide_get(const struct wide *w, u128 *ret)
{
	u128 v = 0;

	for (int i = LIMBS - 1; i >= 4; i--)
		if (w->limb[i])
			return false;
	for (int i = 3; i >= 0; i--)
		v = (v << 32) | w->limb[i];
	*ret = v;
	return true;
}

static bool make(bool negative, u128 v, int precision, int scale, struct decimal *ret)
{
	if (!fits(v, precision))
		return false;
	ret->units = negative ? -(__int128)v : (__int128)v;
	ret->precision = precision;
	ret->scale = scale;
	return true;
}

bool decimal_parse(const char *text, size_t len, struct decimal *ret)
{
	u128 v = 0;
	int digits = 0, scale = 0, significant = 0;
	bool negative = false, point = false;

	while (len && (*text == ' ' || *text == '\t'))
		text++, len--;
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (len && (*text == '-' || *text == '+')) {
		negative = *text == '-';
		text++, len--;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		digits++;
		if (point && scale == DECIMAL_MAX_PRECISION)
			continue; /* digits beyond what any decimal holds */
		if (significant || text[i] != '0')
			significant++;
		if (significant > DECIMAL_MAX_PRECISION)
			return false;
		v = v * 10 + (u128)(text[i] - '0');
		scale += point;
	}
	if (digits == 0)
		return false;
	return make(negative, v, significant > scale ? significant : scale ? scale : 1, scale, ret);
}

void decimal_format(const struct decimal *value, char text[DECIMAL_TEXT_MAX])
{
	char digits[DECIMAL_TEXT_MAX];
	u128 v = magnitude(value->units);
	int n = 0;
	size_t at = 0;

	do {
		digits[n++] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v || n <= value->scale);
	if (value->units < 0)
		text[at++] = '-';
	while (n > 0) {
		if (n == value->scale)
			text[at++] = '.';
		text[at++] = digits[--n];
	}
	text[at] = '\0';
}

struct decimal decimal_from_int(int64_t value)
{
	struct decimal d = { .units = value, .precision = 19, .scale = 0 };

	return d;
}

bool decimal_from_double(double value, int precision, int scale, struct decimal *ret)
{
	/* 17 significant digits are all a double has; the rest would be noise. */
	char text[64];
	struct decimal exact;
	long double scaled = fabsl((long double)value);

	if (!isfinite(value) || scaled >= powl(10.0L, (long double)(precision - scale)))
		return false;
	snprintf(text, sizeof(text), "%.*f", scale > 16 ? 16 : scale, value);
	if (strlen(text) >= DECIMAL_TEXT_MAX || !decimal_parse(text, strlen(text), &exact))
		return false;
	return decimal_rescale(&exact, precision, scale, ret);
}

double decimal_to_double(const struct decimal *value)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(value, text);
	return strtod(text, NULL);
}

bool decimal_to_int(const struct decimal *value, int64_t *ret)
{
	__int128 v = value->units / (__int128)power10(value->scale);

	if (v > INT64_MAX || v < INT64_MIN)
		return false;
	*ret = (int64_t)v;
	return true;
}

bool decimal_rescale(const struct decimal *value, int precision, int scale, struct decimal *ret)
{
	u128 v = magnitude(value->units);
	int more = scale - value->scale;

	if (more < 0) {
		u128 unit = power10(-more);
		v = v / unit + (v % unit >= unit - unit / 2 ? 1 : 0);
	}
	for (; more > 0; more--) {
		if (v && !fits(v, DECIMAL_MAX_PRECISION - 1))
			return false;
		v *= 10;
	}
	return make(value->units < 0, v, precision, scale, ret);
}

struct decimal decimal_truncate(const struct decimal *value, int digits)
{
	struct decimal r = *value;
	int drop = value->scale - digits;

	if (drop > 0) {
		if (drop > DECIMAL_MAX_PRECISION - 1) {
			r.units = 0;
		} else {
			__int128 unit = (__int128)power10(drop);
			r.units = r.units / unit * unit;
		}
	}
	return r;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	struct wide x, y;
	int sign_a = (a->units > 0) - (a->units < 0);
	int sign_b = (b->units > 0) - (b->units < 0);

	if (sign_a != sign_b || sign_a == 0)
		return sign_a < sign_b ? -1 : sign_a > sign_b;
	wide_set(&x, magnitude(a->units));
	wide_set(&y, magnitude(b->units));
	wide_mul_power10(a->scale < b->scale ? &x : &y,
	    a->scale < b->scale ? b->scale - a->scale : a->scale - b->scale);
	for (int i = LIMBS - 1; i >= 0; i--)
		if (x.limb[i] != y.limb[i])
			return (x.limb[i] < y.limb[i] ? -1 : 1) * sign_a;
	return 0;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

void decimal_result_type(enum decimal_op op, int p1, int s1, int p2, int s2, int *ret_precision,
    int *ret_scale)
{
	int p, s, whole;

	switch (op) {
	case DECIMAL_MUL:
		p = p1 + p2 + 1;
		s = s1 + s2;
		break;
	case DECIMAL_DIV:
		s = max(6, s1 + p2 + 1);
		p = p1 - s1 + s2 + s;
		break;
	case DECIMAL_MOD:
		s = max(s1, s2);
		p = min(p1 - s1, p2 - s2) + s;
		break;
	default:
		s = max(s1, s2);
		p = s + max(p1 - s1, p2 - s2) + 1;
	}
	if (p > DECIMAL_MAX_PRECISION) {
		whole = op == DECIMAL_ADD || op == DECIMAL_SUB ? max(p1 - s1, p2 - s2) : p - s;
		if (op == DECIMAL_ADD || op == DECIMAL_SUB || whole < 32)
			s = min(s, DECIMAL_MAX_PRECISION - whole);
		else if (s > 6)
			s = 6;
		p = DECIMAL_MAX_PRECISION;
	}
	*ret_precision = max(p, 1);
	*ret_scale = max(s, 0);
}

/* A wide value with scale `from` becomes units at scale `to`, rounded. */
static bool finish(struct wide *w, bool negative, int from, int to, int precision, struct decimal *ret)
{
	u128 v;

	if (from < to) {
		if (!wide_mul_power10(w, to - from))
			return false;
	}
	for (; from - to > DECIMAL_MAX_PRECISION; from--)
		wide_div(w, 10);
	if (from > to) {
		u128 unit = power10(from - to);
		u128 rest = wide_div(w, unit);
		if (!wide_get(w, &v))
			return false;
		return make(negative, v + (rest >= unit - unit / 2 ? 1 : 0), precision, to, ret);
	}
	return wide_get(w, &v) && make(negative, v, precision, to, ret);
}

static bool add(const struct decimal *a, __int128 b_units, int b_scale, int p, int s, struct decimal *ret)
{
	/* Both sides at the larger scale; that may need a few bits more than 128 when digits must go again. */
	int common = max(a->scale, b_scale);
	struct wide x, y;
	u128 ux, uy;
	bool negative;

	wide_set(&x, magnitude(a->units));
	wide_set(&y, magnitude(b_units));
	if (!wide_mul_power10(&x, common - a->scale) || !wide_mul_power10(&y, common - b_scale))
		return false;
	if ((a->units < 0) == (b_units < 0)) {
		uint64_t carry = 0;
		for (int i = 0; i < LIMBS; i++) {
			carry += (uint64_t)x.limb[i] + y.limb[i];
			x.limb[i] = (uint32_t)carry;
			carry >>= 32;
		}
		return finish(&x, a->units < 0, common, s, p, ret);
	}
	if (!wide_get(&x, &ux) || !wide_get(&y, &uy))
		return false;
	negative = ux >= uy ? a->units < 0 : b_units < 0;
	wide_set(&x, ux >= uy ? ux - uy : uy - ux);
	return finish(&x, negative, common, s, p, ret);
}

static bool divide(const struct decimal *a, const struct decimal *b, int p, int s, struct decimal *ret)
{
	/* One digit more than asked, then round: q = a * 10^(s + 1 + sb - sa) / b. */
	struct wide x;
	int shift = s + 1 + b->scale - a->scale;

	wide_set(&x, magnitude(a->units));
	if (shift < 0) {
		wide_div(&x, power10(-shift));
		shift = 0;
	}
	if (!wide_mul_power10(&x, shift))
		return false;
	wide_div(&x, magnitude(b->units));
	/* T-SQL cuts a quotient, it does not round it. */
	wide_div(&x, 10);
	return finish(&x, (a->units < 0) != (b->units < 0), s, s, p, ret);
}

static bool modulo(const struct decimal *a, const struct decimal *b, int p, int s, struct decimal *ret)
{
	int common = max(a->scale, b->scale);
	struct wide x, y;
	u128 divisor, rest;

	wide_set(&x, magnitude(a->units));
	wide_set(&y, magnitude(b->units));
	if (!wide_mul_power10(&x, common - a->scale) || !wide_mul_power10(&y, common - b->scale))
		return false;
	if (!wide_get(&y, &divisor))
		return false;
	rest = wide_div(&x, divisor);
	wide_set(&x, rest);
	return finish(&x, a->units < 0, common, s, p, ret);
}

bool decimal_op(enum decimal_op op, const struct decimal *a, const struct decimal *b,
    struct decimal *ret)
{
	struct wide x;
	int p, s;

	decimal_result_type(op, a->precision, a->scale, b->precision, b->scale, &p, &s);
	switch (op) {
	case DECIMAL_ADD:
		return add(a, b->units, b->scale, p, s, ret);
	case DECIMAL_SUB:
		return add(a, -b->units, b->scale, p, s, ret);
	case DECIMAL_MUL:
		wide_mul(&x, magnitude(a->units), magnitude(b->units));
		return finish(&x, (a->units < 0) != (b->units < 0), a->scale + b->scale, s, p, ret);
	case DECIMAL_DIV:
		return divide(a, b, p, s, ret);
	default:
		return modulo(a, b, p, s, ret);
	}
}
