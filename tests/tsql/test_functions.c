/* SPDX-License-Identifier: MIT */
/*
 * Tables of the language against the language: tests/tsql/functions.txt (every
 * function of the reference is there or refused by name), refused.txt (constructs
 * that are refused before anything runs) and rules.txt (expressions and what the
 * reference says they are).
 */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tsql/fake.h"

static struct tsql_client *client;
static struct buf table;

static void setup(void)
{
	client = fake_open();
	table = (struct buf)BUF_INIT;
}

static void teardown(void)
{
	tsql_client_close(client);
	buf_release(&table);
}

/* Calls check for each line of a table that is no comment, its columns parted by tabs. Returns how many. */
static int each_line(const char *name, size_t columns, void (*check)(char **column))
{
	char *path = test_source_path(name), *line, *rest;
	struct err err;
	int n = 0;

	ck_assert_msg(file_read(path, 1 << 20, &table, &err) == 0, "%s", err.primary);
	free(path);
	rest = table.data;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *column[4] = { NULL }, *at = line;
		size_t count = 0;
		if (*line == '\0' || *line == '#')
			continue;
		while (at && count < columns)
			column[count++] = strsep(&at, "\t");
		ck_assert_msg(count == columns, "%s: '%s' has %zu columns", name, line, count);
		check(column);
		n++;
	}
	return n;
}

static void check_function(char **column)
{
	struct buf out = BUF_INIT, batch = BUF_INIT;
	bool refused;

	buf_addf(&batch, "SELECT %s AS x", column[1]);
	fake_run(client, batch.data, &out);
	refused = strncmp(out.data, "Msg 40517", 9) == 0 && strstr(out.data, column[0]) != NULL && strstr(out.data, "column 8)") != NULL;
	ck_assert_msg(refused || strncmp(out.data, "Msg", 3) != 0, "%s: %s", batch.data, out.data);
	buf_release(&out);
	buf_release(&batch);
}

START_TEST(every_function_of_the_reference_is_there_or_refused_by_name)
{
	ck_assert_int_ge(each_line("tests/tsql/functions.txt", 2, check_function), 200);
}
END_TEST

static void check_refused(char **column)
{
	struct buf out = BUF_INIT, batch = BUF_INIT;

	/* The second line holds the construct; the first must not have run. */
	buf_addf(&batch, "PRINT 'ran'\n%s", column[1]);
	fake_run(client, batch.data, &out);
	ck_assert_msg(strncmp(out.data, "Msg 40517, Level 15, State 1, Line 2: ", 38) == 0, "%s: %s", column[1], out.data);
	ck_assert_msg(strstr(out.data, column[0]) != NULL, "%s does not name %s: %s", column[1], column[0], out.data);
	ck_assert_msg(strstr(out.data, "(line 2, column ") != NULL, "%s: %s", column[1], out.data);
	ck_assert_msg(strstr(out.data, "ran\n") == NULL, "%s ran: %s", column[1], out.data);
	buf_release(&out);
	buf_release(&batch);
}

START_TEST(what_is_not_offered_is_refused_before_anything_runs)
{
	ck_assert_int_ge(each_line("tests/tsql/refused.txt", 2, check_refused), 100);
}
END_TEST

/* The one value that a SELECT shows, or its first error's number as "Msg n". */
static void value_of(const char *expression, struct buf *ret)
{
	struct buf out = BUF_INIT, batch = BUF_INIT;
	const char *at, *end;

	buf_addf(&batch, "SELECT %s AS x", expression);
	fake_run(client, batch.data, &out);
	at = strstr(out.data, "Msg ");
	if (at) {
		buf_add(ret, at, strcspn(at, ","));
	} else {
		at = out.data + strlen("x\n");
		end = strstr(at, "\n(1 rows)");
		ck_assert_msg(end != NULL, "%s: %s", expression, out.data);
		buf_add(ret, at, (size_t)(end - at));
	}
	buf_release(&out);
	buf_release(&batch);
}

static int wrong;

static void check_rule(char **column)
{
	struct buf got = BUF_INIT;

	value_of(column[0], &got);
	if (strcmp(got.data, column[1]) != 0) {
		fprintf(stderr, "%s: expected '%s' (%s), got '%s'\n", column[0], column[1], column[2], got.data);
		wrong++;
	}
	buf_release(&got);
}

START_TEST(values_follow_the_rules_of_the_reference)
{
	wrong = 0;
	ck_assert_int_ge(each_line("tests/tsql/rules.txt", 3, check_rule), 400);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_functions");
	TCase *t = tcase_create("tables");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_function_of_the_reference_is_there_or_refused_by_name);
	tcase_add_test(t, what_is_not_offered_is_refused_before_anything_runs);
	tcase_add_test(t, values_follow_the_rules_of_the_reference);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
