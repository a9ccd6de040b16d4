/* SPDX-License-Identifier: MIT */
/* Date and time functions. */
#include <string.h>

#include "base/clock.h"
#include "tsql/datetime.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const struct tsql_decl as_bigint = { .type = TSQL_BIGINT };

static int now_as(struct eval *eval, enum tsql_type type, bool utc, struct tsql_value *ret)
{
	struct tsql_value now = tsql_datetimeoffset(clock_wall());
	struct tsql_decl decl = { .type = type };

	if (utc)
		now.offset_min = 0;
	return tsql_value_convert(&now, &decl, ret, eval->err);
}

static int now_local(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)args;
	(void)count;
	return now_as(eval, TSQL_DATETIME, false, ret);
}

static int getutcdate(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)args;
	(void)count;
	return now_as(eval, TSQL_DATETIME, true, ret);
}

static int sysdatetime(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)args;
	(void)count;
	return now_as(eval, TSQL_DATETIME2, false, ret);
}

static int sysutcdatetime(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)args;
	(void)count;
	return now_as(eval, TSQL_DATETIME2, true, ret);
}

static int sysdatetimeoffset(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)args;
	(void)count;
	return now_as(eval, TSQL_DATETIMEOFFSET, false, ret);
}

/* The part named by the first argument, which the parser kept as a word. */
static int part_of(struct eval *eval, const struct tsql_value *word, const char *function, enum datetime_part *ret)
{
	*ret = datetime_part_from_name(word->s.data, word->s.len);
	if (*ret == DATETIME_PART_COUNT)
		return sql_error_full(eval->err, 155, 15, 1, "'%s' is not a recognized %s option.", word->s.data, function);
	return 0;
}

static int dateadd(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value n, date;
	enum datetime_part part;
	int64_t ticks;
	int r = part_of(eval, &args[0], "dateadd", &part);

	(void)count;
	if (r == 0)
		r = tsql_value_cast(&args[1], &as_bigint, -1, &n, eval->err);
	if (r == 0 && tsql_type_is_text(args[2].type)) { /* text is a datetime here */
		static const struct tsql_decl as_datetime = { .type = TSQL_DATETIME };
		r = tsql_value_convert(&args[2], &as_datetime, &date, eval->err);
	} else if (r == 0) {
		r = function_date(eval, &args[2], &date);
	}
	if (r < 0)
		return r;
	ticks = function_civil(&date);
	if (!datetime_add(part, n.i, &ticks) || !datetime_round(date.type, date.scale, &ticks))
		return sql_error(eval->err, 517, "Adding a value to a '%s' column caused an overflow.", tsql_type_name(date.type));
	if (date.type == TSQL_TIME)
		ticks %= TICKS_PER_DAY;
	date.i = ticks - date.offset_min * (60 * TICKS_PER_SECOND);
	*ret = date;
	return 0;
}

static struct tsql_decl dateadd_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl datetime = { .type = TSQL_DATETIME, .scale = 3, .precision = 1 };

	return count == 3 && type_is_datetime(args[2].type) ? args[2] : datetime;
}

static int diff(struct eval *eval, const struct tsql_value *args, int64_t *ret)
{
	struct tsql_value a, b;
	enum datetime_part part;
	int r = part_of(eval, &args[0], "datediff", &part);

	if (r == 0)
		r = function_date(eval, &args[1], &a);
	if (r == 0)
		r = function_date(eval, &args[2], &b);
	if (r < 0)
		return r;
	/* datetimeoffset is compared as UTC, and so are its boundaries */
	if (!datetime_diff(part, a.type == TSQL_DATETIMEOFFSET ? a.i : function_civil(&a), b.type == TSQL_DATETIMEOFFSET ? b.i : function_civil(&b), ret))
		return sql_error_full(eval->err, 155, 15, 1, "'%s' is not a recognized datediff option.", args[0].s.data);
	return 0;
}

static int datediff(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n;
	int r = diff(eval, args, &n);

	(void)count;
	if (r == 0 && (n > INT32_MAX || n < INT32_MIN))
		r = sql_error(eval->err, 535,
		    "The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.");
	if (r == 0)
		*ret = tsql_int((int32_t)n);
	return r;
}

static int datediff_big(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n;
	int r = diff(eval, args, &n);

	(void)count;
	if (r == 0)
		*ret = tsql_bigint(n);
	return r;
}

static int get_part(struct eval *eval, enum datetime_part part, const struct tsql_value *v, int64_t *ret)
{
	struct tsql_value date;
	int r = function_date(eval, v, &date);

	if (r == 0)
		*ret = part == DATETIME_TZOFFSET ? date.offset_min : datetime_part_get(part, function_civil(&date));
	return r;
}

static int datepart(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	enum datetime_part part;
	int64_t n;
	int r = part_of(eval, &args[0], "datepart", &part);

	(void)count;
	if (r == 0)
		r = get_part(eval, part, &args[1], &n);
	if (r == 0)
		*ret = tsql_int((int32_t)n);
	return r;
}

static int datename(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	enum datetime_part part;
	char text[24];
	int64_t n = 0;
	int r = part_of(eval, &args[0], "datename", &part);

	(void)count;
	if (r == 0)
		r = get_part(eval, part, &args[1], &n);
	if (r < 0)
		return r;
	if (part == DATETIME_TZOFFSET) {
		snprintf(text, sizeof(text), "%c%02d:%02d", n < 0 ? '-' : '+', (int)(n < 0 ? -n : n) / 60, (int)(n < 0 ? -n : n) % 60);
		*ret = tsql_nvarchar(text);
	} else if (part == DATETIME_MONTH)
		*ret = tsql_nvarchar(datetime_month_names[n - 1]);
	else if (part == DATETIME_WEEKDAY)
		*ret = tsql_nvarchar(datetime_day_names[n - 1]);
	else {
		snprintf(text, sizeof(text), "%lld", (long long)n);
		*ret = tsql_nvarchar(text);
	}
	return 0;
}

static int one_part(struct eval *eval, enum datetime_part part, const struct tsql_value *v, struct tsql_value *ret)
{
	int64_t n;
	int r = get_part(eval, part, v, &n);

	if (r == 0)
		*ret = tsql_int((int32_t)n);
	return r;
}

static int year(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return one_part(eval, DATETIME_YEAR, &args[0], ret);
}

static int month(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return one_part(eval, DATETIME_MONTH, &args[0], ret);
}

static int day(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return one_part(eval, DATETIME_DAY, &args[0], ret);
}

static int eomonth(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value date, n = tsql_int(0);
	int64_t ticks;
	int r = function_date(eval, &args[0], &date);

	if (r == 0 && count == 2)
		r = tsql_value_cast(&args[1], &as_bigint, -1, &n, eval->err);
	if (r < 0)
		return r;
	ticks = function_civil(&date) / TICKS_PER_DAY * TICKS_PER_DAY;
	ticks -= (datetime_part_get(DATETIME_DAY, ticks) - 1) * TICKS_PER_DAY;
	if (!datetime_add(DATETIME_MONTH, n.i + 1, &ticks))
		return sql_error(eval->err, 517, "Adding a value to a 'date' column caused an overflow.");
	*ret = (struct tsql_value){ .type = TSQL_DATE, .i = ticks - TICKS_PER_DAY };
	return 0;
}

static int isdate(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	static const struct tsql_decl as_datetime = { .type = TSQL_DATETIME };
	struct tsql_value v;
	int r = args[0].null ? -1 : tsql_value_convert(&args[0], &as_datetime, &v, NULL);

	(void)eval;
	(void)count;
	*ret = tsql_int(r == 0);
	return 0;
}

#define D(t) { .type = t }
const struct function functions_date[] = {
	{ "GETDATE", 0, 0, 0, D(TSQL_DATETIME), NULL, now_local, AGGREGATE_NONE, NULL },
	{ "CURRENT_TIMESTAMP", 0, 0, FUNCTION_GLOBAL, D(TSQL_DATETIME), NULL, now_local, AGGREGATE_NONE, NULL },
	{ "GETUTCDATE", 0, 0, 0, D(TSQL_DATETIME), NULL, getutcdate, AGGREGATE_NONE, NULL },
	{ "SYSDATETIME", 0, 0, 0, D(TSQL_DATETIME2), NULL, sysdatetime, AGGREGATE_NONE, NULL },
	{ "SYSUTCDATETIME", 0, 0, 0, D(TSQL_DATETIME2), NULL, sysutcdatetime, AGGREGATE_NONE, NULL },
	{ "SYSDATETIMEOFFSET", 0, 0, 0, D(TSQL_DATETIMEOFFSET), NULL, sysdatetimeoffset, AGGREGATE_NONE, NULL },
	{ "DATEADD", 3, 3, FUNCTION_DATEPART | FUNCTION_STRICT, { 0 }, dateadd_type, dateadd, AGGREGATE_NONE, NULL },
	{ "DATEDIFF", 3, 3, FUNCTION_DATEPART | FUNCTION_STRICT, D(TSQL_INT), NULL, datediff, AGGREGATE_NONE, NULL },
	{ "DATEDIFF_BIG", 3, 3, FUNCTION_DATEPART | FUNCTION_STRICT, D(TSQL_BIGINT), NULL, datediff_big, AGGREGATE_NONE, NULL },
	{ "DATEPART", 2, 2, FUNCTION_DATEPART | FUNCTION_STRICT, D(TSQL_INT), NULL, datepart, AGGREGATE_NONE, NULL },
	{ "DATENAME", 2, 2, FUNCTION_DATEPART | FUNCTION_STRICT, { .type = TSQL_NVARCHAR, .length = 30 }, NULL, datename, AGGREGATE_NONE, NULL },
	{ "YEAR", 1, 1, FUNCTION_STRICT, D(TSQL_INT), NULL, year, AGGREGATE_NONE, NULL },
	{ "MONTH", 1, 1, FUNCTION_STRICT, D(TSQL_INT), NULL, month, AGGREGATE_NONE, NULL },
	{ "DAY", 1, 1, FUNCTION_STRICT, D(TSQL_INT), NULL, day, AGGREGATE_NONE, NULL },
	{ "EOMONTH", 1, 2, FUNCTION_STRICT, D(TSQL_DATE), NULL, eomonth, AGGREGATE_NONE, NULL },
	{ "ISDATE", 1, 1, 0, D(TSQL_INT), NULL, isdate, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
