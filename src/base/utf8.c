/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 without the C library's locale: programs here must treat names alike
 * in a C locale (cron, sshd) and in a UTF-8 one.
 */
#include "base/utf8.h"

#include <string.h>

uint32_t utf8_decode(const char *text, size_t len, size_t *ret_used)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need;
	uint32_t code;

	*ret_used = 1;
	if (s[0] < 0x80)
		return s[0];
	if (s[0] >= 0xC2 && s[0] <= 0xDF) {
		need = 2;
		code = s[0] & 0x1F;
	} else if ((s[0] & 0xF0) == 0xE0) {
		need = 3;
		code = s[0] & 0x0F;
	} else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
		need = 4;
		code = s[0] & 0x07;
	} else {
		return UTF8_INVALID;
	}
	if (len < need)
		return UTF8_INVALID;
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return UTF8_INVALID;
		code = code << 6 | (s[i] & 0x3F);
	}
	if (code < smallest[need] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return UTF8_INVALID;
	*ret_used = need;
	return code;
}

size_t utf8_put(uint32_t code, char out[4])
{
	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		code = UTF8_INVALID;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

bool utf8_valid(const char *text, size_t len)
{
	size_t used;

	for (size_t at = 0; at < len; at += used) {
		uint32_t code = utf8_decode(text + at, len - at, &used);
		/* A real U+FFFD takes three bytes; one byte used means malformed. */
		if (code == UTF8_INVALID && used == 1)
			return false;
	}
	return true;
}

size_t utf8_count(const char *text, size_t len)
{
	size_t count = 0, used;

	for (size_t at = 0; at < len; at += used) {
		utf8_decode(text + at, len - at, &used);
		count++;
	}
	return count;
}

size_t utf8_utf16_len(const char *text, size_t len)
{
	size_t units = 0, at = 0, used;

	while (at < len && (unsigned char)text[at] < 0x80)
		at++;
	for (units = at; at < len; at += used)
		units += utf8_decode(text + at, len - at, &used) > 0xFFFF ? 2 : 1;
	return units;
}

size_t utf8_prefix_utf16(const char *text, size_t len, size_t units)
{
	size_t at = 0, used;

	while (at < len) {
		size_t width = utf8_decode(text + at, len - at, &used) > 0xFFFF ? 2 : 1;
		if (width > units)
			break;
		units -= width;
		at += used;
	}
	return at;
}

uint32_t utf8_fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) ||
	    (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	if (c >= 0x531 && c <= 0x556)
		return c + 48;
	if ((c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177) ||
	    (c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c & 1 ? c + 1 : c;
	if (c == 0x178)
		return 0xFF;
	return c;
}

uint32_t utf8_upper(uint32_t c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) ||
	    (c >= 0x430 && c <= 0x44F))
		return c - 32;
	if (c >= 0x450 && c <= 0x45F)
		return c - 80;
	if (c >= 0x561 && c <= 0x586)
		return c - 48;
	if ((c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177) ||
	    (c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481))
		return c & ~UINT32_C(1);
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c & 1 ? c : c - 1;
	if (c == 0xFF)
		return 0x178;
	return c;
}

int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int utf8_ncasecmp(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0, j = 0, used_a, used_b;

	while (i < a_len && j < b_len) {
		unsigned char p = (unsigned char)a[i], q = (unsigned char)b[j];

		if (p == q && p < 0x80) { /* nearly all of nearly all names */
			i++;
			j++;
			continue;
		}
		uint32_t x = utf8_fold(utf8_decode(a + i, a_len - i, &used_a));
		uint32_t y = utf8_fold(utf8_decode(b + j, b_len - j, &used_b));
		if (x != y)
			return x < y ? -1 : 1;
		i += used_a;
		j += used_b;
	}
	return (i < a_len) - (j < b_len);
}

int utf8_casecmp(const char *a, const char *b)
{
	return utf8_ncasecmp(a, strlen(a), b, strlen(b));
}
