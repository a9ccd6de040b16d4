/* SPDX-License-Identifier: MIT */
/* FOR JSON: rows of a query as one JSON text, made by the SQLite aggregate tsql_json. Inside the room only. */
#ifndef SO_TSQL_JSON_H
#define SO_TSQL_JSON_H

#include "tsql/ast.h"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_value;
struct select_plan;

struct json_column {
	char *path; /* "a.b" nests b in a */
	struct tsql_decl decl;
	bool raw; /* JSON already: a FOR JSON of its own */
};

/* What the aggregate needs to know; bound as a pointer. */
struct json_shape {
	const struct for_json *options;
	struct select_plan *plan; /* where errors go */
	struct json_column *columns;
	size_t count;
};

/* The name of the column that FOR JSON gives. */
#define JSON_COLUMN "JSON_F52E2B61-18A1-11d1-B105-00805F49916B"

/* The parts of FOR XML (xml.c). */
#define XML_COLUMN "XML_F52E2B61-18A1-11d1-B105-00805F49916B"
int xml_write_row(const struct json_shape *shape, struct sqlite3_value **argv, struct buf *out);
int xml_shape_check(const struct json_shape *shape, struct err *err);
/* The text of an XML value without its tags. */
void xml_text_content(const char *xml, struct buf *out);
/* Values as both write them: ISO 8601 without zeros at the end, base64. */
void json_format_time(const struct tsql_value *v, struct buf *out);
void json_format_base64(const struct tsql_value *v, struct buf *out);

/* An empty shape for count columns, to be filled by the caller. */
struct json_shape *json_shape_new(const struct for_json *options, struct select_plan *plan, size_t count);
void json_shape_free(struct json_shape *shape);
/* Errors 13605 (a column without name) and 13601 (names that cannot stand in one object). */
int json_shape_check(const struct json_shape *shape, struct err *err);
int json_bind(struct sqlite3_stmt *stmt, int index, struct json_shape *shape);
/* Register tsql_json on a connection. Returns a SQLite code. */
int json_register(struct sqlite3 *db);

#endif
