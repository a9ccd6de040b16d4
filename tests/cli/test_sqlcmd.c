/* SPDX-License-Identifier: MIT */
/* The in-script layer of scaleout sql with a host that only writes down what it is asked for; printing with a fake client. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/sql_complete.h"
#include "cli/sql_prompt.h"
#include "cli/sql_signals.h"
#include "cli/sql_unicode.h"
#include "cli/sqlcmd_print.h"
#include "cli/sqlcmd_script.h"
#include "tests/harness.h"

/* --- a host that notes --- */

struct notes {
	struct buf log;               /* <batch>, {out}, !errors! in order */
	struct sqlcmd_result results; /* what each batch gives */
	int r;
	const char *file; /* what every file holds */
};

static int note_run(void *ctx, const char *batch, struct sqlcmd_result *result, struct err *err)
{
	struct notes *n = ctx;

	(void)err;
	buf_addf(&n->log, "<%s>", batch);
	*result = n->results;
	return n->r;
}

static int note_read(void *ctx, const char *path, struct buf *ret, struct err *err)
{
	struct notes *n = ctx;

	if (!n->file)
		return err_set(err, ERR_NOT_FOUND, "'%s': Invalid filename.", path);
	buf_addf(&n->log, "read %s;", path);
	buf_adds(ret, n->file);
	return 0;
}

static int note_redirect(void *ctx, enum sqlcmd_stream stream, const char *target, struct err *err)
{
	struct notes *n = ctx;

	(void)err;
	buf_addf(&n->log, "%s to %s;", (const char *const[]){ "out", "errors", "trace" }[stream], target);
	return 0;
}

static int note_edit(void *ctx, struct buf *text, struct err *err)
{
	struct notes *n = ctx;

	(void)err;
	buf_addf(&n->log, "edit %s;", text->data);
	buf_clear(text);
	buf_adds(text, "edited\n");
	return 0;
}

static int note_connect(void *ctx, const char *server, struct err *err)
{
	struct notes *n = ctx;

	(void)err;
	buf_addf(&n->log, "connect %s;", server);
	return 0;
}

static void note_print(void *ctx, enum sqlcmd_stream stream, const char *text)
{
	static const char *const marks[] = { "{}", "!!", "()" };
	struct notes *n = ctx;

	buf_addf(&n->log, "%c%s%c", marks[stream][0], text, marks[stream][1]);
}

struct fixture {
	struct notes notes;
	struct sqlcmd_host host;
	struct sqlcmd_vars *vars;
	struct sqlcmd_script script;
};

static void open_fixture(struct fixture *f)
{
	*f = (struct fixture){ .notes = { .log = BUF_INIT } };
	f->host = (struct sqlcmd_host){ &f->notes, note_run, note_read, note_redirect, note_edit, note_connect, note_print };
	f->vars = sqlcmd_vars_new(true);
	sqlcmd_script_init(&f->script, &f->host, f->vars);
}

/* Feed the text, end it, compare what the host was asked for, and release all. */
static int finish(struct fixture *f, const char *text, const char *expected)
{
	sqlcmd_script_text(&f->script, text, strlen(text));
	if (!f->script.done)
		sqlcmd_script_end(&f->script);
	ck_assert_str_eq(f->notes.log.data, expected);
	int status = f->script.status;
	sqlcmd_script_release(&f->script);
	sqlcmd_vars_free(f->vars);
	buf_release(&f->notes.log);
	return status;
}

static int run(const char *text, const char *expected)
{
	struct fixture f;

	open_fixture(&f);
	return finish(&f, text, expected);
}

/* --- batches --- */

START_TEST(go_ends_a_batch_and_repeats_it)
{
	run("a\nGO\nb\n go 2 -- twice\nc", "<a\n><b\n><b\n><c\n>");
}
END_TEST

START_TEST(go_in_a_string_or_comment_is_text)
{
	run("select '\nGO\n'\n/* x\nGO\n*/\nGO", "<select '\nGO\n'\n/* x\nGO\n*/\n>");
}
END_TEST

START_TEST(go_with_zero_or_a_word_is_an_error)
{
	run("a\nGO 0\nGO x\nGO", "!Sqlcmd: Error: Number of executions of the batch must be greater than zero.\n"
	    "  and at most 1000000\n!!Sqlcmd: Error: Syntax error at line 3 near command 'GO'.\n!<a\n>");
}
END_TEST

START_TEST(another_word_can_end_batches)
{
	struct fixture f;

	open_fixture(&f);
	f.script.terminator = "RUN";
	finish(&f, "a\nGO\nrun\n", "<a\nGO\n>");
}
END_TEST

START_TEST(an_empty_batch_is_not_run)
{
	run("\n  \nGO\nGO\n", "");
}
END_TEST

START_TEST(echo_prints_the_batch_first)
{
	struct fixture f;

	open_fixture(&f);
	f.script.echo = true;
	finish(&f, "a\nGO", "{a\n}<a\n>");
}
END_TEST

/* --- variables --- */

START_TEST(variables_are_replaced_in_strings_and_names_too)
{
	run(":setvar T folders\n:setvar v \"it \"\"is\"\" so\"\nselect '$(v)', [$(t)]\nGO",
	    "<select 'it \"is\" so', [folders]\n>");
}
END_TEST

START_TEST(setvar_wins_over_the_environment_until_it_is_dropped)
{
	setenv("SO_TEST_VARIABLE", "outer", 1);
	run("$(so_test_variable)\n:setvar SO_TEST_VARIABLE inner\nGO\n$(SO_TEST_VARIABLE)\n"
	    ":setvar SO_TEST_VARIABLE\nGO", "<inner\n><outer\n>");
}
END_TEST

START_TEST(an_unknown_variable_is_reported_and_stays)
{
	ck_assert_int_eq(run("select $(nothing)\nGO", "!'nothing' scripting variable not defined.\n!<select $(nothing)\n>"), 0);
}
END_TEST

START_TEST(an_unknown_variable_ends_a_script_that_stops_at_errors)
{
	ck_assert_int_eq(run(":on error exit\nselect $(nothing)\nGO\nselect 1\nGO",
	    "!'nothing' scripting variable not defined.\n!"), 1);
}
END_TEST

START_TEST(a_malformed_reference_is_a_syntax_error)
{
	run("select\n'$(x y)'\nGO\nb", "!Sqlcmd: Error: Syntax error at line 2 near '$('.\n!<b\n>");
}
END_TEST

START_TEST(references_in_comments_are_left_alone)
{
	run("-- $(a\n/* $(b */ c\nGO", "<-- $(a\n/* $(b */ c\n>");
}
END_TEST

START_TEST(references_can_be_switched_off)
{
	struct fixture f;

	open_fixture(&f);
	f.script.keep_references = true;
	finish(&f, "$(x) $(y\nGO", "<$(x) $(y\n>");
}
END_TEST

START_TEST(settings_are_variables_with_ranges)
{
	struct sqlcmd_vars *vars = sqlcmd_vars_new(false);
	struct sqlcmd_format format = { 0 };
	struct err err;

	ck_assert_int_eq(sqlcmd_vars_set(vars, "sqlcmdcolwidth", "200", &err), 0);
	ck_assert_int_eq(sqlcmd_vars_set(vars, "SQLCMDCOLWIDTH", "8", &err), -ERR_INVALID);
	ck_assert_int_eq(sqlcmd_vars_set(vars, "SQLCMDHEADERS", "-2", &err), -ERR_INVALID);
	ck_assert_int_eq(sqlcmd_vars_set(vars, "SQLCMDSERVER", "x", &err), -ERR_DENIED);
	ck_assert_int_eq(sqlcmd_vars_set(vars, "1x", "x", &err), -ERR_INVALID);
	sqlcmd_vars_apply(vars, &format);
	ck_assert_int_eq(format.screen_width, 200);
	ck_assert_int_eq(format.variable_width, 256);
	ck_assert_str_eq(format.separator, " ");
	sqlcmd_vars_free(vars);
}
END_TEST

START_TEST(a_value_with_blanks_needs_quotes)
{
	run(":setvar a b c\n:setvar", "!Sqlcmd: Error: Syntax error at line 1 near command ':setvar'.\n!"
	    "!Sqlcmd: Error: Syntax error at line 2 near command ':setvar'.\n!");
}
END_TEST

/* --- commands --- */

START_TEST(a_file_is_read_into_the_batch)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.file = "b\nGO\nc";
	finish(&f, "a\n:r \"some file.sql\" -- why\nd\nGO", "read some file.sql;<a\nb\n><c\nd\n>");
}
END_TEST

START_TEST(files_that_read_themselves_end_in_an_error)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.file = ":r again\n";
	sqlcmd_script_text(&f.script, ":r again", 8);
	ck_assert_ptr_nonnull(strstr(f.notes.log.data, "'again': files read one another more than 16 deep."));
	buf_clear(&f.notes.log);
	finish(&f, "", "");
}
END_TEST

START_TEST(reset_forgets_and_list_shows)
{
	run("a\n:list\nreset\nb\nGO", "{a\n}<b\n>");
}
END_TEST

START_TEST(results_and_errors_can_be_sent_elsewhere)
{
	run(":setvar f x\n:out $(f).txt\n:Error STDERR", "out to x.txt;errors to STDERR;");
}
END_TEST

START_TEST(commands_without_a_colon_need_the_whole_line)
{
	run("exit_1\nquite\nedge\n", "<exit_1\nquite\nedge\n>");
}
END_TEST

START_TEST(unknown_and_refused_commands_are_named)
{
	run(":frob x\n:serverlist\n!!ls", "!Sqlcmd: Error: Unknown command ':frob'. Enter ':help' for help.\n!"
	    "!Sqlcmd: Error: ':serverlist' is not supported: catalogs are files and are not announced on the network.\n!"
	    "!Sqlcmd: Error: ':!!' is not supported: no shell is started from scripts.\n!");
}
END_TEST

START_TEST(ed_edits_the_batch_or_the_last_one)
{
	struct fixture f;

	open_fixture(&f);
	f.script.interactive = true;
	finish(&f, "a\nED\nGO\nED\n", "edit a\n;{edited\n}<edited\n>edit edited\n;{edited\n}<edited\n>");
}
END_TEST

START_TEST(ed_needs_a_terminal)
{
	run("ED", "!Sqlcmd: Error: ED needs a terminal.\n!");
}
END_TEST

/* --- leaving --- */

START_TEST(exit_and_quit_leave_without_running)
{
	ck_assert_int_eq(run("a\nEXIT\nb", ""), 0);
	ck_assert_int_eq(run("a\n:QUIT\nb", ""), 0);
}
END_TEST

START_TEST(exit_with_a_query_gives_its_value)
{
	static const struct {
		struct sqlcmd_result result;
		int status;
	} cases[] = {
		{ { .cell = SQLCMD_CELL_NUMBER, .cell_value = 42 }, 42 },
		{ { .cell = SQLCMD_CELL_OTHER }, -102 },
		{ { .cell = SQLCMD_CELL_NONE }, -101 },
		{ { .worst_severity = 16 }, -100 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		open_fixture(&f);
		f.notes.results = cases[i].result;
		ck_assert_int_eq(finish(&f, "a\nEXIT(select 42)\nb", "<a\nselect 42\n>"), cases[i].status);
	}
}
END_TEST

START_TEST(exit_with_a_query_that_cannot_be_sent_gives_minus_100)
{
	ck_assert_int_eq(run("exit(select $(a b))", "!Sqlcmd: Error: Syntax error at line 1 near '$('.\n!"), -100);
}
END_TEST

START_TEST(exit_with_nothing_in_parentheses_runs_the_batch)
{
	ck_assert_int_eq(run("a\nexit()\nb", "<a\n\n>"), 0);
}
END_TEST

START_TEST(state_127_ends_with_the_message_number)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.results = (struct sqlcmd_result){ .exit_asked = true, .exit_number = 50001 };
	ck_assert_int_eq(finish(&f, "a\nGO\nb\nGO", "<a\n>"), 50001);
}
END_TEST

START_TEST(an_error_stops_only_when_asked_to)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.results.worst_severity = 16;
	f.notes.r = -ERR_SQL;
	ck_assert_int_eq(finish(&f, "a\nGO\nb\nGO", "<a\n><b\n>"), 0);
	open_fixture(&f);
	f.notes.results.worst_severity = 16;
	f.script.stop_on_error = true;
	ck_assert_int_eq(finish(&f, "a\nGO\nb\nGO", "<a\n>"), 1);
}
END_TEST

START_TEST(the_error_level_sets_the_status_and_what_stops)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.results.worst_severity = 14;
	f.script.severity_level = 14;
	ck_assert_int_eq(finish(&f, "a\nGO\nb\nGO", "<a\n><b\n>"), 14);
	open_fixture(&f);
	f.notes.results.worst_severity = 14;
	f.script.severity_level = 15;
	f.script.stop_on_error = true;
	ck_assert_int_eq(finish(&f, "a\nGO\nb\nGO", "<a\n><b\n>"), 0);
}
END_TEST

START_TEST(ctrl_c_ends_a_script_but_not_a_session)
{
	struct fixture f;

	open_fixture(&f);
	f.notes.r = -ERR_CANCELLED;
	ck_assert_int_eq(finish(&f, "a\nGO 5\nb\nGO", "<a\n>"), 1);
	open_fixture(&f);
	f.notes.r = -ERR_CANCELLED;
	f.script.interactive = true;
	ck_assert_int_eq(finish(&f, "a\nGO 5\nb\nGO", "<a\n><b\n>"), 0);
}
END_TEST

/* --- printing, with a client that gives rows --- */

struct fake_client {
	struct tsql_client client;
	const struct tsql_column *columns;
	const struct tsql_value *values;
	size_t count;
	int64_t done;
	const struct tsql_message *message;
};

static int fake_run(struct tsql_client *client, const char *batch, struct tsql_param *params, size_t param_count,
    const struct tsql_sink *sink, struct err *err)
{
	struct fake_client *f = (struct fake_client *)client;

	(void)batch;
	(void)params;
	(void)param_count;
	(void)err;
	if (f->columns) {
		sink->columns(sink->ctx, f->columns, f->count);
		if (sink->row)
			sink->row(sink->ctx, f->values, f->count);
		if (sink->done)
			sink->done(sink->ctx, f->done);
	}
	if (f->message && sink->message)
		sink->message(sink->ctx, f->message);
	return 0;
}

static const struct tsql_client_ops fake_ops = { .run = fake_run };

/* Print one row with these settings; caller frees. */
static char *print(struct fake_client *fake, struct sqlcmd_format format, struct sqlcmd_result *result)
{
	char *text = NULL;
	size_t len = 0;

	fake->client.ops = &fake_ops;
	format.out = open_memstream(&text, &len);
	format.errors = format.out;
	format.server = "srv";
	if (!format.separator)
		format.separator = " ";
	sqlcmd_print_run(&fake->client, "x", &format, result, NULL);
	fclose(format.out);
	return text;
}

static const struct tsql_column two_columns[] = {
	{ "id", { .type = TSQL_INT } },
	{ "text", { .type = TSQL_NVARCHAR, .length = 8 } },
};

static void check_print(const struct sqlcmd_format *format, const char *expected)
{
	struct tsql_value values[] = { tsql_int(7), tsql_nvarchar("a\tb ") };
	struct fake_client fake = { .columns = two_columns, .values = values, .count = 2, .done = 1 };
	struct sqlcmd_result result;
	char *text = print(&fake, *format, &result);

	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(result.cell, SQLCMD_CELL_NUMBER);
	ck_assert_int_eq(result.cell_value, 7);
	free(text);
	tsql_value_release(&values[1]);
}

START_TEST(rows_are_as_wide_as_their_types)
{
	check_print(&(struct sqlcmd_format){ .screen_width = 80, .variable_width = 256 },
	    "id          text    \n----------- --------\n          7 a\tb     \n\n(1 rows affected)\n");
}
END_TEST

START_TEST(columns_are_measured_in_characters)
{
	struct tsql_value values[] = { tsql_int(7), tsql_nvarchar("gr\xC3\xBC\xC3\x9F\xE2\x82\xAC") };
	struct fake_client fake = { .columns = two_columns, .values = values, .count = 2, .done = 1 };
	struct sqlcmd_result result;
	char *text = print(&fake, (struct sqlcmd_format){ .header_every = -1, .variable_width = 256, .fixed_width = 4 }, &result);

	ck_assert_str_eq(text, "          7 gr\xC3\xBC\xC3\x9F\n\n(1 rows affected)\n");
	free(text);
	tsql_value_release(&values[1]);
}
END_TEST

START_TEST(trimmed_rows_have_no_blanks_to_fill)
{
	check_print(&(struct sqlcmd_format){ .trim = true, .separator = ",", .variable_width = 256 },
	    "id,text\n--,----\n7,a\tb\n\n(1 rows affected)\n");
}
END_TEST

START_TEST(headers_can_be_left_out)
{
	check_print(&(struct sqlcmd_format){ .header_every = -1, .variable_width = 256 },
	    "          7 a\tb     \n\n(1 rows affected)\n");
}
END_TEST

START_TEST(lines_are_broken_between_columns)
{
	check_print(&(struct sqlcmd_format){ .header_every = -1, .screen_width = 12, .variable_width = 256 },
	    "          7 \na\tb     \n\n(1 rows affected)\n");
}
END_TEST

START_TEST(control_characters_are_replaced_on_demand)
{
	check_print(&(struct sqlcmd_format){ .header_every = -1, .controls = SQLCMD_CONTROLS_REPLACE, .variable_width = 256 },
	    "          7 a b     \n\n(1 rows affected)\n");
}
END_TEST

START_TEST(fixed_types_are_cut_at_their_width)
{
	check_print(&(struct sqlcmd_format){ .header_every = -1, .fixed_width = 1, .variable_width = 256 },
	    "          7 a   \n\n(1 rows affected)\n");
}
END_TEST

START_TEST(a_decimal_below_one_has_no_zero_before_the_point)
{
	struct tsql_column column = { "", { .type = TSQL_MONEY } };
	struct tsql_value value = { .type = TSQL_MONEY, .i = -5000 };
	struct fake_client fake = { .columns = &column, .values = &value, .count = 1, .done = -1 };
	struct sqlcmd_result result;
	char *text = print(&fake, (struct sqlcmd_format){ .trim = true, .variable_width = 256 }, &result);

	ck_assert_str_eq(text, "\n-\n-.5000\n");
	free(text);
}
END_TEST

static char *print_message(int number, int severity, int state, int lowest, struct sqlcmd_result *result)
{
	struct tsql_message m = { number, severity, state, 3, NULL, "text" };
	struct fake_client fake = { .message = &m };

	return print(&fake, (struct sqlcmd_format){ .lowest_severity = lowest, .variable_width = 256 }, result);
}

START_TEST(messages_are_shown_by_severity_and_print_always)
{
	static const struct {
		int number, severity, lowest;
		const char *expected;
	} cases[] = {
		{ 0, 0, 17, "text\n" },
		{ 5701, 10, 0, "text\n" },
		{ 5701, 10, 11, "" },
		{ 5701, 10, -1, "Msg 5701, Level 10, State 1, Server srv, Line 3\ntext\n" },
		{ 208, 16, 0, "Msg 208, Level 16, State 1, Server srv, Line 3\ntext\n" },
		{ 208, 16, 17, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sqlcmd_result result;
		char *text = print_message(cases[i].number, cases[i].severity, 1, cases[i].lowest, &result);
		ck_assert_str_eq(text, cases[i].expected);
		ck_assert_int_eq(result.worst_severity, cases[i].severity);
		ck_assert(!result.exit_asked);
		free(text);
	}
}
END_TEST

START_TEST(state_127_is_noticed_at_any_severity)
{
	struct sqlcmd_result result;

	free(print_message(50001, 10, 127, 0, &result));
	ck_assert(result.exit_asked);
	ck_assert_int_eq(result.exit_number, 50001);
}
END_TEST

/* --- the prompt's helpers --- */

START_TEST(keywords_complete_in_the_case_they_are_typed)
{
	struct sql_complete *complete = sql_complete_new(NULL);
	struct sql_matches matches;

	sql_complete_word(complete, "sel", &matches);
	ck_assert_uint_eq(matches.len, 1);
	ck_assert_str_eq(matches.items[0], "select");
	sql_matches_release(&matches);
	sql_complete_word(complete, "TRU", &matches);
	ck_assert_str_eq(matches.items[0], "TRUNCATE");
	sql_matches_release(&matches);
	sql_complete_word(complete, "TR", &matches); /* TRAN, TRANSACTION, TRUNCATE, TRY */
	ck_assert_uint_eq(matches.len, 4);
	ck_assert_uint_eq(sql_matches_common(&matches), 2);
	sql_matches_release(&matches);
	sql_complete_free(complete);
}
END_TEST

START_TEST(the_word_before_the_cursor_ends_at_blanks_and_signs)
{
	ck_assert_uint_eq(sql_complete_begin("select catalog.fo", 17), 7);
	ck_assert_uint_eq(sql_complete_begin("where(a=b", 9), 8);
	ck_assert_uint_eq(sql_complete_begin("", 0), 0);
}
END_TEST

START_TEST(batches_that_may_hold_secrets_are_not_remembered)
{
	ck_assert(sql_may_be_secret("EXEC x @Password = N'y'"));
	ck_assert(sql_may_be_secret("EXEC catalog.create_environment_variable @sensitive = 1"));
	ck_assert(sql_may_be_secret("catalog.set_execution_parameter_value 1, 30, N'p', 1"));
	ck_assert(!sql_may_be_secret("SELECT * FROM catalog.folders"));
}
END_TEST

/* --- statistics, -X, sessions --- */

static int64_t time_now;

static int64_t stepping_clock(void)
{
	int64_t now = time_now;

	time_now += 10000;
	return now;
}

START_TEST(a_batch_of_empty_variables_is_not_run)
{
	run(":setvar a \"\"\n$(a)\nGO\nb", "<b\n>");
}
END_TEST

START_TEST(statistics_count_the_runs_of_a_batch)
{
	struct fixture f;

	open_fixture(&f);
	f.script.clock_us = stepping_clock;
	f.script.statistics = SQLCMD_STATISTICS_TEXT;
	finish(&f, "a\nGO 2", "<a\n><a\n>(\nNetwork packet size (bytes): 4096\n2 xact[s]:\n"
			      "Clock Time (ms.): total        10  avg     5.00 (200.00 xacts per sec.)\n)");
	open_fixture(&f);
	f.script.clock_us = stepping_clock;
	f.script.statistics = SQLCMD_STATISTICS_COLONS;
	finish(&f, "a\nGO\nGO", "<a\n>(\n4096:1:10:10.00:100.00\n)");
}
END_TEST

START_TEST(disabled_commands_warn_or_end_the_script)
{
	struct fixture f;

	open_fixture(&f);
	f.script.no_system = true;
	ck_assert_int_eq(finish(&f, "!!ls\nED\na", "!Sqlcmd: Warning: '!!' is disabled by -X.\n!"
						     "!Sqlcmd: Warning: 'ed' is disabled by -X.\n!<a\n>"), 0);
	open_fixture(&f);
	f.script.no_system = f.script.no_system_ends = true;
	ck_assert_int_eq(finish(&f, "a\n!!ls\nb", "!Sqlcmd: Error: '!!' is disabled by -X1.\n!"), 1);
}
END_TEST

START_TEST(connect_takes_a_server_and_no_login)
{
	run(":connect . -l 5\n:connect \"(local)\"", "connect .;connect (local);");
	run(":connect . -U sa -P x", "!Sqlcmd: Error: ':connect' takes no -U and -P: logins are the accounts of the "
				     "operating system.\n!");
	run(":connect", "!Sqlcmd: Error: Syntax error at line 1 near command ':connect'.\n!");
	run(":connect \"a", "!Sqlcmd: Error: Syntax error at line 1 near command ':connect'.\n!");
}
END_TEST

START_TEST(perftrace_and_xml_are_understood)
{
	run(":perftrace p.txt\n:xml off\n:XML OFF", "trace to p.txt;");
	run(":xml on", "!Sqlcmd: Error: ':xml on' is not supported: there is no FOR XML; use FOR JSON, or --json for all "
		       "results.\n!");
	run(":xml maybe", "!Sqlcmd: Error: Syntax error at line 1 near command ':xml'.\n!");
}
END_TEST

/* --- Ctrl-C --- */

static int cancels;

static void count_cancel(struct tsql_client *client)
{
	(void)client;
	cancels++;
}

START_TEST(ctrl_c_in_the_instant_before_a_batch_is_kept)
{
	static const struct tsql_client_ops ops = { .cancel = count_cancel };
	struct tsql_client client = { &ops };

	sql_signals_keep_alive();
	raise(SIGINT);
	sql_signals_watch(&client, 0);
	ck_assert_int_eq(cancels, 1);
	ck_assert_int_eq(sql_signals_unwatch(), SQL_STOP_INTERRUPT);
	sql_signals_watch(&client, 0);
	ck_assert_int_eq(cancels, 1);
	raise(SIGINT);
	ck_assert_int_eq(cancels, 2);
	ck_assert_int_eq(sql_signals_unwatch(), SQL_STOP_INTERRUPT);
}
END_TEST

/* --- UTF-16 --- */

START_TEST(unicode_files_cut_no_character)
{
	char *folder = test_tmpdir(), *path = path_join(folder, "u");
	struct buf text = BUF_INIT;
	FILE *f = sql_unicode_open(path);

	ck_assert_ptr_nonnull(f);
	setvbuf(f, NULL, _IONBF, 0);
	for (const char *c = "a\xC3\xA4\xF0\x9F\x98\x80"; *c; c++)
		fputc(*c, f);
	fputc(0xE2, f); /* and nothing after it */
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(file_read(path, 100, &text, NULL), 0);
	ck_assert_mem_eq(text.data, "\xFF\xFE" "a\0\xE4\0\x3D\xD8\x00\xDE\xFD\xFF", 12);
	ck_assert_uint_eq(text.len, 12);
	ck_assert_ptr_null(sql_unicode_open(folder));
	buf_release(&text);
	free(path);
	free(folder);
}
END_TEST

static Suite *make_suite(void)
{
	const TTest *const cases[] = { go_ends_a_batch_and_repeats_it, go_in_a_string_or_comment_is_text,
		go_with_zero_or_a_word_is_an_error, another_word_can_end_batches, an_empty_batch_is_not_run,
		echo_prints_the_batch_first, variables_are_replaced_in_strings_and_names_too,
		setvar_wins_over_the_environment_until_it_is_dropped, an_unknown_variable_is_reported_and_stays,
		an_unknown_variable_ends_a_script_that_stops_at_errors, a_malformed_reference_is_a_syntax_error,
		references_in_comments_are_left_alone, references_can_be_switched_off, settings_are_variables_with_ranges,
		a_value_with_blanks_needs_quotes, a_file_is_read_into_the_batch, files_that_read_themselves_end_in_an_error,
		reset_forgets_and_list_shows, results_and_errors_can_be_sent_elsewhere,
		commands_without_a_colon_need_the_whole_line, unknown_and_refused_commands_are_named,
		ed_edits_the_batch_or_the_last_one, ed_needs_a_terminal, exit_and_quit_leave_without_running,
		exit_with_a_query_gives_its_value, exit_with_a_query_that_cannot_be_sent_gives_minus_100,
		exit_with_nothing_in_parentheses_runs_the_batch,
		state_127_ends_with_the_message_number, an_error_stops_only_when_asked_to,
		the_error_level_sets_the_status_and_what_stops, ctrl_c_ends_a_script_but_not_a_session,
		rows_are_as_wide_as_their_types, columns_are_measured_in_characters, trimmed_rows_have_no_blanks_to_fill, headers_can_be_left_out,
		lines_are_broken_between_columns, control_characters_are_replaced_on_demand,
		fixed_types_are_cut_at_their_width, a_decimal_below_one_has_no_zero_before_the_point,
		messages_are_shown_by_severity_and_print_always, state_127_is_noticed_at_any_severity,
		keywords_complete_in_the_case_they_are_typed, the_word_before_the_cursor_ends_at_blanks_and_signs,
		batches_that_may_hold_secrets_are_not_remembered, statistics_count_the_runs_of_a_batch,
		a_batch_of_empty_variables_is_not_run,
		disabled_commands_warn_or_end_the_script, connect_takes_a_server_and_no_login,
		perftrace_and_xml_are_understood, ctrl_c_in_the_instant_before_a_batch_is_kept,
		unicode_files_cut_no_character };
	Suite *suite = suite_create("sqlcmd");
	TCase *tcase = tcase_create("sqlcmd");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		tcase_add_test(tcase, cases[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
