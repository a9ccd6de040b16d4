/* SPDX-License-Identifier: MIT */
/*
 * Exact decimals of up to 38 digits: the arithmetic behind decimal, numeric
 * and money, with T-SQL's rules for the precision and scale of results.
 */
#ifndef SO_TSQL_DECIMAL_H
#define SO_TSQL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_MAX_PRECISION 38
#define DECIMAL_TEXT_MAX 48 /* sign, 38 digits, point, leading zero, NUL */

struct decimal {
	__int128 units; /* the value times 10^scale; fewer than 39 digits */
	int precision;  /* declared digits, 1-38 */
	int scale;      /* digits after the point, 0..precision */
};

enum decimal_op { DECIMAL_ADD, DECIMAL_SUB, DECIMAL_MUL, DECIMAL_DIV, DECIMAL_MOD };

/* All functions that return bool give false on overflow or bad text, and then leave ret alone. */

/* Digits with an optional sign and point, blanks around allowed. Precision and scale are those of the text. */
bool decimal_parse(const char *text, size_t len, struct decimal *ret);
void decimal_format(const struct decimal *value, char text[DECIMAL_TEXT_MAX]);
struct decimal decimal_from_int(int64_t value);
bool decimal_from_double(double value, int precision, int scale, struct decimal *ret);
double decimal_to_double(const struct decimal *value);
/* Cuts the fraction off. */
bool decimal_to_int(const struct decimal *value, int64_t *ret);
/* To another precision and scale, rounding half away from zero. */
bool decimal_rescale(const struct decimal *value, int precision, int scale, struct decimal *ret);
/* Cut (not round) to this many digits after the point; the scale is kept. */
struct decimal decimal_truncate(const struct decimal *value, int digits);
int decimal_compare(const struct decimal *a, const struct decimal *b);
/* Precision and scale of the result of an operation, by T-SQL's rules. */
void decimal_result_type(enum decimal_op op, int p1, int s1, int p2, int s2, int *ret_precision,
    int *ret_scale);
/* b must not be 0 for DIV and MOD. */
bool decimal_op(enum decimal_op op, const struct decimal *a, const struct decimal *b,
    struct decimal *ret);

#endif
