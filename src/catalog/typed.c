/* SPDX-License-Identifier: MIT */
/* The one way a value given in T-SQL becomes the stored value of something typed. */
#include "catalog/typed.h"

#include <stdlib.h>

#include "catalog/cell.h"
#include "catalog/datatype.h"

void typed_read(sqlite3_stmt *q, struct typed *ret)
{
	ret->id = sqlite3_column_int64(q, 0);
	snprintf(ret->name, sizeof(ret->name), "%s", col_text(q, 1));
	snprintf(ret->data_type, sizeof(ret->data_type), "%s", col_text(q, 2));
	ret->sensitive = sqlite3_column_int(q, 3) != 0;
	store_reset(q);
}

int typed_convert(struct tsql_call *call, const struct typed *target, const struct tsql_value *given,
    struct tsql_value *ret)
{
	const struct datatype *type = datatype_of(target->data_type);
	struct err err;

	if (!datatype_accepts(type, given))
		return raise_error(call, 27147, target->name, tsql_type_name(given->type),
		    target->data_type);
	if (datatype_convert(type, given, ret, &err) < 0)
		return raise_error(call, 27210, target->name, target->data_type, err.primary);
	return 0;
}

int typed_write(struct tsql_call *call, const struct typed *target, const struct stmt_set *set,
    size_t index, char *place, const struct tsql_value *value)
{
	struct catalog *c = call_session(call)->catalog;
	struct cell cell = { 0 };
	struct err err;
	int r = cell_make(c, place, value, target->sensitive, &cell, &err);

	if (r == 0)
		r = store_run(c, set, index,
		    BINDS(b_int(target->id), cell_plain(&cell), cell_sealed(&cell)), &err);
	cell_release(&cell);
	free(place);
	return r < 0 ? proc_fail(call, &err) : 0;
}
