/* SPDX-License-Identifier: MIT */
/* scaleout.conf: what is taken, what is refused and in which words, and which source wins. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/settings.h"
#include "tests/harness.h"

static struct settings s;
static struct err err;

static void setup(void)
{
	settings_init(&s);
}

static void teardown(void)
{
	settings_release(&s);
}

static int take(const char *text)
{
	return settings_text(&s, "x.conf", text, strlen(text), &err);
}

START_TEST(defaults_are_what_the_table_says)
{
	ck_assert_int_eq(s.poll_ms, 30);
	ck_assert_int_eq(s.lease_ms, 600000);
	ck_assert_int_eq(s.max_cpu_percent, 100);
	ck_assert_str_eq(s.log, "");
	ck_assert(!s.fast);
	for (const struct setting *row = setting_table; row->name; row++) {
		struct buf text = BUF_INIT;
		settings_format(&s, row, &text);
		ck_assert_str_eq(text.data, row->standard);
		ck_assert_uint_gt(strlen(row->reason), 40);
		buf_release(&text);
	}
}
END_TEST

START_TEST(values_are_read_with_units_blanks_and_comments)
{
	ck_assert_int_eq(take("# a comment\n\n  lease=2h \r\n\tgrace = 1500ms\nwatchdog = 7\nfast = YES\nlog = /a b/c = d\n"
			      "grace_is_not_here = 1"), -ERR_NOT_FOUND);
	ck_assert_int_eq(s.lease_ms, 7200000);
	ck_assert_int_eq(s.grace_ms, 1500);
	ck_assert_int_eq(s.watchdog_ms, 7000);
	ck_assert(s.fast);
	ck_assert_str_eq(s.log, "/a b/c = d");
}
END_TEST

START_TEST(an_unknown_name_is_refused_with_its_line_and_the_nearest_name)
{
	ck_assert_int_eq(take("ping = 1s\n\npatiense = 3s\n"), -ERR_NOT_FOUND);
	ck_assert_str_eq(err.primary, "x.conf line 3: there is no setting 'patiense'");
	ck_assert_str_eq(err.hint, "did you mean patience?");
}
END_TEST

START_TEST(values_that_are_wrong_are_refused_with_what_is_right)
{
	static const char *const wrong[] = { "lease = soon", "lease = -1s", "lease = 0", "lease = 8d", "lease = 5 s",
		"lease =", "lease = 1e3", "lease = 99999999999999999999", "max_cpu_percent = 101", "max_cpu_percent = 50%",
		"fast = maybe", "log_keep = 0", "lease", "= 5", "lease = 1s\nlease = 2s", "log = a\033[2J" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		teardown();
		setup();
		ck_assert_msg(take(wrong[i]) < 0, "taken: %s", wrong[i]);
		ck_assert_msg(strstr(err.primary, "x.conf line ") == err.primary, "%s: %s", wrong[i], err.primary);
	}
	ck_assert_int_lt(take("lease = soon"), 0);
	ck_assert_str_eq(err.hint, "a time from 1s to 7d, as in 500ms, 30s, 10m, 2h");
	ck_assert_int_lt(settings_text(&s, "x.conf", "a\0b", 3, &err), 0);
}
END_TEST

START_TEST(the_command_line_beats_the_environment_which_beats_the_file)
{
	ck_assert_int_eq(settings_set(&s, "ping", "1s", SETTING_OPTION, &err), 0);
	setenv("SCALEOUT_PING", "2s", 1);
	setenv("SCALEOUT_LEASE", "20s", 1);
	ck_assert_int_eq(settings_environment(&s, &err), 0);
	ck_assert_int_eq(take("ping = 3s\nlease = 30s\ngrace = 4s\n"), 0);
	ck_assert_int_eq(s.ping_ms, 1000);
	ck_assert_int_eq(s.lease_ms, 20000);
	ck_assert_int_eq(s.grace_ms, 4000);
	/* What does not count must be right all the same. */
	ck_assert_int_lt(take("ping = never\n"), 0);
	setenv("SCALEOUT_LEASE", "x", 1);
	ck_assert_int_lt(settings_environment(&s, &err), 0);
	ck_assert_str_eq(err.primary, "the environment variable SCALEOUT_LEASE: lease: 'x' is not a value for it");
}
END_TEST

START_TEST(what_is_printed_reads_back_the_same)
{
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct settings other;

	ck_assert_int_eq(take("poll = 7ms\nlease = 90m\nmetrics = 9469\nfast = yes\n"), 0);
	settings_print(&s, &text);
	settings_init(&other);
	ck_assert_int_eq(settings_text(&other, "again", text.data, text.len, &err), 0);
	for (const struct setting *row = setting_table; row->name; row++) {
		buf_clear(&text);
		buf_clear(&again);
		settings_format(&s, row, &text);
		settings_format(&other, row, &again);
		ck_assert_str_eq(text.data, again.data);
	}
	settings_release(&other);
	buf_release(&text);
	buf_release(&again);
}
END_TEST

START_TEST(any_bytes_are_taken_or_refused_but_never_crash)
{
	uint32_t state = 1;

	for (int turn = 0; turn < 20000; turn++) {
		char text[64];
		for (size_t i = 0; i < sizeof(text); i++) {
			static const char alphabet[] = "leasepingfat=== \n\n#0159msh\t\r-\0\377";
			state = state * 1664525 + 1013904223;
			text[i] = alphabet[(state >> 16) % sizeof(alphabet)];
		}
		settings_text(&s, "x.conf", text, sizeof(text), &err);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_settings");
	TCase *tcase = tcase_create("settings");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, defaults_are_what_the_table_says);
	tcase_add_test(tcase, values_are_read_with_units_blanks_and_comments);
	tcase_add_test(tcase, an_unknown_name_is_refused_with_its_line_and_the_nearest_name);
	tcase_add_test(tcase, values_that_are_wrong_are_refused_with_what_is_right);
	tcase_add_test(tcase, the_command_line_beats_the_environment_which_beats_the_file);
	tcase_add_test(tcase, what_is_printed_reads_back_the_same);
	tcase_add_test(tcase, any_bytes_are_taken_or_refused_but_never_crash);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
