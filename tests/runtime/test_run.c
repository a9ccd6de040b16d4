/* SPDX-License-Identifier: MIT */
/* A whole run: the event log at each level, values from outside, secrets, stops, dumps, and what is not available. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "runtime/engine.h"
#include "tests/harness.h"
#include "tests/runtime/package_text.h"

#define GOOD(path, name) EXPRESSION(path, name, "1 == 1")
#define BAD(path, name) EXPRESSION(path, name, "1 / @zero")
#define ZERO VARIABLES(INT("zero", "0"))
#define CHECK_THAT(condition) CHILDREN(EXPRESSION("\\Check", "Check", "1 / (" condition " ? 1 : 0)"))

static struct taskspec level_spec(int level)
{
	return (struct taskspec){ .execution_id = 7, .attempt = 1, .logging_level = level };
}

/* Types of the messages in a log, in order: "10 20 30". Also checks that the numbers rise by 1. */
static char *log_types(const struct buf *log)
{
	struct buf types = BUF_INIT;
	int64_t seq = 0;

	for (const char *line = log->data; *line;) {
		size_t n = strcspn(line, "\n");
		struct event event;
		ck_assert_int_eq(event_decode(line, n, &event, NULL), 0);
		ck_assert_int_eq(event.seq, ++seq);
		if (event.kind == EVENT_KIND_MESSAGE)
			buf_addf(&types, "%s%d", types.len ? " " : "", event.type);
		event_release(&event);
		line += n + 1;
	}
	return buf_detach(&types);
}

static int count_kind(const struct buf *log, enum event_kind kind)
{
	int count = 0;

	for (const char *line = log->data; *line; line += strcspn(line, "\n") + 1) {
		struct event event;
		ck_assert_int_eq(event_decode(line, strcspn(line, "\n"), &event, NULL), 0);
		count += event.kind == kind;
		event_release(&event);
	}
	return count;
}

START_TEST(each_level_keeps_its_messages)
{
	static const struct {
		int level;
		int64_t mask;
		const char *types;
		int executables, statistics;
		bool contexts;
	} rows[] = {
		{ EVENT_LEVEL_NONE, 0, "", 0, 0, false },
		{ EVENT_LEVEL_BASIC, 0, "10 10 20 20 30 10 20 30 120 130 40 110 40", 2, 2, true },
		{ EVENT_LEVEL_PERFORMANCE, 0, "120 110", 2, 2, true },
		{ EVENT_LEVEL_VERBOSE, 0, "10 10 20 20 30 10 20 30 200 120 130 40 110 40", 2, 2, true },
		{ EVENT_LEVEL_CUSTOM, 1 << 8, "120", 2, 2, false },
		{ EVENT_LEVEL_CUSTOM, INT64_C(1) << 40 | 1 << 8, "120", 2, 2, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct taskspec spec = level_spec(rows[i].level);
		struct play how = { .spec = &spec };
		struct played p;
		spec.custom_events = rows[i].mask;
		spec.custom_profile = 1;
		play(CHILDREN(SHELL("\\T", "T", "exit 1")), &how, &p);
		char *types = log_types(&p.log);
		ck_assert_msg(!strcmp(types, rows[i].types), "level %d: expected %s, got %s", rows[i].level,
		    rows[i].types, types);
		ck_assert_int_eq(count_kind(&p.log, EVENT_KIND_EXECUTABLE), rows[i].executables);
		ck_assert_int_eq(count_kind(&p.log, EVENT_KIND_STATISTICS), rows[i].statistics);
		ck_assert_int_eq(count_kind(&p.log, EVENT_KIND_CONTEXT) > 0, rows[i].contexts);
		free(types);
		played_release(&p);
	}
}
END_TEST

START_TEST(an_error_brings_properties_and_variables_around_it)
{
	struct taskspec spec = level_spec(EVENT_LEVEL_BASIC);
	struct play how = { .spec = &spec };
	struct played p;

	play(VARIABLES(INT("zero", "0") TEXT("hidden", "not shown")) CHILDREN(BAD("\\T", "T")), &how, &p);
	ck_assert(strstr(p.log.data, "\"User::zero\""));
	ck_assert(strstr(p.log.data, "MaximumErrorCount"));
	ck_assert(!strstr(p.log.data, "User::hidden"));
	ck_assert(!strstr(p.log.data, "not shown"));
	played_release(&p);
}
END_TEST

/* ---- values ---- */

#define PARAMETER(name, type, value, attributes) \
	"<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=\"" name "\" DTS:DTSID=\"{PP}\" DTS:DataType=\"" type \
	"\" " attributes "><DTS:Property DTS:Name=\"ParameterValue\" DTS:DataType=\"" type "\">" value \
	"</DTS:Property></DTS:PackageParameter></DTS:PackageParameters>"

static char text_int32[] = "Int32", text_string[] = "String";

START_TEST(parameters_come_from_the_package_the_project_and_the_execution)
{
	char *dir = test_tmpdir(), *params = path_join(dir, "Project.params");
	static const char project[] =
	    "<SSIS:Parameters xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"><SSIS:Parameter SSIS:Name=\"q\">"
	    "<SSIS:Properties><SSIS:Property SSIS:Name=\"DataType\">9</SSIS:Property>"
	    "<SSIS:Property SSIS:Name=\"Value\">40</SSIS:Property></SSIS:Properties></SSIS:Parameter>"
	    "</SSIS:Parameters>";
	char p_name[] = "n", q_name[] = "q", five[] = "5", sixty[] = "60";
	struct taskspec_value values[] = {
		{ 30, NULL, p_name, text_int32, five, false, true },
		{ 20, NULL, q_name, text_int32, sixty, false, true },
	};
	struct taskspec spec = level_spec(EVENT_LEVEL_NONE);
	struct play how = { .project_dir = dir };
	struct played p;

	ck_assert_int_eq(file_write_atomic(params, project, sizeof(project) - 1, 0600, false, NULL), 0);
	play(PARAMETER("n", "3", "2", "") CHECK_THAT("@[$Package::n] + @[$Project::q] == 42"), &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	spec.values = values;
	spec.value_count = 2;
	how.spec = &spec;
	play(PARAMETER("n", "3", "2", "") CHECK_THAT("@[$Package::n] + @[$Project::q] == 65"), &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	values[0].value_set = false;
	play(PARAMETER("n", "3", "2", "") CHECK_THAT("@[$Package::n] + @[$Project::q] == 62"), &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	free(params);
	free(dir);
}
END_TEST

START_TEST(a_value_that_fits_nothing_fails_before_anything_runs)
{
	char none[] = "none", n[] = "n", x[] = "x";
	struct taskspec_value values[] = { { 30, NULL, none, text_int32, x, false, true },
		{ 30, NULL, n, text_int32, x, false, true } };
	struct taskspec spec = level_spec(EVENT_LEVEL_BASIC);
	struct play how = { .spec = &spec };
	struct played p;

	spec.values = values;
	spec.value_count = 2;
	play(PARAMETER("n", "3", "2", "") CHILDREN(GOOD("\\T", "T")), &how, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "The parameter \"none\" does not exist"));
	ck_assert(played_says(&p, "The value of parameter \"n\" is not valid"));
	ck_assert(!strstr(p.events.data, "OnPreExecute"));
	played_release(&p);
}
END_TEST

START_TEST(a_required_parameter_needs_a_value)
{
	struct played p;

	play("<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=\"must\" DTS:DTSID=\"{PP}\" "
	     "DTS:DataType=\"8\" DTS:Required=\"True\"/></DTS:PackageParameters>",
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "The required parameter \"$Package::must\" has no value"));
	played_release(&p);
}
END_TEST

START_TEST(property_paths_set_variables_and_properties)
{
	char path1[] = "\\Package.Variables[User::zero].Properties[Value]", one[] = "1";
	char path2[] = "\\Package\\Off.Properties[Disable]", yes[] = "True";
	char path3[] = "\\Package\\Run.Properties[Arguments]", arguments[] = "-c \"exit 0\"";
	char path4[] = "\\Package.Variables[zero].Value", path5[] = "\\Package\\None.Properties[Disable]";
	char path6[] = "\\Package\\Run.Properties[Nonsense]", path7[] = "rubbish";
	struct taskspec_override good[] = { { path1, one, false }, { path2, yes, false },
		{ path3, arguments, false }, { path4, one, false } };
	struct taskspec_override bad[] = { { path5, yes, false }, { path6, yes, false },
		{ path7, yes, false }, { path1, yes, false } };
	struct taskspec spec = level_spec(EVENT_LEVEL_BASIC);
	struct play how = { .spec = &spec };
	struct played p;

	spec.overrides = good;
	spec.override_count = ARRAY_LEN(good);
	play(ZERO CHILDREN(BAD("\\T", "T") SHELL("\\Off", "Off", "exit 1") SHELL("\\Run", "Run", "exit 1")), &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	spec.overrides = bad;
	spec.override_count = ARRAY_LEN(bad);
	play(ZERO CHILDREN(SHELL("\\Run", "Run", "exit 1")), &how, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "no such object in the package"));
	ck_assert(played_says(&p, "has no property \"Nonsense\""));
	ck_assert(played_says(&p, "does not end in .Properties[Name]"));
	ck_assert(played_says(&p, "cannot be converted to data type \"DT_I4\""));
	ck_assert(!strstr(p.events.data, "OnPreExecute"));
	played_release(&p);
}
END_TEST

START_TEST(expression_variables_follow_what_they_read)
{
	struct played p;

	play(VARIABLES(INT("a", "1")
		 VARIABLE_ATTR("b", "3", "0", "DTS:EvaluateAsExpression=\"True\" DTS:Expression=\"@a * 10\"")
		 VARIABLE_ATTR("c", "8", "", "DTS:EvaluateAsExpression=\"True\" DTS:Expression=\"(DT_WSTR,9)@b + &quot;!&quot;\""))
		CHILDREN(EXPRESSION("\\T", "T", "@a = 5") EXPRESSION("\\X", "X", "1 / (@c == &quot;50!&quot; ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\T", "\\X", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	play(VARIABLES(VARIABLE_ATTR("b", "3", "0", "DTS:EvaluateAsExpression=\"True\" DTS:Expression=\"@b + 1\""))
		CHILDREN(EXPRESSION("\\X", "X", "@b")),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "refers to itself"));
	played_release(&p);
}
END_TEST

START_TEST(an_inner_variable_hides_the_outer_one)
{
	struct played p;

	play(VARIABLES(INT("v", "1")) CHILDREN(SEQUENCE("\\S", "S", VARIABLES(INT("v", "2"))
		 CHILDREN(EXPRESSION("\\S\\T", "T", "1 / (@v == 2 ? 1 : 0)") EXPRESSION("\\S\\U", "U", "@v = 3")))
		 EXPRESSION("\\X", "X", "1 / (@v == 1 ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\S", "\\X", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
}
END_TEST

START_TEST(property_expressions_are_evaluated_again_before_each_run)
{
	struct played p;

	play(VARIABLES(INT("code", "0")) CHILDREN(EXPRESSION("\\A", "A", "@code = 4")
		 EXEC("\\T", "T", "Microsoft.ExecuteProcess",
		     PROPERTY_EXPRESSION("Arguments", "&quot;-c \\&quot;exit &quot; + (DT_WSTR,3)@code + &quot;\\&quot;&quot;")
		     PROPERTY_EXPRESSION("SuccessValue", "4")
		     BODY("<ExecuteProcessData Executable=\"sh\"/>")))
		CONSTRAINTS(CONSTRAINT("\\A", "\\T", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	play(CHILDREN(EXEC("\\T", "T", "Microsoft.ExpressionTask",
		 PROPERTY_EXPRESSION("Description", "1 + &quot;x&quot;") BODY("<ExpressionTask Expression=\"1\"/>"))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "on property \"Description\" cannot be evaluated (0xC0047080)"));
	played_release(&p);
}
END_TEST

START_TEST(system_variables_say_who_and_where)
{
	struct taskspec spec = level_spec(EVENT_LEVEL_NONE);
	struct play how = { .spec = &spec };
	struct played p;

	play(CHECK_THAT("@[System::PackageName] == &quot;P&quot; &amp;&amp; @[System::TaskName] == &quot;Check&quot; "
	                "&amp;&amp; @[System::ServerExecutionID] == 7 &amp;&amp; "
	                "LEN(@[System::ExecutionInstanceGUID]) == 38 &amp;&amp; LEN(@[System::MachineName]) > 0 "
	                "&amp;&amp; YEAR(@[System::StartTime]) >= 2024"),
	    &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	play(CHILDREN(EXPRESSION("\\T", "T", "@[System::PackageName] = &quot;x&quot;")), &how, &p);
	ck_assert(played_says(&p, "\"System::PackageName\" is read-only"));
	played_release(&p);
}
END_TEST

/* ---- secrets ---- */

START_TEST(secrets_are_shown_nowhere)
{
	char n[] = "n", secret[] = "S3CRET-1", path[] = "\\Package\\T.Properties[Arguments]",
	     arguments[] = "-c \"exit 1\" S3CRET-2", cm[] = "CM.db.Password", password[] = "S3CRET-3";
	char path_v[] = "\\Package.Variables[User::v].Properties[Value]", value_v[] = "1987654321";
	struct taskspec_value values[] = { { 30, NULL, n, text_string, secret, true, true },
		{ 30, NULL, cm, text_string, password, true, true } };
	struct taskspec_override overrides[] = { { path, arguments, true }, { path_v, value_v, true } };
	struct taskspec spec = level_spec(EVENT_LEVEL_VERBOSE);
	struct play how = { .spec = &spec };
	struct played p;

	spec.values = values;
	spec.value_count = ARRAY_LEN(values);
	spec.overrides = overrides;
	spec.override_count = ARRAY_LEN(overrides);
	spec.dump_on_error = true;
	play("<DTS:ConnectionManagers><DTS:ConnectionManager DTS:CreationName=\"OLEDB\" DTS:DTSID=\"{CM-2}\" "
	     "DTS:ObjectName=\"db\"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString=\"Data Source=x\"/>"
	     "</DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"
	     PARAMETER("n", "8", "", "DTS:Sensitive=\"True\"") VARIABLES(INT("v", "1"))
	     CHILDREN(PROCESS("\\T", "T", "Executable=\"sh\"")
		 EXPRESSION("\\U", "U", "@[$Package::n]")) CONSTRAINTS(CONSTRAINT("\\T", "\\U", AND_COMPLETION)),
	    &how, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "can be used only in expressions of sensitive properties"));
	ck_assert(!strstr(p.log.data, "S3CRET"));
	ck_assert(!strstr(p.log.data, "1987654321"));
	ck_assert(!played_says(&p, "S3CRET"));
	played_release(&p);
}
END_TEST

START_TEST(connection_strings_are_masked)
{
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{ "Data Source=x;User ID=u;Password=secret;", "Data Source=x;User ID=u;Password=********;" },
		{ "pwd='a;b';uid=u", "pwd=********;uid=u" },
		{ "AccountKey = k== ;x=1", "AccountKey = ******** ;x=1" },
		{ "/plain/path", "/plain/path" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;
		connection_mask(rows[i].text, &out);
		ck_assert_str_eq(out.data, rows[i].masked);
		buf_release(&out);
	}
}
END_TEST

/* ---- stop ---- */

START_TEST(a_stop_ends_processes_and_starts_nothing_more)
{
	struct play how = { .cancel_at = "OnPreExecute T" }, plain = { 0 };
	int64_t start = clock_mono_ms(), ordinary;
	struct played p;

	play(CHILDREN(SHELL("\\T", "T", "exit 0")), &plain, &p);
	played_release(&p);
	ordinary = clock_mono_ms() - start;
	start = clock_mono_ms();
	play(CHILDREN(SEQUENCE("\\S", "S", CHILDREN(SHELL("\\S\\T", "T", "sleep 600"))) GOOD("\\N", "N"))
		CONSTRAINTS(CONSTRAINT("\\S", "\\N", AND_COMPLETION)),
	    &how, &p);
	ck_assert_int_eq(p.code, RUN_CANCELLED);
	ck_assert_int_lt(clock_mono_ms() - start, 4000 + 10 * ordinary);
	ck_assert(!strstr(p.events.data, "OnPreExecute N"));
	ck_assert(!strstr(p.events.data, "OnError"));
	ck_assert(strstr(p.events.data, "OnPostExecute T\nOnPostExecute S\nOnPostExecute P\n"));
	ck_assert(strstr(p.log.data, "\"r\":3"));
	played_release(&p);
}
END_TEST

START_TEST(a_running_process_gets_a_query_cancel_and_a_term)
{
	struct play how = { .cancel_at = "ExecuteProcessExecutingProcess T" };
	struct played p;

	play(CHILDREN(SHELL("\\T", "T", "sleep 600 &amp; wait")), &how, &p);
	ck_assert_int_eq(p.code, RUN_CANCELLED);
	ck_assert(strstr(p.events.data, "OnQueryCancel T\n"));
	played_release(&p);
}
END_TEST

START_TEST(a_loop_that_never_waits_can_be_stopped)
{
	struct play how = { .cancel_at = "OnPreExecute L" };
	struct played p;

	play(VARIABLES(INT("i", "0")) CHILDREN(EXEC_ATTR("\\L", "L", "STOCK:FORLOOP", CHILDREN(GOOD("\\L\\T", "T")),
		 "DTS:EvalExpression=\"TRUE\"")),
	    &how, &p);
	ck_assert_int_eq(p.code, RUN_CANCELLED);
	played_release(&p);
}
END_TEST

/* ---- what is not there ---- */

#define PIPELINE \
	"<pipeline><components><component name=\"Src\" componentClassID=\"Microsoft.OLEDBSource\"/>" \
	"<component name=\"Dst\" componentClassID=\"Microsoft.ManagedComponentHost\"><properties>" \
	"<property name=\"UserComponentTypeName\">My.Own.Thing</property></properties></component></components></pipeline>"

START_TEST(what_is_not_available_is_named_before_anything_runs)
{
	struct played p;

	play(CHILDREN(GOOD("\\A", "A") EXEC("\\Sql", "Sql", "Microsoft.ExecuteSQLTask", BODY("<SqlTaskData/>"))
		 EXEC("\\Odd", "Odd", "Some.Vendor.Task", "")
		 EXEC("\\Flow", "Flow", "Microsoft.Pipeline", BODY(PIPELINE))
		 EXEC_ATTR("\\Late", "Late", "Microsoft.ScriptTask", "", "DTS:DelayValidation=\"True\""))
		HANDLERS(HANDLER("OnError", "", CHILDREN(EXEC(".EventHandlers[OnError]\\M", "M",
			"Microsoft.SendMailTask", "")))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(!strstr(p.events.data, "OnPreExecute"));
	ck_assert(played_says(&p, "Sql:Error: Execute SQL Task \"Sql\": the task type \"Microsoft.ExecuteSQLTask\""));
	ck_assert(played_says(&p, "Odd:Error: Task \"Odd\": the type \"Some.Vendor.Task\" is not known."));
	ck_assert(played_says(&p, "component \"Src\" of class \"Microsoft.OLEDBSource\" is not available"));
	ck_assert(played_says(&p, "component \"Dst\" of class \"My.Own.Thing\" is not available"));
	ck_assert(played_says(&p, "\"Late\": the task type \"Microsoft.ScriptTask\""));
	ck_assert(played_says(&p, "\"M\": the task type \"Microsoft.SendMailTask\""));
	played_release(&p);
}
END_TEST

START_TEST(validating_only_runs_nothing)
{
	struct play how = { .validate_only = true };
	struct played p;

	play(CHILDREN(GOOD("\\A", "A")), &how, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	ck_assert(strstr(p.events.data, "OnPostValidate A"));
	ck_assert(!strstr(p.events.data, "OnPreExecute"));
	played_release(&p);
}
END_TEST

START_TEST(a_package_that_cannot_be_loaded_says_why_in_the_log)
{
	struct taskspec spec = level_spec(EVENT_LEVEL_BASIC);
	struct run_options options = { .package_path = "/nonexistent/x.dtsx", .event_fd = -1, .spec = &spec };
	struct play how = { .spec = &spec };
	struct played p;
	struct err err;

	ck_assert_int_eq(run_package(&options, &err), RUN_NOT_FOUND);
	play("<broken", &how, &p);
	ck_assert_int_eq(p.code, RUN_NOT_LOADED);
	ck_assert(strstr(p.log.data, "p.dtsx:Error: "));
	ck_assert_int_ne(p.err.code, 0);
	played_release(&p);
}
END_TEST

/* ---- dumps ---- */

static char *find_dump(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	char *found = NULL;

	while ((entry = readdir(d))) {
		if (strstr(entry->d_name, ".tmp"))
			found = path_join(dir, entry->d_name);
	}
	closedir(d);
	return found;
}

START_TEST(an_error_writes_one_dump_of_the_state)
{
	static const struct {
		bool on_error, on_event;
		const char *codes;
		bool written;
	} rows[] = {
		{ true, false, NULL, true },
		{ false, true, "0xC0010014; 0xC004707B", true },
		{ false, true, "0xC0010014", false },
		{ false, false, NULL, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct taskspec spec = level_spec(EVENT_LEVEL_NONE);
		char *dir = test_tmpdir(), *codes = xstrdup_or_null(rows[i].codes), *path = path_join(dir, "p.dtsx");
		char text[2048];
		struct buf dump = BUF_INIT;
		struct run_options options = { .package_path = path, .spec = &spec, .event_fd = -1, .dump_dir = dir };
		spec.dump_on_error = rows[i].on_error;
		spec.dump_on_event = rows[i].on_event;
		spec.dump_event_codes = codes;
		snprintf(text, sizeof(text),
		    "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\" "
		    "DTS:CreationName=\"Microsoft.Package\" DTS:ExecutableType=\"Microsoft.Package\" DTS:ObjectName=\"P\">%s"
		    "</DTS:Executable>",
		    "<DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>" ZERO CHILDREN(BAD("\\T", "T")
			BAD("\\U", "U")));
		ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0600, false, NULL), 0);
		ck_assert_int_eq(run_package(&options, NULL), RUN_FAILURE);
		char *found = find_dump(dir);
		ck_assert_int_eq(found != NULL, rows[i].written);
		if (found) {
			ck_assert_int_eq(file_read(found, 1 << 20, &dump, NULL), 0);
			ck_assert(strstr(dump.data, "code 0xC004707B"));
			ck_assert(strstr(dump.data, "\\P\\T  type Microsoft.ExpressionTask  state running"));
			ck_assert(strstr(dump.data, "variable User::zero Int32 = 0"));
		}
		buf_release(&dump);
		free(found);
		free(path);
		free(codes);
		free(dir);
	}
}
END_TEST

/* ---- the shared packages ---- */

static void count_line(void *ctx, const char *what)
{
	ck_assert(*what);
	++*(int *)ctx;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void validate_all(const char *dir, int *ret_seen, int *ret_loaded)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char *path = path_join(dir, entry->d_name);
		size_t len = strlen(path);
		if (entry->d_name[0] != '.' && is_folder(path)) {
			validate_all(path, ret_seen, ret_loaded);
		} else if (len > 5 && !strcmp(path + len - 5, ".dtsx")) {
			struct run_options options = { .package_path = path, .event_fd = -1 };
			struct err err;
			int lines = 0, count = run_needs(&options, count_line, &lines, &err);
			++*ret_seen;
			ck_assert_msg(count < 0 || count == lines, "%s: %d lines, %d counted", path, lines, count);
			*ret_loaded += count >= 0;
			options.validate_only = true;
			run_package(&options, &err);
		}
		free(path);
	}
	if (d)
		closedir(d);
}

START_TEST(every_shared_package_can_be_looked_at)
{
	const char *packages = test_shared_packages();
	int seen = 0, loaded = 0;

	if (!packages)
		test_skip("no shared packages");
	validate_all(packages, &seen, &loaded);
	ck_assert_int_gt(seen, 0);
	ck_assert_msg(loaded * 10 >= seen * 9, "only %d of %d packages could be loaded", loaded, seen);
}
END_TEST

static void set_room(rlim_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void add_records(struct event_log *log, int count)
{
	for (int i = 0; i < count; i++) {
		struct event event = { .kind = EVENT_KIND_MESSAGE, .type = EVENT_INFORMATION, .time = 1, .message = "x" };
		event_log_add(log, &event);
	}
	event_log_flush(log);
}

START_TEST(a_log_that_is_full_for_a_while_has_no_gap_and_says_what_is_missing)
{
	char *dir = test_tmpdir(), *path = path_join(dir, "events");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct buf text = BUF_INIT;
	struct event_log log;

	signal(SIGXFSZ, SIG_IGN);
	event_log_init(&log, fd);
	add_records(&log, 1);
	struct stat one;
	ck_assert_int_eq(fstat(fd, &one), 0);
	set_room((rlim_t)(one.st_size * 2 + one.st_size / 2)); /* the second one fits, the third only by half */
	add_records(&log, 4);
	add_records(&log, 3);
	set_room(RLIM_INFINITY);
	add_records(&log, 2);
	ck_assert_int_eq(log.dropped, 0);
	event_log_release(&log);
	file_read(path, 1 << 20, &text, NULL);
	char *types = log_types(&text);
	ck_assert_str_eq(types, "70 70 110 70 70");
	ck_assert_ptr_nonnull(strstr(text.data, "6 records of this package could not be kept"));
	free(types);
	buf_release(&text);
	close(fd);
	free(path);
	free(dir);
}
END_TEST

START_TEST(a_log_that_stays_full_counts_what_is_missing)
{
	char *dir = test_tmpdir(), *path = path_join(dir, "events");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct event_log log;

	signal(SIGXFSZ, SIG_IGN);
	event_log_init(&log, fd);
	add_records(&log, 1);
	struct stat one;
	ck_assert_int_eq(fstat(fd, &one), 0);
	set_room((rlim_t)one.st_size + 1);
	add_records(&log, 4);
	event_log_release(&log);
	set_room(RLIM_INFINITY);
	ck_assert_int_eq(log.dropped, 4);
	close(fd);
	free(path);
	free(dir);
}
END_TEST

static Suite *run_suite(void)
{
	Suite *s = suite_create("run");
	TCase *t = tcase_create("run");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, each_level_keeps_its_messages);
	tcase_add_test(t, an_error_brings_properties_and_variables_around_it);
	tcase_add_test(t, parameters_come_from_the_package_the_project_and_the_execution);
	tcase_add_test(t, a_value_that_fits_nothing_fails_before_anything_runs);
	tcase_add_test(t, a_required_parameter_needs_a_value);
	tcase_add_test(t, property_paths_set_variables_and_properties);
	tcase_add_test(t, expression_variables_follow_what_they_read);
	tcase_add_test(t, an_inner_variable_hides_the_outer_one);
	tcase_add_test(t, property_expressions_are_evaluated_again_before_each_run);
	tcase_add_test(t, system_variables_say_who_and_where);
	tcase_add_test(t, secrets_are_shown_nowhere);
	tcase_add_test(t, connection_strings_are_masked);
	tcase_add_test(t, a_stop_ends_processes_and_starts_nothing_more);
	tcase_add_test(t, a_running_process_gets_a_query_cancel_and_a_term);
	tcase_add_test(t, a_loop_that_never_waits_can_be_stopped);
	tcase_add_test(t, what_is_not_available_is_named_before_anything_runs);
	tcase_add_test(t, validating_only_runs_nothing);
	tcase_add_test(t, a_package_that_cannot_be_loaded_says_why_in_the_log);
	tcase_add_test(t, an_error_writes_one_dump_of_the_state);
	tcase_add_test(t, a_log_that_is_full_for_a_while_has_no_gap_and_says_what_is_missing);
	tcase_add_test(t, a_log_that_stays_full_counts_what_is_missing);
	tcase_add_test(t, every_shared_package_can_be_looked_at);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(run_suite)
