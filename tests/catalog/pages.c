/* SPDX-License-Identifier: MIT */
/*
 * Every ordering alone, every filter in the order of the key, and the
 * combinations that scaleout executions and the console's filters make.
 */
#include "tests/catalog/pages.h"

#include "base/mem.h"

#define EXECUTIONS(where, order) \
	"SELECT TOP (" PAGE_ROWS ") * FROM SSISDB.catalog.executions WHERE " where " ORDER BY " order
/* A page before execution @key. */
#define FILTERED(where) EXECUTIONS("execution_id < @key AND " where, "execution_id DESC")
#define OPERATIONS(where) \
	"SELECT TOP (" PAGE_ROWS ") * FROM SSISDB.catalog.operations WHERE operation_id < @key AND " where \
	" ORDER BY operation_id DESC"
/* A page of another order: from the place of execution @key on. */
#define ORDERED(column, op, direction) \
	EXECUTIONS(column " " op " (SELECT " column " FROM SSISDB.catalog.executions WHERE execution_id = @key)", \
	    column direction ", execution_id" direction)
#define OFFSET(order) \
	"SELECT * FROM SSISDB.catalog.executions ORDER BY " order " OFFSET 1000 ROWS FETCH NEXT " PAGE_ROWS " ROWS ONLY"
#define MESSAGES(view, where, order) \
	"SELECT TOP (" PAGE_ROWS ") * FROM SSISDB.catalog." view " WHERE operation_id = @key AND " where " ORDER BY " order
#define EVENTS(where) MESSAGES("event_messages", where, "event_message_id")

const struct page catalog_pages[] = {
	{ "execution", KEY_SPREAD, "SELECT * FROM SSISDB.catalog.executions WHERE execution_id = @key" },

	/* --- orders --- */
	{ "executions", KEY_SPREAD, FILTERED("1 = 1") },
	{ "executions_first", KEY_WHOLE, EXECUTIONS("1 = 1", "execution_id DESC") },
	{ "executions_oldest", KEY_WHOLE, EXECUTIONS("1 = 1", "execution_id") },
	{ "executions_offset", KEY_WHOLE, OFFSET("execution_id DESC") },
	{ "executions_range", KEY_SPREAD,
	    EXECUTIONS("execution_id BETWEEN @key AND @key + 1000", "execution_id") },
	{ "executions_by_created", KEY_SPREAD, ORDERED("created_time", "<", " DESC") },
	{ "executions_by_start", KEY_SPREAD, ORDERED("start_time", "<", " DESC") },
	{ "executions_by_end", KEY_SPREAD, ORDERED("end_time", "<", " DESC") },
	{ "executions_by_created_up", KEY_SPREAD, ORDERED("created_time", ">", "") },
	{ "executions_by_start_up", KEY_SPREAD, ORDERED("start_time", ">", "") },
	{ "executions_by_end_up", KEY_SPREAD, ORDERED("end_time", ">", "") },
	{ "executions_created_offset", KEY_WHOLE, OFFSET("created_time DESC") },
	{ "executions_start_offset", KEY_WHOLE, OFFSET("start_time DESC") },
	{ "executions_end_offset", KEY_WHOLE, OFFSET("end_time DESC") },

	/* --- filters --- */
	{ "executions_failed", KEY_SPREAD, FILTERED("status = 4") },
	{ "executions_running", KEY_NEWEST, EXECUTIONS("status IN (2, 5, 8)", "execution_id DESC") },
	{ "executions_ended", KEY_SPREAD, FILTERED("status IN (3, 4, 6, 7, 9)") },
	{ "executions_of_folder", KEY_SPREAD, FILTERED("folder_name = N'Folder1'") },
	{ "executions_of_project", KEY_SPREAD, FILTERED("project_name = N'Project1'") },
	{ "executions_of_package", KEY_SPREAD, FILTERED("package_name = N'Package1.dtsx'") },
	{ "executions_of_folder_project", KEY_SPREAD,
	    FILTERED("folder_name = N'Folder1' AND project_name = N'Project1'") },
	{ "executions_of_path", KEY_SPREAD,
	    FILTERED("folder_name = N'Folder1' AND project_name = N'Project1' AND package_name = N'Package1.dtsx'") },
	{ "executions_of_no_package", KEY_SPREAD, FILTERED("package_name = N'none.dtsx'") },
	{ "executions_failed_of_package", KEY_SPREAD,
	    FILTERED("status = 4 AND package_name = N'Package1.dtsx'") },
	{ "executions_of_caller", KEY_SPREAD, FILTERED("caller_name = N'operator1'") },
	{ "executions_executed_as", KEY_SPREAD, FILTERED("executed_as_name = N'operator1'") },
	{ "executions_of_object", KEY_SPREAD, FILTERED("object_id = 1") },
	{ "operations_running", KEY_NEWEST,
	    "SELECT TOP (" PAGE_ROWS ") * FROM SSISDB.catalog.operations WHERE status IN (2, 5, 8) ORDER BY operation_id DESC" },
	{ "operations_of_object", KEY_SPREAD, OPERATIONS("object_type = 20 AND object_id = 1") },

	{ "execution_names", KEY_NEWEST,
	    "SELECT name FROM SSISDB.scaleout.execution_names WHERE column_name = N'package_name' AND CHARINDEX(N'nosuch', name) > 0" },

	/* --- messages --- */
	{ "event_messages", KEY_SPREAD, EVENTS("1 = 1") },
	{ "big_events", KEY_BIG, EVENTS("1 = 1") },
	{ "big_events_last", KEY_BIG, MESSAGES("event_messages", "1 = 1", "event_message_id DESC") },
	{ "big_events_by_time", KEY_BIG, MESSAGES("event_messages", "1 = 1", "message_time, event_message_id") },
	{ "big_events_by_time_last", KEY_BIG, MESSAGES("event_messages", "1 = 1", "message_time DESC") },
	{ "big_events_errors", KEY_BIG, EVENTS("message_type = 120") },
	{ "big_events_of_types", KEY_BIG, EVENTS("message_type IN (110, 120, 130)") },
	{ "big_events_of_no_type", KEY_BIG, EVENTS("message_type = 130") },
	{ "big_events_of_event", KEY_BIG, EVENTS("event_name = N'OnInformation'") },
	{ "big_events_of_no_event", KEY_BIG, EVENTS("event_name = N'OnError'") },
	{ "big_events_of_package", KEY_BIG, EVENTS("package_name = N'Package1.dtsx'") },
	{ "big_events_of_no_package", KEY_BIG, EVENTS("package_name = N'none.dtsx'") },
	{ "big_events_of_path", KEY_BIG, EVENTS("execution_path = N'\\Package\\Task7'") },
	{ "big_operation_messages", KEY_BIG, MESSAGES("operation_messages", "1 = 1", "operation_message_id DESC") },
	{ "big_operation_messages_by_time", KEY_BIG, MESSAGES("operation_messages", "1 = 1", "message_time DESC") },
};
const size_t catalog_page_count = ARRAY_LEN(catalog_pages);
