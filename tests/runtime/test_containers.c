/* SPDX-License-Identifier: MIT */
/* Containers: order of events, constraints, results, loops, event handlers, parallel work. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "runtime/engine.h"
#include "tests/harness.h"
#include "tests/runtime/package_text.h"

/* Tasks that succeed and fail without a process. */
#define GOOD(path, name) EXPRESSION(path, name, "1 == 1")
#define BAD(path, name) \
	EXEC(path, name, "Microsoft.ExpressionTask", BODY("<ExpressionTask Expression=\"1 / (@[User::zero])\"/>"))
#define ZERO VARIABLES(INT("zero", "0"))

/* Run, and compare which executables really ran (OnPreExecute, in order) and the exit code. */
static void check_ran(const char *inside, const char *ran, enum run_exit code)
{
	struct played p;
	char *names;

	play(inside, NULL, &p);
	names = played_names(&p, "OnPreExecute");
	ck_assert_msg(!strcmp(names, ran) && p.code == code, "expected \"%s\" with %d, got \"%s\" with %d\n%s",
	    ran, code, names, p.code, p.texts.data);
	free(names);
	played_release(&p);
}

START_TEST(an_empty_package_raises_four_events)
{
	struct played p;

	play("", NULL, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	ck_assert_str_eq(p.events.data, "OnPreValidate P\nOnPostValidate P\nOnPreExecute P\nOnPostExecute P\n");
	ck_assert(played_says(&p, "P:Validation has started.\nP:Validation is complete.\nP:Start, "));
	ck_assert(played_says(&p, "P:Finished, "));
	played_release(&p);
}
END_TEST

START_TEST(a_task_is_validated_with_the_package_and_again_before_it_runs)
{
	struct played p;

	play(CHILDREN(GOOD("\\T", "T")), NULL, &p);
	ck_assert_str_eq(p.events.data,
	    "OnPreValidate P\nOnPreValidate T\nOnPostValidate T\nOnPostValidate P\nOnPreExecute P\n"
	    "OnPreValidate T\nOnPostValidate T\nOnPreExecute T\nOnPostExecute T\nOnPostExecute P\n");
	played_release(&p);
}
END_TEST

START_TEST(a_failing_task_raises_error_then_task_failed_and_the_package_warns)
{
	struct played p;

	play(ZERO CHILDREN(BAD("\\T", "T")), NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert_msg(strstr(p.events.data, "OnPreExecute T\nOnError T\nOnTaskFailed T\nOnPostExecute T\n"
	                                    "OnWarning P\nOnPostExecute P\n") != NULL,
	    "%s", p.events.data);
	played_release(&p);
}
END_TEST

START_TEST(constraints_on_success_failure_and_completion)
{
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") GOOD("\\B", "B") GOOD("\\C", "C") GOOD("\\D", "D"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_SUCCESS) CONSTRAINT("\\A", "\\C", AND_FAILURE)
			CONSTRAINT("\\A", "\\D", AND_COMPLETION)),
	    "P A B D", RUN_SUCCESS);
	check_ran(ZERO CHILDREN(BAD("\\A", "A") GOOD("\\B", "B") GOOD("\\C", "C") GOOD("\\D", "D"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_SUCCESS) CONSTRAINT("\\A", "\\C", AND_FAILURE)
			CONSTRAINT("\\A", "\\D", AND_COMPLETION)),
	    "P A C D", RUN_FAILURE);
}
END_TEST

START_TEST(and_waits_for_all_and_or_starts_once)
{
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") BAD("\\B", "B") GOOD("\\C", "C"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\C", AND_SUCCESS) CONSTRAINT("\\B", "\\C", AND_SUCCESS)),
	    "P A B", RUN_FAILURE);
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") GOOD("\\B", "B") GOOD("\\C", "C"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\C", "") CONSTRAINT("\\B", "\\C", "")),
	    "P A B C", RUN_SUCCESS);
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") BAD("\\B", "B") GOOD("\\C", "C"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\C", "") CONSTRAINT("\\B", "\\C", "")),
	    "P A B C", RUN_FAILURE);
}
END_TEST

START_TEST(a_constraint_whose_source_never_ran_stays_open)
{
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") GOOD("\\B", "B") GOOD("\\C", "C"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_FAILURE) CONSTRAINT("\\B", "\\C", AND_COMPLETION)),
	    "P A", RUN_SUCCESS);
}
END_TEST

#define EXPR_CONSTRAINT(op, text) AND_SUCCESS " DTS:EvalOp=\"" op "\" DTS:Expression=\"" text "\""

START_TEST(constraint_expressions_combine_with_the_result)
{
	check_ran(ZERO CHILDREN(GOOD("\\A", "A") GOOD("\\B", "B") GOOD("\\C", "C") GOOD("\\D", "D")
			GOOD("\\E", "E"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", EXPR_CONSTRAINT("1", "@zero == 0"))
			CONSTRAINT("\\A", "\\C", EXPR_CONSTRAINT("3", "@zero == 1"))
			CONSTRAINT("\\A", "\\D", EXPR_CONSTRAINT("4", "@zero == 1"))
			CONSTRAINT("\\A", "\\E", EXPR_CONSTRAINT("1", "@zero == 1"))),
	    "P A B D", RUN_SUCCESS);
}
END_TEST

START_TEST(a_constraint_expression_that_fails_fails_the_container)
{
	struct played p;

	play(ZERO CHILDREN(GOOD("\\A", "A") GOOD("\\B", "B"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", EXPR_CONSTRAINT("1", "@zero"))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "must give a Boolean"));
	played_release(&p);
}
END_TEST

START_TEST(a_disabled_task_counts_as_success_without_events)
{
	struct played p;

	play(CHILDREN(EXEC_ATTR("\\A", "A", "Microsoft.Nonsense", "", "DTS:Disabled=\"True\"") GOOD("\\B", "B"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	ck_assert(!strstr(p.events.data, " A\n"));
	ck_assert(strstr(p.events.data, "OnPreExecute B\n"));
	played_release(&p);
}
END_TEST

#define DISABLE_BY(path, name, expression, attributes) \
	EXEC_ATTR(path, name, "Microsoft.ExpressionTask", \
	    PROPERTY_EXPRESSION("Disable", expression) BODY("<ExpressionTask Expression=\"1 +\"/>"), attributes)

START_TEST(an_expression_may_disable_and_enable)
{
	check_ran(CHILDREN(DISABLE_BY("\\A", "A", "TRUE", "") GOOD("\\B", "B")), "P B", RUN_SUCCESS);
	check_ran(CHILDREN(DISABLE_BY("\\A", "A", "FALSE", "DTS:Disabled=\"True\"") GOOD("\\B", "B")), "", RUN_FAILURE);
	check_ran(CHILDREN(EXEC_ATTR("\\A", "A", "Microsoft.ExpressionTask",
		      PROPERTY_EXPRESSION("Description", "1 +") BODY("<ExpressionTask Expression=\"1\"/>"),
		      "DTS:Disabled=\"True\"") GOOD("\\B", "B")),
	    "P B", RUN_SUCCESS);
}
END_TEST

START_TEST(the_error_count_decides_over_containers)
{
	struct play three = { .package_attributes = "DTS:MaxErrorCount=\"3\"" };
	struct play never = { .package_attributes = "DTS:MaxErrorCount=\"0\"" };
	struct played p;

	play(ZERO CHILDREN(BAD("\\A", "A") BAD("\\B", "B")), &three, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	played_release(&p);
	play(ZERO CHILDREN(BAD("\\A", "A") BAD("\\B", "B") BAD("\\C", "C")), &three, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	played_release(&p);
	play(ZERO CHILDREN(BAD("\\A", "A") BAD("\\B", "B") BAD("\\C", "C")), &never, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	played_release(&p);
}
END_TEST

START_TEST(fail_package_on_failure_starts_nothing_more)
{
	check_ran(ZERO CHILDREN(SEQUENCE("\\S", "S",
			CHILDREN(EXEC_ATTR("\\S\\A", "A", "Microsoft.ExpressionTask",
				     BODY("<ExpressionTask Expression=\"1 / @zero\"/>"),
				     "DTS:FailPackageOnFailure=\"True\"")
				GOOD("\\S\\B", "B"))
			    CONSTRAINTS(CONSTRAINT("\\S\\A", "\\S\\B", AND_COMPLETION)))
			GOOD("\\C", "C"))
		CONSTRAINTS(CONSTRAINT("\\S", "\\C", AND_COMPLETION)),
	    "P S A", RUN_FAILURE);
}
END_TEST

START_TEST(a_forced_result_replaces_the_real_one)
{
	struct play many = { .package_attributes = "DTS:MaxErrorCount=\"0\"" };
	struct play completion = { .package_attributes = "DTS:ForceExecutionResult=\"2\"" };
	struct played p;

	play(ZERO CHILDREN(EXEC_ATTR("\\A", "A", "Microsoft.ExpressionTask",
			       BODY("<ExpressionTask Expression=\"1 / @zero\"/>"), "DTS:ForceExecutionResult=\"0\"")
			GOOD("\\B", "B"))
		CONSTRAINTS(CONSTRAINT("\\A", "\\B", AND_SUCCESS)),
	    &many, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	ck_assert(strstr(p.events.data, "OnPreExecute B\n"));
	played_release(&p);
	play("", &completion, &p);
	ck_assert_int_eq(p.code, RUN_COMPLETION);
	played_release(&p);
}
END_TEST

/* Two processes that can end only when both run. */
START_TEST(independent_processes_run_at_the_same_time)
{
	char *dir = test_tmpdir();
	char *text = xasprintf(CHILDREN(SHELL("\\A", "A", "cd '%s' &amp;&amp; mkfifo ab ba; echo 1 &gt; ab; read x &lt; ba")
			SHELL("\\B", "B", "cd '%s'; while ! test -p ba; do :; done; read x &lt; ab; echo 1 &gt; ba")),
	    dir, dir);
	struct played p;

	play(text, NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	free(text);
	free(dir);
}
END_TEST

START_TEST(no_more_run_at_once_than_allowed)
{
	struct play one = { .max_concurrent = 1 };
	struct played p;

	play(CHILDREN(SHELL("\\A", "A", "exit 0") SHELL("\\B", "B", "exit 0")
		     SEQUENCE("\\S", "S", CHILDREN(SHELL("\\S\\C", "C", "exit 0")))),
	    &one, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	int running = 0;
	for (const char *line = p.events.data; *line; line += strcspn(line, "\n") + 1) {
		bool task = strchr("ABC", line[strcspn(line, "\n") - 1]);
		running += task && !strncmp(line, "OnPreExecute", 12);
		running -= task && !strncmp(line, "OnPostExecute", 13);
		ck_assert_int_le(running, 1);
	}
	char *names = played_names(&p, "OnPostExecute");
	ck_assert_msg(strlen(names) == strlen("A B C S P"), "%s", names);
	free(names);
	played_release(&p);
}
END_TEST

#define FOR(init, eval, assign, extra) \
	EXEC_ATTR("\\L", "L", "STOCK:FORLOOP", extra, \
	    "DTS:InitExpression=\"" init "\" DTS:EvalExpression=\"" eval "\" DTS:AssignExpression=\"" assign "\"")

START_TEST(a_for_loop_counts_and_numbers_its_turns)
{
	struct played p;

	play(VARIABLES(INT("i", "9")) CHILDREN(FOR("@i = 0", "@i &lt; 3", "@i = @i + 1", CHILDREN(GOOD("\\L\\T", "T")))),
	    NULL, &p);
	char *names = played_names(&p, "OnPreExecute");
	ck_assert_str_eq(names, "P L T T T");
	ck_assert(strstr(p.log.data, "\"\\\\P\\\\L[1]\\\\T\""));
	ck_assert(strstr(p.log.data, "\"\\\\P\\\\L[3]\\\\T\""));
	ck_assert(!strstr(p.log.data, "[4]"));
	ck_assert(strstr(p.log.data, "\"v\":\"int:3\",\"xp\":\"\\\\Package\\\\L\""));
	free(names);
	played_release(&p);
}
END_TEST

START_TEST(a_for_loop_ends_at_an_error_and_needs_a_boolean)
{
	struct played p;

	play(VARIABLES(INT("i", "0") INT("zero", "0"))
		CHILDREN(FOR("", "@i &lt; 3", "@i = @i + 1", CHILDREN(BAD("\\L\\T", "T")))),
	    NULL, &p);
	char *names = played_names(&p, "OnPreExecute");
	ck_assert_str_eq(names, "P L T");
	ck_assert_int_eq(p.code, RUN_FAILURE);
	free(names);
	played_release(&p);
	play(VARIABLES(INT("i", "0")) CHILDREN(FOR("", "@i", "", "")), NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "must give a Boolean"));
	played_release(&p);
}
END_TEST

#define FOREACH(type, data, mapping, extra) \
	EXEC("\\L", "L", "STOCK:FOREACHLOOP", \
	    "<DTS:ForEachEnumerator DTS:CreationName=\"" type "\" DTS:DTSID=\"{E}\" DTS:ObjectName=\"{E}\">" \
	    BODY(data) "</DTS:ForEachEnumerator>" extra "<DTS:ForEachVariableMappings>" mapping \
	    "</DTS:ForEachVariableMappings>")
#define MAP(variable, index) \
	"<DTS:ForEachVariableMapping DTS:DTSID=\"{M}\" DTS:ObjectName=\"{M}\" DTS:ValueIndex=\"" index \
	"\" DTS:VariableName=\"User::" variable "\"/>"

START_TEST(a_foreach_loop_walks_files_in_order_of_names)
{
	char *dir = test_tmpdir();
	static const char *const files[] = { "b.TXT", "A.txt", "c.log" };
	struct played p;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path = path_join(dir, files[i]);
		ck_assert_int_eq(file_write_atomic(path, "", 0, 0600, false, NULL), 0);
		free(path);
	}
	char *text = xasprintf(VARIABLES(TEXT("f", "") TEXT("all", "") TEXT("dir", "%s")) CHILDREN(
		FOREACH("Microsoft.ForEachFileEnumerator",
		    "<ForEachFileEnumeratorProperties><FEFEProperty Folder=\"%s\"/><FEFEProperty FileSpec=\"*.txt\"/>"
		    "<FEFEProperty FileNameRetrievalType=\"1\"/><FEFEProperty Recurse=\"0\"/>"
		    "</ForEachFileEnumeratorProperties>",
		    MAP("f", "0"), CHILDREN(EXPRESSION("\\L\\T", "T", "@all = @all + @f + &quot;;&quot;")))
		EXEC("\\X", "X", "Microsoft.ExpressionTask",
		    BODY("<ExpressionTask Expression=\"1 / (@all == &quot;A.txt;b.TXT;&quot; ? 1 : 0)\"/>")))
		CONSTRAINTS(CONSTRAINT("\\L", "\\X", AND_SUCCESS)), dir, dir);
	play(text, NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	free(text);
	free(dir);
}
END_TEST

START_TEST(a_foreach_loop_without_files_warns_and_succeeds)
{
	struct played p;

	play(CHILDREN(FOREACH("Microsoft.ForEachFileEnumerator",
		 "<ForEachFileEnumeratorProperties><FEFEProperty Folder=\"/nonexistent\"/>"
		 "</ForEachFileEnumeratorProperties>",
		 "", CHILDREN(GOOD("\\L\\T", "T")))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_SUCCESS);
	ck_assert(played_says(&p, "The enumerator is empty"));
	played_release(&p);
}
END_TEST

START_TEST(a_foreach_loop_maps_items_and_characters)
{
	struct played p;

	play(VARIABLES(TEXT("a", "") INT("n", "0") INT("sum", "0")) CHILDREN(FOREACH("Microsoft.ForEachItemEnumerator",
		 "<FEIEItems><FEIEItem><FEIEItemValue Type=\"8\" Value=\"x\"/><FEIEItemValue Type=\"3\" Value=\"2\"/>"
		 "</FEIEItem><FEIEItem><FEIEItemValue Type=\"8\" Value=\"y\"/><FEIEItemValue Type=\"3\" Value=\"5\"/>"
		 "</FEIEItem></FEIEItems>",
		 MAP("a", "0") MAP("n", "1"), CHILDREN(EXPRESSION("\\L\\T", "T", "@sum = @sum + @n")))
		 EXPRESSION("\\X", "X", "1 / (@sum == 7 ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\L", "\\X", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
	play(VARIABLES(TEXT("s", "ab\xC3\xBC") TEXT("c", "") TEXT("out", "")) CHILDREN(
		 FOREACH("Microsoft.ForEachFromVarEnumerator", "<FEEFVE VariableName=\"User::s\"/>", MAP("c", "0"),
		     CHILDREN(EXPRESSION("\\L\\T", "T", "@out = @c + @out")))
		 EXPRESSION("\\X", "X", "1 / (@out == &quot;\xC3\xBC" "ba&quot; ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\L", "\\X", AND_SUCCESS)),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	played_release(&p);
}
END_TEST

START_TEST(a_mapping_that_does_not_fit_fails_the_loop)
{
	struct played p;

	play(VARIABLES(INT("n", "0")) CHILDREN(FOREACH("Microsoft.ForEachItemEnumerator",
		 "<FEIEItems><FEIEItem><FEIEItemValue Type=\"8\" Value=\"x\"/></FEIEItem></FEIEItems>",
		 MAP("n", "0"), CHILDREN(GOOD("\\L\\T", "T")))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(played_says(&p, "cannot be mapped to variable \"User::n\""));
	ck_assert(!strstr(p.events.data, "OnPreExecute T"));
	played_release(&p);
}
END_TEST

START_TEST(a_handler_runs_before_its_task_goes_on)
{
	struct played p;

	play(VARIABLES(INT("zero", "0") TEXT("who", "") TEXT("what", ""))
		CHILDREN(BAD("\\T", "T") EXPRESSION("\\X", "X", "1 / (@who == &quot;T&quot; ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\T", "\\X", AND_COMPLETION))
		HANDLERS(HANDLER("OnError", "", CHILDREN(EXPRESSION(".EventHandlers[OnError]\\H", "H",
			"@who = @[System::SourceName]")))),
	    NULL, &p);
	ck_assert_msg(strstr(p.events.data, "OnPostExecute X"), "%s", p.events.data);
	ck_assert_msg(!played_says(&p, "X:Error"), "%s", p.texts.data);
	const char *error = strstr(p.events.data, "OnError T"), *handler = strstr(p.events.data, "OnPostExecute H");
	const char *post = strstr(p.events.data, "OnPostExecute T");
	ck_assert(error && handler && post && error < handler && handler < post);
	ck_assert(strstr(p.log.data, "\\\\Package.EventHandlers[OnError]\\\\H"));
	played_release(&p);
}
END_TEST

#define NO_PROPAGATION \
	VARIABLES("<DTS:Variable DTS:ObjectName=\"Propagate\" DTS:Namespace=\"System\" DTS:DTSID=\"{V}\">" \
	    "<DTS:VariableValue DTS:DataType=\"11\">0</DTS:VariableValue></DTS:Variable>")

START_TEST(propagate_false_keeps_an_error_from_the_containers_outside)
{
	struct played p;

	play(ZERO CHILDREN(SEQUENCE("\\S", "S",
		 CHILDREN(EXEC("\\S\\T", "T", "Microsoft.ExpressionTask",
		     BODY("<ExpressionTask Expression=\"1 / @zero\"/>")
			 HANDLERS(HANDLER("OnError", "\\S\\T", NO_PROPAGATION)))))),
	    NULL, &p);
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	ck_assert(strstr(p.events.data, "OnTaskFailed T"));
	played_release(&p);
}
END_TEST

START_TEST(a_handler_that_fails_does_not_start_itself_again)
{
	struct played p;

	play(ZERO CHILDREN(BAD("\\T", "T"))
		HANDLERS(HANDLER("OnError", "", CHILDREN(BAD(".EventHandlers[OnError]\\H", "H")))),
	    NULL, &p);
	char *names = played_names(&p, "OnError");
	ck_assert_str_eq(names, "T H");
	ck_assert_int_eq(p.code, RUN_FAILURE);
	free(names);
	played_release(&p);
}
END_TEST

START_TEST(handlers_that_fail_do_not_call_each_other_for_ever)
{
	struct played p;

	play(ZERO CHILDREN(BAD("\\T", "T"))
		HANDLERS(HANDLER("OnError", "", CHILDREN(BAD(".EventHandlers[OnError]\\H", "H")))
		    HANDLER("OnTaskFailed", "", CHILDREN(BAD(".EventHandlers[OnTaskFailed]\\G", "G")))),
	    NULL, &p);
	char *names = played_names(&p, "OnError");
	ck_assert_str_eq(names, "T H G G H");
	free(names);
	played_release(&p);
}
END_TEST

START_TEST(handlers_with_processes_run_beside_other_tasks)
{
	struct played p;

	play(ZERO CHILDREN(BAD("\\T", "T") SHELL("\\A", "A", "exit 0") SHELL("\\B", "B", "exit 0"))
		HANDLERS(HANDLER("OnError", "",
			     CHILDREN(SHELL(".EventHandlers[OnError]\\H", "H", "exit 0")))
		    HANDLER("OnPostExecute", "",
			CHILDREN(SHELL(".EventHandlers[OnPostExecute]\\G", "G", "exit 0")))),
	    NULL, &p);
	ck_assert_int_eq(p.code, RUN_FAILURE);
	ck_assert(strstr(p.events.data, "OnPostExecute H"));
	ck_assert(strstr(p.events.data, "OnPostExecute A"));
	ck_assert(strstr(p.events.data, "OnPostExecute B"));
	played_release(&p);
}
END_TEST

START_TEST(a_written_variable_raises_its_event)
{
	struct played p;

	play(VARIABLES(VARIABLE_ATTR("v", "3", "1", "DTS:RaiseChangedEvent=\"True\"") TEXT("name", ""))
		CHILDREN(EXPRESSION("\\T", "T", "@v = 2") EXPRESSION("\\U", "U", "@v = 2")
			EXPRESSION("\\X", "X", "1 / (@name == &quot;v&quot; ? 1 : 0)"))
		CONSTRAINTS(CONSTRAINT("\\T", "\\U", AND_SUCCESS) CONSTRAINT("\\U", "\\X", AND_SUCCESS))
		HANDLERS(HANDLER("OnVariableValueChanged", "",
		    CHILDREN(EXPRESSION(".EventHandlers[OnVariableValueChanged]\\H", "H",
			"@name = @[System::VariableName]")))),
	    NULL, &p);
	char *names = played_names(&p, "OnVariableValueChanged");
	ck_assert_msg(p.code == RUN_SUCCESS, "%s", p.texts.data);
	ck_assert_str_eq(names, "P");
	free(names);
	played_release(&p);
}
END_TEST

static Suite *containers_suite(void)
{
	Suite *s = suite_create("containers");
	TCase *t = tcase_create("containers");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, an_empty_package_raises_four_events);
	tcase_add_test(t, a_task_is_validated_with_the_package_and_again_before_it_runs);
	tcase_add_test(t, a_failing_task_raises_error_then_task_failed_and_the_package_warns);
	tcase_add_test(t, constraints_on_success_failure_and_completion);
	tcase_add_test(t, and_waits_for_all_and_or_starts_once);
	tcase_add_test(t, a_constraint_whose_source_never_ran_stays_open);
	tcase_add_test(t, constraint_expressions_combine_with_the_result);
	tcase_add_test(t, a_constraint_expression_that_fails_fails_the_container);
	tcase_add_test(t, a_disabled_task_counts_as_success_without_events);
	tcase_add_test(t, an_expression_may_disable_and_enable);
	tcase_add_test(t, the_error_count_decides_over_containers);
	tcase_add_test(t, fail_package_on_failure_starts_nothing_more);
	tcase_add_test(t, a_forced_result_replaces_the_real_one);
	tcase_add_test(t, independent_processes_run_at_the_same_time);
	tcase_add_test(t, no_more_run_at_once_than_allowed);
	tcase_add_test(t, a_for_loop_counts_and_numbers_its_turns);
	tcase_add_test(t, a_for_loop_ends_at_an_error_and_needs_a_boolean);
	tcase_add_test(t, a_foreach_loop_walks_files_in_order_of_names);
	tcase_add_test(t, a_foreach_loop_without_files_warns_and_succeeds);
	tcase_add_test(t, a_foreach_loop_maps_items_and_characters);
	tcase_add_test(t, a_mapping_that_does_not_fit_fails_the_loop);
	tcase_add_test(t, a_handler_runs_before_its_task_goes_on);
	tcase_add_test(t, propagate_false_keeps_an_error_from_the_containers_outside);
	tcase_add_test(t, a_handler_that_fails_does_not_start_itself_again);
	tcase_add_test(t, handlers_that_fail_do_not_call_each_other_for_ever);
	tcase_add_test(t, handlers_with_processes_run_beside_other_tasks);
	tcase_add_test(t, a_written_variable_raises_its_event);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(containers_suite)
