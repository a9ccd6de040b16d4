/* SPDX-License-Identifier: MIT */
/* Structs to JSON objects and back by a table of members: what event.c and taskspec.c share. */
#ifndef SO_PACKAGE_FIELDS_H
#define SO_PACKAGE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

enum field_type { FIELD_TEXT, FIELD_INT32, FIELD_INT64, FIELD_BOOL };

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	unsigned uses; /* bit set of the kinds of object that have it */
};

/*
 * Append ,"key":value for every field of that use that is not NULL, 0 or
 * false. Texts end after max_text escaped bytes, marked with "…".
 */
void fields_encode(const struct field *fields, size_t count, unsigned use, const void *object,
    size_t max_text, struct buf *out);
/* Append a JSON string. Malformed UTF-8 becomes U+FFFD. */
void json_add_text(struct buf *out, const char *text, size_t max_text);

/*
 * Fill object from json; absent members and nulls stay as they are, others are
 * ignored. Texts are borrowed from json, or copied when copy is set.
 */
int fields_decode(const struct field *fields, size_t count, unsigned use, const json_t *json,
    int copy, void *object, struct err *err);

#endif
