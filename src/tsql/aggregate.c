/* SPDX-License-Identifier: MIT */
/*
 * Aggregates as SQLite functions: sums and averages of decimals, which are
 * texts and stay exact, and the variance of floats, by updating formulas that
 * do not lose digits to a large mean. All can take a row back, for moving frames.
 */
#include "tsql/aggregate.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tsql/decimal.h"

/*
 * The state of the running aggregate; NULL when there is none and size is 0. SQLite's memory is aligned for 8 bytes only, so it
 * holds a pointer to ours.
 */
static void *state(struct sqlite3_context *context, size_t size)
{
	void **slot = sqlite3_aggregate_context(context, size ? (int)sizeof(*slot) : 0);

	if (slot && !*slot && size)
		*slot = xcalloc(1, size);
	return slot ? *slot : NULL;
}

/* --- decimals --- */

struct sum {
	__int128 units;
	int scale;
	int64_t count;
	bool overflow;
};

/* Bring the sum and a further decimal to one scale. */
static void sum_align(struct sum *s, struct decimal *d)
{
	if (d->scale > s->scale) {
		struct decimal sum = { s->units, DECIMAL_MAX_PRECISION, s->scale };
		s->overflow |= !decimal_rescale(&sum, DECIMAL_MAX_PRECISION, d->scale, &sum);
		s->units = sum.units;
		s->scale = d->scale;
	} else {
		s->overflow |= !decimal_rescale(d, DECIMAL_MAX_PRECISION, s->scale, d);
	}
}

static void sum_change(struct sqlite3_context *context, struct sqlite3_value *value, bool back)
{
	const char *text = (const char *)sqlite3_value_text(value);
	struct decimal d;
	struct sum *s;

	if (!text || !decimal_parse(text, (size_t)sqlite3_value_bytes(value), &d))
		return; /* NULL does not count */
	s = state(context, sizeof(*s));
	sum_align(s, &d);
	s->count += back ? -1 : 1;
	s->overflow |= __builtin_add_overflow(s->units, back ? -d.units : d.units, &s->units);
}

static void sum_step(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	(void)argc;
	sum_change(context, argv[0], false);
}

static void sum_inverse(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	(void)argc;
	sum_change(context, argv[0], true);
}

static void sum_result(struct sqlite3_context *context, bool average)
{
	const struct sum *s = state(context, 0);
	struct decimal d;
	char text[DECIMAL_TEXT_MAX];

	if (!s || s->count == 0)
		return; /* no value: NULL */
	d = (struct decimal){ s->units, DECIMAL_MAX_PRECISION, s->scale };
	if (s->overflow || (average && d.scale < 6 && !decimal_rescale(&d, DECIMAL_MAX_PRECISION, 6, &d))) {
		sqlite3_result_error(context, "integer overflow", -1);
		return;
	}
	if (average)
		d.units /= s->count;
	decimal_format(&d, text);
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void sum_value(struct sqlite3_context *context)
{
	sum_result(context, false);
}

static void sum_final(struct sqlite3_context *context)
{
	sum_result(context, false);
	free(state(context, 0));
}

static void avg_value(struct sqlite3_context *context)
{
	sum_result(context, true);
}

static void avg_final(struct sqlite3_context *context)
{
	sum_result(context, true);
	free(state(context, 0));
}

/* --- variance --- */

struct spread {
	int64_t count;
	long double mean, squares; /* squares: of the distances from the mean, summed */
};

static void spread_step(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	struct spread *s;
	long double x, distance;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	s = state(context, sizeof(*s));
	x = (long double)sqlite3_value_double(argv[0]);
	distance = x - s->mean;
	s->count++;
	s->mean += distance / (long double)s->count;
	s->squares += distance * (x - s->mean);
}

static void spread_inverse(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	struct spread *s = state(context, 0);
	long double x, distance;

	(void)argc;
	if (!s || sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	if (--s->count == 0) {
		*s = (struct spread){ 0 };
		return;
	}
	x = (long double)sqlite3_value_double(argv[0]);
	distance = x - s->mean;
	s->mean -= distance / (long double)s->count;
	s->squares -= distance * (x - s->mean);
}

/* What makes one of the four. */
struct spread_kind {
	const char *name;
	int less; /* 1: of a sample, which needs two values */
	bool root;
};

static const struct spread_kind spread_kinds[] = {
	{ "tsql_var", 1, false },
	{ "tsql_varp", 0, false },
	{ "tsql_stdev", 1, true },
	{ "tsql_stdevp", 0, true },
};

static void spread_value(struct sqlite3_context *context)
{
	const struct spread_kind *kind = sqlite3_user_data(context);
	const struct spread *s = state(context, 0);
	long double variance;

	if (!s || s->count <= kind->less)
		return; /* NULL */
	variance = s->squares > 0 ? s->squares / (long double)(s->count - kind->less) : 0;
	sqlite3_result_double(context, (double)(kind->root ? sqrtl(variance) : variance));
}

static void spread_final(struct sqlite3_context *context)
{
	spread_value(context);
	free(state(context, 0));
}

int aggregate_register(struct sqlite3 *db)
{
	int r = sqlite3_create_window_function(db, "tsql_sum", 1, SQLITE_UTF8, NULL, sum_step, sum_final, sum_value, sum_inverse, NULL);

	r |= sqlite3_create_window_function(db, "tsql_avg", 1, SQLITE_UTF8, NULL, sum_step, avg_final, avg_value, sum_inverse, NULL);
	for (size_t i = 0; i < ARRAY_LEN(spread_kinds); i++)
		r |= sqlite3_create_window_function(db, spread_kinds[i].name, 1, SQLITE_UTF8, (void *)&spread_kinds[i], spread_step,
		    spread_final, spread_value, spread_inverse, NULL);
	return r;
}
