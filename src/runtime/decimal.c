/* SPDX-License-Identifier: MIT */
/*
 * 128-bit decimals. Products and scaled dividends need 256 bits, kept here as
 * two halves; division of those is by shift and subtract, which only the rare
 * wide operands pay for.
 */
#include "runtime/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wide {
	uint128 hi, lo;
};

int128 dec_pow10(int n)
{
	int128 r = 1;

	while (n-- > 0)
		r *= 10;
	return r;
}

static uint128 magnitude(int128 v)
{
	return v < 0 ? -(uint128)v : (uint128)v;
}

/* v with the sign, or false past 38 digits. */
static bool with_sign(uint128 v, bool negative, int128 *ret)
{
	if (v >= (uint128)dec_pow10(DEC_DIGITS_MAX))
		return false;
	*ret = negative ? -(int128)v : (int128)v;
	return true;
}

int dec_digits(int128 v)
{
	uint128 m = magnitude(v);
	int n = 1;

	while (m >= 10) {
		m /= 10;
		n++;
	}
	return n;
}

static struct wide wide_mul(uint128 a, uint128 b)
{
	uint128 a0 = (uint64_t)a, a1 = a >> 64, b0 = (uint64_t)b, b1 = b >> 64;
	uint128 p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0;
	uint128 mid = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
	struct wide r = { a1 * b1 + (p01 >> 64) + (p10 >> 64) + (mid >> 64),
		mid << 64 | (uint64_t)p00 };

	return r;
}

/* Quotient and remainder; quotient's high half must be 0 (else false). */
static bool wide_div(struct wide n, uint128 d, uint128 *ret_quotient, uint128 *ret_rest)
{
	uint128 q = 0, rest = n.hi;

	if (n.hi >= d)
		return false;
	if (n.hi == 0) {
		*ret_quotient = n.lo / d;
		*ret_rest = n.lo % d;
		return true;
	}
	for (int bit = 127; bit >= 0; bit--) {
		bool carry = rest >> 127;
		rest = rest << 1 | (n.lo >> bit & 1);
		q <<= 1;
		if (carry || rest >= d) {
			rest -= d;
			q |= 1;
		}
	}
	*ret_quotient = q;
	*ret_rest = rest;
	return true;
}

/* n / d rounded half away from zero (or cut). */
static bool wide_div_round(struct wide n, uint128 d, bool round, uint128 *ret)
{
	uint128 q, rest;

	if (!wide_div(n, d, &q, &rest))
		return false;
	if (round && rest >= d - rest)
		q++;
	*ret = q;
	return true;
}

bool dec_rescale(int128 v, int from, int to, bool round, int128 *ret)
{
	struct wide n;
	uint128 q;

	if (from == to)
		return with_sign(magnitude(v), v < 0, ret);
	if (to > from) {
		if (v == 0) {
			*ret = 0;
			return true;
		}
		if (to - from > DEC_DIGITS_MAX)
			return false;
		n = wide_mul(magnitude(v), (uint128)dec_pow10(to - from));
		return n.hi == 0 && with_sign(n.lo, v < 0, ret);
	}
	if (from - to > DEC_DIGITS_MAX) {
		*ret = 0;
		return true;
	}
	n = (struct wide){ 0, magnitude(v) };
	return wide_div_round(n, (uint128)dec_pow10(from - to), round, &q) && with_sign(q, v < 0, ret);
}

bool dec_add(int128 a, int sa, int128 b, int sb, int s, int128 *ret)
{
	int128 x, y, sum;
	int wide = sa > sb ? sa : sb;

	if (!dec_rescale(a, sa, wide, true, &x) || !dec_rescale(b, sb, wide, true, &y) ||
	    __builtin_add_overflow(x, y, &sum))
		return false;
	return dec_rescale(sum, wide, s, true, ret);
}

bool dec_mul(int128 a, int sa, int128 b, int sb, int s, int128 *ret)
{
	struct wide n = wide_mul(magnitude(a), magnitude(b));
	bool negative = (a < 0) != (b < 0);
	uint128 q;

	if (sa + sb <= s)
		return n.hi == 0 && n.lo < (uint128)dec_pow10(DEC_DIGITS_MAX) &&
		    dec_rescale(negative ? -(int128)n.lo : (int128)n.lo, sa + sb, s, true, ret);
	if (sa + sb - s > DEC_DIGITS_MAX)
		return false;
	return wide_div_round(n, (uint128)dec_pow10(sa + sb - s), true, &q) &&
	    with_sign(q, negative, ret);
}

bool dec_div(int128 a, int sa, int128 b, int sb, int s, int128 *ret)
{
	int shift = s - sa + sb;
	bool negative = (a < 0) != (b < 0);
	struct wide n;
	uint128 q;

	if (shift < 0) {
		int128 cut;
		if (!dec_rescale(a, -shift, 0, true, &cut))
			return false;
		n = (struct wide){ 0, magnitude(cut) };
	} else if (shift > DEC_DIGITS_MAX) {
		return false;
	} else {
		n = wide_mul(magnitude(a), (uint128)dec_pow10(shift));
	}
	return wide_div_round(n, magnitude(b), true, &q) && with_sign(q, negative, ret);
}

int dec_compare(int128 a, int sa, int128 b, int sb)
{
	struct wide x, y;

	if ((a < 0) != (b < 0) || a == 0 || b == 0)
		return (a > b) - (a < b);
	x = wide_mul(magnitude(a), (uint128)dec_pow10(sb > sa ? sb - sa : 0));
	y = wide_mul(magnitude(b), (uint128)dec_pow10(sa > sb ? sa - sb : 0));
	int order = x.hi != y.hi ? (x.hi > y.hi ? 1 : -1) : (x.lo > y.lo) - (x.lo < y.lo);
	return a < 0 ? -order : order;
}

bool dec_parse(const char *text, size_t len, int128 *ret, int *ret_scale)
{
	bool negative = len && text[0] == '-', point = false;
	size_t i = len && (text[0] == '-' || text[0] == '+');
	int128 v = 0;
	int digits = 0, scale = 0;

	for (; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (v >= dec_pow10(DEC_DIGITS_MAX - 1)) {
			if (!point)
				return false;
			digits++;
			continue; /* more digits behind the point than fit are dropped */
		}
		v = v * 10 + (text[i] - '0');
		digits++;
		scale += point;
	}
	if (!digits)
		return false;
	*ret = negative ? -v : v;
	*ret_scale = scale;
	return true;
}

size_t dec_format(int128 v, int scale, char text[DEC_TEXT_MAX])
{
	char digits[DEC_TEXT_MAX];
	uint128 m = magnitude(v);
	int n = 0;
	size_t at = 0;

	while (m || n <= scale) {
		digits[n++] = (char)('0' + (int)(m % 10));
		m /= 10;
	}
	if (v < 0)
		text[at++] = '-';
	while (n > 0) {
		if (n == scale)
			text[at++] = '.';
		text[at++] = digits[--n];
	}
	text[at] = '\0';
	return at;
}

double dec_to_double(int128 v, int scale)
{
	char text[DEC_TEXT_MAX];

	dec_format(v, scale, text);
	return strtod(text, NULL);
}

bool dec_from_double(double r, int scale, int128 *ret)
{
	char text[80];
	int128 v;
	int from;

	if (!isfinite(r) || fabs(r) >= 1e38)
		return false;
	/* 15 digits are what a double holds for sure; the rest would be noise. */
	int whole = fabs(r) >= 1 ? (int)log10(fabs(r)) + 1 : 0;
	snprintf(text, sizeof(text), "%.*f", 15 - whole > 0 ? 15 - whole : 0, r);
	return dec_parse(text, strlen(text), &v, &from) && dec_rescale(v, from, scale, true, ret);
}
