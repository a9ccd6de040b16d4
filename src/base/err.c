/* SPDX-License-Identifier: MIT */
/* Filling struct err. Text that does not fit is cut at a UTF-8 character boundary. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_names[] = {
	[ERR_NONE] = "no error",
	[ERR_INTERNAL] = "internal error",
	[ERR_USAGE] = "usage",
	[ERR_NOT_FOUND] = "not found",
	[ERR_EXISTS] = "exists",
	[ERR_DENIED] = "denied",
	[ERR_INVALID] = "invalid",
	[ERR_IO] = "input/output",
	[ERR_CORRUPT] = "corrupt",
	[ERR_BUSY] = "busy",
	[ERR_TIMEOUT] = "timed out",
	[ERR_UNSUPPORTED] = "not supported",
	[ERR_LIMIT] = "limit exceeded",
	[ERR_CANCELLED] = "cancelled",
	[ERR_NETWORK] = "network",
	[ERR_TRUST] = "not trusted",
	[ERR_SQL] = "sql",
};
_Static_assert(sizeof(code_names) / sizeof(code_names[0]) == ERR_CODE_COUNT, "one name per code");

static void cut_partial_char(char *text)
{
	size_t len = strlen(text);
	size_t start = len;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	if (len - (start - 1) < want)
		text[start - 1] = '\0';
}

static void format_into(char *dest, size_t size, const char *fmt, va_list args) __attribute__((format(printf, 3, 0)));

static void format_into(char *dest, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(dest, size, fmt, args);

	if (n < 0)
		dest[0] = '\0';
	else if ((size_t)n >= size)
		cut_partial_char(dest);
}

void err_clear(struct err *err)
{
	if (err)
		*err = (struct err){ 0 };
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -(int)code;
	struct err filled = { .code = code };
	va_start(args, fmt);
	format_into(filled.primary, sizeof(filled.primary), fmt, args);
	va_end(args);
	*err = filled;
	return -(int)code;
}

int err_set_errno(struct err *err, int errno_value, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -ERR_IO;
	struct err filled = { .code = ERR_IO };
	va_start(args, fmt);
	format_into(filled.primary, sizeof(filled.primary), fmt, args);
	va_end(args);
	snprintf(filled.detail, sizeof(filled.detail), "%s", strerror(errno_value));
	*err = filled;
	return -ERR_IO;
}

void err_detail(struct err *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	format_into(err->detail, sizeof(err->detail), fmt, args);
	va_end(args);
}

void err_hint(struct err *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	format_into(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char prefix[256];
	char joined[sizeof(err->primary) + sizeof(prefix) + 2];
	va_list args;

	if (!err)
		return -ERR_INTERNAL;
	va_start(args, fmt);
	format_into(prefix, sizeof(prefix), fmt, args);
	va_end(args);
	snprintf(joined, sizeof(joined), "%s: %s", prefix, err->primary);
	memcpy(err->primary, joined, sizeof(err->primary) - 1);
	err->primary[sizeof(err->primary) - 1] = '\0';
	cut_partial_char(err->primary);
	return -(int)err->code;
}

const char *err_code_name(enum err_code code)
{
	return (unsigned)code < ERR_CODE_COUNT ? code_names[code] : "unknown";
}
