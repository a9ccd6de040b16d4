/* SPDX-License-Identifier: MIT */
/*
 * Exact decimal arithmetic on 128-bit integers with a scale: DT_NUMERIC
 * (38 digits), DT_DECIMAL (96 bits) and DT_CY. Functions return false when the
 * result has more than 38 digits; ret is then unchanged.
 */
#ifndef SO_RUNTIME_DECIMAL_H
#define SO_RUNTIME_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

typedef __int128 int128;
typedef unsigned __int128 uint128;

#define DEC_DIGITS_MAX 38
#define DEC_TEXT_MAX 48

/* 10^n for 0 <= n <= 38. */
int128 dec_pow10(int n);
/* Digits of the magnitude, at least 1. */
int dec_digits(int128 v);
/* The same number with another scale; digits that fall off round half away from zero, or are cut. */
bool dec_rescale(int128 v, int from, int to, bool round, int128 *ret);
/* a (scale sa) op b (scale sb), as a number of scale s. dec_div needs b != 0. */
bool dec_add(int128 a, int sa, int128 b, int sb, int s, int128 *ret);
bool dec_mul(int128 a, int sa, int128 b, int sb, int s, int128 *ret);
bool dec_div(int128 a, int sa, int128 b, int sb, int s, int128 *ret);
int dec_compare(int128 a, int sa, int128 b, int sb);
/* "[+-]digits[.digits]" without blanks; *ret_scale gets the digits behind the point. */
bool dec_parse(const char *text, size_t len, int128 *ret, int *ret_scale);
/* Invariant text; returns its length. */
size_t dec_format(int128 v, int scale, char text[DEC_TEXT_MAX]);
double dec_to_double(int128 v, int scale);
/* Nearest number of that scale; false when not finite or too large. */
bool dec_from_double(double r, int scale, int128 *ret);

#endif
