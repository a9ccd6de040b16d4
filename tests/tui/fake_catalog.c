/* SPDX-License-Identifier: MIT */
/* Made-up rows for the console's queries; see fake_catalog.h. */
#include "tests/tui/fake_catalog.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tui/text.h"

/* 2026-03-04 05:06:07 UTC: nothing shown depends on today. */
#define EPOCH (TICKS_UNIX_EPOCH + INT64_C(1772600767) * TICKS_PER_SECOND)
#define COLUMNS_MAX 24

struct fake_client {
	struct tsql_client client;
	struct fake_catalog *fake;
};

/* One answer: what the handlers write to. */
struct answer {
	struct fake_catalog *fake;
	const char *batch;
	const struct tsql_param *params;
	size_t param_count;
	const struct tsql_sink *sink;
	struct err *err;
	int64_t left; /* rows that may still be sent */
};

static const struct tsql_value *param(const struct answer *a, const char *name)
{
	for (size_t i = 0; i < a->param_count; i++) {
		if (strcmp(a->params[i].name, name) == 0)
			return &a->params[i].value;
	}
	return NULL;
}

static int64_t param_int(const struct answer *a, const char *name, int64_t missing)
{
	const struct tsql_value *value = param(a, name);

	return value && !value->null ? value->i : missing;
}

/* names: separated by blanks. */
static void columns(struct answer *a, const char *names)
{
	struct tsql_column list[COLUMNS_MAX] = { 0 };
	char *copy = xstrdup(names), *at = copy;
	size_t count = 0;

	do {
		size_t len = strcspn(at, " ");

		list[count++].name = at;
		at += len;
		if (*at)
			*at++ = '\0';
	} while (*at && count < COLUMNS_MAX);
	a->left = param_int(a, "@rows", INT64_MAX);
	if (a->sink->columns)
		a->sink->columns(a->sink->ctx, list, count);
	free(copy);
}

/* Values are released here. False when no more rows are wanted. */
static bool row(struct answer *a, struct tsql_value *values, size_t count)
{
	bool wanted = a->left-- > 0;

	if (wanted && a->sink->row)
		a->sink->row(a->sink->ctx, values, count);
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&values[i]);
	return wanted && a->left > 0;
}

#define ROW(a, ...) \
	row(a, (struct tsql_value[]){ __VA_ARGS__ }, \
	    sizeof((struct tsql_value[]){ __VA_ARGS__ }) / sizeof(struct tsql_value))
#define TEXT tsql_nvarchar
#define BIG tsql_bigint
#define WHEN tsql_datetimeoffset
#define NONE tsql_null(TSQL_NVARCHAR)

static void folders(struct answer *a)
{
	columns(a, "folder_id name description created_by_name created_time");
	ROW(a, BIG(1), TEXT("Samples"), TEXT("Projects that come with scaleout"), TEXT("tester"), WHEN(EPOCH));
	ROW(a, BIG(2), TEXT("Zahlen \xC3\xA4\xC3\xB6\xC3\xBC \xE6\x95\xB0\xE5\xAD\x97"), NONE, TEXT("tester"),
	    WHEN(EPOCH));
	ROW(a, BIG(3), TEXT("Bad\x1B[31mname\n\xE2\x80\xAEtxt"), NONE, TEXT("tester"), WHEN(EPOCH));
}

static void projects(struct answer *a)
{
	columns(a, "project_id name description object_version_lsn deployed_by_name last_deployed_time");
	if (param_int(a, "@id", 0) != 1)
		return;
	ROW(a, BIG(11), TEXT("Housekeeping"), TEXT("Rotate logs, collect disk and load figures"), BIG(3),
	    TEXT("tester"), WHEN(EPOCH));
	ROW(a, BIG(12), TEXT("Flaky"), NONE, BIG(1), TEXT("tester"), WHEN(EPOCH));
}

static const char *const package_names[] = { "CollectFigures.dtsx", "RotateLogs.dtsx", "SucceedOnRetry.dtsx" };

static void packages(struct answer *a)
{
	columns(a, "package_id name description entry_point");
	for (size_t i = 0; i < ARRAY_LEN(package_names); i++)
		ROW(a, BIG((int64_t)i + 100), TEXT(package_names[i]), TEXT("A package"), tsql_bit(true));
}

static void environments(struct answer *a)
{
	columns(a, "environment_id name description created_by_name created_time");
	if (param_int(a, "@id", 0) == 1)
		ROW(a, BIG(31), TEXT("Production"), NONE, TEXT("tester"), WHEN(EPOCH));
}

static void master(struct answer *a)
{
	columns(a, "label value");
	ROW(a, TEXT("MACHINE_NAME"), TEXT("masterhost"));
	ROW(a, TEXT("MASTER_ADDRESS"), TEXT("https://masterhost:8391"));
}

static void workers(struct answer *a)
{
	static const struct {
		const char *id, *name, *machine, *account;
		bool enabled, online;
	} list[] = {
		{ "64C020E2-F819-4C2D-A22F-EFB31A91E70A", "w1", "alpha.example", "ssis", true, true },
		{ "8E6D3F0A-0000-4C2D-A22F-EFB31A91E70B", "w2", "beta.example", "ssis", true, false },
		{ "9E6D3F0A-0000-4C2D-A22F-EFB31A91E70C", "w3", "gamma.example", "batch", false, true },
	};

	columns(a, "WorkerAgentId DisplayName MachineName UserAccount IsEnabled IsOnline IsBlocked Running Slots Host "
		   "Port LastOnlineTime Tags Description State LastError");
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		ROW(a, TEXT(list[i].id), TEXT(list[i].name), TEXT(list[i].machine), TEXT(list[i].account),
		    tsql_bit(list[i].enabled), tsql_bit(list[i].online), tsql_bit(false), BIG(i == 0 ? 1 : 0), BIG(4),
		    TEXT(list[i].machine), BIG(22), WHEN(EPOCH), NONE, NONE,
		    TEXT(!list[i].enabled ? "draining" : list[i].online ? "online" : "offline"),
		    list[i].online ? NONE : TEXT("no route to host"));
}

/* Of the Execute dialog: packages joined with projects and folders. */
static void startable(struct answer *a)
{
	const struct tsql_value *only = param(a, "@package");

	columns(a, "folder_name project_name project_id package_name");
	for (size_t i = 0; i < ARRAY_LEN(package_names); i++) {
		if (!only || strcmp(only->s.data, package_names[i]) == 0)
			ROW(a, TEXT("Samples"), TEXT("Housekeeping"), BIG(11), TEXT(package_names[i]));
	}
}

static void parameters(struct answer *a)
{
	columns(a, "object_type parameter_name data_type required sensitive description design_default_value "
		   "default_value value_type value_set referenced_variable_name");
	ROW(a, BIG(30), TEXT("Folder"), TEXT("String"), tsql_bit(false), tsql_bit(false), NONE, TEXT("/var/log"), NONE,
	    TEXT("V"), tsql_bit(false), NONE);
	ROW(a, BIG(30), TEXT("KeepDays"), TEXT("Int32"), tsql_bit(false), tsql_bit(false), NONE, tsql_int(14),
	    tsql_int(30), TEXT("V"), tsql_bit(true), NONE);
	ROW(a, BIG(30), TEXT("Password"), TEXT("String"), tsql_bit(false), tsql_bit(true), NONE, NONE, NONE, TEXT("V"),
	    tsql_bit(false), NONE);
	ROW(a, BIG(20), TEXT("CM.Target.ServerName"), TEXT("String"), tsql_bit(false), tsql_bit(false), NONE,
	    TEXT("localhost"), NONE, TEXT("V"), tsql_bit(false), NONE);
}

static void references(struct answer *a)
{
	columns(a, "reference_id environment_folder_name environment_name label");
	ROW(a, BIG(7), NONE, TEXT("Production"), TEXT(".\\Production"));
}

static int64_t status_of(int64_t id, int64_t count)
{
	if (id == count)
		return 5;
	return id % 17 == 3 ? 4 : id % 23 == 5 ? 3 : 7;
}

static bool text_filter(const struct answer *a, const char *column, const char *value)
{
	char *needle = xasprintf(", %s) > 0", column);
	const char *at = strstr(a->batch, needle);
	bool ok = true;

	if (at) {
		const char *start = at;

		while (*start != '(')
			start--;
		char *name = xstrndup(start + 1, (size_t)(at - start - 1));
		const struct tsql_value *wanted = param(a, name);

		ok = wanted && text_contains(value, wanted->s.data);
		free(name);
	}
	free(needle);
	return ok;
}

static bool status_filter(const struct answer *a, int64_t status)
{
	const char *at = strstr(a->batch, "(status IN (");
	char digit = (char)('0' + status);
	const char *found;

	if (!at)
		return true;
	at += strlen("(status IN (");
	found = strchr(at, digit);
	return found && found < at + strcspn(at, ")");
}

static bool execution(struct answer *a, int64_t id)
{
	int64_t count = a->fake->executions, status = status_of(id, count);
	int64_t start = EPOCH + id * 10 * TICKS_PER_SECOND;
	const char *name = package_names[id % 3];

	if (!status_filter(a, status) || !text_filter(a, "package_name", name))
		return a->left > 0;
	return ROW(a, BIG(id), tsql_int((int32_t)status), TEXT("Samples"), TEXT(id % 3 == 2 ? "Flaky" : "Housekeeping"),
	    TEXT(name), WHEN(start - TICKS_PER_SECOND), status == 5 ? NONE : WHEN(start),
	    status == 5 ? NONE : WHEN(start + (id % 100) * TICKS_PER_SECOND), NONE, TEXT("tester"),
	    TEXT("alpha.example"), BIG(status == 5 ? 0 : 1));
}

#define EXECUTION_COLUMNS \
	"execution_id status folder_name project_name package_name created_time start_time end_time " \
	"environment_name caller_name machine_name executed_count"

static void count(struct answer *a, int32_t status, int64_t executions)
{
	ROW(a, NONE, tsql_int(status), NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, BIG(executions));
}

static void counts(struct answer *a)
{
	struct timespec late = { .tv_nsec = a->fake->late_counts ? 300000000 : 0 };

	a->fake->late_counts = false;
	nanosleep(&late, NULL);
	columns(a, EXECUTION_COLUMNS);
	/* The shown row that waits, which is asked for with them. */
	if (strstr(a->batch, "IN (@k0"))
		execution(a, param_int(a, "@k0", 0));
	count(a, 4, a->fake->executions / 17);
	count(a, 7, a->fake->executions - a->fake->executions / 17 - 1);
	count(a, 5, 1);
}

static void executions(struct answer *a)
{
	int64_t key = param_int(a, "@key", 0), last = a->fake->executions;
	bool up = strstr(a->batch, "execution_id ASC") != NULL;
	bool single = strstr(a->batch, "execution_id = @id") != NULL;
	int64_t id = up ? 1 : last;

	columns(a, EXECUTION_COLUMNS);
	if (single) {
		execution(a, param_int(a, "@id", 0));
		return;
	}
	if (strstr(a->batch, "execution_id > @key"))
		id = key + 1;
	else if (strstr(a->batch, "execution_id < @key"))
		id = key - 1;
	else if (strstr(a->batch, "execution_id <= @key"))
		id = key;
	while (id >= 1 && id <= last && execution(a, id))
		id += up ? 1 : -1;
}

/* Empty until paused, or while open: what health.c and the node Queue read. */
static void queue_state(struct answer *a)
{
	char reason[sizeof(a->fake->reason)];
	bool paused;

	pthread_mutex_lock(&a->fake->mutex);
	paused = a->fake->paused;
	snprintf(reason, sizeof(reason), "%s", a->fake->reason);
	pthread_mutex_unlock(&a->fake->mutex);
	if (strstr(a->batch, "AS [Changed by]")) {
		columns(a, "State Waiting Running");
		ROW(a, TEXT(paused ? "paused" : "open"), BIG(1), BIG(0));
		return;
	}
	columns(a, "is_paused reason changed_by changed_time master_seen waiting running");
	/* Since just now, whenever the test runs. */
	ROW(a, tsql_bit(paused), TEXT(paused ? reason : ""), TEXT("tester"), WHEN(clock_wall()),
	    a->fake->no_master ? WHEN(EPOCH) : NONE, BIG(1), BIG(0));
}

static void queue(struct answer *a)
{
	static const char *const waits[] = { "the queue is paused", "a free slot of a worker with its tags" };
	bool wishes = strstr(a->batch, "SELECT execution_id, priority, time_limit_s") != NULL;
	int64_t id = a->fake->executions;

	if (strstr(a->batch, "AS ahead")) {
		columns(a, "waits_for priority tags time_limit_s retry_delay_s queued_time folder_name ahead folder_running "
			   "workers ready disabled offline taken slots");
		if (param_int(a, "@id", 0) == id)
			ROW(a, TEXT("a free slot of a worker with its tags"), BIG(5), TEXT("gpu"), BIG(600), BIG(0), WHEN(EPOCH),
			    TEXT("Samples"), BIG(3), BIG(4), BIG(3), BIG(1), BIG(1), BIG(1), BIG(1), BIG(4));
		return;
	}
	columns(a, "execution_id priority time_limit_s retry_delay_s tags attempt folder_name project_name package_name "
		   "caller_name queued_time waits_for");
	for (int i = 0; i < (wishes ? 1 : 2); i++)
		ROW(a, BIG(id - i), BIG(i ? 0 : 5), BIG(i ? 0 : 600), BIG(0), TEXT(i ? "" : "gpu"), BIG(1), TEXT("Samples"),
		    TEXT("Housekeeping"), TEXT(package_names[i]), TEXT("tester"), WHEN(EPOCH), TEXT(waits[1 - i]));
}

/* --- the sections of details.c --- */

static void catalog_counts(struct answer *a)
{
	columns(a, "Folders Projects Packages Environments Workers");
	ROW(a, BIG(3), BIG(2), BIG(3), BIG(1), BIG(3));
}

static void catalog_properties(struct answer *a)
{
	static const char *const list[][2] = { { "DEFAULT_EXECUTION_MODE", "0" }, { "ENCRYPTION_ALGORITHM", "AES_256" },
		{ "IS_SCALEOUT_ENABLED", "True" }, { "MAX_PROJECT_VERSIONS", "10" }, { "OPERATION_CLEANUP_ENABLED", "TRUE" },
		{ "RETENTION_WINDOW", "365" }, { "SCHEMA_BUILD", "16.0.0.0" }, { "SCHEMA_VERSION", "9" },
		{ "SERVER_LOGGING_LEVEL", "1" }, { "VALIDATION_TIMEOUT", "300" }, { "VERSION_CLEANUP_ENABLED", "TRUE" } };

	columns(a, "label value key raw");
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		ROW(a, TEXT(list[i][0]), TEXT(list[i][1]), TEXT(list[i][0]), TEXT(list[i][1]));
}

static void validation(struct answer *a)
{
	columns(a, "id");
	ROW(a, BIG(42));
}

static void operation_status(struct answer *a)
{
	columns(a, "status");
	ROW(a, BIG(status_of(param_int(a, "@operation", 0), a->fake->executions)));
}

static void deployment(struct answer *a)
{
	columns(a, "Project_version Deployed Validated");
	ROW(a, BIG(3), TEXT("2026-03-04 05:06:07"), TEXT("never"));
}

static void validated(struct answer *a)
{
	columns(a, "Validated");
	ROW(a, TEXT("succeeded"));
}

static void description(struct answer *a)
{
	columns(a, "label value key raw");
	ROW(a, TEXT("Text"), TEXT("Projects that come with scaleout"), TEXT("Description"),
	    TEXT("Projects that come with scaleout"));
}

static void variable_names(struct answer *a)
{
	columns(a, "name");
	ROW(a, TEXT("Days"));
}

static void environment_labels(struct answer *a)
{
	columns(a, "label folder_name environment_name");
	ROW(a, TEXT(".\\Production"), NONE, TEXT("Production"));
	ROW(a, TEXT("Samples\\Production"), TEXT("Samples"), TEXT("Production"));
}

static void detail_parameters(struct answer *a)
{
	bool project = strstr(a->batch, "object_name + N") != NULL;

	columns(a, "label value key raw extra number flags container");
	ROW(a, TEXT(project ? "RotateLogs.dtsx: KeepDays" : "KeepDays"), TEXT("30"), TEXT("KeepDays"), TEXT("30"),
	    TEXT("Int32"), BIG(30), BIG(16), TEXT("RotateLogs.dtsx"));
	ROW(a, TEXT(project ? "RotateLogs.dtsx: Password" : "Password"), TEXT("******"), TEXT("Password"), NONE,
	    TEXT("String"), BIG(30), BIG(1), TEXT("RotateLogs.dtsx"));
}

static void detail_references(struct answer *a)
{
	columns(a, "label value key extra number");
	ROW(a, TEXT("Production"), TEXT("."), TEXT("Production"), NONE, BIG(7));
}

static void versions(struct answer *a)
{
	columns(a, "label value number raw flags");
	ROW(a, TEXT("* 3"), TEXT("2026-03-04 05:06:07 by tester"), BIG(3), BIG(3), BIG(2));
	ROW(a, TEXT("  2"), TEXT("2026-03-03 05:06:07 by tester"), BIG(2), BIG(3), BIG(0));
}

static void variables(struct answer *a)
{
	columns(a, "label value key raw extra flags");
	ROW(a, TEXT("KeepDays (Int32)"), TEXT("14"), TEXT("KeepDays"), TEXT("14"), TEXT("Int32"), BIG(0));
	ROW(a, TEXT("Password (String)"), TEXT("******"), TEXT("Password"), NONE, TEXT("String"), BIG(1));
}

static void drained(struct answer *a)
{
	columns(a, "running");
	ROW(a, BIG(2));
}

static void operations(struct answer *a)
{
	columns(a, "operation_id operation_type status object_name start_time caller_name");
	ROW(a, BIG(a->fake->executions), BIG(200), BIG(5), NONE, NONE, TEXT("tester"));
}

/* A note of the master, every hundredth: in operation_messages only. */
static bool is_note(int64_t id)
{
	return id % 100 == 3;
}

static bool message(struct answer *a, int64_t id, bool events)
{
	bool error = id % 40 == 25;
	char *text = is_note(id) ? xstrdup("worker w1 unreachable since 05:06:07")
	    : error ? xasprintf("Task %lld failed: the disk is full.\nSecond line with a longer explanation "
				"of what happened, so that it must be wrapped somewhere.", (long long)id)
		    : xasprintf("Progress of step %lld: 50 %% complete", (long long)id);
	bool wanted = true;

	if (text_filter(a, "message", text) && !(strstr(a->batch, "message_type = 120") && !error) &&
	    !(strstr(a->batch, "message_type IN (120") && !error) && !(events && is_note(id))) {
		if (events)
			wanted = ROW(a, BIG(id), WHEN(EPOCH + id * TICKS_PER_SECOND), BIG(error ? 120 : 60), BIG(40),
			    TEXT(text), TEXT("RotateLogs.dtsx"), TEXT(error ? "OnError" : "OnProgress"),
			    TEXT("Compress"), NONE, TEXT("\\Package\\Compress"), BIG(0));
		else
			wanted = ROW(a, BIG(id), WHEN(EPOCH + id * TICKS_PER_SECOND),
			    BIG(is_note(id) ? 110 : error ? 120 : 60), BIG(is_note(id) ? 20 : 40), TEXT(text));
	}
	free(text);
	return wanted;
}

static void messages(struct answer *a, bool events)
{
	int64_t key = param_int(a, "@key", 0), last = a->fake->messages;
	bool down = strstr(a->batch, "message_id DESC") != NULL;
	int64_t id = down ? last : 1;

	columns(a, events ? "event_message_id message_time message_type message_source_type message package_name "
			    "event_name message_source_name subcomponent_name execution_path message_code"
			  : "event_message_id message_time message_type message_source_type message");
	if (strstr(a->batch, "TOP (1)"))
		a->left = 1;
	if (strstr(a->batch, "message_id > @key"))
		id = key + 1;
	else if (strstr(a->batch, "message_id < @key"))
		id = key - 1 < last ? key - 1 : last;
	else if (strstr(a->batch, "message_id >= @key"))
		id = key;
	else if (strstr(a->batch, "message_id >= @low")) {
		id = param_int(a, "@low", 0);
		last = param_int(a, "@high", 0);
	}
	while (id >= 1 && id <= last && message(a, id, events))
		id += down ? -1 : 1;
}

static void event_messages(struct answer *a)
{
	messages(a, true);
}

static void operation_messages(struct answer *a)
{
	messages(a, false);
}

static void errors(struct answer *a)
{
	columns(a, "errors message_source_name message");
	if (status_of(param_int(a, "@id", 0), a->fake->executions) == 4)
		ROW(a, BIG(12), TEXT("Compress"),
		    TEXT("Task 25 failed: the disk is full.\nSecond line with a longer explanation of what happened, so "
			 "that it must be wrapped somewhere."));
}

static void tries(struct answer *a)
{
	columns(a, "attempt worker_name state start_time end_time outcome exit_code reason");
	ROW(a, BIG(1), TEXT("w1"), TEXT("ended"), WHEN(EPOCH), WHEN(EPOCH + 5 * TICKS_PER_SECOND), TEXT("failed"), BIG(1),
	    TEXT("the package failed"));
	ROW(a, BIG(2), TEXT("w2"), TEXT("ended"), WHEN(EPOCH), WHEN(EPOCH + 5 * TICKS_PER_SECOND), TEXT("succeeded"),
	    BIG(0), NONE);
}

static void tasks(struct answer *a)
{
	columns(a, "execution_result execution_duration executable_name execution_path");
	ROW(a, BIG(0), BIG(1250), TEXT("Compress"), TEXT("\\Package\\Compress"));
	ROW(a, BIG(1), BIG(40), TEXT("Move"), TEXT("\\Package\\Move"));
}

static void used(struct answer *a)
{
	columns(a, "object_type parameter_name parameter_data_type parameter_value sensitive runtime_override");
	ROW(a, BIG(50), TEXT("LOGGING_LEVEL"), TEXT("Int32"), tsql_int(1), tsql_bit(false), tsql_bit(true));
	ROW(a, BIG(30), TEXT("Password"), TEXT("String"), NONE, tsql_bit(true), tsql_bit(false));
}

static void create(struct answer *a)
{
	columns(a, "");
	ROW(a, BIG(a->fake->executions + 1));
}

static void nothing(struct answer *a)
{
	(void)a;
}

static const struct {
	const char *part; /* of the batch */
	void (*run)(struct answer *a);
	bool action;
} answers[] = {
	{ "[create_execution]", create, true },
	{ "[stop_operation]", nothing, true },
	{ "[enable_worker_agent]", nothing, true },
	{ "[disable_worker_agent]", nothing, true },
	{ "[create_folder]", nothing, true },
	{ "[pause_queue]", nothing, true },
	{ "[resume_queue]", nothing, true },
	{ "[set_execution]", nothing, true },
	{ "[drain_worker]", drained, true },
	{ "FROM [SSISDB].[scaleout].[queue_state]", queue_state, false },
	{ "FROM [SSISDB].[scaleout].[queue]", queue, false },
	{ "[configure_catalog]", nothing, true },
	{ "[set_folder_description]", nothing, true },
	{ "[set_environment_property]", nothing, true },
	{ "[set_environment_variable_value]", nothing, true },
	{ "[create_environment_variable]", nothing, true },
	{ "[delete_environment_variable]", nothing, true },
	{ "[set_object_parameter_value]", nothing, true },
	{ "[clear_object_parameter_value]", nothing, true },
	{ "[create_environment_reference]", nothing, true },
	{ "[delete_environment_reference]", nothing, true },
	{ "[restore_project]", nothing, true },
	{ "[validate_project]", validation, true },
	{ "AS label FROM [SSISDB].[catalog].[environment_references]", references, false },
	{ "SELECT status FROM [SSISDB].[catalog].[operations]", operation_status, false },
	{ "[create_environment]", nothing, true },
	{ "AS Folders", catalog_counts, false },
	{ "AS [Project version]", deployment, false },
	{ "AS Validated", validated, false },
	{ "N'Text' AS label", description, false },
	{ "SELECT DISTINCT v.name", variable_names, false },
	{ "e.name AS label", environment_labels, false },
	{ "[catalog].[catalog_properties]", catalog_properties, false },
	{ "parameter_name AS label", detail_parameters, false },
	{ "environment_name AS label", detail_references, false },
	{ "[catalog].[object_versions]", versions, false },
	{ "[catalog].[environment_variables]", variables, false },
	{ "k.entry_point = 1", startable, false },
	{ "FROM [SSISDB].[catalog].[folders]", folders, false },
	{ "FROM [SSISDB].[catalog].[projects]", projects, false },
	{ "FROM [SSISDB].[catalog].[packages]", packages, false },
	{ "FROM [SSISDB].[catalog].[environments]", environments, false },
	{ "FROM [SSISDB].[catalog].[master_properties]", master, false },
	{ "FROM [SSISDB].[scaleout].[workers]", workers, false },
	{ "FROM [SSISDB].[catalog].[object_parameters]", parameters, false },
	{ "FROM [SSISDB].[catalog].[environment_references]", references, false },
	{ "NULL AS execution_id, status", counts, false },
	{ "FROM [SSISDB].[catalog].[executions]", executions, false },
	{ "FROM [SSISDB].[catalog].[operations]", operations, false },
	{ "FROM [SSISDB].[catalog].[event_messages]", event_messages, false },
	{ "FROM [SSISDB].[catalog].[operation_messages]", operation_messages, false },
	{ "FROM [SSISDB].[scaleout].[execution_errors]", errors, false },
	{ "FROM [SSISDB].[scaleout].[execution_tries]", tries, false },
	{ "FROM [SSISDB].[catalog].[executable_statistics]", tasks, false },
	{ "FROM [SSISDB].[catalog].[execution_parameter_values]", used, false },
};

static int act(const struct answer *a, struct err *err)
{
	struct fake_catalog *fake = a->fake;
	const struct tsql_value *reason = param(a, "@reason");
	const char *batch = a->batch;
	bool refuse;

	pthread_mutex_lock(&fake->mutex);
	buf_addf(&fake->actions, "%s--\n", batch);
	refuse = fake->refuse;
	if (!refuse && strstr(batch, "[pause_queue]")) {
		fake->paused = true;
		snprintf(fake->reason, sizeof(fake->reason), "%s", reason && !reason->null ? reason->s.data : "");
	}
	if (!refuse && strstr(batch, "[resume_queue]"))
		fake->paused = false;
	pthread_mutex_unlock(&fake->mutex);
	if (!refuse)
		return 0;
	err_set(err, ERR_SQL, "The user is not a member of ssis_cluster_executor.");
	err->sql_number = 27140;
	return -ERR_SQL;
}

static int run(struct tsql_client *client, const char *batch, struct tsql_param *params, size_t param_count,
    const struct tsql_sink *sink, struct err *err)
{
	struct fake_catalog *fake = ((struct fake_client *)client)->fake;
	struct answer answer = { .fake = fake, .batch = batch, .params = params, .param_count = param_count,
		.sink = sink, .err = err };

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (!strstr(batch, answers[i].part))
			continue;
		if (answers[i].action && act(&answer, err) < 0)
			return -ERR_SQL;
		answers[i].run(&answer);
		return 0;
	}
	err_set(err, ERR_SQL, "the fake catalog does not know: %s", batch);
	return -ERR_SQL;
}

static void cancel(struct tsql_client *client)
{
	(void)client;
}

static void close_client(struct tsql_client *client)
{
	free(client);
}

static const struct tsql_client_ops fake_ops = { .run = run, .cancel = cancel, .close = close_client };

static int connect_fake(void *ctx, struct tsql_client **ret, struct err *err)
{
	struct fake_client *client = xcalloc(1, sizeof(*client));

	(void)err;
	client->client.ops = &fake_ops;
	client->fake = ctx;
	*ret = &client->client;
	return 0;
}

void fake_init(struct fake_catalog *fake, int64_t executions)
{
	*fake = (struct fake_catalog){ .executions = executions, .messages = 500, .actions = BUF_INIT };
	pthread_mutex_init(&fake->mutex, NULL);
}

void fake_release(struct fake_catalog *fake)
{
	buf_release(&fake->actions);
	pthread_mutex_destroy(&fake->mutex);
}

struct tsql_connector fake_connector(struct fake_catalog *fake)
{
	return (struct tsql_connector){ .connect = connect_fake, .ctx = fake, .server_name = "testserver",
		.login_name = "tester" };
}
