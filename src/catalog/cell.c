/* SPDX-License-Identifier: MIT */
/* Plain and sealed values of one row: the only code that decides in which column a value goes. */
#include "catalog/cell.h"

#include "catalog/secrets.h"

int cell_make(struct catalog *c, const char *place, const struct tsql_value *value, bool sensitive,
    struct cell *ret, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = 0;

	*ret = (struct cell){ .null = value->null, .sensitive = sensitive, .data = BUF_INIT };
	if (value->null)
		return 0;
	if (!sensitive) {
		tsql_variant_encode(value, &ret->data);
		return 0;
	}
	tsql_variant_encode(value, &text);
	r = secrets_seal(c, place, text.data, text.len, &ret->data, err);
	buf_wipe(&text);
	return r;
}

void cell_release(struct cell *cell)
{
	if (cell->data.data)
		buf_release(&cell->data);
}

struct bind cell_plain(const struct cell *cell)
{
	return cell->null || cell->sensitive ? b_null() : b_text(cell->data.data);
}

struct bind cell_sealed(const struct cell *cell)
{
	return cell->null || !cell->sensitive ? b_null() : b_buf(&cell->data);
}

int cell_read(struct catalog *c, const char *place, sqlite3_stmt *q, int column,
    struct tsql_value *ret, struct err *err)
{
	struct buf text = BUF_INIT;
	int r;

	*ret = tsql_null(TSQL_UNKNOWN);
	if (!col_null(q, column))
		return tsql_variant_decode(col_text(q, column),
		    (size_t)sqlite3_column_bytes(q, column), ret, err);
	if (col_null(q, column + 1))
		return 0;
	r = secrets_open(c, place, sqlite3_column_blob(q, column + 1),
	    (size_t)sqlite3_column_bytes(q, column + 1), &text, err);
	if (r == 0)
		r = tsql_variant_decode(text.data, text.len, ret, err);
	buf_wipe(&text);
	return r;
}
