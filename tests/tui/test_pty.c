/* SPDX-License-Identifier: MIT */
/*
 * The whole console in a pseudo-terminal (on the fake catalog): keys as bytes,
 * the screen through a terminal emulator, and how many bytes it takes
 * (spec/tui.md §3.3).
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tui/pty.h"

#define WAIT_MS 60000
#define QUIET_MS 150
#define DOWN "\033OB"

static struct pty *start_in(const char *term, const char *option, const char *value)
{
	char *program = path_join(SO_BUILD_DIR, "console_fake");
	char *argv[] = { program, (char *)option, (char *)value, NULL };
	struct pty *pty = pty_start(argv, term, 80, 24);

	ck_assert_ptr_nonnull(pty);
	free(program);
	return pty;
}

static void wait_for(struct pty *pty, const char *text)
{
	struct buf screen = BUF_INIT;

	if (!pty_wait(pty, text, false, WAIT_MS)) {
		pty_screen(pty, &screen);
		ck_abort_msg("\"%s\" did not appear; the screen was:\n%s", text, screen.data);
	}
	buf_release(&screen);
}

/* All Executions, settled. */
static struct pty *start_report(const char *option, const char *value)
{
	struct pty *pty = start_in("xterm-256color", option, value);

	wait_for(pty, "w3");
	pty_send(pty, "2");
	wait_for(pty, "1000000");
	wait_for(pty, "Succeeded 941176");
	pty_rest(pty, QUIET_MS);
	return pty;
}

/* What keys cost: the bytes until the text is there (NULL: nothing that could be waited for) and all is quiet again. */
static size_t cost(struct pty *pty, const char *keys, const char *text)
{
	size_t before = pty_output(pty)->len;

	pty_send(pty, keys);
	if (text)
		wait_for(pty, text);
	pty_rest(pty, QUIET_MS);
	return pty_output(pty)->len - before;
}

START_TEST(the_dialog_leads_to_the_report)
{
	struct pty *pty = start_in("xterm-256color", NULL, NULL);

	wait_for(pty, "w3");
	pty_send(pty, "jjl");
	wait_for(pty, "Projects");
	pty_send(pty, DOWN "\r");
	wait_for(pty, "Housekeeping");
	pty_send(pty, "jx");
	wait_for(pty, "[x] RotateLogs.dtsx");
	wait_for(pty, "KeepDays");
	pty_send(pty, " \033[Z]");
	wait_for(pty, "Allow any computer");
	pty_send(pty, "\rj ");
	wait_for(pty, "[x] w1");
	pty_send(pty, "s");
	wait_for(pty, "add_execution_worker");
	pty_send(pty, "q");
	wait_for(pty, "Machine Selection");
	pty_send(pty, "o");
	wait_for(pty, "1000001 started");
	pty_send(pty, "\r");
	wait_for(pty, "999999");
	pty_send(pty, "\r");
	wait_for(pty, "Execution Information");
	pty_send(pty, "v");
	wait_for(pty, "Progress of step 1");
	pty_free(pty);
}
END_TEST

START_TEST(a_move_costs_few_bytes_and_silence_none)
{
	struct pty *pty = start_report(NULL, NULL);

	ck_assert_uint_le(cost(pty, "j", ">   999999"), 256);
	ck_assert_uint_le(cost(pty, "j", ">   999998"), 256);
	/* Several live updates pass in this time, and nothing changes. */
	ck_assert_uint_eq(pty_settle(pty, 4000, NULL), 0);
	pty_free(pty);
}
END_TEST

START_TEST(a_page_and_the_ends_cost_at_most_two_kilobytes)
{
	struct pty *pty = start_report(NULL, NULL);
	static const struct {
		const char *keys, *text;
	} rows[] = { { "\033[6~", NULL }, { "\033[6~", NULL }, { "G", ">        1" }, { "g", ">  1000000" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_uint_le(cost(pty, rows[i].keys, rows[i].text), 2048);
	ck_assert_uint_le(cost(pty, "\f", NULL), 4096);
	pty_free(pty);
}
END_TEST

START_TEST(the_slow_mode_moves_with_a_marker)
{
	struct pty *pty = start_report("--slow", NULL);

	/* The first move changes the keys that go with the row; then only the marker moves. */
	ck_assert_uint_le(cost(pty, "j", ">   999999"), 64);
	ck_assert_uint_le(cost(pty, "j", ">   999998"), 32);
	pty_free(pty);
}
END_TEST

START_TEST(many_keys_at_once_become_few_frames)
{
	struct pty *pty = start_report(NULL, NULL);

	ck_assert_uint_le(cost(pty, "jjjjjjjjjj", ">   999990"), 512);
	pty_free(pty);
}
END_TEST

START_TEST(a_resized_terminal_is_drawn_anew)
{
	struct pty *pty = start_report(NULL, NULL);

	pty_resize(pty, 132, 43);
	wait_for(pty, "End Time");
	wait_for(pty, "999970");
	pty_resize(pty, 50, 10);
	wait_for(pty, "too small");
	pty_resize(pty, 80, 24);
	wait_for(pty, "Duration");
	pty_free(pty);
}
END_TEST

START_TEST(pasted_text_runs_no_commands)
{
	struct pty *pty = start_report(NULL, NULL);

	pty_send(pty, "\033[200~q\rGS\r\033[201~");
	pty_rest(pty, QUIET_MS);
	wait_for(pty, ">  1000000");
	pty_send(pty, "/\033[200~pack\rage:Rotate\033[201~\r");
	wait_for(pty, "Filter: package:Rotate");
	pty_free(pty);
}
END_TEST

START_TEST(escape_closes_at_once)
{
	struct pty *pty = start_report(NULL, NULL);
	int64_t began, took, best = WAIT_MS;

	/* The best of some: who waits for the rest of a sequence is late each time, a busy machine is not. */
	for (int i = 0; i < 5; i++) {
		pty_send(pty, "?");
		wait_for(pty, "Keys: All Executions");
		pty_rest(pty, 1);
		began = clock_mono_ms();
		pty_send(pty, "\033");
		ck_assert(pty_wait(pty, "Keys: All Executions", true, WAIT_MS));
		took = clock_mono_ms() - began;
		best = took < best ? took : best;
	}
	ck_assert_int_lt(best, 500);
	pty_send(pty, "\033" "9");
	wait_for(pty, "Report View Go");
	pty_free(pty);
}
END_TEST

#define CLICK "\033[<0;10;8M\033[<0;10;8m"

START_TEST(the_mouse_selects_opens_and_scrolls)
{
	struct pty *pty = start_report("--mouse", NULL);

	pty_send(pty, CLICK);
	wait_for(pty, ">   999996");
	pty_send(pty, "\033[<65;10;8M");
	wait_for(pty, ">   999993");
	/* The second click of a double one opens. */
	pty_send(pty, CLICK CLICK);
	wait_for(pty, "Operation ID  999996");
	pty_free(pty);
}
END_TEST

START_TEST(a_termination_signal_gives_the_terminal_back)
{
	struct pty *pty = start_report(NULL, NULL);

	kill(pty_pid(pty), SIGTERM);
	ck_assert_int_eq(pty_join(pty, WAIT_MS), 0);
	ck_assert_ptr_nonnull(strstr(pty_output(pty)->data, "\033[?1049l"));
	ck_assert_ptr_nonnull(strstr(pty_output(pty)->data, "\033[?2004l"));
	pty_free(pty);
}
END_TEST

START_TEST(leaving_the_first_screen_ends_the_program)
{
	struct pty *pty = start_in("xterm-256color", NULL, NULL);

	wait_for(pty, "w3");
	pty_send(pty, "q");
	ck_assert_int_eq(pty_join(pty, WAIT_MS), 0);
	pty_free(pty);
}
END_TEST

static const char *const terms[] = { "xterm", "xterm-256color", "tmux-256color", "screen", "linux", "vt100", "vt220" };

START_TEST(common_terminals_show_the_same)
{
	struct pty *pty = start_in(terms[_i], NULL, NULL);

	wait_for(pty, "Integration Services Catalogs");
	wait_for(pty, "w3");
	pty_send(pty, "2");
	wait_for(pty, "999999");
	pty_free(pty);
}
END_TEST

START_TEST(alerts_are_told_on_every_terminal_and_at_every_size)
{
	struct pty *pty = start_in(terms[_i], "--paused", NULL);

	wait_for(pty, "QUEUE PAUSED");
	wait_for(pty, "NO MASTER RUNS");
	wait_for(pty, "\xE6\x95\xB0\xE5\xAD\x97 e");
	pty_send(pty, "5");
	wait_for(pty, "the queue is paused");
	wait_for(pty, "QUEUE PAUSED");
	pty_resize(pty, 60, 16);
	wait_for(pty, "QUEUE PAUSED");
	wait_for(pty, "NO MASTER RUNS");
	pty_send(pty, "/x\r");
	wait_for(pty, "Filter: x");
	wait_for(pty, "QUEUE PAUSED");
	pty_free(pty);
}
END_TEST

START_TEST(a_locale_without_utf8_gets_ascii_only)
{
	struct pty *pty;
	const struct buf *output;

	setenv("SO_TEST_LOCALE", "C", 1);
	pty = start_in("vt100", "--paused", NULL);
	wait_for(pty, "Wartung ??" "?? e");
	pty_send(pty, "5");
	wait_for(pty, "the queue is paused");
	pty_send(pty, "1jp");
	wait_for(pty, "Retention Period (days)");
	pty_send(pty, "q2");
	wait_for(pty, "End Time");
	output = pty_output(pty);
	for (size_t i = 0; i < output->len; i++)
		ck_assert_uint_lt((unsigned char)output->data[i], 0x80);
	pty_free(pty);
}
END_TEST

START_TEST(a_dumb_terminal_is_refused_with_a_way_out)
{
	struct pty *pty = start_in("dumb", NULL, NULL);

	ck_assert_int_eq(pty_join(pty, WAIT_MS), 1);
	ck_assert_ptr_nonnull(strstr(pty_output(pty)->data, "sub-commands"));
	pty_free(pty);
}
END_TEST

static Suite *pty_suite(void)
{
	Suite *s = suite_create("pty");
	TCase *t = tcase_create("pty");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_dialog_leads_to_the_report);
	tcase_add_test(t, a_move_costs_few_bytes_and_silence_none);
	tcase_add_test(t, a_page_and_the_ends_cost_at_most_two_kilobytes);
	tcase_add_test(t, the_slow_mode_moves_with_a_marker);
	tcase_add_test(t, many_keys_at_once_become_few_frames);
	tcase_add_test(t, a_resized_terminal_is_drawn_anew);
	tcase_add_test(t, pasted_text_runs_no_commands);
	tcase_add_test(t, escape_closes_at_once);
	tcase_add_test(t, the_mouse_selects_opens_and_scrolls);
	tcase_add_test(t, a_termination_signal_gives_the_terminal_back);
	tcase_add_test(t, leaving_the_first_screen_ends_the_program);
	tcase_add_loop_test(t, common_terminals_show_the_same, 0, (int)ARRAY_LEN(terms));
	tcase_add_loop_test(t, alerts_are_told_on_every_terminal_and_at_every_size, 0, (int)ARRAY_LEN(terms));
	tcase_add_test(t, a_locale_without_utf8_gets_ascii_only);
	tcase_add_test(t, a_dumb_terminal_is_refused_with_a_way_out);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(pty_suite)
