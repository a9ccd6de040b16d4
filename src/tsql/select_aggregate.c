/* SPDX-License-Identifier: MIT */
/* Aggregates: their types, and which function of SQLite, or of aggregate.c and string_agg.c, computes them. */
#include <ctype.h>

#include "tsql/select_impl.h"

static struct tsql_decl sum_type(struct tsql_decl d)
{
	switch (type_info(d.type)->family) {
	case FAMILY_INTEGER:
		d.type = d.type == TSQL_BIGINT ? TSQL_BIGINT : TSQL_INT;
		break;
	case FAMILY_DECIMAL:
		d.precision = DECIMAL_MAX_PRECISION;
		break;
	case FAMILY_MONEY:
		d.type = TSQL_MONEY;
		break;
	default:
		d.type = TSQL_FLOAT;
	}
	return d;
}

struct tsql_decl tr_aggregate_type(struct translator *t, struct scope *s, const struct expr *x)
{
	struct tsql_decl d = { .type = TSQL_INT };
	enum aggregate a = x->call.function->aggregate;
	bool saved = s->in_aggregate;

	if (a == AGGREGATE_COUNT || a == AGGREGATE_SPREAD || a == AGGREGATE_GROUPING)
		return x->call.function->result;
	s->in_aggregate = true;
	d = tr_type(t, s, x->call.args.items[0]);
	s->in_aggregate = saved;
	if (a == AGGREGATE_SUM || a == AGGREGATE_AVG) {
		d = sum_type(d);
		if (a == AGGREGATE_AVG && d.type == TSQL_DECIMAL && d.scale < 6)
			d.scale = 6;
	}
	if (a == AGGREGATE_STRING)
		d = (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	return d;
}

static int tr_aggregate_argument(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	const struct expr *arg = x->call.args.items[0];
	bool saved = s->in_aggregate;
	int r;

	if (saved || tree_has_aggregate(arg))
		return tr_at_line(t, x->line, sql_error(t->err, 130,
		    "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."));
	s->in_aggregate = true;
	if (x->call.distinct)
		buf_adds(out, "DISTINCT ");
	r = tr_value(t, s, arg, out);
	if (r == 0)
		buf_adds(out, tr_collation(tr_type(t, s, arg).type));
	s->in_aggregate = saved;
	return r;
}

static int wrap_aggregate(struct translator *t, struct scope *s, const struct expr *x, const char *name, struct buf *out)
{
	int r;

	buf_addf(out, "%s(", name);
	r = tr_aggregate_argument(t, s, x, out);
	buf_addc(out, ')');
	return r;
}

/* What SUM and its like take: numbers, but no bits. */
static int check_summable(struct translator *t, struct scope *s, const struct expr *x)
{
	bool saved = s->in_aggregate;
	char name[16] = "";
	struct tsql_decl d;

	s->in_aggregate = true;
	d = tr_type(t, s, x->call.args.items[0]);
	s->in_aggregate = saved;
	if (type_is_number(d.type) && d.type != TSQL_BIT)
		return 0;
	for (size_t i = 0; x->call.function->name[i] && i + 1 < sizeof(name); i++)
		name[i] = (char)tolower((unsigned char)x->call.function->name[i]);
	return tr_at_line(t, x->line, sql_error(t->err, 8117, "Operand data type %s is invalid for %s operator.",
	    tsql_type_name(d.type), name));
}

/* The name of SQLite's function. AVG of integers has none: it is sum / count. */
static const char *sqlite_name(const struct expr *x, bool exact)
{
	static const struct {
		const char *name, *plain, *exact;
	} names[] = {
		{ "COUNT", "count", "count" },
		{ "COUNT_BIG", "count", "count" },
		{ "SUM", "sum", "tsql_sum" },
		{ "AVG", "avg", "tsql_avg" },
		{ "MIN", "min", "min" },
		{ "MAX", "max", "max" },
		{ "STDEV", "tsql_stdev", "tsql_stdev" },
		{ "STDEVP", "tsql_stdevp", "tsql_stdevp" },
		{ "VAR", "tsql_var", "tsql_var" },
		{ "VARP", "tsql_varp", "tsql_varp" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, x->call.function->name) == 0)
			return exact ? names[i].exact : names[i].plain;
	return x->call.function->name;
}

/* What SQLite calls it, when it can be applied; NULL for AVG of integers. */
static int find_sqlite_name(struct translator *t, struct scope *s, const struct expr *x, const char **ret)
{
	enum aggregate a = x->call.function->aggregate;
	enum type_family family = FAMILY_INTEGER;
	int r = 0;

	if (a == AGGREGATE_SUM || a == AGGREGATE_AVG || a == AGGREGATE_SPREAD) {
		r = check_summable(t, s, x);
		family = type_info(tr_aggregate_type(t, s, x).type)->family;
	}
	*ret = a == AGGREGATE_AVG && family == FAMILY_INTEGER ? NULL :
	    sqlite_name(x, family == FAMILY_DECIMAL || family == FAMILY_MONEY);
	return r;
}

int tr_sqlite_aggregate(struct translator *t, struct scope *s, const struct expr *x, tr_call_fn *write, struct buf *out)
{
	const char *name;
	int r = find_sqlite_name(t, s, x, &name);

	if (r < 0)
		return r;
	if (name)
		return write(t, s, x, name, out);
	buf_addc(out, '(');
	r = write(t, s, x, "sum", out);
	buf_adds(out, " / ");
	if (r == 0)
		r = write(t, s, x, "count", out);
	buf_addc(out, ')');
	return r;
}

/* tsql_string_agg(order, value, separator, key...) */
static int tr_string_agg(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_ORDER, .order = xcalloc(1, sizeof(*bind.order)) };
	static const struct tsql_decl text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	bool saved = s->in_aggregate;
	int r;

	buf_adds(out, "tsql_string_agg(");
	tr_bind(t, bind, out);
	buf_adds(out, ", ");
	if (x->call.distinct)
		return tr_refuse(t, x, "STRING_AGG(DISTINCT ...)");
	if (saved || tree_has_aggregate(x->call.args.items[0]))
		return tr_at_line(t, x->line, sql_error(t->err, 130,
		    "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."));
	if (tree_depends_on_row(x->call.args.items[1]))
		return tr_refuse(t, x, "STRING_AGG with a separator that varies");
	s->in_aggregate = true;
	r = tr_value_as(t, s, x->call.args.items[0], &text, out);
	buf_adds(out, ", ");
	tr_bind_value(t, x->call.args.items[1], text, out);
	for (size_t i = 0; r == 0 && i < x->call.within_count; i++) {
		bind.order->keys[i].decl = tr_type(t, s, x->call.within[i].expr);
		bind.order->keys[i].descending = x->call.within[i].descending;
		bind.order->count++;
		buf_adds(out, ", ");
		r = tr_value(t, s, x->call.within[i].expr, out);
	}
	s->in_aggregate = saved;
	buf_addc(out, ')');
	return r;
}

int tr_aggregate(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	if (x->call.function->aggregate == AGGREGATE_STRING)
		return tr_string_agg(t, s, x, out);
	if (x->call.function->aggregate == AGGREGATE_GROUPING)
		return tr_grouping(t, s, x, out);
	if (x->call.star) {
		buf_adds(out, "count(*)");
		return 0;
	}
	return tr_sqlite_aggregate(t, s, x, wrap_aggregate, out);
}
