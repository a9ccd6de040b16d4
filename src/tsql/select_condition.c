/* SPDX-License-Identifier: MIT */
/*
 * Conditions of a query. Like compares with like in SQLite; a value without
 * columns is converted to the column's type first, as precedence demands; the
 * rest is a row expression.
 */
#include "tsql/select_impl.h"

/* Types whose stored forms SQLite compares as T-SQL does; civil dates and times share one. */
static enum type_family compare_family(enum tsql_type type)
{
	enum type_family f = type_info(type)->family;

	if (type == TSQL_DATETIMEOFFSET)
		return FAMILY_VARIANT + 1; /* UTC: only with itself */
	if (f == FAMILY_DATE || f == FAMILY_DATETIME2)
		return FAMILY_DATETIME;
	if (f == FAMILY_MONEY)
		return FAMILY_DECIMAL;
	return f;
}

static bool comparable_natively(enum tsql_type a, enum tsql_type b)
{
	enum type_family x = compare_family(a), y = compare_family(b);

	if (x == FAMILY_VARIANT || x == FAMILY_XML || x == FAMILY_NONE || a == TSQL_UNKNOWN || b == TSQL_UNKNOWN)
		return false;
	return x == y || (x == FAMILY_INTEGER && y == FAMILY_FLOAT) || (x == FAMILY_FLOAT && y == FAMILY_INTEGER);
}

/* May a value without leaves be converted to the column's type before the comparison? By precedence, it would be. */
static bool converts_to_column(struct tsql_decl column, struct tsql_decl value)
{
	if (column.type == TSQL_VARIANT || column.type == TSQL_UNKNOWN || value.type == TSQL_VARIANT)
		return false;
	return value.type == TSQL_UNKNOWN || type_info(column.type)->precedence >= type_info(value.type)->precedence;
}

/* The declaration a constant is converted to for a comparison: the column's type, but never cut. */
static struct tsql_decl compare_decl(struct tsql_decl column)
{
	if (column.length)
		column.length = TSQL_MAX;
	if (type_info(column.type)->is_fixed)
		column.type = column.type == TSQL_CHAR ? TSQL_VARCHAR : column.type == TSQL_NCHAR ? TSQL_NVARCHAR : TSQL_VARBINARY;
	if (type_is_datetime(column.type) && column.type >= TSQL_DATETIME2) {
		column.scale = 7;
		column.precision = 1;
	}
	return column;
}

void tr_bind_compared(struct translator *t, const struct expr *x, struct tsql_decl column, struct buf *out)
{
	tr_bind_value(t, x, compare_decl(column), out);
}

static const char *const compare_sql[] = { [COMPARE_EQ] = " = ", [COMPARE_NE] = " <> ", [COMPARE_LT] = " < ",
	[COMPARE_LE] = " <= ", [COMPARE_GT] = " > ", [COMPARE_GE] = " >= " };

/* One side of a native comparison. */
static int tr_side(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *other, bool convert,
    struct buf *out)
{
	if (convert) {
		tr_bind_compared(t, x, *other, out);
		return 0;
	}
	return tr_value(t, s, x, out);
}

/* a OP b where either may be computed; whole is the expression to fall back on, or NULL to say whether it can be native. */
static int try_compare(struct translator *t, struct scope *s, enum compare_op op, const struct expr *a,
    const struct expr *b, struct buf *out, bool *native)
{
	struct tsql_decl da = tr_type(t, s, a), db = tr_type(t, s, b);
	bool row_a = tree_depends_on_row(a), row_b = tree_depends_on_row(b);
	bool convert_a = row_b && !row_a && converts_to_column(db, da);
	bool convert_b = row_a && !row_b && converts_to_column(da, db);
	int r;

	*native = convert_a ? compare_family(db.type) != FAMILY_XML : convert_b ? compare_family(da.type) != FAMILY_XML :
	    comparable_natively(da.type, db.type);
	if (!*native)
		return 0;
	r = tr_side(t, s, a, &db, convert_a, out);
	if (r < 0)
		return r;
	buf_adds(out, compare_sql[op]);
	r = tr_side(t, s, b, &da, convert_b, out);
	buf_adds(out, tr_collation(convert_a ? db.type : da.type));
	return r;
}

static int tr_compare(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	bool native;
	int r = try_compare(t, s, x->compare.op, x->compare.left, x->compare.right, out, &native);

	return native || r < 0 ? r : tr_row(t, s, x, NULL, out);
}

static int tr_between(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct buf low = BUF_INIT, high = BUF_INIT;
	bool native_low, native_high = false;
	int r = try_compare(t, s, COMPARE_GE, x->between.value, x->between.low, &low, &native_low);

	if (r == 0 && native_low)
		r = try_compare(t, s, COMPARE_LE, x->between.value, x->between.high, &high, &native_high);
	if (r == 0 && native_high) {
		buf_addf(out, "%s(%s AND %s)", x->between.negated ? "NOT " : "", low.data, high.data);
	} else if (r == 0) {
		r = tr_row(t, s, x, NULL, out);
	}
	buf_release(&low);
	buf_release(&high);
	return r;
}

static int tr_in_list(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct buf list = BUF_INIT;
	bool native = true;
	int r = 0;

	if (x == t->merged)
		return try_compare(t, s, COMPARE_EQ, x->in.value, t->merged_value, out, &native);
	for (size_t i = 0; r == 0 && native && i < x->in.list.count; i++) {
		buf_adds(&list, i ? " OR " : "");
		r = try_compare(t, s, COMPARE_EQ, x->in.value, x->in.list.items[i], &list, &native);
	}
	if (r == 0 && native)
		buf_addf(out, "%s(%s)", x->in.negated ? "NOT " : "", list.data);
	else if (r == 0)
		r = tr_row(t, s, x, NULL, out);
	buf_release(&list);
	return r;
}

static int tr_in_query(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct tsql_decl value = tr_type(t, s, x->in.value), column = { 0 }, meet;
	struct result columns = { 0 }, want = { 0 };
	struct tsql_column as = { 0 };
	int r = tr_subquery_type(t, s, x->in.query, &column);

	if (r < 0)
		return r;
	meet = comparable_natively(value.type, column.type) ? value : decl_unite(&value, &column);
	if (comparable_natively(value.type, column.type))
		r = tr_value(t, s, x->in.value, out);
	else
		r = tr_value_as(t, s, x->in.value, &meet, out);
	if (r < 0)
		return r;
	buf_addf(out, "%s%s IN (", tr_collation(meet.type), x->in.negated ? " NOT" : "");
	if (!comparable_natively(value.type, column.type)) {
		as.decl = meet;
		vec_push(&want.columns, as);
	}
	r = tr_query(t, s, x->in.query, want.columns.len ? &want : NULL, false, out, &columns);
	buf_addc(out, ')');
	if (r == 0 && columns.columns.len != 1)
		r = tr_at_line(t, x->line, sql_error(t->err, 116,
		    "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS."));
	vec_release(&columns.columns);
	vec_release(&want.columns);
	return r;
}

static int tr_exists(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	struct result columns = { 0 };
	int r;

	buf_adds(out, "EXISTS (");
	r = tr_query(t, s, x->query, NULL, false, out, &columns);
	buf_addc(out, ')');
	vec_release(&columns.columns);
	return r;
}

static int tr_logic(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	int r;

	buf_addc(out, '(');
	r = tr_condition(t, s, x->logic.left, out);
	if (r < 0)
		return r;
	buf_adds(out, x->kind == EXPR_AND ? " AND " : " OR ");
	r = tr_condition(t, s, x->logic.right, out);
	buf_addc(out, ')');
	return r;
}

int tr_condition(struct translator *t, struct scope *s, const struct expr *x, struct buf *out)
{
	int r;

	if (!tree_depends_on_row(x)) {
		struct plan_bind bind = { .kind = BIND_TRUTH, .expr = x };
		tr_bind(t, bind, out);
		return 0;
	}
	switch (x->kind) {
	case EXPR_COMPARE:
		return tr_compare(t, s, x, out);
	case EXPR_AND:
	case EXPR_OR:
		return tr_logic(t, s, x, out);
	case EXPR_NOT:
		buf_adds(out, "NOT (");
		r = tr_condition(t, s, x->logic.left, out);
		buf_addc(out, ')');
		return r;
	case EXPR_IS_NULL:
		buf_addc(out, '(');
		r = tr_value(t, s, x->logic.left, out);
		buf_adds(out, x->logic.negated ? ") IS NOT NULL" : ") IS NULL");
		return r;
	case EXPR_BETWEEN:
		return tr_between(t, s, x, out);
	case EXPR_IN:
		return x->in.query ? tr_in_query(t, s, x, out) : tr_in_list(t, s, x, out);
	case EXPR_EXISTS:
		return tr_exists(t, s, x, out);
	default:
		return tr_row(t, s, x, NULL, out);
	}
}
