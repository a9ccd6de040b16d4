/* SPDX-License-Identifier: MIT */
/* Dates made of their parts or cut to one, and those that change a zone. */
#include <string.h>

#include "base/clock.h"
#include "tsql/datetime.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/timezone.h"
#include "tsql/types.h"

/* --- ...FROMPARTS --- */

static int bad_parts(struct eval *eval, const char *type)
{
	return sql_error(eval->err, 289, "Cannot construct data type %s, some of the arguments have values which are not valid.", type);
}

/* The arguments as numbers; any NULL gives NULL (but for the precision). 1 = go on. */
static int read_parts(struct eval *eval, const struct tsql_value *args, size_t count, enum tsql_type type, int64_t *n, struct tsql_value *ret)
{
	for (size_t i = 0; i < count; i++) {
		int r;
		if (args[i].null) {
			*ret = tsql_null(type);
			return 0;
		}
		r = function_number(eval, &args[i], &n[i]);
		if (r < 0)
			return r;
	}
	return 1;
}

static bool date_ticks(const int64_t *n, int64_t *ret)
{
	int64_t start, next;

	if (n[0] < 1 || n[0] > 9999 || n[1] < 1 || n[1] > 12 || n[2] < 1)
		return false;
	start = clock_days_from_civil((int)n[0], (int)n[1], 1);
	next = n[1] == 12 ? clock_days_from_civil((int)n[0] + 1, 1, 1) : clock_days_from_civil((int)n[0], (int)n[1] + 1, 1);
	if (n[2] > next - start)
		return false;
	*ret = (start + n[2] - 1) * TICKS_PER_DAY;
	return true;
}

/* hour, minute, second, fraction in units of 10^-scale seconds */
static bool time_ticks(const int64_t *n, int64_t fraction, int64_t scale, int64_t *ret)
{
	int64_t units = 1;

	for (int64_t i = scale; i < 7; i++)
		units *= 10;
	if (n[0] < 0 || n[0] > 23 || n[1] < 0 || n[1] > 59 || n[2] < 0 || n[2] > 59 || fraction < 0 ||
	    fraction * units >= TICKS_PER_SECOND)
		return false;
	*ret = n[0] * TICKS_PER_HOUR + n[1] * TICKS_PER_MINUTE + n[2] * TICKS_PER_SECOND + fraction * units;
	return true;
}

static struct tsql_value made(enum tsql_type type, int scale, int64_t ticks)
{
	return (struct tsql_value){ .type = type, .scale = scale, .i = ticks };
}

FUNCTION_RUN(datefromparts)
{
	int64_t n[3], ticks;
	int r = read_parts(eval, args, count, TSQL_DATE, n, ret);

	if (r <= 0)
		return r;
	if (!date_ticks(n, &ticks))
		return bad_parts(eval, "date");
	*ret = made(TSQL_DATE, 0, ticks);
	return 0;
}

FUNCTION_RUN(datetimefromparts)
{
	int64_t n[7], day, time;
	int r = read_parts(eval, args, count, TSQL_DATETIME, n, ret);

	if (r <= 0)
		return r;
	if (n[0] < 1753 || !date_ticks(n, &day) || !time_ticks(n + 3, n[6], 3, &time))
		return bad_parts(eval, "datetime");
	day += time;
	if (!datetime_round(TSQL_DATETIME, 3, &day))
		return bad_parts(eval, "datetime");
	*ret = made(TSQL_DATETIME, 3, day);
	return 0;
}

FUNCTION_RUN(smalldatetimefromparts)
{
	int64_t n[5], day;
	int r = read_parts(eval, args, count, TSQL_SMALLDATETIME, n, ret);

	if (r <= 0)
		return r;
	if (!date_ticks(n, &day) || n[3] < 0 || n[3] > 23 || n[4] < 0 || n[4] > 59)
		return bad_parts(eval, "smalldatetime");
	day += n[3] * TICKS_PER_HOUR + n[4] * TICKS_PER_MINUTE;
	if (!datetime_round(TSQL_SMALLDATETIME, 0, &day))
		return bad_parts(eval, "smalldatetime");
	*ret = made(TSQL_SMALLDATETIME, 0, day);
	return 0;
}

/* The last argument of three functions: digits of the fraction, a constant. */
static int read_precision(struct eval *eval, const struct tsql_value *v, const char *type, int64_t *ret)
{
	if (v->null)
		return sql_error(eval->err, 10760, "Scale argument is not valid. Valid expressions for data type %s scale argument are integer constants and integer constant expressions.", type);
	if (function_number(eval, v, ret) < 0)
		return -ERR_SQL;
	if (*ret < 0 || *ret > 7)
		return sql_error(eval->err, 1002, "Line 1: Specified scale %lld is invalid.", (long long)*ret);
	return 0;
}

FUNCTION_RUN(datetime2fromparts)
{
	int64_t n[8], day, time, scale;
	int r = read_precision(eval, &args[7], "datetime2", &scale);

	if (r == 0)
		r = read_parts(eval, args, count - 1, TSQL_DATETIME2, n, ret);
	if (r <= 0)
		return r;
	if (!date_ticks(n, &day) || !time_ticks(n + 3, n[6], scale, &time))
		return bad_parts(eval, "datetime2");
	*ret = made(TSQL_DATETIME2, (int)scale, day + time);
	return 0;
}

FUNCTION_RUN(timefromparts)
{
	int64_t n[5], time, scale;
	int r = read_precision(eval, &args[4], "time", &scale);

	if (r == 0)
		r = read_parts(eval, args, count - 1, TSQL_TIME, n, ret);
	if (r <= 0)
		return r;
	if (!time_ticks(n, n[3], scale, &time))
		return bad_parts(eval, "time");
	*ret = made(TSQL_TIME, (int)scale, time);
	return 0;
}

FUNCTION_RUN(datetimeoffsetfromparts)
{
	int64_t n[10], day, time, scale;
	int r = read_precision(eval, &args[9], "datetimeoffset", &scale);

	if (r == 0)
		r = read_parts(eval, args, count - 1, TSQL_DATETIMEOFFSET, n, ret);
	if (r <= 0)
		return r;
	if (!date_ticks(n, &day) || !time_ticks(n + 3, n[6], scale, &time) || n[7] < -14 || n[7] > 14 || n[8] < -59 || n[8] > 59 ||
	    (n[7] > 0 && n[8] < 0) || (n[7] < 0 && n[8] > 0) || (n[7] * 60 + n[8] > 840) || (n[7] * 60 + n[8] < -840))
		return bad_parts(eval, "datetimeoffset");
	*ret = made(TSQL_DATETIMEOFFSET, (int)scale, day + time);
	ret->offset_min = (int)(n[7] * 60 + n[8]);
	ret->i -= ret->offset_min * TICKS_PER_MINUTE;
	return 0;
}

/* --- DATETRUNC, DATE_BUCKET --- */

static struct tsql_decl trunc_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl datetime2 = { .type = TSQL_DATETIME2, .scale = 7, .precision = 1 };

	return count > 1 && type_is_datetime(args[1].type) ? args[1] : datetime2;
}

/* The first tick of the part that ticks lies in. */
static bool truncate_to(enum datetime_part part, int64_t *ticks)
{
	static const int64_t units[DATETIME_PART_COUNT] = { [DATETIME_DAY] = TICKS_PER_DAY, [DATETIME_DAYOFYEAR] = TICKS_PER_DAY,
		[DATETIME_HOUR] = TICKS_PER_HOUR, [DATETIME_MINUTE] = TICKS_PER_MINUTE, [DATETIME_SECOND] = TICKS_PER_SECOND,
		[DATETIME_MILLISECOND] = TICKS_PER_SECOND / 1000, [DATETIME_MICROSECOND] = 10 };
	struct datetime_civil c = datetime_split(*ticks);
	int64_t days = *ticks / TICKS_PER_DAY;

	switch (part) {
	case DATETIME_YEAR:
		*ticks = clock_days_from_civil(c.year, 1, 1) * TICKS_PER_DAY;
		return true;
	case DATETIME_QUARTER:
		*ticks = clock_days_from_civil(c.year, (c.month - 1) / 3 * 3 + 1, 1) * TICKS_PER_DAY;
		return true;
	case DATETIME_MONTH:
		*ticks = clock_days_from_civil(c.year, c.month, 1) * TICKS_PER_DAY;
		return true;
	case DATETIME_WEEK: /* DATEFIRST is 7: weeks begin on Sunday */
		*ticks = (days - (days + 1) % 7) * TICKS_PER_DAY;
		return *ticks >= 0;
	case DATETIME_ISO_WEEK:
		*ticks = (days - days % 7) * TICKS_PER_DAY;
		return true;
	default:
		if (units[part] == 0)
			return false;
		*ticks -= *ticks % units[part];
		return true;
	}
}

FUNCTION_RUN(datetrunc)
{
	static const struct tsql_decl as_datetime2 = { .type = TSQL_DATETIME2, .scale = 7, .precision = 1 };
	enum datetime_part part = datetime_part_from_name(args[0].s.data, args[0].s.len);
	struct tsql_value date;
	int64_t ticks;
	int r;

	(void)count;
	if (part == DATETIME_PART_COUNT)
		return sql_error_full(eval->err, 155, 15, 1, "'%s' is not a recognized datetrunc option.", args[0].s.data);
	r = type_is_datetime(args[1].type) ? (date = args[1], 0) : tsql_value_convert(&args[1], &as_datetime2, &date, eval->err);
	if (r < 0)
		return r;
	ticks = function_civil(&date);
	if (!truncate_to(part, &ticks))
		return sql_error(eval->err, 9810, "The datepart %s is not supported by date function datetrunc for data type %s.", args[0].s.data,
		    tsql_type_name(date.type));
	*ret = date;
	ret->i = date.type == TSQL_TIME ? ticks % TICKS_PER_DAY : ticks - date.offset_min * TICKS_PER_MINUTE;
	return 0;
}

/* --- zones --- */

/* "+02:00" or minutes. */
static int read_offset(struct eval *eval, const struct tsql_value *v, const char *function, int *ret)
{
	struct datetime_parts p;
	char text[64];
	int64_t n;

	if (tsql_type_is_text(v->type)) {
		snprintf(text, sizeof(text), "2000-01-01 00:00 %.20s", v->s.data);
		if (!datetime_parse(text, strlen(text), &p) || !p.has_offset)
			return sql_error(eval->err, 9812, "The timezone provided to builtin function %s is invalid.", function);
		*ret = p.offset_min;
		return 0;
	}
	if (function_number(eval, v, &n) < 0)
		return -ERR_SQL;
	if (n < -840 || n > 840)
		return sql_error(eval->err, 9812, "The timezone provided to builtin function %s is invalid.", function);
	*ret = (int)n;
	return 0;
}

static const struct tsql_decl as_dto = { .type = TSQL_DATETIMEOFFSET, .scale = 7, .precision = 1 };

FUNCTION_RUN(switchoffset)
{
	int offset, r = tsql_value_convert(&args[0], &as_dto, ret, eval->err);

	(void)count;
	if (r == 0)
		r = read_offset(eval, &args[1], "switchoffset", &offset);
	if (r == 0)
		ret->offset_min = offset;
	return r;
}

FUNCTION_RUN(todatetimeoffset)
{
	static const struct tsql_decl as_datetime2 = { .type = TSQL_DATETIME2, .scale = 7, .precision = 1 };
	struct tsql_value v;
	int offset, r = tsql_value_cast(&args[0], &as_datetime2, -1, &v, eval->err);

	(void)count;
	if (r == 0)
		r = read_offset(eval, &args[1], "todatetimeoffset", &offset);
	if (r < 0)
		return r;
	*ret = made(TSQL_DATETIMEOFFSET, 7, v.i - offset * TICKS_PER_MINUTE);
	ret->offset_min = offset;
	return 0;
}

/* x AT TIME ZONE 'name': a civil time gets the zone's offset, a datetimeoffset is shown in the zone. */
FUNCTION_RUN(at_time_zone)
{
	struct tsql_value v, name;
	int offset = 0, r;

	(void)count;
	if (!type_is_datetime(args[0].type) || args[0].type == TSQL_DATE || args[0].type == TSQL_TIME)
		return sql_error(eval->err, 8116, "Argument data type %s is invalid for argument 1 of AT TIME ZONE function.",
		    tsql_type_name(args[0].type));
	r = function_text(eval, &args[1], &name);
	if (r < 0)
		return r;
	v = args[0];
	if (!timezone_offset(name.s.data, v.type != TSQL_DATETIMEOFFSET, &v.i, &offset))
		r = sql_error(eval->err, 9820, "The time zone parameter '%s' provided to AT TIME ZONE clause is invalid.", name.s.data);
	tsql_value_release(&name);
	if (r < 0)
		return r;
	*ret = made(TSQL_DATETIMEOFFSET, v.type == TSQL_DATETIME ? 3 : v.scale, v.i);
	ret->offset_min = offset;
	return 0;
}

/* The scale of ...FROMPARTS cannot be told from its type, so the most is declared. */
#define S FUNCTION_STRICT
#define D(t) { .type = t, .precision = 1 }
#define D7(t) { .type = t, .scale = 7, .precision = 1 }
const struct function functions_date_make[] = {
	{ "DATEFROMPARTS", 3, 3, 0, D(TSQL_DATE), NULL, datefromparts, AGGREGATE_NONE, NULL },
	{ "DATETIMEFROMPARTS", 7, 7, 0, D(TSQL_DATETIME), NULL, datetimefromparts, AGGREGATE_NONE, NULL },
	{ "DATETIME2FROMPARTS", 8, 8, 0, D7(TSQL_DATETIME2), NULL, datetime2fromparts, AGGREGATE_NONE, NULL },
	{ "DATETIMEOFFSETFROMPARTS", 10, 10, 0, D7(TSQL_DATETIMEOFFSET), NULL, datetimeoffsetfromparts, AGGREGATE_NONE, NULL },
	{ "SMALLDATETIMEFROMPARTS", 5, 5, 0, D(TSQL_SMALLDATETIME), NULL, smalldatetimefromparts, AGGREGATE_NONE, NULL },
	{ "TIMEFROMPARTS", 5, 5, 0, D7(TSQL_TIME), NULL, timefromparts, AGGREGATE_NONE, NULL },
	{ "DATETRUNC", 2, 2, FUNCTION_DATEPART | S, { 0 }, trunc_type, datetrunc, AGGREGATE_NONE, NULL },
	{ "SWITCHOFFSET", 2, 2, S, D7(TSQL_DATETIMEOFFSET), NULL, switchoffset, AGGREGATE_NONE, NULL },
	{ "TODATETIMEOFFSET", 2, 2, S, D7(TSQL_DATETIMEOFFSET), NULL, todatetimeoffset, AGGREGATE_NONE, NULL },
	/* The parser's name for it: no script can write it. */
	{ FUNCTION_AT_TIME_ZONE, 2, 2, S, D7(TSQL_DATETIMEOFFSET), NULL, at_time_zone, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
