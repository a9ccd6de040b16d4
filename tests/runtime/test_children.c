/* SPDX-License-Identifier: MIT */
/* The Execute Package task: parameters, variables, events, results and limits across packages. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "runtime/engine.h"
#include "tests/harness.h"
#include "tests/runtime/package_text.h"

#define ASSIGN(name, bound) \
	"<ParameterAssignment><ParameterName>" name "</ParameterName><BindedVariableOrParameterName>" bound \
	"</BindedVariableOrParameterName></ParameterAssignment>"
#define RUN_CHILD(path, name, file, assignments) \
	EXEC(path, name, "Microsoft.ExecutePackageTask", \
	    BODY("<ExecutePackageTask><UseProjectReference>True</UseProjectReference><PackageName>" file \
		 "</PackageName>" assignments "</ExecutePackageTask>"))
#define PARAMETER(name, type, value, attributes) \
	"<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=\"" name "\" DTS:DTSID=\"{PP}\" DTS:DataType=\"" type \
	"\" " attributes "><DTS:Property DTS:Name=\"ParameterValue\" DTS:DataType=\"" type "\">" value \
	"</DTS:Property></DTS:PackageParameter></DTS:PackageParameters>"
#define FAILS_UNLESS(path, name, condition) EXPRESSION(path, name, "1 / (" condition " ? 1 : 0)")

static void put_child(const char *dir, const char *name, const char *inside)
{
	struct buf text = BUF_INIT;
	char *path = path_join(dir, name);

	buf_addf(&text,
	    "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\" "
	    "DTS:CreationName=\"Microsoft.Package\" DTS:DTSID=\"{ID-C}\" DTS:ExecutableType=\"Microsoft.Package\" "
	    "DTS:ObjectName=\"Child\"><DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>%s"
	    "</DTS:Executable>",
	    inside);
	ck_assert_int_eq(file_write_atomic(path, text.data, text.len, 0600, false, NULL), 0);
	buf_release(&text);
	free(path);
}

/* Parent "P" with this child, run as a project. */
static void play_with(const char *child, const char *parent, struct played *ret)
{
	char *dir = test_tmpdir();
	struct play how = { .project_dir = dir };

	put_child(dir, "child.dtsx", child);
	play(parent, &how, ret);
	free(dir);
}

START_TEST(a_child_gets_parameters_and_sees_the_variables_outside)
{
	struct played p;

	play_with(PARAMETER("n", "3", "1", "")
		CHILDREN(FAILS_UNLESS("\\T", "T", "@[$Package::n] == 42 &amp;&amp; @[User::outer] == 7 &amp;&amp; "
						  "@[System::PackageName] == &quot;Child&quot;")),
	    VARIABLES(INT("value", "42") INT("outer", "7"))
		CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", ASSIGN("n", "User::value"))),
	    &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	ck_assert(strstr(p.log.data, "\"\\\\P\\\\Run\\\\Child\\\\T\""));
	ck_assert(strstr(p.log.data, "\"pn\":\"child.dtsx\",\"sn\":\"T\""));
	char *names = played_names(&p, "OnPostExecute");
	ck_assert_str_eq(names, "T Child Run P");
	free(names);
	played_release(&p);
}
END_TEST

START_TEST(a_childs_failure_is_its_tasks_failure)
{
	struct played p;

	play_with(VARIABLES(INT("zero", "0"))
		CHILDREN(EXEC_ATTR("\\T", "T", "Microsoft.ExpressionTask", BODY("<ExpressionTask Expression=\"1 / @zero\"/>"),
		    "DTS:FailPackageOnFailure=\"True\"")),
	    VARIABLES(TEXT("who", "")) CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", "")
		FAILS_UNLESS("\\X", "X", "@who == &quot;T&quot;"))
		CONSTRAINTS(CONSTRAINT("\\Run", "\\X", AND_FAILURE))
		HANDLERS(HANDLER("OnError", "", CHILDREN(EXPRESSION(".EventHandlers[OnError]\\H", "H",
			"@who = @[System::SourceName]")))),
	    &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	char *failed = played_names(&p, "OnTaskFailed"), *errors = played_names(&p, "OnError");
	ck_assert_str_eq(failed, "T Run");
	ck_assert_msg(!strcmp(errors, "T"), "%s", p.texts.data);
	free(failed);
	free(errors);
	played_release(&p);
}
END_TEST

START_TEST(each_execution_begins_with_fresh_variables)
{
	struct played p;

	play_with(VARIABLES(INT("v", "1")) CHILDREN(FAILS_UNLESS("\\A", "A", "@v == 1") EXPRESSION("\\B", "B", "@v = 2"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_SUCCESS)),
	    VARIABLES(INT("i", "0")) CHILDREN(EXEC_ATTR("\\L", "L", "STOCK:FORLOOP",
		CHILDREN(RUN_CHILD("\\L\\Run", "Run", "child.dtsx", "")),
		"DTS:EvalExpression=\"@i &lt; 3\" DTS:AssignExpression=\"@i = @i + 1\"")),
	    &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	ck_assert(strstr(p.log.data, "\"\\\\P\\\\L[3]\\\\Run\\\\Child\\\\B\""));
	played_release(&p);
}
END_TEST

START_TEST(what_cannot_work_fails_validation)
{
	static const struct {
		const char *child, *parent, *says;
	} rows[] = {
		{ "", CHILDREN(RUN_CHILD("\\Run", "Run", "none.dtsx", "")), "The child package \"none.dtsx\" cannot be loaded" },
		{ "", CHILDREN(RUN_CHILD("\\Run", "Run", "../p.dtsx", "")), "is a path" },
		{ "", CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", ASSIGN("none", "System::PackageName"))),
		    "has no parameter \"none\"" },
		{ PARAMETER("n", "3", "1", ""),
		    CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", ASSIGN("n", "System::PackageName"))),
		    "The value of parameter \"n\" is not valid" },
		{ "<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=\"must\" DTS:DTSID=\"{PP}\" "
		  "DTS:DataType=\"8\" DTS:Required=\"True\"/></DTS:PackageParameters>",
		    CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", "")), "\"$Package::must\" of child package \"child.dtsx\"" },
		{ CHILDREN(EXEC("\\Sql", "Sql", "Microsoft.ExecuteSQLTask", BODY("<SqlTaskData/>"))),
		    CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", "")), "Execute SQL Task \"Sql\"" },
		{ "", CHILDREN(RUN_CHILD("\\Run", "Run", "p.dtsx", "") RUN_CHILD("\\Two", "Two", "p.dtsx", "")),
		    "Packages call each other more than" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct played p;
		play_with(rows[i].child, rows[i].parent, &p);
		ck_assert_msg(p.code == RUN_FAILURE && played_says(&p, rows[i].says), "expected %s, got %d:\n%.2000s",
		    rows[i].says, p.code, p.texts.data);
		ck_assert(!strstr(p.events.data, "OnPreExecute"));
		played_release(&p);
	}
}
END_TEST

START_TEST(a_secret_stays_one_in_the_child)
{
	struct played p;

	play_with(PARAMETER("n", "8", "", "") CHILDREN(EXPRESSION("\\T", "T", "@[$Package::n]")),
	    PARAMETER("key", "8", "S3CRET", "DTS:Sensitive=\"True\"")
		CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", ASSIGN("n", "$Package::key"))),
	    &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "can be used only in expressions of sensitive properties"));
	ck_assert(!strstr(p.log.data, "S3CRET"));
	played_release(&p);
}
END_TEST

/* Secrets that were taken out of the file come as text, whatever the parameter's type is. */
START_TEST(a_child_gets_the_values_that_are_its_own)
{
	struct taskspec_value values[] = {
		{ 30, (char[]){ "CHILD.dtsx" }, (char[]){ "n" }, (char[]){ "String" }, (char[]){ "42" }, false, true },
		{ 30, (char[]){ "other.dtsx" }, (char[]){ "n" }, (char[]){ "String" }, (char[]){ "13" }, false, true },
	};
	struct taskspec spec = { .logging_level = EVENT_LEVEL_BASIC, .package_name = (char[]){ "p.dtsx" },
		.values = values, .value_count = ARRAY_LEN(values) };
	char *dir = test_tmpdir();
	struct play how = { .project_dir = dir, .spec = &spec };
	struct played p;

	put_child(dir, "child.dtsx", PARAMETER("n", "3", "1", "") CHILDREN(FAILS_UNLESS("\\T", "T", "@[$Package::n] == 42")));
	play(PARAMETER("n", "3", "7", "") CHILDREN(FAILS_UNLESS("\\A", "A", "@[$Package::n] == 7")
		RUN_CHILD("\\Run", "Run", "child.dtsx", "")), &how, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	free(dir);
}
END_TEST

START_TEST(a_whole_project_is_validated_package_by_package)
{
	char *dir = test_tmpdir(), *log = path_join(dir, "events");
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct taskspec spec = { .logging_level = EVENT_LEVEL_BASIC, .validate_only = true };
	struct run_options options = { .project_dir = dir, .spec = &spec, .validate_only = true, .event_fd = fd };
	struct buf lines = BUF_INIT;
	struct err err;

	put_child(dir, "a.dtsx", "");
	put_child(dir, "c.dtsx", PARAMETER("must", "8", "", "DTS:Required=\"True\""));
	ck_assert_int_eq(run_validate_project(&options, &err), RUN_SUCCESS);
	put_child(dir, "b.dtsx", CHILDREN(EXEC("\\Sql", "Sql", "Some.Task", "")));
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(run_validate_project(&options, &err), RUN_FAILURE);
	close(fd);
	ck_assert_int_eq(file_read(log, 1 << 20, &lines, NULL), 0);
	int64_t seq = 0;
	for (char *line = lines.data; *line; line = strchr(line, '\n') + 1) {
		struct event event;
		ck_assert_int_eq(event_decode(line, strcspn(line, "\n"), &event, NULL), 0);
		ck_assert_int_eq(event.seq, ++seq);
		if (event.kind == EVENT_KIND_MESSAGE && event.type == EVENT_ERROR)
			ck_assert_str_eq(event.package_name, "b.dtsx");
		event_release(&event);
	}
	ck_assert_int_gt(seq, 6);
	ck_assert(strstr(lines.data, "The package has failed validation."));
	ck_assert(strstr(strstr(lines.data, "\"b.dtsx\""), "The package has passed validation."));
	buf_release(&lines);
	free(log);
	free(dir);
}
END_TEST

START_TEST(a_child_may_come_from_a_file)
{
	char *dir = test_tmpdir();
	struct played p;

	put_child(dir, "other.dtsx", CHILDREN(EXPRESSION("\\T", "T", "1")));
	char *text = xasprintf("<DTS:ConnectionManagers><DTS:ConnectionManager DTS:CreationName=\"FILE\" DTS:DTSID=\"{CM-1}\" "
	                       "DTS:ObjectName=\"f\"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString=\"%s/other.dtsx\"/>"
	                       "</DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"
	                       CHILDREN(EXEC("\\Run", "Run", "SSIS.ExecutePackageTask.3",
			           BODY("<ExecutePackageTask><Connection>{CM-1}</Connection></ExecutePackageTask>"))),
	    dir);
	play(text, NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	ck_assert(strstr(p.events.data, "OnPostExecute T\n"));
	played_release(&p);
	free(text);
	free(dir);
}
END_TEST

START_TEST(a_stop_reaches_the_child)
{
	char *dir = test_tmpdir();
	struct play how = { .project_dir = dir, .cancel_at = "ExecuteProcessExecutingProcess T" };
	struct played p;

	put_child(dir, "child.dtsx", CHILDREN(SHELL("\\T", "T", "sleep 600")));
	play(CHILDREN(RUN_CHILD("\\Run", "Run", "child.dtsx", "")), &how, &p);
	ck_assert_int_eq(p.code, RUN_CANCELLED);
	ck_assert(!strstr(p.events.data, "OnTaskFailed"));
	played_release(&p);
	free(dir);
}
END_TEST

static Suite *children_suite(void)
{
	Suite *s = suite_create("children");
	TCase *t = tcase_create("children");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_child_gets_parameters_and_sees_the_variables_outside);
	tcase_add_test(t, a_childs_failure_is_its_tasks_failure);
	tcase_add_test(t, each_execution_begins_with_fresh_variables);
	tcase_add_test(t, what_cannot_work_fails_validation);
	tcase_add_test(t, a_secret_stays_one_in_the_child);
	tcase_add_test(t, a_child_gets_the_values_that_are_its_own);
	tcase_add_test(t, a_whole_project_is_validated_package_by_package);
	tcase_add_test(t, a_child_may_come_from_a_file);
	tcase_add_test(t, a_stop_reaches_the_child);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(children_suite)
