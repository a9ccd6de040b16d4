/* SPDX-License-Identifier: MIT */
/* UTF-8: decoding, validation, case-blind comparison of names, UTF-16 lengths. No locale is used. */
#ifndef SO_BASE_UTF8_H
#define SO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID UINT32_C(0xFFFD)

/*
 * Decode one character from text (len > 0 bytes). Sets *ret_used (1-4).
 * A malformed, overlong or surrogate sequence gives UTF8_INVALID and uses one byte.
 */
uint32_t utf8_decode(const char *text, size_t len, size_t *ret_used);
/* Encode into out (room for 4); returns the bytes written. Invalid code points become U+FFFD. */
size_t utf8_put(uint32_t code, char out[4]);
bool utf8_valid(const char *text, size_t len);
/* Characters (code points) and UTF-16 units; SQL Server's LEN and nvarchar(n) count the latter. */
size_t utf8_count(const char *text, size_t len);
size_t utf8_utf16_len(const char *text, size_t len);
/* Bytes that the first units UTF-16 units take (never splits a character). */
size_t utf8_prefix_utf16(const char *text, size_t len, size_t units);

/* Simple case folding to lower and upper for Latin, Greek, Cyrillic and Armenian; others unchanged. */
uint32_t utf8_fold(uint32_t code);
uint32_t utf8_upper(uint32_t code);

/* Value of one hexadecimal digit in either case, 0-15; -1 for everything else (negative c too). */
int hex_digit(int c);

/*
 * Order of two names without regard to case (catalog names compare so,
 * spec/catalog.md §0 rule 3): <0, 0, >0 as strcmp.
 */
int utf8_casecmp(const char *a, const char *b);
int utf8_ncasecmp(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
