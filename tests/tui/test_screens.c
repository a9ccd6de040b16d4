/* SPDX-License-Identifier: MIT */
/*
 * Screens as text: each case runs the whole console without a terminal on the
 * fake catalog, with the keys of tests/screens/NAME.keys, and compares every
 * saved display with tests/screens/NAME-N.txt. SCALEOUT_BLESS=1 writes the
 * expected files anew (look at the difference before you commit it).
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tui/fake_catalog.h"
#include "tui/console.h"

struct screen_case {
	const char *name;
	int displays; /* NAME-1.txt to NAME-N.txt */
	bool ascii, read_only, slow;
	bool refuse;  /* the catalog refuses every action */
	bool no_master; /* its last sign of life is old */
	bool late_counts; /* the first page of executions comes before their counters */
	const char *actions; /* golden file of what was asked of the catalog, or NULL */
	const char *open;
	const char *state;    /* golden file that is its state file when it starts, or NULL */
	const char *files[3]; /* golden files that the console wrote into its folder */
	int64_t executions;   /* 0 = 1,000,000 */
};

static const struct screen_case cases[] = {
	{ .name = "tree", .displays = 4 },
	{ .name = "tree-ascii", .displays = 1, .ascii = true },
	{ .name = "execute", .displays = 9, .actions = "execute-actions.sql" },
	{ .name = "execute-refused", .displays = 2, .refuse = true },
	{ .name = "executions", .displays = 6 },
	{ .name = "executions-slow", .displays = 1, .slow = true, .late_counts = true, .open = "executions" },
	{ .name = "report", .displays = 6 },
	{ .name = "stop", .displays = 3, .actions = "stop-actions.sql" },
	{ .name = "workers", .displays = 4, .actions = "workers-actions.sql" },
	{ .name = "queue", .displays = 7, .actions = "queue-actions.sql" },
	{ .name = "queue-refused", .displays = 2, .refuse = true },
	{ .name = "properties", .displays = 7, .actions = "properties-actions.sql" },
	{ .name = "environment", .displays = 3, .actions = "environment-actions.sql" },
	{ .name = "markup", .displays = 1 },
	{ .name = "override", .displays = 3, .actions = "override-actions.sql" },
	{ .name = "lists", .displays = 5, .executions = 30, .open = "executions",
	    .files = { "lists.csv", "lists.json", "lists-state" } },
	{ .name = "lists-again", .displays = 2, .executions = 30, .open = "executions", .state = "lists-state",
	    .files = { "lists-again-state" } },
	{ .name = "no-master", .displays = 2, .no_master = true },
	{ .name = "help", .displays = 5 },
	{ .name = "readonly", .displays = 2, .read_only = true },
	{ .name = "sizes", .displays = 4 },
};

static char *golden_path(const char *name)
{
	char *relative = xasprintf("tests/screens/%s", name);
	char *path = test_source_path(relative);

	free(relative);
	return path;
}

static void read_text(const char *path, struct buf *ret)
{
	struct err err;

	ck_assert_msg(file_read(path, 1 << 20, ret, &err) >= 0, "%s", err.primary);
}

/* Lines that differ, as diff shows them. */
static void add_difference(const char *expected, const char *got, struct buf *ret)
{
	while (*expected || *got) {
		size_t e = strcspn(expected, "\n"), g = strcspn(got, "\n");

		if (e != g || strncmp(expected, got, e) != 0)
			buf_addf(ret, "-%.*s\n+%.*s\n", (int)e, expected, (int)g, got);
		expected += e + (expected[e] == '\n');
		got += g + (got[g] == '\n');
	}
}

static void compare(const char *name, const char *got)
{
	char *path = golden_path(name);
	struct buf expected = BUF_INIT, difference = BUF_INIT;

	if (getenv("SCALEOUT_BLESS")) {
		file_write_atomic(path, got, strlen(got), 0644, false, NULL);
	} else {
		read_text(path, &expected);
		add_difference(expected.data, got, &difference);
		ck_assert_msg(difference.len == 0, "%s differs (- expected, + got):\n%s", path, difference.data);
	}
	buf_release(&expected);
	buf_release(&difference);
	free(path);
}

/* The keys with @DIR@ replaced, in a file of the case's own folder. */
static char *prepare_keys(const struct screen_case *c, const char *dir)
{
	char *name = xasprintf("%s.keys", c->name), *source = golden_path(name), *path = path_join(dir, "keys");
	struct buf text = BUF_INIT, out = BUF_INIT;
	const char *at, *next;

	read_text(source, &text);
	for (at = text.data; (next = strstr(at, "@DIR@")); at = next + 5) {
		buf_add(&out, at, (size_t)(next - at));
		buf_adds(&out, dir);
	}
	buf_adds(&out, at);
	ck_assert_int_eq(file_write_atomic(path, out.data, out.len, 0600, false, NULL), 0);
	buf_release(&text);
	buf_release(&out);
	free(name);
	free(source);
	return path;
}

/* Run with stdout away from a terminal, so that the console draws for nobody. */
static int run_console(const struct screen_case *c, struct fake_catalog *fake, const char *keys, const char *state_path,
    struct err *err)
{
	struct console_options options = { .ascii = c->ascii, .read_only = c->read_only, .slow = c->slow,
		.color = -1, .script = keys, .open = c->open,
		.state_path = state_path };
	int saved = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

	options.connector = fake_connector(fake);
	dup2(null, STDOUT_FILENO);
	r = console_run(&options, err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(null);
	return r;
}

START_TEST(the_screens_are_as_expected)
{
	const struct screen_case *c = &cases[_i];
	struct fake_catalog fake;
	char *dir = test_tmpdir(), *keys = prepare_keys(c, dir), *state;
	struct buf remembered = BUF_INIT;
	struct err err = { 0 };
	int r;

	/* A state file that is compared has the name of what it is compared with. */
	state = path_join(dir, c->state ? c->files[0] : "lists-state");
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (c->state) {
		char *before = golden_path(c->state);

		read_text(before, &remembered);
		free(before);
	} else { /* what another version has written stays */
		buf_adds(&remembered, "# mine\nlater.thing = 7\n");
	}
	ck_assert_int_eq(file_write_atomic(state, remembered.data, remembered.len, 0600, false, NULL), 0);
	buf_release(&remembered);
	fake_init(&fake, c->executions ? c->executions : 1000000);
	fake.refuse = c->refuse;
	fake.no_master = c->no_master;
	fake.late_counts = c->late_counts;
	r = run_console(c, &fake, keys, state, &err);
	ck_assert_msg(r == 0, "%s: %s\n%s", c->name, err.primary, err.detail);
	for (int i = 1; i <= c->displays; i++) {
		char *name = xasprintf("%s-%d.txt", c->name, i), *path = path_join(dir, name);
		struct buf got = BUF_INIT;

		read_text(path, &got);
		compare(name, got.data);
		buf_release(&got);
		free(path);
		free(name);
	}
	for (size_t i = 0; i < ARRAY_LEN(c->files) && c->files[i]; i++) {
		char *path = path_join(dir, c->files[i]);
		struct buf got = BUF_INIT;

		read_text(path, &got);
		compare(c->files[i], got.data);
		buf_release(&got);
		free(path);
	}
	if (c->actions)
		compare(c->actions, fake.actions.data);
	fake_release(&fake);
	free(state);
	free(keys);
	free(dir);
}
END_TEST

static Suite *screens_suite(void)
{
	Suite *s = suite_create("screens");
	TCase *t = tcase_create("screens");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_screens_are_as_expected, 0, (int)ARRAY_LEN(cases));
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(screens_suite)
