/* SPDX-License-Identifier: MIT */
/* Executions through T-SQL: from create_execution to the queue, value binding, the documented example, stopping. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "package/event.h"
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
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

#define CREATE \
	"DECLARE @id bigint; EXEC SSISDB.catalog.create_execution N'folder1', N'project1', N'package1.dtsx'," \
	" @runinscaleout=True, @execution_id=@id OUTPUT; "

static int64_t create(void)
{
	return t_int(client, CREATE "SELECT @id");
}

static struct taskspec read_task(int64_t id)
{
	struct taskspec spec = { 0 };
	struct buf b = BUF_INIT;
	char hash[65];

	fixture_ok(queue_task(c, id, 1, &b, hash, &err), &err);
	fixture_ok(taskspec_decode(b.data, b.len, &spec, &err), &err);
	ck_assert_str_eq(spec.project_hash, hash);
	buf_wipe(&b);
	return spec;
}

static const struct taskspec_value *task_value(const struct taskspec *spec, const char *name)
{
	for (size_t i = 0; i < spec->value_count; i++)
		if (strcmp(spec->values[i].name, name) == 0)
			return &spec->values[i];
	ck_abort_msg("the task has no value %s", name);
}

static void check_task_value(int64_t id, const char *name, const char *expected, bool value_set)
{
	struct taskspec spec = read_task(id);
	const struct taskspec_value *value = task_value(&spec, name);

	ck_assert_str_eq(value->value ? value->value : "(null)", expected);
	ck_assert_int_eq(value->value_set, value_set);
	taskspec_release(&spec);
}

START_TEST(the_documented_example_runs_unchanged)
{
	struct uuid worker = fixture_worker(c, "w1");
	char id[UUID_TEXT_LEN + 1];
	struct queue_items items;
	struct queue_lane lane;

	uuid_format(&worker, true, id);
	for (int package = 1; package <= 2; package++) {
		if (package == 2) /* package2 has a required parameter here */
			t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 30, N'folder1',"
				      " N'project1', N'Needed', 5, N'package2.dtsx'");
		t_run(client,
		    "Declare @execution_id bigint\n"
		    "EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package%d.dtsx',"
		    " @execution_id=@execution_id OUTPUT, @folder_name=N'folder1', @project_name=N'project1',"
		    " @use32bitruntime=False, @reference_id=Null, @useanyworker=False, @runinscaleout=True\n"
		    "Select @execution_id\n"
		    "DECLARE @var0 smallint = 1\n"
		    "EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50,"
		    " @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0\n"
		    "EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=N'%s'\n"
		    "EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=0\n",
		    package, id);
	}
	items = fixture_queue(c, &lane);
	ck_assert_uint_eq(items.len, 2);
	ck_assert(!lane.any_worker && !lane.local);
	ck_assert_str_eq(lane.workers, id);
	queue_items_release(&items);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions WHERE status = 5");
}
END_TEST

START_TEST(the_signature_of_2012_has_the_id_in_sixth_place)
{
	int64_t old = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1',"
				    " 'project1', 'package1.dtsx', NULL, 0, @id OUT; SELECT @id");
	int64_t new = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1',"
				    " 'project1', 'package1.dtsx', NULL, 0, 1, 1, @id OUTPUT; SELECT @id");

	ck_assert_int_eq(new, old + 1);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(the_default_mode_decides_when_scale_out_is_not_said)
{
	struct queue_items items;
	struct queue_lane lane;

	t_run(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
		      " 'package1.dtsx', @execution_id=@id OUT; EXEC SSISDB.catalog.start_execution @id, 3");
	items = fixture_queue(c, &lane);
	ck_assert(lane.local);
	ck_assert(!items.items[0].retries_left); /* retries are for Scale Out only */
	queue_items_release(&items);
	fixture_exec(c, "UPDATE operation SET status = 7; UPDATE execution SET queued = 0");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog N'DEFAULT_EXECUTION_MODE', N'1'");
	t_run(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
		      " 'package1.dtsx', @execution_id=@id OUT; EXEC SSISDB.catalog.start_execution @id, 3");
	items = fixture_queue(c, &lane);
	ck_assert(!lane.local && items.items[0].retries_left);
	queue_items_release(&items);
}
END_TEST

START_TEST(a_new_execution_shows_all_its_values_and_defaults)
{
	int64_t id = create();

	ck_assert_uint_eq(t_rows(client, "SELECT * FROM SSISDB.catalog.execution_parameter_values"
					 " WHERE execution_id = %lld", (long long)id), 11);
	t_is(client, "1", "SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
			  " WHERE parameter_name = 'logging_level'");
	t_is(client, "world", "SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
			      " WHERE parameter_name = N'Who' AND object_type = 30");
	t_is(client, "200", "SELECT operation_type FROM SSISDB.catalog.executions");
	t_is(client, "1", "SELECT status FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(values_bind_by_priority)
{
	int64_t id = create();

	check_task_value(id, "Who", "world", false);
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value @object_type=30,"
		      " @folder_name='folder1', @project_name='project1', @parameter_name='Who',"
		      " @parameter_value=N'server', @object_name='package1.dtsx'");
	id = create();
	check_task_value(id, "Who", "server", true);
	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 30, N'Who', N'execution'",
	    (long long)id);
	check_task_value(id, "Who", "execution", true);
	t_run(client, "EXEC SSISDB.catalog.clear_object_parameter_value 'folder1', 'project1', 30,"
		      " 'package1.dtsx', 'Who'");
	check_task_value(create(), "Who", "world", false);
}
END_TEST

START_TEST(an_environment_variable_binds_through_the_reference)
{
	int64_t reference;

	t_run(client, "EXEC SSISDB.catalog.create_environment 'folder1', 'test';"
		      "EXEC SSISDB.catalog.create_environment_variable 'folder1', 'test', 'Greet', 'String', 0,"
		      " N'from the environment', N''");
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', 'Greeting',"
		      " N'Greet', @value_type='R'");
	reference = t_int(client, "DECLARE @r bigint; EXEC SSISDB.catalog.create_environment_reference"
				  " 'folder1', 'project1', 'test', 'R', @reference_id=@r OUT; SELECT @r");
	check_task_value(create(), "Greeting", "Hello", false); /* no reference given */
	check_task_value(t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1',"
				       " 'project1', 'package1.dtsx', %lld, @execution_id=@id OUT; SELECT @id",
			     (long long)reference),
	    "Greeting", "from the environment", true);
	t_run(client, "EXEC SSISDB.catalog.delete_environment_variable 'folder1', 'test', 'Greet'");
	t_fails(client, 27207, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', %lld, @execution_id=@id OUT", (long long)reference);
	t_run(client, "EXEC SSISDB.catalog.create_environment_variable 'folder1', 'test', 'Greet', 'Int32', 0, 5,"
		      " N''");
	t_fails(client, 27148, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', %lld, @execution_id=@id OUT", (long long)reference);
	t_run(client, "EXEC SSISDB.catalog.delete_environment_variable 'folder1', 'test', 'Greet';"
		      "EXEC SSISDB.catalog.create_environment_variable 'folder1', 'test', 'Greet', 'String', 1,"
		      " N'secret', N''");
	t_fails(client, 27221, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', %lld, @execution_id=@id OUT", (long long)reference);
	t_run(client, "EXEC SSISDB.catalog.rename_environment 'folder1', 'test', 'other'");
	t_fails(client, 27182, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', %lld, @execution_id=@id OUT", (long long)reference);
}
END_TEST

START_TEST(value_types_must_suit)
{
	int64_t id = create();

	t_fails(client, 27147, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Count', N'x'",
	    (long long)id);
	t_run(client, "DECLARE @v smallint = 5; EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20,"
		      " 'Count', @v", (long long)id);
	check_task_value(id, "Count", "5", true);
	t_fails(client, 27147, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 30, 'Who', 5",
	    (long long)id);
	t_fails(client, 27176, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 30, 'Nobody', N'x'",
	    (long long)id);
	t_fails(client, 27101, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 40, 'Who', N'x'",
	    (long long)id);
	t_fails(client, 27217, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50, 'LOGGING_LEVEL', 9",
	    (long long)id);
	t_fails(client, 27103, "EXEC SSISDB.catalog.set_execution_parameter_value 99999, 20, 'Count', 1");
}
END_TEST

START_TEST(system_parameters_reach_the_task)
{
	int64_t id = create();
	struct taskspec spec;

	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50, 'LOGGING_LEVEL', 3;"
		      "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50, 'DUMP_ON_ERROR', 1;"
		      "EXEC SSISDB.catalog.set_execution_property_override_value %lld,"
		      " N'\\Package\\T.Properties[Disable]', N'true', 0",
	    (long long)id, (long long)id, (long long)id);
	spec = read_task(id);
	ck_assert_int_eq(spec.logging_level, 3);
	ck_assert(spec.dump_on_error && !spec.dump_on_event);
	ck_assert_uint_eq(spec.override_count, 1);
	ck_assert_str_eq(spec.overrides[0].value, "true");
	ck_assert_str_eq(spec.package_name, "package1.dtsx");
	ck_assert_str_eq(spec.folder_name, "folder1");
	taskspec_release(&spec);
}
END_TEST

START_TEST(a_required_parameter_without_a_value_stops_the_start)
{
	int64_t id = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1',"
				   " 'project1', 'package2.dtsx', @execution_id=@id OUT; SELECT @id");

	t_fails(client, 27184, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 30, 'Needed', 2",
	    (long long)id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
}
END_TEST

START_TEST(an_execution_starts_once_and_is_frozen_afterwards)
{
	int64_t id = create();

	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_fails(client, 27121, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_fails(client, 27224, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Count', 1",
	    (long long)id);
	t_fails(client, 27225, "EXEC SSISDB.catalog.set_execution_property_override_value %lld,"
			       " N'\\Package.Properties[X]', N'1', 0", (long long)id);
}
END_TEST

START_TEST(a_redeployment_between_creation_and_start_is_refused)
{
	int64_t id = create(), operation;
	struct buf archive = BUF_INIT;

	t_project("project1", 2, &archive);
	fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err), &err);
	buf_release(&archive);
	t_fails(client, 27150, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_run(client, "EXEC SSISDB.catalog.delete_project 'folder1', 'project1'");
	t_fails(client, 27109, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
}
END_TEST

START_TEST(what_cannot_be_created_says_why)
{
	t_fails(client, 27104, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'x', 'project1',"
			       " 'package1.dtsx', @execution_id=@i OUT");
	t_fails(client, 27109, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'x',"
			       " 'package1.dtsx', @execution_id=@i OUT");
	t_fails(client, 27146, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'x.dtsx', @execution_id=@i OUT");
	t_fails(client, 27101, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'child.dtsx', @execution_id=@i OUT");
	t_fails(client, 27208, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', 77, @execution_id=@i OUT");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(workers_are_listed_only_where_they_matter)
{
	int64_t any = create(), server, listed;
	struct uuid worker = fixture_worker(c, "w1");
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&worker, true, id);
	server = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', @runinscaleout=0, @execution_id=@id OUT; SELECT @id");
	listed = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', @runinscaleout=1, @useanyworker=0, @execution_id=@id OUT;"
			       " SELECT @id");
	t_fails(client, 27251, "EXEC SSISDB.catalog.add_execution_worker %lld, '%s'", (long long)any, id);
	t_fails(client, 27255, "EXEC SSISDB.catalog.add_execution_worker %lld, '%s'", (long long)server, id);
	t_fails(client, 27243, "EXEC SSISDB.catalog.add_execution_worker %lld,"
			       " '11111111-1111-1111-1111-111111111111'", (long long)listed);
	t_fails(client, 27257, "EXEC SSISDB.catalog.start_execution %lld", (long long)listed);
	t_run(client, "EXEC SSISDB.catalog.disable_worker_agent '%s'", id);
	t_fails(client, 27252, "EXEC SSISDB.catalog.add_execution_worker %lld, '%s'", (long long)listed, id);
	t_run(client, "EXEC SSISDB.catalog.enable_worker_agent '%s'", id);
	t_run(client, "EXEC SSISDB.catalog.add_execution_worker %lld, '%s'", (long long)listed, id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)listed);
}
END_TEST

START_TEST(an_execution_that_no_worker_can_take_says_what_it_waits_for)
{
	static const char count[] = "SELECT count(*) FROM SSISDB.catalog.event_messages WHERE operation_id = %lld"
				    " AND message_source_type = 20 AND message LIKE '%s%%'";
	int64_t alone = create(), chosen, served = create();
	char id[UUID_TEXT_LEN + 1];

	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)alone);
	t_is(client, "1", count, (long long)alone, "No worker is enabled");
	struct uuid worker = fixture_worker(c, "w1");
	uuid_format(&worker, true, id);
	chosen = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			       " 'package1.dtsx', @runinscaleout=1, @useanyworker=0, @execution_id=@id OUT;"
			       " SELECT @id");
	t_run(client, "EXEC SSISDB.catalog.add_execution_worker %lld, '%s'", (long long)chosen, id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)served);
	t_is(client, "0", count, (long long)served, "");
	t_run(client, "EXEC SSISDB.catalog.disable_worker_agent '%s'", id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)chosen);
	t_is(client, "1", count, (long long)chosen, "None of the workers chosen");
}
END_TEST

START_TEST(stopping_follows_the_documented_rules)
{
	int64_t id = create(), epoch;
	struct uuid worker = fixture_worker(c, "w1");

	t_fails(client, 27124, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_fails(client, 27105, "EXEC SSISDB.catalog.stop_operation 99999");
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	fixture_ok(queue_assign(c, id, 1, &worker, epoch, &err), &err);
	t_run(client, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_is(client, "8", "SELECT status FROM SSISDB.catalog.executions");
	t_fails(client, 27126, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operations WHERE operation_type = 202");
}
END_TEST

START_TEST(stopping_what_waits_ends_it_at_once)
{
	int64_t id = create();

	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_run(client, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_is(client, "3", "SELECT status FROM SSISDB.catalog.executions");
	t_fails(client, 27124, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
}
END_TEST

static void count_call(void *ctx)
{
	++*(int *)ctx;
}

START_TEST(a_session_that_gave_work_says_when_it_waits)
{
	int calls = 0;
	struct catalog_hooks hooks = { .work_awaited = count_call, .ctx = &calls };
	struct tsql_client *hooked = NULL;

	fixture_ok(catalog_connect(path, NULL, &hooks, &hooked, &err), &err);
	t_run(hooked, CREATE "WAITFOR DELAY '00:00:00.001'");
	ck_assert_int_eq(calls, 0);
	t_run(hooked, CREATE "EXEC SSISDB.catalog.start_execution @id");
	ck_assert_int_eq(calls, 0);
	t_run(hooked, "WAITFOR DELAY '00:00:00.001'");
	ck_assert_int_eq(calls, 1);
	tsql_client_close(hooked);
}
END_TEST

START_TEST(the_master_is_told_after_the_commit)
{
	int calls = 0;
	struct catalog_hooks hooks = { .work_ready = count_call, .ctx = &calls };
	struct tsql_client *hooked = NULL;

	fixture_ok(catalog_connect(path, NULL, &hooks, &hooked, &err), &err);
	t_run(hooked, CREATE);
	ck_assert_int_eq(calls, 0);
	t_run(hooked, CREATE "EXEC SSISDB.catalog.start_execution @id");
	ck_assert_int_eq(calls, 1);
	t_fails(hooked, 27103, "EXEC SSISDB.catalog.start_execution 99999");
	ck_assert_int_eq(calls, 1);
	tsql_client_close(hooked);
}
END_TEST

START_TEST(sensitive_values_reach_the_task_but_no_view_and_no_file)
{
	int64_t id;

	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', 'Secret',"
		      " N'canary-server'");
	id = create();
	check_task_value(id, "Secret", "canary-server", true);
	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Secret', N'canary-execution';"
		      "EXEC SSISDB.catalog.set_execution_property_override_value %lld,"
		      " N'\\Package.Properties[Password]', N'canary-override', 1",
	    (long long)id, (long long)id);
	check_task_value(id, "Secret", "canary-execution", true);
	t_is(client, "NULL", "SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
			     " WHERE parameter_name = 'Secret'");
	t_is(client, "NULL", "SELECT default_value FROM SSISDB.catalog.object_parameters"
			     " WHERE parameter_name = 'Secret'");
	t_is(client, "NULL", "SELECT property_value FROM SSISDB.catalog.execution_property_override_values");
	fixture_exec(c, "PRAGMA wal_checkpoint(TRUNCATE)");
	ck_assert(!fixture_file_has(path, "canary"));
}
END_TEST

START_TEST(waiting_gives_the_final_status_or_runs_out_of_time)
{
	int64_t id = create();

	t_is(client, "1", "DECLARE @rc int; EXEC @rc = SSISDB.scaleout.wait_execution %lld, 10; SELECT @rc",
	    (long long)id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld; EXEC SSISDB.catalog.stop_operation %lld",
	    (long long)id, (long long)id);
	t_is(client, "3", "DECLARE @s int; EXEC SSISDB.scaleout.wait_execution %lld, 1000, @s OUT; SELECT @s",
	    (long long)id);
}
END_TEST

/* --- what the runtime reports of itself --- */

/* An execution that runs on the worker w1. */
static int64_t running(void)
{
	struct uuid worker = fixture_worker(c, "w1");
	struct queue_started started = { .time = clock_wall(), .process_id = 7, .machine_name = "here" };
	int64_t id = t_int(client, CREATE "EXEC SSISDB.catalog.start_execution @id; SELECT @id"), epoch;

	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	fixture_ok(queue_assign(c, id, 1, &worker, epoch, &err), &err);
	fixture_ok(queue_started(c, id, 1, &started, &err), &err);
	return id;
}

static void report(int64_t id, int64_t seq, const struct event *what)
{
	struct event event = *what;
	struct buf line = BUF_INIT;
	int64_t committed;

	event.seq = seq;
	event_encode(&event, &line);
	fixture_ok(queue_events(c, id, 1, seq, line.data, line.len, &committed, &err), &err);
	buf_release(&line);
}

#define COUNTERS "FROM SSISDB.catalog.dm_execution_performance_counters"

START_TEST(running_executions_have_performance_counters)
{
	int64_t id, other = create();
	bool final;

	t_is(client, "0", "SELECT count(*) " COUNTERS "(NULL)");
	id = running();
	t_is(client, "12", "SELECT count(*) " COUNTERS "(%lld) WHERE counter_value = 0", (long long)id);
	t_is(client, "0", "SELECT count(*) " COUNTERS "(%lld)", (long long)other);
	report(id, 1, &(struct event){ .kind = EVENT_KIND_COUNTER, .property_name = "Rows read", .value = 7 });
	report(id, 2, &(struct event){ .kind = EVENT_KIND_COUNTER, .property_name = "Rows read", .value = 9000000000 });
	t_is(client, "9000000000", "SELECT counter_value " COUNTERS "(NULL) WHERE counter_name = N'Rows read' AND execution_id = %lld",
	    (long long)id);
	t_is(client, "12", "SELECT count(*) " COUNTERS "(NULL)");
	t_fails(client, 313, "SELECT * " COUNTERS "()");
	fixture_ok(queue_end(c, id, 1, QUEUE_SUCCEEDED, 0, clock_wall(), "", &final, &err), &err);
	t_is(client, "0", "SELECT count(*) " COUNTERS "(%lld)", (long long)id);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM performance_counter"), 0);
}
END_TEST

/* --- dumps of what runs --- */

START_TEST(a_dump_needs_a_process_that_runs)
{
	int64_t id = create();

	t_fails(client, 27103, "EXEC SSISDB.catalog.create_execution_dump 424242");
	t_fails(client, 27218, "EXEC SSISDB.catalog.create_execution_dump %lld", (long long)id);
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_fails(client, 27218, "EXEC SSISDB.catalog.create_execution_dump %lld", (long long)id);
	t_run(client, "EXEC SSISDB.catalog.stop_operation %lld", (long long)id);
	t_fails(client, 27175, "EXEC SSISDB.catalog.create_execution_dump %lld", (long long)id);
	t_fails(client, 27100, "EXEC SSISDB.catalog.create_execution_dump NULL");
}
END_TEST

struct asking {
	int64_t id;
	int result;
	struct err err;
};

static void *ask_for_dump(void *ctx)
{
	struct tsql_client *own = t_connect(path, NULL);
	struct asking *a = ctx;
	char *batch = xasprintf("EXEC SSISDB.catalog.create_execution_dump %lld", (long long)a->id);

	a->result = tsql_client_run(own, batch, NULL, 0, NULL, &a->err);
	free(batch);
	tsql_client_close(own);
	return NULL;
}

static void wait_for_request(bool written)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	struct queue_dump_requests requests = { 0 };

	for (;;) { /* the case's own timeout is the deadline */
		fixture_ok(queue_dump_requests(c, &requests, &err), &err);
		bool there = requests.len == 1 && requests.items[0].written == written;
		queue_dump_requests_release(&requests);
		if (there)
			return;
		nanosleep(&pause, NULL);
	}
}

START_TEST(who_asks_for_a_dump_waits_until_it_is_fetched)
{
	struct asking a = { .id = running(), .result = 1 }, again = { .id = a.id };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, ask_for_dump, &a), 0);
	wait_for_request(false);
	ask_for_dump(&again);
	ck_assert_int_eq(again.err.sql_number, 27107);
	report(a.id, 1, &(struct event){ .kind = EVENT_KIND_DUMP, .time = clock_wall(), .message = "no ulimit" });
	wait_for_request(true);
	ck_assert_int_eq(a.result, 1);
	fixture_ok(queue_dump(c, a.id, 1, "/there", &err), &err);
	fixture_ok(queue_dump_fetched(c, a.id, &err), &err);
	pthread_join(thread, NULL);
	fixture_ok(a.result, &a.err);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.event_messages WHERE message LIKE '%%dump%%no ulimit%%'");
	t_is(client, "1", "SELECT count(dump_id) FROM SSISDB.catalog.executions WHERE execution_id = %lld", (long long)a.id);
}
END_TEST

START_TEST(the_end_of_an_execution_answers_who_waits_for_its_dump)
{
	struct asking a = { .id = running() };
	pthread_t thread;
	bool final;

	ck_assert_int_eq(pthread_create(&thread, NULL, ask_for_dump, &a), 0);
	wait_for_request(false);
	fixture_ok(queue_end(c, a.id, 1, QUEUE_SUCCEEDED, 0, clock_wall(), "", &final, &err), &err);
	pthread_join(thread, NULL);
	ck_assert_int_eq(a.err.sql_number, 27175);
}
END_TEST

static Suite *executions_suite(void)
{
	Suite *s = suite_create("catalog executions");
	TCase *t = tcase_create("executions");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, the_documented_example_runs_unchanged);
	tcase_add_test(t, the_signature_of_2012_has_the_id_in_sixth_place);
	tcase_add_test(t, the_default_mode_decides_when_scale_out_is_not_said);
	tcase_add_test(t, a_new_execution_shows_all_its_values_and_defaults);
	tcase_add_test(t, values_bind_by_priority);
	tcase_add_test(t, an_environment_variable_binds_through_the_reference);
	tcase_add_test(t, value_types_must_suit);
	tcase_add_test(t, system_parameters_reach_the_task);
	tcase_add_test(t, a_required_parameter_without_a_value_stops_the_start);
	tcase_add_test(t, an_execution_starts_once_and_is_frozen_afterwards);
	tcase_add_test(t, a_redeployment_between_creation_and_start_is_refused);
	tcase_add_test(t, what_cannot_be_created_says_why);
	tcase_add_test(t, workers_are_listed_only_where_they_matter);
	tcase_add_test(t, an_execution_that_no_worker_can_take_says_what_it_waits_for);
	tcase_add_test(t, stopping_follows_the_documented_rules);
	tcase_add_test(t, stopping_what_waits_ends_it_at_once);
	tcase_add_test(t, the_master_is_told_after_the_commit);
	tcase_add_test(t, a_session_that_gave_work_says_when_it_waits);
	tcase_add_test(t, sensitive_values_reach_the_task_but_no_view_and_no_file);
	tcase_add_test(t, waiting_gives_the_final_status_or_runs_out_of_time);
	tcase_add_test(t, running_executions_have_performance_counters);
	tcase_add_test(t, a_dump_needs_a_process_that_runs);
	tcase_add_test(t, who_asks_for_a_dump_waits_until_it_is_fetched);
	tcase_add_test(t, the_end_of_an_execution_answers_who_waits_for_its_dump);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(executions_suite)
