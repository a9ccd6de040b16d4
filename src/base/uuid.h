/* SPDX-License-Identifier: MIT */
/* GUIDs as 16 bytes in text order (the first byte is the first two hex digits). */
#ifndef SO_BASE_UUID_H
#define SO_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>

#define UUID_TEXT_LEN 36

struct uuid {
	unsigned char bytes[16];
};

/* A random (version 4) GUID from the kernel's generator. */
void uuid_new(struct uuid *ret);
/* Parse 36 characters, with or without {braces}, any case. False when malformed; ret unchanged. */
bool uuid_parse(const char *text, size_t len, struct uuid *ret);
/* Write 36 characters and NUL; upper selects the case of the digits (SQL Server prints upper). */
void uuid_format(const struct uuid *id, bool upper, char text[UUID_TEXT_LEN + 1]);

/* Fill with random bytes from the kernel; aborts when the kernel has none. */
void random_bytes(void *data, size_t len);

#endif
