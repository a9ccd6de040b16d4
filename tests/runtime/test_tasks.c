/* SPDX-License-Identifier: MIT */
/* The tasks: processes with their streams, time-outs and quoting; all file operations on temporary folders. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "runtime/engine.h"
#include "runtime/enumerate.h"
#include "tests/harness.h"
#include "tests/runtime/package_text.h"

/* Fails unless the expression holds. */
#define CHECK_THAT(path, name, condition) EXPRESSION(path, name, "1 / (" condition " ? 1 : 0)")
/* Task T, and then a check. */
#define CHECKED(task, condition) \
	CHILDREN(task CHECK_THAT("\\Check", "Check", condition)) \
	CONSTRAINTS(CONSTRAINT("\\T", "\\Check", AND_SUCCESS))

static void check_code(const char *inside, enum run_exit code, const char *says)
{
	struct played p;

	play(inside, NULL, &p);
	ck_assert_msg(p.code == code && (!says || played_says(&p, says)), "expected %d and \"%s\", got %d:\n%s",
	    code, says ? says : "", p.code, p.texts.data);
	played_release(&p);
}

START_TEST(output_and_error_go_to_their_variables)
{
	check_code(VARIABLES(TEXT("out", "") TEXT("err", "")) CHECKED(
		       PROCESS("\\T", "T",
			   "Executable=\"sh\" Arguments=\"-c &quot;echo one; printf two 1>&amp;2&quot;\" "
			   "StandardOutputVariable=\"User::out\" StandardErrorVariable=\"User::err\""),
			   "@out == &quot;one\\n&quot; &amp;&amp; @err == &quot;two&quot;"),
	    RUN_SUCCESS, NULL);
}
END_TEST

START_TEST(input_comes_from_a_variable)
{
	check_code(VARIABLES(TEXT("in", "hello") TEXT("out", "")) CHECKED(
		       PROCESS("\\T", "T",
			   "Executable=\"cat\" StandardInputVariable=\"User::in\" StandardOutputVariable=\"User::out\""),
			   "@out == &quot;hello&quot;"),
	    RUN_SUCCESS, NULL);
}
END_TEST

START_TEST(much_input_and_output_flow_at_the_same_time)
{
	check_code(VARIABLES(VARIABLE_ATTR("in", "8", "",
		       "DTS:EvaluateAsExpression=\"True\" DTS:Expression=\"REPLICATE(&quot;0123456789&quot;, 100000)\"")
		       TEXT("out", "")) CHECKED(
		       PROCESS("\\T", "T",
			   "Executable=\"cat\" StandardInputVariable=\"User::in\" StandardOutputVariable=\"User::out\""),
			   "LEN(@out) == 1000000"),
	    RUN_SUCCESS, NULL);
}
END_TEST

START_TEST(a_process_that_does_not_read_its_input_is_no_error)
{
	check_code(VARIABLES(VARIABLE_ATTR("in", "8", "",
		       "DTS:EvaluateAsExpression=\"True\" DTS:Expression=\"REPLICATE(&quot;0123456789&quot;, 100000)\"")) CHILDREN(
		       PROCESS("\\T", "T", "Executable=\"true\" StandardInputVariable=\"User::in\"")),
	    RUN_SUCCESS, NULL);
}
END_TEST

START_TEST(the_exit_code_decides)
{
	check_code(CHILDREN(SHELL("\\T", "T", "exit 3")), RUN_FAILURE,
	    "the exit code of the process was \"3\", while \"0\" was expected");
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"sh\" Arguments=\"-c &quot;exit 3&quot;\" SuccessValue=\"3\"")),
	    RUN_SUCCESS, NULL);
	check_code(CHILDREN(PROCESS("\\T", "T",
		       "Executable=\"sh\" Arguments=\"-c &quot;exit 3&quot;\" "
		       "FailTaskIfReturnCodeIsNotSuccessValue=\"False\"")),
	    RUN_SUCCESS, NULL);
	check_code(CHILDREN(SHELL("\\T", "T", "kill -9 $$")), RUN_FAILURE, "was \"137\"");
}
END_TEST

START_TEST(the_execution_value_is_the_exit_code)
{
	check_code(VARIABLES(INT("code", "0")) CHECKED(
		       EXEC("\\T", "T", "Microsoft.ExecuteProcess",
			   "<DTS:Property DTS:Name=\"ExecValueVariable\">User::code</DTS:Property>"
			   BODY("<ExecuteProcessData Executable=\"sh\" Arguments=\"-c &quot;exit 5&quot;\" SuccessValue=\"5\"/>")),
			   "@code == 5"),
	    RUN_SUCCESS, NULL);
}
END_TEST

START_TEST(the_working_folder_is_used_and_must_exist)
{
	check_code(VARIABLES(TEXT("out", "")) CHECKED(
		       PROCESS("\\T", "T",
			   "Executable=\"pwd\" WorkingDirectory=\"/\" StandardOutputVariable=\"User::out\""),
			   "@out == &quot;/\\n&quot;"),
	    RUN_SUCCESS, NULL);
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"pwd\" WorkingDirectory=\"/nonexistent\"")),
	    RUN_FAILURE, "The working directory \"/nonexistent\" does not exist");
}
END_TEST

START_TEST(a_program_that_is_not_there_fails_validation)
{
	struct played p;

	play(CHILDREN(SHELL("\\A", "A", "exit 0") PROCESS("\\T", "T", "Executable=\"no-such-program\"")), NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "T:Error: The program \"no-such-program\" is not in the path."));
	ck_assert(!strstr(p.events.data, "OnPreExecute"));
	played_release(&p);
	check_code(CHILDREN(PROCESS("\\T", "T", "")), RUN_FAILURE, "The executable is not specified");
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"C:\\\\no\\\\such.exe\"")), RUN_FAILURE,
	    "does not exist or cannot be executed");
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"no-such\" RequireFullFileName=\"False\"")),
	    RUN_FAILURE, "was not found");
}
END_TEST

START_TEST(a_process_is_ended_after_its_time)
{
	int64_t start = clock_mono_ms();

	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"sleep\" Arguments=\"600\" TimeOut=\"1\"")),
	    RUN_FAILURE, "The process timed out after 1 seconds");
	ck_assert_int_lt(clock_mono_ms() - start, 20000);
}
END_TEST

START_TEST(time_outs_and_streams_are_checked)
{
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"true\" TimeOut=\"-1\"")), RUN_FAILURE,
	    "The time-out -1 is not valid");
	check_code(VARIABLES(TEXT("o", "")) CHILDREN(PROCESS("\\T", "T",
		       "Executable=\"true\" TimeOut=\"1\" TerminateAfterTimeout=\"False\" "
		       "StandardOutputVariable=\"User::o\"")),
	    RUN_FAILURE, "cannot be redirected");
	check_code(VARIABLES(VARIABLE_ATTR("ro", "8", "", "DTS:ReadOnly=\"True\"")) CHILDREN(
		       PROCESS("\\T", "T", "Executable=\"true\" StandardOutputVariable=\"User::ro\"")),
	    RUN_FAILURE, "is read-only");
	check_code(CHILDREN(PROCESS("\\T", "T", "Executable=\"true\" StandardInputVariable=\"User::none\"")),
	    RUN_FAILURE, "\"User::none\" was not found");
}
END_TEST

START_TEST(command_lines_are_split_by_the_windows_rules)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{ "a b  c", "a|b|c|" },
		{ "\"a b\" c", "a b|c|" },
		{ "a\"b c\"d", "ab cd|" },
		{ "a\\\"b", "a\"b|" },
		{ "a\\\\\"b c\"", "a\\b c|" },
		{ "a\\\\b \\", "a\\\\b|\\|" },
		{ "\"a \"\"b\"\" c\"", "a \"b\" c|" },
		{ "\"\" x", "|x|" },
		{ "  ", "" },
		{ "'a b'", "'a|b'|" },
		{ "$HOME *;rm", "$HOME|*;rm|" },
		{ "\"open", "open|" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf words = BUF_INIT, shown = BUF_INIT;
		size_t count = command_split(rows[i].line, &words);
		const char *at = words.data;
		for (size_t w = 0; w < count; w++, at += strlen(at) + 1)
			buf_addf(&shown, "%s|", at);
		ck_assert_msg(!strcmp(shown.data, rows[i].words), "%s: expected %s, got %s", rows[i].line,
		    rows[i].words, shown.data);
		buf_release(&words);
		buf_release(&shown);
	}
}
END_TEST

START_TEST(windows_paths_are_mapped)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "C:\\Data\\x.txt", "/mnt/c/Data/x.txt" }, { "d:", "/mnt/d" }, { "\\\\srv\\share\\x", "/mnt/srv/share/x" },
		{ "a\\b", "a/b" }, { "/unix/a\\b", "/unix/a\\b" }, { "relative", "relative" }, { "", "" },
		{ "C:relative", "C:relative" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;
		path_map(rows[i].from, &out);
		ck_assert_str_eq(out.data, rows[i].to);
		buf_release(&out);
	}
}
END_TEST

START_TEST(wildcards_fit_as_on_windows)
{
	ck_assert(wildcard_fits("*.*", "README"));
	ck_assert(wildcard_fits("*.TXT", "a.txt"));
	ck_assert(wildcard_fits("a?c*", "abcdef"));
	ck_assert(wildcard_fits("*a*b*", "xxaxxbxx"));
	ck_assert(wildcard_fits("*", ""));
	ck_assert(!wildcard_fits("*.txt", "a.txt2"));
	ck_assert(!wildcard_fits("?", ""));
	ck_assert(wildcard_fits("gr?n", "gr\xC3\xBCn"));
	ck_assert(!wildcard_fits("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}
END_TEST

/* ---- File System ---- */

struct files {
	char *dir;
};

static struct files *files_new(void)
{
	struct files *f = xcalloc(1, sizeof(*f));

	f->dir = test_tmpdir();
	return f;
}

static void files_free(struct files *f)
{
	free(f->dir);
	free(f);
}

static char *file_at(const struct files *f, const char *name)
{
	return path_join(f->dir, name);
}

static void put(const struct files *f, const char *name, const char *text)
{
	char *path = file_at(f, name), *folder = path_dirname(path);

	ck_assert_int_eq(dir_make(folder, 0700, NULL), 0);
	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0640, false, NULL), 0);
	free(path);
	free(folder);
}

static void expect_file(const struct files *f, const char *name, const char *text)
{
	char *path = file_at(f, name);
	struct buf b = BUF_INIT;

	if (!text) {
		ck_assert_msg(access(path, F_OK) != 0, "%s should not be there", name);
	} else {
		ck_assert_msg(!file_read(path, 1 << 20, &b, NULL), "%s should be there", name);
		ck_assert_str_eq(b.data, text);
	}
	buf_release(&b);
	free(path);
}

/* Run one operation on files in the folder; names are relative to it. */
static void operate(const struct files *f, const char *operation, const char *from, const char *to,
    const char *more, enum run_exit code, const char *says)
{
	char *text = xasprintf(VARIABLES(TEXT("from", "%s/%s") TEXT("to", "%s/%s")) CHILDREN(
		EXEC("\\T", "T", "Microsoft.FileSystemTask",
		    BODY("<FileSystemData TaskOperationType=\"%s\" TaskSourcePath=\"User::from\" "
			 "TaskIsSourceVariable=\"True\" TaskDestinationPath=\"User::to\" "
			 "TaskIsDestinationVariable=\"True\" %s/>"))),
	    f->dir, from, f->dir, to ? to : "", operation, more ? more : "");

	check_code(text, code, says);
	free(text);
}

#define OVERWRITE "TaskOverwriteDestFile=\"True\""

START_TEST(files_are_copied_to_names_and_into_folders)
{
	struct files *f = files_new();

	put(f, "a", "one");
	put(f, "folder/x", "x");
	operate(f, "CopyFile", "a", "b", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "b", "one");
	operate(f, "CopyFile", "a", "folder", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "folder/a", "one");
	put(f, "a", "two");
	operate(f, "CopyFile", "a", "b", NULL, RUN_FAILURE, "already exists");
	expect_file(f, "b", "one");
	operate(f, "CopyFile", "a", "b", OVERWRITE, RUN_SUCCESS, NULL);
	expect_file(f, "b", "two");
	operate(f, "CopyFile", "a", "a", OVERWRITE, RUN_FAILURE, "to itself");
	expect_file(f, "a", "two");
	operate(f, "CopyFile", "none", "c", NULL, RUN_FAILURE, "does not exist");
	operate(f, "CopyFile", "folder", "c", NULL, RUN_FAILURE, "is a folder");
	files_free(f);
}
END_TEST

START_TEST(files_are_moved_and_renamed)
{
	struct files *f = files_new();

	put(f, "a", "one");
	put(f, "folder/x", "x");
	operate(f, "MoveFile", "a", "folder", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "a", NULL);
	expect_file(f, "folder/a", "one");
	operate(f, "RenameFile", "folder/a", "folder/b", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "folder/b", "one");
	operate(f, "RenameFile", "folder/b", "folder/x", NULL, RUN_FAILURE, "already exists");
	expect_file(f, "folder/b", "one");
	operate(f, "MoveFile", "folder/b", "folder/x", OVERWRITE, RUN_SUCCESS, NULL);
	expect_file(f, "folder/x", "one");
	operate(f, "MoveFile", "none", "y", NULL, RUN_FAILURE, "does not exist");
	files_free(f);
}
END_TEST

START_TEST(files_are_deleted_without_wildcards)
{
	struct files *f = files_new();

	put(f, "a", "one");
	put(f, "b", "one");
	operate(f, "DeleteFile", "a", NULL, NULL, RUN_SUCCESS, NULL);
	expect_file(f, "a", NULL);
	operate(f, "DeleteFile", "*", NULL, NULL, RUN_FAILURE, "wildcards");
	operate(f, "DeleteFile", "a", NULL, NULL, RUN_FAILURE, "does not exist");
	expect_file(f, "b", "one");
	files_free(f);
}
END_TEST

START_TEST(attributes_are_permissions)
{
	struct files *f = files_new();
	char *path = file_at(f, "a");
	struct stat st;

	put(f, "a", "one");
	operate(f, "SetAttributes", "a", NULL, "TaskFileAttributes=\"ReadOnly, Hidden\"", RUN_SUCCESS,
	    "only ReadOnly and Normal");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0440);
	operate(f, "SetAttributes", "a", NULL, "TaskFileAttributes=\"Normal\"", RUN_SUCCESS, NULL);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	free(path);
	files_free(f);
}
END_TEST

START_TEST(folders_are_made_copied_moved_and_deleted)
{
	struct files *f = files_new();

	operate(f, "CreateDirectory", "new/deep", NULL, NULL, RUN_SUCCESS, NULL);
	operate(f, "CreateDirectory", "new/deep", NULL, NULL, RUN_FAILURE, "already exists");
	operate(f, "CreateDirectory", "new/deep", NULL, OVERWRITE, RUN_SUCCESS, NULL);
	put(f, "src/a", "one");
	put(f, "src/sub/b", "two");
	operate(f, "CopyDirectory", "src", "dst", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "dst/sub/b", "two");
	operate(f, "CopyDirectory", "src", "dst", NULL, RUN_FAILURE, "already exists");
	operate(f, "CopyDirectory", "src", "src/sub/in", NULL, RUN_FAILURE, "lies inside");
	operate(f, "MoveDirectory", "src", "moved", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "moved/sub/b", "two");
	expect_file(f, "src/a", NULL);
	operate(f, "MoveDirectory", "moved", "dst", NULL, RUN_SUCCESS, NULL);
	expect_file(f, "dst/moved/a", "one");
	operate(f, "DeleteDirectoryContent", "dst/moved", NULL, NULL, RUN_SUCCESS, NULL);
	expect_file(f, "dst/moved/a", NULL);
	expect_file(f, "dst/a", "one");
	operate(f, "DeleteDirectory", "dst", NULL, NULL, RUN_SUCCESS, NULL);
	expect_file(f, "dst/a", NULL);
	operate(f, "DeleteDirectory", "dst", NULL, NULL, RUN_FAILURE, "does not exist");
	files_free(f);
}
END_TEST

START_TEST(deleting_a_folder_does_not_follow_links)
{
	struct files *f = files_new();
	char *keep = file_at(f, "keep"), *link = file_at(f, "gone/link");

	put(f, "keep/a", "one");
	put(f, "gone/b", "two");
	ck_assert_int_eq(symlink(keep, link), 0);
	operate(f, "DeleteDirectory", "gone", NULL, NULL, RUN_SUCCESS, NULL);
	expect_file(f, "keep/a", "one");
	free(keep);
	free(link);
	files_free(f);
}
END_TEST

START_TEST(paths_come_from_file_connections_too)
{
	struct files *f = files_new();
	char *text;

	put(f, "a", "one");
	text = xasprintf("<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId=\"Package.ConnectionManagers[a.b]\" "
	                 "DTS:CreationName=\"FILE\" DTS:DTSID=\"{CM-1}\" DTS:ObjectName=\"a.b\">"
	                 PROPERTY_EXPRESSION("ConnectionString", "@[User::dir] + &quot;/a&quot;")
	                 "<DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString=\"C:\\nope\"/></DTS:ObjectData>"
	                 "</DTS:ConnectionManager><DTS:ConnectionManager DTS:CreationName=\"OLEDB\" "
	                 "DTS:DTSID=\"{CM-2}\" DTS:ObjectName=\"db\"><DTS:ObjectData><DTS:ConnectionManager "
	                 "DTS:ConnectionString=\"x\"/></DTS:ObjectData></DTS:ConnectionManager>"
	                 "</DTS:ConnectionManagers>" VARIABLES(TEXT("dir", "%s"))
	                 CHILDREN(EXEC("\\T", "T", "Microsoft.FileSystemTask",
			     BODY("<FileSystemData TaskOperationType=\"DeleteFile\" TaskSourcePath=\"%s\"/>"))),
	    f->dir, "{cm-1}");
	check_code(text, RUN_SUCCESS, NULL);
	expect_file(f, "a", NULL);
	char *cm = strstr(text, "{cm-1}");
	memcpy(cm, "{CM-2}", 6);
	check_code(text, RUN_FAILURE, "is of type \"OLEDB\", not FILE");
	memcpy(cm, "{CM-3}", 6);
	check_code(text, RUN_FAILURE, "The connection manager \"{CM-3}\" was not found");
	free(text);
	files_free(f);
}
END_TEST

START_TEST(a_file_task_without_paths_fails_validation)
{
	check_code(CHILDREN(EXEC("\\T", "T", "Microsoft.FileSystemTask", BODY("<FileSystemData/>"))), RUN_FAILURE,
	    "The destination of operation \"CopyFile\" is not set");
	check_code(VARIABLES(TEXT("e", "")) CHILDREN(EXEC("\\T", "T", "Microsoft.FileSystemTask",
		       BODY("<FileSystemData TaskOperationType=\"DeleteFile\" TaskIsSourceVariable=\"True\" "
			    "TaskSourcePath=\"User::e\"/>"))),
	    RUN_FAILURE, "is used as source or destination and is empty");
}
END_TEST

static Suite *tasks_suite(void)
{
	Suite *s = suite_create("tasks");
	TCase *t = tcase_create("tasks");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, output_and_error_go_to_their_variables);
	tcase_add_test(t, input_comes_from_a_variable);
	tcase_add_test(t, much_input_and_output_flow_at_the_same_time);
	tcase_add_test(t, a_process_that_does_not_read_its_input_is_no_error);
	tcase_add_test(t, the_exit_code_decides);
	tcase_add_test(t, the_execution_value_is_the_exit_code);
	tcase_add_test(t, the_working_folder_is_used_and_must_exist);
	tcase_add_test(t, a_program_that_is_not_there_fails_validation);
	tcase_add_test(t, a_process_is_ended_after_its_time);
	tcase_add_test(t, time_outs_and_streams_are_checked);
	tcase_add_test(t, command_lines_are_split_by_the_windows_rules);
	tcase_add_test(t, windows_paths_are_mapped);
	tcase_add_test(t, wildcards_fit_as_on_windows);
	tcase_add_test(t, files_are_copied_to_names_and_into_folders);
	tcase_add_test(t, files_are_moved_and_renamed);
	tcase_add_test(t, files_are_deleted_without_wildcards);
	tcase_add_test(t, attributes_are_permissions);
	tcase_add_test(t, folders_are_made_copied_moved_and_deleted);
	tcase_add_test(t, deleting_a_folder_does_not_follow_links);
	tcase_add_test(t, paths_come_from_file_connections_too);
	tcase_add_test(t, a_file_task_without_paths_fails_validation);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(tasks_suite)
