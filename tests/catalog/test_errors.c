/* SPDX-License-Identifier: MIT */
/*
 * Every error of the contract, from errors.tsv: it is provoked and looks as a
 * T-SQL error does, to a client, to TRY/CATCH and to @@ERROR; or the table
 * says why it is never raised. Each call runs inside a transaction that is
 * rolled back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/errors.h"
#include "catalog/registry.h"
#include "tests/catalog/world.h"

enum { F_NUMBER, F_STATE, F_TEXT, F_CALL, F_SQL, FIELDS };
struct row {
	const char *field[FIELDS]; /* NULL when absent */
	int number, line;
};
static VEC(struct row) table;
static struct buf table_text, differences;
static struct catalog *c;
static struct tsql_client *admin;
static char *path;

static bool is_raised(const struct row *row)
{
	return strcmp(row->field[F_STATE], "raised") == 0;
}

static void read_table(void)
{
	char *file = test_source_path("tests/catalog/errors.tsv"), *lines, *text;
	struct err err;
	int line = 0;

	fixture_ok(file_read(file, 1 << 20, &table_text, &err), &err);
	free(file);
	for (lines = table_text.data; (text = strsep(&lines, "\n"));) {
		struct row row = { .line = ++line };

		if (!*text || *text == '#')
			continue;
		for (size_t i = 0; i < FIELDS; i++)
			row.field[i] = strsep(&text, "\t");
		row.number = (int)strtol(row.field[F_NUMBER], NULL, 10);
		ck_assert_msg(
		    row.field[is_raised(&row) ? F_CALL : F_TEXT] && !text, "errors.tsv:%d", line);
		vec_push(&table, row);
	}
}

static void setup(void)
{
	read_table();
	c = world_open(&path, &admin);
}

static void teardown(void)
{
	tsql_client_close(admin);
	catalog_close(c);
	free(path);
	vec_release(&table);
	buf_release(&table_text);
	buf_release(&differences);
}

static void differ(const struct row *row, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void differ(const struct row *row, const char *fmt, ...)
{
	va_list args;

	buf_addf(&differences, "errors.tsv:%d: %d: ", row->line, row->number);
	va_start(args, fmt);
	buf_vaddf(&differences, fmt, args);
	va_end(args);
	buf_addc(&differences, '\n');
}

static void no_differences(void)
{
	ck_assert_msg(differences.len == 0, "\n%.3500s", differences.data);
}

/* --- what comes back of a batch --- */

struct heard {
	const struct row *row;
	bool found; /* a message of this number */
	int severity, state;
	char procedure[128], text[2000];
	struct buf cells; /* of all rows, each followed by a | */
};

static int on_message(void *ctx, const struct tsql_message *m)
{
	struct heard *h = ctx;

	if (m->number != h->row->number || h->found)
		return 0;
	h->found = true;
	h->severity = m->severity;
	h->state = m->state;
	snprintf(h->procedure, sizeof(h->procedure), "%s", m->procedure ? m->procedure : "");
	snprintf(h->text, sizeof(h->text), "%s", m->text);
	return 0;
}

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct heard *h = ctx;

	for (size_t i = 0; i < count && values[i].type != TSQL_VARBINARY; i++) {
		tsql_value_format(&values[i], &h->cells);
		buf_addc(&h->cells, '|');
	}
	return 0;
}

/* Run a batch as an administrator; what it did is undone. */
static int hear(const struct row *row, const char *batch, struct heard *ret, struct err *err)
{
	struct tsql_sink sink = { .ctx = ret, .message = on_message, .row = on_row };
	char *text = world_fill(batch, "");
	int r;

	*ret = (struct heard){ .row = row, .cells = BUF_INIT };
	*err = (struct err){ 0 };
	t_run(admin, "USE SSISDB; BEGIN TRANSACTION");
	r = tsql_client_run(admin, text, NULL, 0, &sink, err);
	t_run(admin, "IF @@TRANCOUNT > 0 ROLLBACK; REVERT");
	free(text);
	return r;
}

/* --- one error --- */

static void check_shape(const struct row *row, int severity)
{
	char *text = world_fill(row->field[F_TEXT], "");
	struct heard h;
	struct err err;
	int r = hear(row, row->field[F_CALL], &h, &err);

	if (!h.found)
		differ(row, "%d %s", err.sql_number, err.primary);
	else if (h.severity != severity || h.state != 1)
		differ(row, "severity %d, state %d", h.severity, h.state);
	else if (!strstr(h.text, text))
		differ(row, "'%s' is not in: %s", text, h.text);
	else if (!h.procedure[0] && !strstr(row->field[F_CALL], "DROP USER"))
		differ(row, "no procedure");
	else if (severity > 10 && err.sql_number != row->number)
		differ(row, "the batch fails with %d", err.sql_number);
	else if (severity <= 10 && r != 0)
		differ(row, "the batch fails with %d", err.sql_number);
	buf_release(&h.cells);
	free(text);
}

static void check_told(const struct row *row, const char *batch, const char *expected)
{
	struct heard h;
	struct err err;

	hear(row, batch, &h, &err);
	if (h.cells.len < strlen(expected) ||
	    strcmp(h.cells.data + h.cells.len - strlen(expected), expected) != 0)
		differ(row, "%s instead of %s", h.cells.data ? h.cells.data : "nothing", expected);
	buf_release(&h.cells);
}

/* ERROR_...() in CATCH, where it ends the batch, and @@ERROR after it. */
static void check_caught(const struct row *row)
{
	char *batch =
	    xasprintf("BEGIN TRY %s END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_SEVERITY(),"
		      " ERROR_STATE() END CATCH",
		row->field[F_CALL]);
	char *expected = xasprintf("%d|16|1|", row->number);

	check_told(row, batch, expected);
	free(batch);
	free(expected);
	batch = xasprintf("%s; SELECT @@ERROR", row->field[F_CALL]);
	expected = xasprintf("%d|", row->number);
	check_told(row, batch, expected);
	free(batch);
	free(expected);
}

static void renew_world(void)
{
	tsql_client_close(admin);
	catalog_close(c);
	free(path);
	c = world_open(&path, &admin);
}

static void check_row(const struct row *row)
{
	const struct catalog_error *error = catalog_error_find(row->number);

	if (!error) {
		differ(row, "is not in the table of errors");
		return;
	}
	if (row->field[F_SQL])
		fixture_exec(c, row->field[F_SQL]);
	check_shape(row, error->severity);
	if (error->severity > 10)
		check_caught(row);
	if (row->field[F_SQL])
		renew_world();
}

START_TEST(every_error_can_be_provoked_and_names_its_object)
{
	for (size_t i = 0; i < table.len; i++)
		if (is_raised(&table.items[i]))
			check_row(&table.items[i]);
	no_differences();
}
END_TEST

START_TEST(procedures_return_the_documented_codes)
{
	static const struct {
		const char *call, *code;
	} calls[] = {
		{ "catalog.grant_permission 1, {FID}, 0, 1", "0|" },
		{ "catalog.grant_permission 9, {FID}, 0, 1", "1|" },
		{ "catalog.deny_permission 1, 424242, 0, 1", "2|" },
		{ "catalog.revoke_permission 1, {FID}, 4242, 1", "3|" },
		{ "catalog.grant_permission 1, {FID}, 0, 3", "4|" },
		{ "catalog.grant_permission 1, {FID}, 0, NULL", "5|" },
		{ "catalog.configure_catalog N'NOTHING', N'1'", "1|" },
		{ "catalog.cleanup_server_log", "1|" },
		{ "catalog.cleanup_server_execution_keys 1", "1|" },
		{ "catalog.delete_folder {H}", "0|" },
		/* Not the id, which its page says (doc/differences.md). */
		{ "catalog.create_folder N'fresh'", "0|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct row row = { .field = { [F_CALL] = calls[i].call }, .line = (int)i };
		char *batch =
		    xasprintf("DECLARE @rc int; EXEC @rc = %s; SELECT @rc", calls[i].call);

		check_told(&row, batch, calls[i].code);
		free(batch);
	}
	no_differences();
}
END_TEST

static const struct row *find_row(int number)
{
	for (size_t i = 0; i < table.len; i++)
		if (table.items[i].number == number)
			return &table.items[i];
	return NULL;
}

START_TEST(no_error_is_in_the_catalog_that_nothing_provokes)
{
	size_t count;
	const struct catalog_error *errors = catalog_errors(&count);

	for (size_t i = 0; i < count; i++) {
		const struct row *row = find_row(errors[i].number);

		ck_assert_msg(row, "errors.tsv has no row for %d", errors[i].number);
		if (strcmp(row->field[F_STATE], "never") == 0)
			differ(row, "is said never to be raised, but has a text");
	}
	no_differences();
}
END_TEST

static bool is_procedure(const char *name)
{
	for (const struct tsql_proc *const *p = catalog_registry()->procs; *p; p++)
		if (strcmp((*p)->schema, "catalog") == 0 && strcmp((*p)->name, name) == 0)
			return true;
	return false;
}

/* 27100 to 27261 but for the numbers that the product's table does not have. */
START_TEST(the_table_has_every_number)
{
	static const int absent[] = { 27134, 27144, 27164, 27174, 27211, 27244, 27245, 27247, 27248,
		27249, 27250, 27253, 27254, 27258 };
	size_t a = 0;

	for (int number = 27100; number <= 27261; number++)
		if (a < ARRAY_LEN(absent) && number == absent[a])
			a++;
		else
			ck_assert_msg(find_row(number), "errors.tsv has no row for %d", number);
	for (size_t i = 0; i < table.len; i++)
		if (strcmp(table.items[i].field[F_STATE], "later") == 0 &&
		    is_procedure(table.items[i].field[F_TEXT]))
			differ(&table.items[i],
			    "%s is there: say how to provoke it, or why it never comes",
			    table.items[i].field[F_TEXT]);
	no_differences();
}
END_TEST

static Suite *errors_suite(void)
{
	Suite *s = suite_create("catalog errors");
	TCase *t = tcase_create("errors");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_table_has_every_number);
	tcase_add_test(t, every_error_can_be_provoked_and_names_its_object);
	tcase_add_test(t, procedures_return_the_documented_codes);
	tcase_add_test(t, no_error_is_in_the_catalog_that_nothing_provokes);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(errors_suite)
