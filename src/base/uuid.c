/* SPDX-License-Identifier: MIT */
/* Random GUIDs and their text form. */
#include "base/uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/utf8.h"

void random_bytes(void *data, size_t len)
{
	unsigned char *at = data;

	while (len) {
		ssize_t n = getrandom(at, len, 0);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			abort();
		}
		at += n;
		len -= (size_t)n;
	}
}

void uuid_new(struct uuid *ret)
{
	random_bytes(ret->bytes, sizeof(ret->bytes));
	ret->bytes[6] = (unsigned char)((ret->bytes[6] & 0x0F) | 0x40);
	ret->bytes[8] = (unsigned char)((ret->bytes[8] & 0x3F) | 0x80);
}

static bool is_dash_position(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(const char *text, size_t len, struct uuid *ret)
{
	struct uuid id;
	size_t out = 0;

	if (len == UUID_TEXT_LEN + 2 && text[0] == '{' && text[len - 1] == '}') {
		text++;
		len -= 2;
	}
	if (len != UUID_TEXT_LEN)
		return false;
	for (size_t i = 0; i < len;) {
		if (is_dash_position(i)) {
			if (text[i] != '-')
				return false;
			i++;
			continue;
		}
		int high = hex_digit(text[i]);
		int low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		id.bytes[out++] = (unsigned char)(high << 4 | low);
		i += 2;
	}
	*ret = id;
	return true;
}

void uuid_format(const struct uuid *id, bool upper, char text[UUID_TEXT_LEN + 1])
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < sizeof(id->bytes); i++) {
		if (is_dash_position(at))
			text[at++] = '-';
		text[at++] = digits[id->bytes[i] >> 4];
		text[at++] = digits[id->bytes[i] & 15];
	}
	text[at] = '\0';
}
