/* SPDX-License-Identifier: MIT */
/*
 * Value binding (spec/catalog.md §8.2) as a table: what a script sets, and the
 * value that the runtime is given for it in its task, not only what a view
 * shows. Beside it what happens between creation and start, and the ways in
 * which executions are stopped (§8.5), and their states (§8.1).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "package/taskspec.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;
static struct err err;

static void setup(void)
{
	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder2'");
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

/* Environments of one name in two folders: which one is meant shows in the value. */
#define ENVIRONMENTS \
	"EXEC SSISDB.catalog.create_environment 'folder1', 'env';" \
	"EXEC SSISDB.catalog.create_environment 'folder2', 'env';" \
	"EXEC SSISDB.catalog.create_environment_variable 'folder1', 'env', 'V', 'String', 0, N'near', N'';" \
	"EXEC SSISDB.catalog.create_environment_variable 'folder2', 'env', 'V', 'String', 0, N'far', N'';" \
	"EXEC SSISDB.catalog.create_environment_variable 'folder1', 'env', 'N', 'Int32', 0, 11, N'';" \
	"EXEC SSISDB.catalog.create_environment_variable 'folder1', 'env', 'S', 'String', 1, N'hidden', N'';"
#define RELATIVE \
	"EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'env', 'R', @reference_id=@r OUT;"
#define ABSOLUTE \
	"EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'env', 'A', 'folder2'," \
	" @reference_id=@r OUT;"
#define SERVER(name, value) \
	"EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', '" name "', " value ";"
#define BY_VARIABLE(name, variable) SERVER(name, "N'" variable "', @value_type='R'")
#define CREATE \
	"EXEC SSISDB.catalog.create_execution 'folder1', 'project1', 'package1.dtsx', @r, @execution_id=@id OUT;"
#define EXECUTION(name, value) \
	"EXEC SSISDB.catalog.set_execution_parameter_value @id, 20, '" name "', " value ";"
#define START "EXEC SSISDB.catalog.start_execution @id;"

static int64_t run(const char *script)
{
	return t_int(client, "DECLARE @r bigint, @id bigint; %s SELECT @id", script);
}

static void fails(int number, const char *script)
{
	t_fails(client, number, "DECLARE @r bigint, @id bigint; %s", script);
}

static struct taskspec read_task(int64_t id)
{
	struct taskspec spec = { 0 };
	struct buf b = BUF_INIT;
	char hash[65];

	fixture_ok(queue_task(c, id, 1, &b, hash, &err), &err);
	fixture_ok(taskspec_decode(b.data, b.len, &spec, &err), &err);
	buf_wipe(&b);
	return spec;
}

static const struct {
	const char *script, *name, *expected;
	bool set, sensitive;
} values[] = {
	{ CREATE START, "Greeting", "Hello", false, false },
	{ SERVER("Greeting", "N'server'") CREATE START, "Greeting", "server", true, false },
	{ ENVIRONMENTS RELATIVE SERVER("Greeting", "N'literal'") CREATE START, "Greeting", "literal", true, false },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V") CREATE START, "Greeting", "near", true, false },
	{ ENVIRONMENTS ABSOLUTE BY_VARIABLE("Greeting", "V") CREATE START, "Greeting", "far", true, false },
	{ ENVIRONMENTS RELATIVE ABSOLUTE BY_VARIABLE("Greeting", "V") CREATE START, "Greeting", "far", true, false },
	{ ENVIRONMENTS ABSOLUTE RELATIVE BY_VARIABLE("Greeting", "V") CREATE START, "Greeting", "near", true, false },
	/* The last one set on the server counts, whichever kind it is. */
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V") SERVER("Greeting", "N'later'") CREATE START, "Greeting",
	    "later", true, false },
	{ ENVIRONMENTS RELATIVE SERVER("Greeting", "N'before'") BY_VARIABLE("Greeting", "V") CREATE START, "Greeting",
	    "near", true, false },
	/* Without a reference a variable gives nothing. */
	{ ENVIRONMENTS BY_VARIABLE("Greeting", "V") CREATE START, "Greeting", "Hello", false, false },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V") CREATE EXECUTION("Greeting", "N'mine'") START, "Greeting",
	    "mine", true, false },
	{ SERVER("Greeting", "N'server'") CREATE EXECUTION("Greeting", "N'mine'") EXECUTION("Greeting", "N'last'") START,
	    "Greeting", "last", true, false },
	{ CREATE EXECUTION("Greeting", "N''") START, "Greeting", "", true, false },
	{ CREATE EXECUTION("Greeting", "N'Grüße 漢字'") START, "Greeting", "Grüße 漢字", true, false },
	{ CREATE START, "Count", "7", false, false },
	{ SERVER("Count", "8") CREATE START, "Count", "8", true, false },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Count", "N") CREATE START, "Count", "11", true, false },
	{ CREATE EXECUTION("Count", "-2147483647") START, "Count", "-2147483647", true, false },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Secret", "S") CREATE START, "Secret", "hidden", true, true },
	{ SERVER("Secret", "N'server'") CREATE START, "Secret", "server", true, true },
	{ SERVER("Secret", "N'server'") CREATE EXECUTION("Secret", "N'mine'") START, "Secret", "mine", true, true },
	/* A sensitive parameter may take a plain variable. */
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Secret", "V") CREATE START, "Secret", "near", true, true },
	/* What was bound at creation is what runs, whatever happens to the variable afterwards. */
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V") CREATE
	  "EXEC SSISDB.catalog.set_environment_variable_value 'folder1', 'env', 'V', N'changed';" START,
	    "Greeting", "near", true, false },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V") CREATE
	  "EXEC SSISDB.catalog.delete_environment_variable 'folder1', 'env', 'V';" START,
	    "Greeting", "near", true, false },
	{ CREATE SERVER("Greeting", "N'too late'") START, "Greeting", "Hello", false, false },
	/* An absolute reference does not care for the environment of its name beside the project. */
	{ ENVIRONMENTS ABSOLUTE BY_VARIABLE("Greeting", "V") CREATE
	  "EXEC SSISDB.catalog.delete_environment 'folder1', 'env';" START, "Greeting", "far", true, false },
};

START_TEST(the_task_has_the_value_of_the_highest_priority)
{
	int64_t id = run(values[_i].script);
	struct taskspec spec = read_task(id);
	const struct taskspec_value *value = NULL;

	for (size_t i = 0; i < spec.value_count; i++)
		if (strcmp(spec.values[i].name, values[_i].name) == 0)
			value = &spec.values[i];
	ck_assert_ptr_nonnull(value);
	ck_assert_str_eq(value->value, values[_i].expected);
	ck_assert_int_eq(value->value_set, values[_i].set);
	ck_assert_int_eq(value->sensitive, values[_i].sensitive);
	taskspec_release(&spec);
	t_is(client, values[_i].sensitive ? "NULL" : values[_i].expected,
	    "SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
	    " WHERE execution_id = %lld AND parameter_name = '%s'", (long long)id, values[_i].name);
}
END_TEST

static const struct {
	const char *script;
	int number;
} refusals[] = {
	/* types and sensitivity */
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "N") CREATE, 27148 },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Count", "V") CREATE, 27148 },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "S") CREATE, 27221 },
	{ ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "Nothing") CREATE, 27207 },
	{ CREATE EXECUTION("Count", "N'text'"), 27147 },
	{ SERVER("Count", "N'text'"), 27147 },
	{ CREATE EXECUTION("Nothing", "1"), 27176 },
	/* the environment that a reference names is gone, at creation and between creation and start */
	{ ENVIRONMENTS RELATIVE "EXEC SSISDB.catalog.delete_environment 'folder1', 'env';" CREATE, 27182 },
	{ ENVIRONMENTS RELATIVE CREATE "EXEC SSISDB.catalog.delete_environment 'folder1', 'env';" START, 27182 },
	{ ENVIRONMENTS RELATIVE CREATE "EXEC SSISDB.catalog.rename_environment 'folder1', 'env', 'new';" START, 27182 },
	{ ENVIRONMENTS ABSOLUTE CREATE "EXEC SSISDB.catalog.rename_folder 'folder2', 'new';" START, 27182 },
	{ ENVIRONMENTS ABSOLUTE CREATE "EXEC SSISDB.catalog.delete_environment 'folder2', 'env';" START, 27182 },
	{ ENVIRONMENTS RELATIVE CREATE "EXEC SSISDB.catalog.delete_environment 'folder2', 'env';"
	  "EXEC SSISDB.catalog.move_environment 'folder1', 'env', 'folder2';" START, 27182 },
	{ ENVIRONMENTS RELATIVE CREATE "EXEC SSISDB.catalog.delete_environment_reference @r;" START, 27208 },
	/* a reference of nothing, and of another project */
	{ "SET @r = 999;" CREATE, 27208 },
};

START_TEST(what_does_not_bind_is_refused_by_its_number)
{
	fails(refusals[_i].number, refusals[_i].script);
}
END_TEST

START_TEST(a_moved_project_takes_the_relative_environment_of_its_new_folder)
{
	t_run(client, "DECLARE @r bigint; " ENVIRONMENTS RELATIVE BY_VARIABLE("Greeting", "V")
		      "EXEC SSISDB.catalog.move_project 'folder1', 'project1', 'folder2'");
	t_is(client, "far", "DECLARE @id bigint, @r bigint = (SELECT reference_id FROM SSISDB.catalog.environment_references);"
			    "EXEC SSISDB.catalog.create_execution 'folder2', 'project1', 'package1.dtsx', @r,"
			    " @execution_id=@id OUT; SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
			    " WHERE execution_id = @id AND parameter_name = 'Greeting'");
}
END_TEST

START_TEST(property_overrides_reach_the_task_in_order_and_secret_ones_no_view)
{
	int64_t id = run(CREATE
	    "EXEC SSISDB.catalog.set_execution_property_override_value @id, N'\\Package.Properties[A]', N'plain', 0;"
	    "EXEC SSISDB.catalog.set_execution_property_override_value @id, N'\\Package\\T.Properties[B]', N'secret', 1;"
	    START);
	struct taskspec spec = read_task(id);

	ck_assert_uint_eq(spec.override_count, 2);
	ck_assert_str_eq(spec.overrides[0].path, "\\Package.Properties[A]");
	ck_assert_str_eq(spec.overrides[0].value, "plain");
	ck_assert(!spec.overrides[0].sensitive);
	ck_assert_str_eq(spec.overrides[1].value, "secret");
	ck_assert(spec.overrides[1].sensitive);
	taskspec_release(&spec);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.execution_property_override_values"
			  " WHERE sensitive = 1 AND property_value IS NULL");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.execution_property_override_values"
			  " WHERE sensitive = 0 AND property_value = N'plain'");
}
END_TEST

/* --- stopping --- */

#define STOP "EXEC SSISDB.catalog.stop_operation @id;"

static void end(int64_t id, enum queue_outcome outcome)
{
	static const struct uuid local;
	int64_t epoch;
	bool final;

	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	fixture_ok(queue_assign(c, id, 1, &local, epoch, &err), &err);
	fixture_ok(queue_end(c, id, 1, outcome, 1, clock_wall(), "", &final, &err), &err);
}

START_TEST(only_what_waits_or_runs_can_be_stopped)
{
	int64_t id;

	fails(27124, CREATE STOP);
	fails(27124, CREATE START STOP STOP);
	id = run(CREATE START);
	end(id, QUEUE_SUCCEEDED);
	t_fails(client, 27124, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_fails(client, 27124, "EXEC SSISDB.catalog.stop_operation 1"); /* a deployment */
	t_fails(client, 27105, "EXEC SSISDB.catalog.stop_operation 99999");
	t_fails(client, 27100, "EXEC SSISDB.catalog.stop_operation NULL");
}
END_TEST

START_TEST(a_stop_is_an_operation_of_its_own_with_its_caller)
{
	struct tsql_client *other;
	int64_t id = run(CREATE START);

	t_run(client, "CREATE LOGIN [daemon] FROM WINDOWS; CREATE USER [daemon] FOR LOGIN [daemon];"
		      "ALTER ROLE ssis_admin ADD MEMBER [daemon]");
	other = t_connect(path, "daemon");
	t_run(other, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	tsql_client_close(other);
	t_is(client, "daemon", "SELECT stopped_by_name FROM SSISDB.catalog.executions WHERE execution_id = %lld AND status = 3"
			       " AND stopped_by_sid IS NOT NULL AND end_time IS NOT NULL", (long long)id);
	t_is(client, "daemon", "SELECT caller_name FROM SSISDB.catalog.operations WHERE operation_type = 202 AND status = 7"
			       " AND object_id = (SELECT project_id FROM SSISDB.catalog.projects) AND object_name IS NULL");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operations WHERE operation_type = 202");
}
END_TEST

/* --- states --- */

static const struct {
	enum queue_outcome outcome;
	const char *status;
	bool stop;
} ends[] = {
	{ QUEUE_SUCCEEDED, "7", false },
	{ QUEUE_COMPLETED, "9", false },
	{ QUEUE_FAILED, "4", false },
	{ QUEUE_LOST, "6", false },
	{ QUEUE_STOPPED, "3", true },
};

START_TEST(an_execution_goes_through_the_documented_states)
{
	static const struct uuid local;
	struct queue_started started = { .time = clock_wall() };
	const char *status = "SELECT status FROM SSISDB.catalog.executions";
	int64_t epoch, id = run(CREATE);
	bool final;

	t_is(client, "1", "%s", status);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_is(client, "5", "%s", status);
	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	fixture_ok(queue_assign(c, id, 1, &local, epoch, &err), &err);
	fixture_ok(queue_started(c, id, 1, &started, &err), &err);
	t_is(client, "2", "%s", status);
	if (ends[_i].stop) {
		t_run(client, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
		t_is(client, "8", "%s", status);
		t_fails(client, 27126, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	}
	fixture_ok(queue_end(c, id, 1, ends[_i].outcome, 1, clock_wall(), "", &final, &err), &err);
	ck_assert(final);
	t_is(client, ends[_i].status, "%s", status);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operations WHERE operation_type = 200 AND status = %s"
			  " AND end_time IS NOT NULL", ends[_i].status);
}
END_TEST

static Suite *binding_suite(void)
{
	Suite *s = suite_create("catalog binding");
	TCase *t = tcase_create("binding");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_task_has_the_value_of_the_highest_priority, 0, ARRAY_LEN(values));
	tcase_add_loop_test(t, what_does_not_bind_is_refused_by_its_number, 0, ARRAY_LEN(refusals));
	tcase_add_test(t, a_moved_project_takes_the_relative_environment_of_its_new_folder);
	tcase_add_test(t, property_overrides_reach_the_task_in_order_and_secret_ones_no_view);
	tcase_add_test(t, only_what_waits_or_runs_can_be_stopped);
	tcase_add_test(t, a_stop_is_an_operation_of_its_own_with_its_caller);
	tcase_add_loop_test(t, an_execution_goes_through_the_documented_states, 0, ARRAY_LEN(ends));
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(binding_suite)
