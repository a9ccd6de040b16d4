/* SPDX-License-Identifier: MIT */
/* Validations of packages and projects: what is refused, what goes to the runtime, what its end marks, the time limit. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "package/event.h"
#include "package/taskspec.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;
static struct err err;
static int64_t epoch;
static const struct uuid local;

static void setup(void)
{
	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
	t_deploy_project1(client);
	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

#define PROJECT(rest) \
	"DECLARE @v bigint; EXEC SSISDB.catalog.validate_project 'folder1', 'project1'" rest "; SELECT @v"

static int64_t validate_project(void)
{
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 30, N'folder1', N'project1', N'Needed', 5,"
		      " N'package2.dtsx'");
	return t_int(client, PROJECT(", @validation_id = @v OUT"));
}

/* Its try is running since so many seconds. */
static void start(int64_t id, int seconds_ago)
{
	struct queue_started started = { .time = clock_wall() - seconds_ago * TICKS_PER_SECOND, .process_id = 4711,
		.machine_name = "here" };

	fixture_ok(queue_assign(c, id, 1, &local, epoch, &err), &err);
	fixture_ok(queue_started(c, id, 1, &started, &err), &err);
}

static void say_error(int64_t id, const char *package)
{
	struct event event = { .seq = 1, .kind = EVENT_KIND_MESSAGE, .time = clock_wall(), .type = EVENT_ERROR,
		.source_type = EVENT_SOURCE_PACKAGE, .message = "bad", .event_name = "OnError", .package_name = package };
	struct buf line = BUF_INIT;
	int64_t seq;

	event_encode(&event, &line);
	fixture_ok(queue_events(c, id, 1, 1, line.data, line.len, &seq, &err), &err);
	buf_release(&line);
}

static void end(int64_t id, enum queue_outcome outcome)
{
	bool final;

	fixture_ok(queue_end(c, id, 1, outcome, outcome == QUEUE_FAILED, clock_wall(), "", &final, &err), &err);
	ck_assert(final);
}

START_TEST(a_validation_is_queued_and_its_end_marks_the_package)
{
	int64_t id;

	t_fails(client, 27201, "DECLARE @v bigint; EXEC SSISDB.catalog.validate_package 'folder1', 'project1',"
			       " 'package2.dtsx', @v OUT");
	t_fails(client, 27146, "DECLARE @v bigint; EXEC SSISDB.catalog.validate_package 'folder1', 'project1',"
			       " 'x.dtsx', @v OUT");
	t_fails(client, 27101, "DECLARE @v bigint; EXEC SSISDB.catalog.validate_package 'folder1', 'project1',"
			       " 'package1.dtsx', @v OUT, 0, 'X'");
	id = t_int(client, "DECLARE @v bigint; EXEC SSISDB.catalog.validate_package 'folder1', 'project1',"
			   " 'package1.dtsx', @v OUT; SELECT @v");
	t_is(client, "301", "SELECT operation_type FROM SSISDB.catalog.validations");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.executions");
	start(id, 0);
	end(id, QUEUE_SUCCEEDED);
	t_is(client, "7", "SELECT status FROM SSISDB.catalog.validations");
	t_is(client, "S", "SELECT validation_status FROM SSISDB.catalog.packages WHERE name = 'package1.dtsx'");
	t_is(client, "N", "SELECT validation_status FROM SSISDB.catalog.packages WHERE name = 'package2.dtsx'");
	t_is(client, "package1.dtsx 30 7", "SELECT CONCAT(object_name, ' ', object_type, ' ', status) FROM"
					   " SSISDB.catalog.extended_operation_info WHERE operation_id = %lld", (long long)id);
}
END_TEST

START_TEST(what_cannot_be_validated_is_refused)
{
	t_fails(client, 27104, "EXEC SSISDB.catalog.validate_project 'x', 'project1'");
	t_fails(client, 27109, "EXEC SSISDB.catalog.validate_project 'folder1', 'x'");
	t_fails(client, 27201, PROJECT(""));
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 30, N'folder1', N'project1', N'Needed', 5,"
		      " N'package2.dtsx'");
	t_fails(client, 27101, PROJECT(", 'D'"));
	t_fails(client, 27101, PROJECT(", @environment_scope = 'X'"));
	t_fails(client, 27100, PROJECT(", @environment_scope = 'S'"));
	t_fails(client, 27208, PROJECT(", @environment_scope = 'S', @reference_id = 99"));
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 30, N'folder1', N'project1', N'Who', N'V',"
		      " N'package1.dtsx', 'R'");
	t_fails(client, 27202, PROJECT(""));
	t_run(client, "DECLARE @r bigint; EXEC SSISDB.catalog.create_environment 'folder1', 'env1';"
		      "EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'env1', 'R',"
		      " @reference_id = @r OUT");
	t_fails(client, 27207, PROJECT(", @environment_scope = 'A'"));
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.validations");
}
END_TEST

START_TEST(a_projects_validation_has_its_row_and_one_task_without_a_package)
{
	int64_t id = validate_project();
	struct taskspec spec = { 0 };
	struct buf b = BUF_INIT;
	char hash[65];
	bool found = false;

	t_is(client, "300|20|project1|5|F|D|folder1|project1",
	    "SELECT CONCAT(operation_type, '|', object_type, '|', object_name, '|', status, '|', validate_type, '|',"
	    " environment_scope, '|', folder_name, '|', project_name) FROM SSISDB.catalog.validations");
	fixture_ok(queue_task(c, id, 1, &b, hash, &err), &err);
	fixture_ok(taskspec_decode(b.data, b.len, &spec, &err), &err);
	ck_assert_ptr_null(spec.package_name);
	ck_assert(spec.validate_only);
	ck_assert_int_eq(spec.logging_level, EVENT_LEVEL_BASIC);
	for (size_t i = 0; i < spec.value_count; i++) {
		const struct taskspec_value *v = &spec.values[i];
		if (!strcmp(v->name, "Needed")) {
			found = true;
			ck_assert_str_eq(v->package, "package2.dtsx");
			ck_assert_str_eq(v->value, "5");
		} else {
			ck_assert_ptr_null(v->package);
		}
	}
	ck_assert(found);
	taskspec_release(&spec);
	buf_wipe(&b);
}
END_TEST

START_TEST(the_end_of_a_projects_validation_marks_each_package)
{
	int64_t id = validate_project();

	start(id, 0);
	say_error(id, "package2.dtsx");
	end(id, QUEUE_FAILED);
	t_is(client, "4", "SELECT status FROM SSISDB.catalog.validations");
	t_is(client, "F", "SELECT validation_status FROM SSISDB.catalog.projects");
	t_is(client, "child.dtsx=S package1.dtsx=S package2.dtsx=F",
	    "SELECT STRING_AGG(CONCAT(name, '=', validation_status), ' ') FROM (SELECT TOP 10 name, validation_status"
	    " FROM SSISDB.catalog.packages ORDER BY name) p");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.extended_operation_info WHERE operation_id = %lld",
	    (long long)id);
	t_is(client, "package2.dtsx 4", "SELECT CONCAT(x.object_name, ' ', x.status) FROM SSISDB.catalog.operation_messages m"
					" JOIN SSISDB.catalog.extended_operation_info x ON x.info_id = m.extended_info_id"
					" WHERE m.operation_id = %lld AND m.message_type = 120", (long long)id);
	id = validate_project();
	start(id, 0);
	end(id, QUEUE_SUCCEEDED);
	t_is(client, "S", "SELECT validation_status FROM SSISDB.catalog.projects");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages WHERE validation_status = 'S'");
}
END_TEST

START_TEST(a_validation_that_takes_too_long_is_stopped_and_says_why)
{
	int64_t id, young;
	bool any = true;

	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'VALIDATION_TIMEOUT', '30'");
	id = validate_project();
	start(id, 29);
	fixture_ok(queue_end_late_validations(c, &any, &err), &err);
	ck_assert(!any);
	end(id, QUEUE_SUCCEEDED);
	id = validate_project();
	young = validate_project();
	start(id, 31);
	start(young, 1);
	fixture_ok(queue_end_late_validations(c, &any, &err), &err);
	ck_assert(any);
	t_is(client, "8", "SELECT status FROM SSISDB.catalog.validations WHERE validation_id = %lld", (long long)id);
	t_is(client, "2", "SELECT status FROM SSISDB.catalog.validations WHERE validation_id = %lld", (long long)young);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE operation_id = %lld AND"
			  " message LIKE '%%30 seconds%%VALIDATION_TIMEOUT%%'", (long long)id);
	end(id, QUEUE_STOPPED);
	t_is(client, "3", "SELECT status FROM SSISDB.catalog.validations WHERE validation_id = %lld", (long long)id);
}
END_TEST

static Suite *validation_suite(void)
{
	Suite *s = suite_create("catalog validation");
	TCase *t = tcase_create("validation");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_validation_is_queued_and_its_end_marks_the_package);
	tcase_add_test(t, what_cannot_be_validated_is_refused);
	tcase_add_test(t, a_projects_validation_has_its_row_and_one_task_without_a_package);
	tcase_add_test(t, the_end_of_a_projects_validation_marks_each_package);
	tcase_add_test(t, a_validation_that_takes_too_long_is_stopped_and_says_why);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(validation_suite)
