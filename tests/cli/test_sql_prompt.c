/* SPDX-License-Identifier: MIT */
/* scaleout sql at a terminal: editing, completion, history, Ctrl-C, the pager, leaving. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tui/pty.h"

#define WAIT_MS 60000

static char *state;

/* A catalog of this case's own. */
static void make_catalog(void)
{
	char *folder = test_tmpdir();
	char *catalog = path_join(folder, "c.db");
	char *program = path_join(SO_BUILD_DIR, "scaleout");
	char *argv[] = { program, (char *)"init", NULL };

	free(state);
	state = path_join(folder, "state");
	setenv("SCALEOUT_CATALOG", catalog, 1);
	setenv("XDG_STATE_HOME", state, 1);
	setenv("HOME", folder, 1);
	setenv("PAGER", "cat -n", 1);
	struct pty *pty = pty_start(argv, "dumb", 80, 24);
	ck_assert_ptr_nonnull(pty);
	ck_assert_int_eq(pty_join(pty, WAIT_MS), 0);
	pty_free(pty);
	free(program);
	free(catalog);
	free(folder);
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

static struct pty *start(int height)
{
	char *program = path_join(SO_BUILD_DIR, "scaleout");
	char *argv[] = { program, (char *)"sql", NULL };
	struct pty *pty = pty_start(argv, "xterm-256color", 80, height);

	ck_assert_ptr_nonnull(pty);
	free(program);
	wait_for(pty, "1>");
	return pty;
}

static void leave(struct pty *pty, int status)
{
	ck_assert_int_eq(pty_join(pty, WAIT_MS), status);
	pty_free(pty);
}

static char *history_text(void)
{
	char *path = path_join(state, "scaleout/sql_history");
	struct buf text = BUF_INIT;

	ck_assert_int_eq(file_read(path, 1000000, &text, NULL), 0);
	struct stat info;
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0600);
	free(path);
	return buf_detach(&text);
}

START_TEST(lines_are_numbered_and_edited)
{
	make_catalog();
	struct pty *pty = start(24);

	pty_send(pty, "PRINT\n");
	wait_for(pty, "2>");
	pty_send(pty, "N'gr\xC3\xBC\xC3\x9F" "fx\177\177e'\nGO\n");
	wait_for(pty, "gr\xC3\xBC\xC3\x9F" "e\n1>");
	pty_send(pty, "EXIT\n");
	leave(pty, 0);
}
END_TEST

START_TEST(names_are_completed_from_the_catalog)
{
	make_catalog();
	struct pty *pty = start(24);

	pty_send(pty, "sel\t* fr\tcatalog.fol\t");
	wait_for(pty, "1> select * from catalog.folders");
	pty_send(pty, "WHERE catalog.folders.folder_i\t");
	wait_for(pty, "catalog.folders.folder_id");
	pty_send(pty, "= 0\nGO\n"); /* wide, so through the pager */
	wait_for(pty, "(0 rows affected)\n1>");
	pty_send(pty, "EXEC catalog.create_f\t");
	wait_for(pty, "catalog.create_folder");
	pty_send(pty, "@folder_n\t");
	wait_for(pty, "@folder_name");
	pty_send(pty, "= N'Made'\nGO\nSELECT name FROM catalog.folders\nGO\n");
	wait_for(pty, "(1 rows affected)");
	pty_send(pty, "quit\n");
	leave(pty, 0);
}
END_TEST

START_TEST(connect_begins_a_new_session_and_names_are_still_completed)
{
	make_catalog();
	struct pty *pty = start(24);

	pty_send(pty, "CREATE TABLE #mine (a int)\nGO\nselect * from catalog.fol\t\nGO\n");
	wait_for(pty, "(0 rows affected)\n1>");
	pty_send(pty, ":connect (local)\nPRINT ISNULL(OBJECT_ID('tempdb..#mine'), -1)\nGO\n");
	wait_for(pty, "-1\n1>");
	pty_send(pty, "select * from catalog.fol\t");
	wait_for(pty, "1> select * from catalog.folders");
	pty_send(pty, "\003");
	wait_for(pty, "^C\n1>");
	pty_send(pty, "EXIT\n");
	leave(pty, 0);
}
END_TEST

START_TEST(ctrl_c_clears_the_line_or_stops_the_batch)
{
	make_catalog();
	struct pty *pty = start(24);

	pty_send(pty, "garbage");
	wait_for(pty, "garbage");
	pty_send(pty, "\003");
	wait_for(pty, "^C\n1>");
	pty_send(pty, "PRINT 'begun' WAITFOR DELAY '01:00:00'\nGO\n");
	wait_for(pty, "\nbegun");
	pty_send(pty, "\003");
	wait_for(pty, "C.\n1>");
	pty_send(pty, "EXIT(SELECT 3)\n");
	leave(pty, 3);
}
END_TEST

START_TEST(the_history_lasts_but_for_secrets)
{
	make_catalog();
	struct pty *pty = start(24);

	pty_send(pty, "PRINT 'once'\nGO\n");
	wait_for(pty, "once\n1>");
	pty_send(pty, "PRINT 'my PassWord'\nPRINT 'beside'\nGO\n");
	wait_for(pty, "beside\n1>");
	pty_send(pty, "\004");
	leave(pty, 0);
	char *text = history_text();
	ck_assert_str_eq(text, "PRINT 'once'\nGO\n");
	free(text);

	pty = start(24);
	pty_send(pty, "\033[A\033[A");
	wait_for(pty, "1> PRINT 'once'");
	pty_send(pty, "\nGO\n");
	wait_for(pty, "once\n1>");
	pty_send(pty, "\004");
	leave(pty, 0);
}
END_TEST

START_TEST(long_results_go_through_the_pager)
{
	make_catalog();
	struct pty *pty = start(10);

	pty_send(pty, "SELECT TOP 3 schema_id FROM sys.schemas\nGO\n");
	wait_for(pty, "(3 rows affected)");
	ck_assert_ptr_null(strstr(pty_output(pty)->data, "     1\t"));
	pty_send(pty, "SELECT TOP 20 column_id FROM sys.columns\nGO\n");
	wait_for(pty, "    24  (20 rows affected)");
	pty_send(pty, "EXIT\n");
	leave(pty, 0);
}
END_TEST

START_TEST(leaving_the_pager_stops_the_batch)
{
	make_catalog();
	setenv("PAGER", "head -n 2", 1);
	struct pty *pty = start(10);

	pty_send(pty, "SELECT a.name FROM sys.columns AS a CROSS JOIN sys.columns AS b CROSS JOIN sys.columns AS c\nGO\n");
	wait_for(pty, "---\n1>");
	pty_send(pty, "PRINT 'alive'\nGO\n");
	wait_for(pty, "alive\n1>");
	pty_send(pty, "EXIT\n");
	leave(pty, 0);
}
END_TEST

START_TEST(ed_takes_what_the_editor_left)
{
	make_catalog();
	setenv("EDITOR", "sed -i s/one/two/", 1);
	struct pty *pty = start(24);

	pty_send(pty, "PRINT 'one'\nED\n");
	wait_for(pty, "PRINT 'two'\n2>");
	pty_send(pty, "GO\n");
	wait_for(pty, "two\n1>");
	pty_send(pty, "EXIT\n");
	leave(pty, 0);
}
END_TEST

static Suite *make_suite(void)
{
	const TTest *const cases[] = { lines_are_numbered_and_edited, names_are_completed_from_the_catalog,
		connect_begins_a_new_session_and_names_are_still_completed,
		ctrl_c_clears_the_line_or_stops_the_batch, the_history_lasts_but_for_secrets,
		long_results_go_through_the_pager, leaving_the_pager_stops_the_batch, ed_takes_what_the_editor_left };
	Suite *suite = suite_create("sql_prompt");
	TCase *tcase = tcase_create("sql_prompt");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		tcase_add_test(tcase, cases[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
