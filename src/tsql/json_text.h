/* SPDX-License-Identifier: MIT */
/* Reading JSON text where it lies: values are slices of it, so that what is taken out keeps its spelling. Inside the room only. */
#ifndef SO_TSQL_JSON_TEXT_H
#define SO_TSQL_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The numbers are those of OPENJSON's column "type". */
enum json_kind { JSON_NULL, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_ARRAY, JSON_OBJECT };

struct json_slice {
	enum json_kind kind;
	const char *at; /* in the text; strings with their quotes */
	size_t len;
};

/* Objects and arrays nest this deep. */
#define JSON_DEPTH_MAX 128

/* The one value that the text is, blanks around it aside. False, with *ret_bad at the offending character, when it is not JSON. */
bool json_text_read(const char *text, size_t len, struct json_slice *ret, const char **ret_bad);
/* The same; error 13609 when it is not JSON. */
int json_text_parse(const char *text, size_t len, struct json_slice *ret, struct err *err);

/* Walking the members of an object or array that json_text_read has accepted. */
struct json_walk {
	const char *at, *end;
	bool object;
};
void json_walk_start(struct json_walk *walk, const struct json_slice *container);
/* The next member; key is the name with its quotes, its kind JSON_NULL in an array. False at the end. */
bool json_walk_next(struct json_walk *walk, struct json_slice *ret_key, struct json_slice *ret_value);

/* A string's characters without quotes and escapes. */
void json_text_unquote(const struct json_slice *string, struct buf *ret);
/* A text as a JSON string, with quotes. */
void json_text_quote(const char *text, size_t len, struct buf *ret);

/* A path: [lax | strict] $.name."name"[0] */
struct json_path {
	bool append, strict;
	const char *at; /* the rest of its text, NUL-terminated */
};
/* Error 13607 when it is not a path. */
int json_path_parse(const char *text, size_t len, struct json_path *ret, struct err *err);
/*
 * One step: a name (into name) or an index. 1 = a step, 0 = the path's end.
 * The path has been checked by json_path_parse.
 */
int json_path_step(struct json_path *path, struct buf *name, size_t *ret_index, bool *ret_is_index);
/* What the path leads to; false when it is not there. */
bool json_text_find(const struct json_slice *root, const struct json_path *path, struct json_slice *ret);

#endif
