/* SPDX-License-Identifier: MIT */
/* Faults are cut at a whole character, so that a message stays valid UTF-8. */
#include "runtime/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

/* Cut text of a full buffer so that it does not end inside a character. */
static void cut_at_character(char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && (text[at - 1] & 0xC0) == 0x80)
		at--;
	if (at > 0 && (text[at - 1] & 0x80)) {
		size_t used;
		utf8_decode(text + at - 1, len - (at - 1), &used);
		if (at - 1 + used != len)
			text[at - 1] = '\0';
	}
}

int fault_set(struct fault *fault, int32_t code, const char *fmt, ...)
{
	va_list args;

	if (!fault)
		return -1;
	fault->code = code;
	va_start(args, fmt);
	int len = vsnprintf(fault->text, sizeof(fault->text), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(fault->text))
		cut_at_character(fault->text, sizeof(fault->text) - 1);
	return -1;
}
