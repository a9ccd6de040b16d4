/* SPDX-License-Identifier: MIT */
/*
 * One pass over the bytes: texts are ended and unescaped where they stand. What
 * jansson would refuse is refused here too, by leaving it to jansson.
 */
#include "package/flat.h"

#include <string.h>

#include "base/utf8.h"

#define DIGITS_MAX 18 /* always fits into an int64_t */

static char *skip_blanks(char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		at++;
	return at;
}

/* What the letter behind a backslash means, 0 = not one of the short ones. */
static char unescaped(char letter)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? meanings[found - letters] : '\0';
}

/* at stands behind the opening quote; returns the place behind the closing one, or NULL. */
static char *read_text(char *at, const char **ret)
{
	char *to = at;

	*ret = at;
	for (; *at != '"'; at++) {
		char c = *at;
		if ((unsigned char)c < 0x20 || (c == '\\' && !(c = unescaped(*++at))))
			return NULL;
		*to++ = c;
	}
	*to = '\0';
	return at + 1;
}

static char *read_number(char *at, int64_t *ret)
{
	bool negative = *at == '-';
	char *first = at + negative;
	int64_t value = 0;

	for (at = first; *at >= '0' && *at <= '9'; at++) {
		if (at - first == DIGITS_MAX)
			return NULL;
		value = value * 10 + (*at - '0');
	}
	if (at == first || (*first == '0' && at - first > 1) || *at == '.' || *at == 'e' || *at == 'E')
		return NULL;
	*ret = negative ? -value : value;
	return at;
}

static char *read_member(char *at, struct flat_member *member)
{
	*member = (struct flat_member){ 0 };
	if (*at != '"' || !(at = read_text(at + 1, &member->key)))
		return NULL;
	at = skip_blanks(at);
	if (*at++ != ':')
		return NULL;
	at = skip_blanks(at);
	at = *at == '"' ? read_text(at + 1, &member->text) : read_number(at, &member->number);
	return at ? skip_blanks(at) : NULL;
}

int flat_read(char *line, size_t len, struct flat_member *members, size_t max)
{
	size_t count = 0;
	char *at;

	line[len] = '\0'; /* stops every loop: it is no part of a text, number or blank */
	if (strlen(line) != len || !utf8_valid(line, len))
		return -1;
	at = skip_blanks(line);
	if (*at++ != '{')
		return -1;
	do {
		if (count == max || !(at = read_member(skip_blanks(at), &members[count++])))
			return -1;
	} while (*at++ == ',');
	return at[-1] == '}' && skip_blanks(at) == line + len ? (int)count : -1;
}
