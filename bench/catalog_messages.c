/* SPDX-License-Identifier: MIT */
/*
 * Storing what workers report, in transactions as the master's, against the same rows of message inserted by hand:
 * what finding sources and noting events cost.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/catalog.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "catalog/store.h"
#include "package/event.h"

#define TURNS 10
#define MESSAGES 40000 /* a turn */
#define TOGETHER 200   /* messages of one transaction */
#define EXECUTIONS 20  /* that report in turn */
#define TASKS 10

static void store_one(struct catalog *c, int64_t number)
{
	static const char *const events[] = { "OnPreExecute", "OnInformation", "OnInformation", "OnProgress", "OnPostExecute" };
	char name[32], path[64], text[128];
	struct event e = { .kind = EVENT_KIND_MESSAGE, .time = clock_wall(), .type = 70, .source_type = 40, .message = text,
		.package_name = "Package1.dtsx", .event_name = events[(number / EXECUTIONS) % (int64_t)ARRAY_LEN(events)],
		.source_name = name, .source_id = "{11111111-2222-3333-4444-555555555555}", .package_path = path };
	int64_t last = 0;
	struct err err;

	snprintf(name, sizeof(name), "Task%lld", (long long)(number / EXECUTIONS / (int64_t)ARRAY_LEN(events)) % TASKS);
	snprintf(path, sizeof(path), "\\Package\\%s", name);
	snprintf(text, sizeof(text), "%s: Information: row %lld of this execution was handled", name, (long long)number);
	if (events_store(c, 1 + number % EXECUTIONS, 1, &e, &last, &err) < 0)
		bench_die("%s", err.primary);
}

/* Seconds of one turn. */
static double store_turn(struct catalog *c, int64_t *number)
{
	int64_t began = clock_mono_us();
	struct err err;

	for (int64_t end = *number + MESSAGES; *number < end;) {
		struct store_tx tx;

		if (store_begin(c, &tx, &err) < 0)
			bench_die("%s", err.primary);
		for (size_t i = 0; i < TOGETHER; i++)
			store_one(c, (*number)++);
		if (store_end(c, &tx, 0, &err) < 0)
			bench_die("%s", err.primary);
	}
	return (double)(clock_mono_us() - began) / 1e6;
}

/* The same row written by hand; its source is known. */
static double insert_turn(sqlite3 *db, sqlite3_stmt *insert, int64_t *number)
{
	int64_t began = clock_mono_us();

	for (int64_t end = *number + MESSAGES; *number < end;) {
		bench_exec(db, "BEGIN IMMEDIATE");
		for (size_t i = 0; i < TOGETHER; i++) {
			char text[96];

			snprintf(text, sizeof(text), "Task%lld: Information: row %lld of this execution was handled",
			    (long long)(*number / EXECUTIONS) % TASKS, (long long)*number);
			sqlite3_bind_int64(insert, 1, 1 + *number % EXECUTIONS);
			sqlite3_bind_int64(insert, 2, clock_wall());
			sqlite3_bind_text(insert, 3, text, -1, SQLITE_STATIC);
			sqlite3_bind_int64(insert, 4, 1 + *number % (4 * TASKS));
			if (sqlite3_step(insert) != SQLITE_DONE)
				bench_die("%s", sqlite3_errmsg(db));
			sqlite3_reset(insert);
			(*number)++;
		}
		bench_exec(db, "COMMIT");
	}
	return (double)(clock_mono_us() - began) / 1e6;
}

static const char add_operations[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
				     " INSERT INTO operation (operation_type, created_time, status) SELECT 200, 0, 2 FROM n";

void bench_messages(const struct bench *bench)
{
	char *ours = bench_catalog(bench, "messages.db"), *theirs = bench_catalog(bench, "by_hand.db");
	double mine[TURNS], hand[TURNS], ratios[TURNS];
	struct catalog *c = NULL;
	sqlite3 *db = bench_sqlite(theirs);
	sqlite3_stmt *insert;
	int64_t stored = 0, inserted = 0;
	struct err err;

	if (catalog_open(ours, &c, &err) < 0)
		bench_die("%s", err.primary);
	bench_exec(catalog_db(c), add_operations);
	bench_exec(db, add_operations);
	insert = bench_prepare(db, "INSERT INTO message (operation_id, attempt, message_time, message_type, source_type, message,"
				   " source_id, thread_id, message_code) VALUES (?1, 1, ?2, 70, 40, ?3, ?4, 0, 0)");
	for (size_t i = 0; i < TURNS; i++) {
		mine[i] = store_turn(c, &stored);
		hand[i] = insert_turn(db, insert, &inserted);
		ratios[i] = mine[i] / hand[i];
	}
	bench_figure("catalog_messages_stored", MESSAGES / bench_quantile(mine, TURNS, 0.5), "messages/s");
	bench_ratio("catalog_messages_stored_vs_by_hand", bench_quantile(ratios, TURNS, 0.5));
	sqlite3_finalize(insert);
	sqlite3_close(db);
	catalog_close(c);
	bench_catalog_remove(ours);
	bench_catalog_remove(theirs);
}
