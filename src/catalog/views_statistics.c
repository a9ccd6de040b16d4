/* SPDX-License-Identifier: MIT */
/* Views of what the tasks and components of executions did: spec/catalog.md §2.14-2.18. */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column execution_component_phases[] = {
	{ "phase_stats_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "task_name", T_NVARCHAR(4000), "data flow task", NULL },
	{ "subcomponent_name", T_NVARCHAR(4000), "component", NULL },
	{ "phase", T_SYSNAME, "Validate, PreExecute ...", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
	{ "execution_path", T_TEXT, "place with iterations", NULL },
};

static const struct tsql_view_column execution_data_statistics[] = {
	{ "data_stats_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "task_name", T_NVARCHAR(4000), "data flow task", NULL },
	{ "dataflow_path_id_string", T_NVARCHAR(4000), "Paths[...]", NULL },
	{ "dataflow_path_name", T_NVARCHAR(4000), "path", NULL },
	{ "source_component_name", T_NVARCHAR(4000), "where rows come from", NULL },
	{ "destination_component_name", T_NVARCHAR(4000), "where rows go", NULL },
	{ "rows_sent", T_BIGINT, "in this buffer", NULL },
	{ "created_time", T_TIME, "when", NULL },
	{ "execution_path", T_TEXT, "place with iterations", NULL },
};

static const struct tsql_view_column execution_data_taps[] = {
	{ "data_tap_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "package_path", T_TEXT, "data flow task, by path", NULL },
	{ "dataflow_path_id_string", T_NVARCHAR(4000), "path", NULL },
	{ "dataflow_task_guid", T_GUID, "data flow task, by GUID", NULL },
	{ "max_rows", T_INT, "NULL = all", NULL },
	{ "filename", T_NVARCHAR(4000), "where the rows go", NULL },
};

static const struct tsql_view_column executables[] = {
	{ "executable_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "executable_name", T_NVARCHAR(4000), "task or container", NULL },
	{ "executable_guid", T_NVARCHAR(38), "its GUID", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "package_path", T_TEXT, "place in the package", NULL },
};

static const struct tsql_view_column executable_statistics[] = {
	{ "statistics_id", T_BIGINT, "key", NULL },
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "executable_id", T_BIGINT, "row of executables", NULL },
	{ "execution_path", T_TEXT, "place with iterations", NULL },
	{ "start_time", T_TIME, "enters pre-execute", NULL },
	{ "end_time", T_TIME, "leaves post-execute", NULL },
	{ "execution_duration", T_INT, "milliseconds", NULL },
	{ "execution_result", T_SMALLINT, "0 success, 1 failure, 2 completion, 3 cancelled", NULL },
	{ "execution_value", T_VARIANT, "ExecutionValue of the task", NULL },
};

static const struct tsql_view_column performance_counters[] = {
	{ "execution_id", T_BIGINT, "the running execution", NULL },
	{ "counter_name", T_NVARCHAR(128), "what is counted", NULL },
	{ "counter_value", T_BIGINT, "so much", NULL },
};
static const struct tsql_decl performance_counters_params[] = { T_BIGINT };
/* spec/catalog.md §1.11. A counter that was never reported is 0. */
#define COUNTER_NAMES \
	"(VALUES ('BLOB bytes read'), ('BLOB bytes written'), ('BLOB files in use'), ('Buffer memory')," \
	" ('Buffers in use'), ('Buffers spooled'), ('Flat buffer memory'), ('Flat buffers in use')," \
	" ('Private buffer memory'), ('Private buffers in use'), ('Rows read'), ('Rows written'))"

static const struct tsql_view views[] = {
	VIEW("execution_component_phases", execution_component_phases,
	    "SELECT p.phase_id, p.execution_id, " SQL_TEXT("s.package_name") ", " SQL_TEXT("s.name") ","
	    " " SQL_TEXT("s.subcomponent_name") ", p.phase, p.start_time, p.end_time, p.execution_path"
	    " FROM component_phase p CROSS JOIN source s ON s.source_id = p.source_id"
	    " WHERE " SQL_SEE_OPERATION_ID("p.execution_id")),
	VIEW("execution_data_statistics", execution_data_statistics,
	    "SELECT d.data_stats_id, d.execution_id, " SQL_TEXT("s.package_name") ", " SQL_TEXT("s.name") ","
	    " d.path_id, d.path_name, d.source_component, d.dest_component, d.rows_sent,"
	    " d.created_time, d.execution_path"
	    " FROM data_statistics d CROSS JOIN source s ON s.source_id = d.source_id"
	    " WHERE " SQL_SEE_OPERATION_ID("d.execution_id")),
	VIEW("execution_data_taps", execution_data_taps,
	    "SELECT t.data_tap_id, t.execution_id, t.package_path, t.dataflow_path_id_string,"
	    " t.dataflow_task_guid, t.max_rows, t.filename FROM data_tap t"
	    " WHERE " SQL_SEE_OPERATION_ID("t.execution_id")),
	VIEW("executables", executables,
	    "SELECT x.executable_id, x.execution_id, s.name, " SQL_TEXT("s.guid") ","
	    " " SQL_TEXT("s.package_name") ", " SQL_TEXT("s.package_path") ""
	    " FROM executable x CROSS JOIN source s ON s.source_id = x.source_id"
	    " WHERE " SQL_SEE_OPERATION_ID("x.execution_id")),
	VIEW("executable_statistics", executable_statistics,
	    "SELECT t.statistics_id, t.execution_id, t.executable_id, t.execution_path, t.start_time,"
	    " t.end_time, t.duration_ms, t.result, t.value FROM executable_statistics t"
	    " WHERE " SQL_SEE_OPERATION_ID("t.execution_id")),
	{ .database = "SSISDB", .schema = "catalog", .name = "dm_execution_performance_counters",
	    .columns = performance_counters, .column_count = ARRAY_LEN(performance_counters),
	    .params = performance_counters_params, .param_count = 1,
	    .sql = "SELECT o.operation_id, n.column1, coalesce(c.value, 0) FROM operation o CROSS JOIN " COUNTER_NAMES " n"
		   " LEFT JOIN performance_counter c ON c.execution_id = o.operation_id AND c.name = n.column1"
		   " WHERE o.status IN (2, 8) AND o.operation_type = 200 AND (?1 IS NULL OR o.operation_id = ?1) AND "
		   SQL_SEE_OPERATION_OR("o", "so_admin()") }, /* ssis_logreader is not among those who may */
};

const struct view_family views_statistics = { views, ARRAY_LEN(views) };
