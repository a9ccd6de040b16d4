/* SPDX-License-Identifier: MIT */
/*
 * Views of operations, executions and their messages: spec/catalog.md
 * §2.10-2.13, §2.19-2.23. CROSS JOIN fixes the order of the tables: pages are
 * read in the order of the first one's keys and indexes.
 */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column operations[] = {
	{ "operation_id", T_BIGINT, "key, also of executions and validations", NULL },
	{ "operation_type", T_SMALLINT, "what was done", NULL },
	{ "created_time", T_TIME, "when it was asked for", NULL },
	{ "object_type", T_SMALLINT, "10 folder, 20 project, 30 package, 40 environment, 50 execution",
	    NULL },
	{ "object_id", T_BIGINT, "key of the object", NULL },
	{ "object_name", T_NVARCHAR(260), "name of the object", NULL },
	{ "status", T_INT, "1-9", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
	{ "caller_sid", T_SID, "who asked", NULL },
	{ "caller_name", T_SYSNAME, "who asked", NULL },
	{ "process_id", T_INT, "process that does it", NULL },
	{ "stopped_by_sid", T_SID, "who stopped it", NULL },
	{ "stopped_by_name", T_SYSNAME, "who stopped it", NULL },
	{ "server_name", T_SYSNAME, "host of the catalog", NULL },
	{ "machine_name", T_SYSNAME, "host that did it", NULL },
};

static const struct tsql_view_column executions[] = {
	{ "execution_id", T_BIGINT, "key: the operation", NULL },
	{ "folder_name", T_SYSNAME, "folder", NULL },
	{ "project_name", T_SYSNAME, "project", NULL },
	{ "package_name", T_NVARCHAR(260), "package that was started", NULL },
	{ "reference_id", T_BIGINT, "environment reference", NULL },
	{ "reference_type", T_CHAR1, "R relative, A absolute", NULL },
	{ "environment_folder_name", T_SYSNAME, "of the reference", NULL },
	{ "environment_name", T_SYSNAME, "of the reference", NULL },
	{ "project_lsn", T_BIGINT, "version bound at creation", NULL },
	{ "executed_as_sid", T_SID, "who started it", NULL },
	{ "executed_as_name", T_SYSNAME, "who started it", NULL },
	{ "use32bitruntime", T_BIT, "asked for", NULL },
	{ "operation_type", T_SMALLINT, "200", NULL },
	{ "created_time", T_TIME, "when it was created", NULL },
	{ "object_type", T_SMALLINT, "20 or 30", NULL },
	{ "object_id", T_BIGINT, "project", NULL },
	{ "status", T_INT, "1-9", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
	{ "caller_sid", T_SID, "who created it", NULL },
	{ "caller_name", T_SYSNAME, "who created it", NULL },
	{ "process_id", T_INT, "process that runs it", NULL },
	{ "stopped_by_sid", T_SID, "who stopped it", NULL },
	{ "stopped_by_name", T_SYSNAME, "who stopped it", NULL },
	{ "dump_id", T_GUID, "set when there is a dump", NULL },
	{ "server_name", T_SYSNAME, "host of the catalog", NULL },
	{ "machine_name", T_SYSNAME, "host that ran it", NULL },
	{ "worker_agent_id", T_GUID, "Scale Out worker of the last try", NULL },
	{ "total_physical_memory_kb", T_BIGINT, "of the machine at start", NULL },
	{ "available_physical_memory_kb", T_BIGINT, "of the machine at start", NULL },
	{ "total_page_file_kb", T_BIGINT, "of the machine at start", NULL },
	{ "available_page_file_kb", T_BIGINT, "of the machine at start", NULL },
	{ "cpu_count", T_INT, "of the machine", NULL },
	{ "executed_count", T_INT, "tries so far", NULL },
};

static const struct tsql_view_column execution_parameter_values[] = {
	{ "execution_parameter_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "object_type", T_SMALLINT, "20 project, 30 package, 50 system", NULL },
	{ "parameter_data_type", T_SYSNAME, "data type", NULL },
	{ "parameter_name", T_SYSNAME, "parameter", NULL },
	{ "parameter_value", T_VARIANT, "NULL when sensitive", NULL },
	{ "sensitive", T_BIT, "1 = encrypted", NULL },
	{ "required", T_BIT, "must be set before the start", NULL },
	{ "value_set", T_BIT, "not the design default", NULL },
	{ "runtime_override", T_BIT, "changed after creation", NULL },
};

static const struct tsql_view_column execution_property_override_values[] = {
	{ "property_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "property_path", T_NVARCHAR(4000), "\\Package\\Task.Properties[Name]", NULL },
	{ "property_value", T_TEXT, "NULL when sensitive", NULL },
	{ "sensitive", T_BIT, "1 = encrypted", NULL },
};

static const struct tsql_view_column operation_messages[] = {
	{ "operation_message_id", T_BIGINT, "key", NULL },
	{ "operation_id", T_BIGINT, "the operation", NULL },
	{ "message_time", T_TIME, "when", NULL },
	{ "message_type", T_SMALLINT, "10-400", NULL },
	{ "message_source_type", T_SMALLINT, "10-60", NULL },
	{ "message", T_TEXT, "text", NULL },
	{ "extended_info_id", T_BIGINT, "row of extended_operation_info", NULL },
};

static const struct tsql_view_column event_messages[] = {
	{ "event_message_id", T_BIGINT, "key", NULL },
	{ "operation_id", T_BIGINT, "the execution", NULL },
	{ "message_time", T_TIME, "when", NULL },
	{ "message_type", T_SMALLINT, "10-400", NULL },
	{ "message_source_type", T_SMALLINT, "10-60", NULL },
	{ "message", T_TEXT, "text", NULL },
	{ "extended_info_id", T_BIGINT, "row of extended_operation_info", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "event_name", T_NVARCHAR(1024), "OnError ...", NULL },
	{ "message_source_name", T_NVARCHAR(4000), "task, container or package", NULL },
	{ "message_source_id", T_NVARCHAR(38), "its GUID", NULL },
	{ "subcomponent_name", T_NVARCHAR(4000), "data flow component", NULL },
	{ "package_path", T_TEXT, "place in the package", NULL },
	{ "execution_path", T_TEXT, "place with parents and iterations", NULL },
	{ "threadID", T_INT, "thread of the runtime", NULL },
	{ "message_code", T_INT, "code of the message", NULL },
};

static const struct tsql_view_column event_message_context[] = {
	{ "context_id", T_BIGINT, "key", NULL },
	{ "event_message_id", T_BIGINT, "the message", NULL },
	{ "context_depth", T_INT, "0 before the run, 1 at the error", NULL },
	{ "package_path", T_TEXT, "place in the package", NULL },
	{ "context_type", T_SMALLINT, "10-80", NULL },
	{ "context_source_name", T_NVARCHAR(4000), "object", NULL },
	{ "context_source_id", T_NVARCHAR(38), "its GUID", NULL },
	{ "property_name", T_NVARCHAR(4000), "property", NULL },
	{ "property_value", T_VARIANT, "its value", NULL },
};

static const struct tsql_view_column extended_operation_info[] = {
	{ "info_id", T_BIGINT, "key", NULL },
	{ "operation_id", T_BIGINT, "the operation", NULL },
	{ "object_name", T_NVARCHAR(260), "object", NULL },
	{ "object_type", T_SMALLINT, "10-50", NULL },
	{ "reference_id", T_BIGINT, "environment reference", NULL },
	{ "status", T_INT, "1-9", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
};

static const struct tsql_view_column validations[] = {
	{ "validation_id", T_BIGINT, "key: the operation", NULL },
	{ "environment_scope", T_CHAR1, "A all, S one, D none", NULL },
	{ "validate_type", T_CHAR1, "F full", NULL },
	{ "folder_name", T_SYSNAME, "folder", NULL },
	{ "project_name", T_SYSNAME, "project", NULL },
	{ "project_lsn", T_BIGINT, "version", NULL },
	{ "use32bitruntime", T_BIT, "asked for", NULL },
	{ "reference_id", T_BIGINT, "environment reference", NULL },
	{ "operation_type", T_SMALLINT, "300 or 301", NULL },
	{ "object_name", T_NVARCHAR(260), "project or package", NULL },
	{ "object_type", T_SMALLINT, "20 or 30", NULL },
	{ "object_id", T_BIGINT, "key of the object", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
	{ "status", T_INT, "1-9", NULL },
	{ "caller_sid", T_SID, "who asked", NULL },
	{ "caller_name", T_SYSNAME, "who asked", NULL },
	{ "process_id", T_INT, "process that does it", NULL },
	{ "stopped_by_sid", T_SID, "who stopped it", NULL },
	{ "stopped_by_name", T_SYSNAME, "who stopped it", NULL },
	{ "server_name", T_SYSNAME, "host of the catalog", NULL },
	{ "machine_name", T_SYSNAME, "host that did it", NULL },
	{ "dump_id", T_GUID, "set when there is a dump", NULL },
};

#define MESSAGE_BOUND(column_, source) \
	{ column_, "operation_id", "event_message_id", \
		"SELECT min(x.first_message_id) FROM operation_event x CROSS JOIN source s ON s.source_id = x.event_id" \
		" WHERE x.operation_id = ?1 AND s." source " = ?2 COLLATE TSQL" }
static const struct tsql_bound message_bounds[] = {
	MESSAGE_BOUND("event_name", "event_name"),
	MESSAGE_BOUND("package_name", "package_name"),
	{ 0 },
};

#define SELECT_OPERATIONS(caller) \
	"SELECT o.operation_id, o.operation_type, o.created_time, o.object_type, o.object_id," \
	" o.object_name, o.status, o.start_time, o.end_time, o.caller_sid, " caller "," \
	" o.process_id, o.stopped_by_sid, o.stopped_by_name, o.server_name, o.machine_name" \
	" FROM operation o WHERE "
#define SELECT_EXECUTIONS(caller) \
	"SELECT o.operation_id, o.folder_name, o.project_name, o.package_name, e.reference_id," \
	" e.reference_type, e.environment_folder_name, e.environment_name, e.project_lsn," \
	" e.executed_as_sid, o.executed_as_name, e.use32bitruntime, o.operation_type," \
	" o.created_time, o.object_type, o.object_id, o.status, o.start_time, o.end_time," \
	" o.caller_sid, " caller ", o.process_id, o.stopped_by_sid, o.stopped_by_name," \
	" e.dump_id, o.server_name, o.machine_name, e.worker_agent_id," \
	" e.total_physical_memory_kb, e.available_physical_memory_kb, e.total_page_file_kb," \
	" e.available_page_file_kb, e.cpu_count, e.executed_count" \
	" FROM operation o CROSS JOIN execution e ON e.execution_id = o.operation_id" \
	" WHERE o.operation_type = 200 AND "
#define SELECT_VALIDATIONS(caller) \
	"SELECT o.operation_id, v.environment_scope, v.validate_type, o.folder_name," \
	" o.project_name, v.project_lsn, v.use32bitruntime, v.reference_id, o.operation_type," \
	" o.object_name, o.object_type, o.object_id, o.start_time, o.end_time, o.status," \
	" o.caller_sid, " caller ", o.process_id, o.stopped_by_sid, o.stopped_by_name," \
	" o.server_name, o.machine_name, v.dump_id" \
	" FROM operation o CROSS JOIN validation v ON v.validation_id = o.operation_id" \
	" WHERE o.operation_type <> 200 AND "

static const struct tsql_view views[] = {
	VIEW_OF_OPERATIONS("operations", operations, SELECT_OPERATIONS),
	VIEW_OF_OPERATIONS("executions", executions, SELECT_EXECUTIONS),
	VIEW("execution_parameter_values", execution_parameter_values,
	    "SELECT v.execution_parameter_id, v.execution_id, v.object_type, v.data_type, v.name,"
	    " v.value, v.sensitive, v.required, v.value_set, v.runtime_override FROM execution_value v"
	    " WHERE " SQL_SEE_OPERATION_ID("v.execution_id")),
	VIEW("execution_property_override_values", execution_property_override_values,
	    "SELECT p.property_id, p.execution_id, p.path,"
	    " substr(p.value, instr(p.value, ':') + 1), p.sensitive"
	    " FROM property_override p WHERE " SQL_SEE_OPERATION_ID("p.execution_id")),
	VIEW_OF_MESSAGES("operation_messages", operation_messages, NULL,
	    "SELECT m.message_id, m.operation_id, m.message_time, m.message_type, m.source_type,"
	    " m.message, m.extended_info_id FROM message m"
	    " WHERE " SQL_SEE_OPERATION_ID("m.operation_id")),
	VIEW_OF_MESSAGES("event_messages", event_messages, message_bounds,
	    "SELECT m.message_id, m.operation_id, m.message_time, m.message_type, m.source_type,"
	    " m.message, m.extended_info_id, " SQL_TEXT("s.package_name") ", " SQL_TEXT("s.event_name") ","
	    " " SQL_TEXT("s.name") ", " SQL_TEXT("s.guid") ", " SQL_TEXT("s.subcomponent_name") ","
	    " " SQL_TEXT("s.package_path") ", coalesce(m.execution_path, " SQL_TEXT("s.package_path") "),"
	    " m.thread_id, m.message_code"
	    " FROM message m CROSS JOIN source s ON s.source_id = m.source_id"
	    " WHERE " SQL_SEE_OPERATION_ID("m.operation_id")),
	VIEW("event_message_context", event_message_context,
	    "SELECT k.context_id, k.message_id, k.depth, k.package_path, k.context_type,"
	    " k.source_name, k.source_guid, k.property_name, k.property_value FROM message_context k"
	    " WHERE so_logreader() OR EXISTS (SELECT 1 FROM message m WHERE m.message_id = k.message_id"
	    " AND " SQL_SEE_OPERATION_ID("m.operation_id") ")"),
	VIEW("extended_operation_info", extended_operation_info,
	    "SELECT x.info_id, x.operation_id, x.object_name, x.object_type, x.reference_id, x.status,"
	    " x.start_time, x.end_time FROM extended_info x"
	    " WHERE " SQL_SEE_OPERATION_ID("x.operation_id")),
	VIEW_OF_OPERATIONS("validations", validations, SELECT_VALIDATIONS),
};

const struct view_family views_operations = { views, ARRAY_LEN(views) };
