/* SPDX-License-Identifier: MIT */
/* The fake catalog: see fake.h. */
#include "tests/tsql/fake.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/sqlite_ext.h"

#define T(t) { .type = t }
#define N(n) { .type = TSQL_NVARCHAR, .length = n }

static const char schema[] =
    "CREATE TABLE folder(folder_id INTEGER PRIMARY KEY, name TEXT COLLATE TSQL UNIQUE, created INTEGER, cost TEXT);"
    "CREATE TABLE execution(execution_id INTEGER PRIMARY KEY, folder_name TEXT COLLATE TSQL, package_name TEXT COLLATE TSQL,"
    "  status INTEGER, start_time INTEGER, use32 INTEGER, worker TEXT, note TEXT);"
    "CREATE INDEX execution_status ON execution(status, execution_id);"
    "CREATE INDEX execution_folder ON execution(folder_name);"
    "CREATE TABLE parameter(execution_id INTEGER, object_type INTEGER, name TEXT COLLATE TSQL, value TEXT,"
    "  PRIMARY KEY(execution_id, object_type, name));"
    "INSERT INTO folder VALUES (1,'Folder1',637134336000000000,'10.50'),(2,'folder two',638710272000000000,'2.25'),(3,'Empty',NULL,NULL);"
    "INSERT INTO execution VALUES"
    " (1,'Folder1','package1.dtsx',7,637134336000000000,0,NULL,'int:42'),"
    " (2,'Folder1','Package2.dtsx',4,637135200000000000,1,'64C020E2-F819-4C2D-A22F-EFB31A91E70A','nvarchar(3):abc'),"
    " (3,'folder two','package1.dtsx',7,638710272000000000,0,NULL,NULL);";

static const struct tsql_view_column folder_columns[] = {
	{ "folder_id", T(TSQL_BIGINT), NULL, NULL },
	{ "name", N(128), NULL, NULL },
	{ "created_time", T(TSQL_DATETIMEOFFSET), NULL, NULL },
	{ "cost", { .type = TSQL_DECIMAL, .precision = 10, .scale = 2 }, NULL, NULL },
	{ "id", T(TSQL_BIGINT), NULL, "folder_id" },
};
static const struct tsql_view folders = { "SSISDB", "catalog", "folders", folder_columns, ARRAY_LEN(folder_columns),
	"SELECT folder_id, name, created, cost FROM folder", NULL, 0, NULL, NULL, NULL };

static const struct tsql_view_column execution_columns[] = {
	{ "execution_id", T(TSQL_BIGINT), NULL, NULL },
	{ "folder_name", N(128), NULL, NULL },
	{ "package_name", N(260), NULL, NULL },
	{ "status", T(TSQL_INT), NULL, NULL },
	{ "start_time", T(TSQL_DATETIMEOFFSET), NULL, NULL },
	{ "use32bitruntime", T(TSQL_BIT), NULL, NULL },
	{ "worker_agent_id", T(TSQL_UNIQUEIDENTIFIER), NULL, NULL },
	{ "note", T(TSQL_VARIANT), NULL, NULL },
};
static const struct tsql_view executions = { "SSISDB", "catalog", "executions", execution_columns,
	ARRAY_LEN(execution_columns),
	"SELECT execution_id, folder_name, package_name, status, start_time, use32, worker, note FROM execution", NULL, 0, NULL, "status", NULL };

static const struct tsql_view_column counter_columns[] = {
	{ "execution_id", T(TSQL_BIGINT), NULL, NULL },
	{ "counter_name", N(128), NULL, NULL },
};
static const struct tsql_decl counter_params[] = { T(TSQL_BIGINT) };
static const struct tsql_view counters = { "SSISDB", "catalog", "dm_execution_performance_counters", counter_columns,
	ARRAY_LEN(counter_columns), "SELECT execution_id, 'Rows read' FROM execution WHERE execution_id = ?1", counter_params, 1, NULL, NULL, NULL };

static const struct tsql_view *const views[] = { &folders, &executions, &counters, NULL };

/* --- procedures --- */

static sqlite3_stmt *prepare(struct tsql_call *call, const char *sql)
{
	sqlite3_stmt *stmt;
	int r = sqlite3_prepare_v2(tsql_call_db(call), sql, -1, &stmt, NULL);

	assert(r == SQLITE_OK);
	return stmt;
}

static int create_execution(struct tsql_call *call)
{
	sqlite3_stmt *s = prepare(call, "INSERT INTO execution(folder_name, package_name, status, use32) VALUES (?1, ?2, 1, ?3)");
	sqlite3_stmt *found = prepare(call, "SELECT 1 FROM folder WHERE name = ?1");
	int known;

	tsql_value_bind(found, 1, tsql_arg(call, 0));
	known = sqlite3_step(found);
	sqlite3_finalize(found);
	if (known != SQLITE_ROW) {
		sqlite3_finalize(s);
		return tsql_call_error(call, 27104, 1, "Cannot find the folder '%s' because it does not exist or you do not have sufficient permissions.",
		    tsql_arg(call, 0)->s.data);
	}
	tsql_value_bind(s, 1, tsql_arg(call, 0));
	tsql_value_bind(s, 2, tsql_arg(call, 2));
	tsql_value_bind(s, 3, tsql_arg(call, 4));
	sqlite3_step(s);
	sqlite3_finalize(s);
	tsql_set_out(call, 7, tsql_bigint(sqlite3_last_insert_rowid(tsql_call_db(call))));
	return 0;
}

/* The 2012 signature: the sixth positional argument carries OUTPUT. */
static size_t create_position(size_t position, size_t count, const bool *is_output)
{
	return position == 5 && count >= 6 && is_output[5] ? 7 : position;
}

static int set_parameter(struct tsql_call *call)
{
	sqlite3_stmt *s = prepare(call, "INSERT OR REPLACE INTO parameter VALUES (?1, ?2, ?3, ?4)");
	struct buf text = BUF_INIT;

	for (int i = 0; i < 3; i++)
		tsql_value_bind(s, i + 1, tsql_arg(call, (size_t)i));
	tsql_variant_encode(tsql_arg(call, 3), &text);
	sqlite3_bind_text(s, 4, text.data, -1, SQLITE_TRANSIENT);
	sqlite3_step(s);
	sqlite3_finalize(s);
	buf_release(&text);
	return 0;
}

static int start_execution(struct tsql_call *call)
{
	sqlite3_stmt *s = prepare(call, "UPDATE execution SET status = 5 WHERE execution_id = ?1 AND status = 1");

	tsql_value_bind(s, 1, tsql_arg(call, 0));
	sqlite3_step(s);
	sqlite3_finalize(s);
	if (sqlite3_changes(tsql_call_db(call)) == 0)
		return tsql_call_error(call, 27103, 1, "Cannot find the execution instance '%lld' because it does not exist or you do not have sufficient permissions.",
		    (long long)tsql_arg(call, 0)->i);
	return 0;
}

static int add_worker(struct tsql_call *call)
{
	sqlite3_stmt *s = prepare(call, "UPDATE execution SET worker = ?2 WHERE execution_id = ?1");

	tsql_value_bind(s, 1, tsql_arg(call, 0));
	tsql_value_bind(s, 2, tsql_arg(call, 1));
	sqlite3_step(s);
	sqlite3_finalize(s);
	return 0;
}

static int half_done(struct tsql_call *call)
{
	sqlite3_exec(tsql_call_db(call), "DELETE FROM folder", NULL, NULL, NULL);
	tsql_call_info(call, 15477, "Caution: about to fail.");
	return tsql_call_error(call, 27112, 3, "Unable to update the row in the table, '%s'.", "folder");
}

static int list_folders(struct tsql_call *call)
{
	static const struct tsql_column columns[] = { { "n", { .type = TSQL_INT } } };

	tsql_call_columns(call, columns, 1);
	for (int i = 1; i <= 2; i++) {
		struct tsql_value v = tsql_int(i);
		tsql_call_row(call, &v, 1);
	}
	tsql_set_return(call, 3);
	return 0;
}

static int double_it(struct tsql_call *call)
{
	tsql_set_out(call, 0, tsql_int((int32_t)tsql_arg(call, 0)->i * 2));
	return 0;
}

#define OPT TSQL_PARAM_OPTIONAL
static const struct tsql_proc_param create_params[] = {
	{ "@folder_name", NULL, N(128), 0, NULL },
	{ "@project_name", NULL, N(128), 0, NULL },
	{ "@package_name", NULL, N(260), 0, NULL },
	{ "@reference_id", NULL, T(TSQL_BIGINT), OPT, NULL },
	{ "@use32bitruntime", NULL, T(TSQL_BIT), OPT, "0" },
	{ "@runinscaleout", NULL, T(TSQL_BIT), OPT, NULL },
	{ "@useanyworker", NULL, T(TSQL_BIT), OPT, "1" },
	{ "@execution_id", NULL, T(TSQL_BIGINT), TSQL_PARAM_OUT | OPT, NULL },
};
static const struct tsql_proc_param set_params[] = {
	{ "@execution_id", NULL, T(TSQL_BIGINT), 0, NULL },
	{ "@object_type", NULL, T(TSQL_SMALLINT), 0, NULL },
	{ "@parameter_name", "@name @param", N(128), 0, NULL },
	{ "@parameter_value", NULL, T(TSQL_VARIANT), 0, NULL },
};
static const struct tsql_proc_param start_params[] = {
	{ "@execution_id", NULL, T(TSQL_BIGINT), 0, NULL },
	{ "@retry_count", NULL, T(TSQL_INT), OPT, "0" },
};
static const struct tsql_proc_param worker_params[] = {
	{ "@execution_id", NULL, T(TSQL_BIGINT), 0, NULL },
	{ "@workeragent_id", NULL, T(TSQL_UNIQUEIDENTIFIER), 0, NULL },
};
static const struct tsql_proc_param double_params[] = {
	{ "@value", NULL, T(TSQL_INT), TSQL_PARAM_OUT, NULL },
};
#define P(proc_name, params, fn) \
	{ .database = "SSISDB", .schema = "catalog", .name = proc_name, params, ARRAY_LEN(params), fn, .map_position = NULL }
static const struct tsql_proc proc_create = { "SSISDB", "catalog", "create_execution", create_params,
	ARRAY_LEN(create_params), create_execution, .map_position = create_position };
static const struct tsql_proc proc_set = P("set_execution_parameter_value", set_params, set_parameter);
static const struct tsql_proc proc_start = P("start_execution", start_params, start_execution);
static const struct tsql_proc proc_worker = P("add_execution_worker", worker_params, add_worker);
static const struct tsql_proc proc_double = P("double_it", double_params, double_it);
static const struct tsql_proc proc_half = { .database = "SSISDB", .schema = "catalog", .name = "half_done", .run = half_done };
static const struct tsql_proc proc_list = { .schema = "dbo", .name = "sp_list", .run = list_folders };
static const struct tsql_proc *const procs[] = { &proc_create, &proc_set, &proc_start, &proc_worker, &proc_double,
	&proc_half, &proc_list, NULL };

/* --- functions and principals --- */

static int is_member(struct tsql_session *session, const struct tsql_value *args, size_t count, struct tsql_value *ret,
    struct err *err)
{
	(void)session;
	(void)count;
	(void)err;
	*ret = tsql_int(!args[0].null && utf8_casecmp(args[0].s.data, "ssis_admin") == 0);
	return 0;
}

static const struct tsql_function function_is_member = { "IS_MEMBER", 1, 1, T(TSQL_INT), is_member };
static const struct tsql_function *const functions[] = { &function_is_member, NULL };

static int principal(struct tsql_session *session, const char *verb, const char *kind, const char *name, const char *argument,
    struct err *err)
{
	char sql[400];

	(void)err;
	snprintf(sql, sizeof(sql), "CREATE TABLE IF NOT EXISTS principal(line TEXT); INSERT INTO principal VALUES ('%s|%s|%s|%s')", verb,
	    kind ? kind : "", name ? name : "", argument ? argument : "");
	sqlite3_exec(tsql_session_db(session), sql, NULL, NULL, NULL);
	return 0;
}

static int read_file(struct tsql_session *session, const char *path, size_t max, struct buf *ret, struct err *err)
{
	(void)session;
	(void)max;
	if (strcmp(path, "C:\\some\\file.txt") == 0)
		return buf_adds(ret, "\xEF\xBB\xBFtext of the file"), 0;
	if (strcmp(path, "/bytes") == 0)
		return buf_add(ret, "\xFF\0\x01", 3), 0;
	err_set(err, ERR_SQL, "Cannot bulk load. The file \"%s\" does not exist or you don't have file access rights.", path);
	err->sql_number = 4860;
	err->sql_severity = 16;
	err->sql_state = 1;
	return -ERR_SQL;
}

static const struct tsql_catalog catalog = { .procs = procs, .views = views, .functions = functions,
	.read_file = read_file, .principal_statement = principal };

static void close_db(void *app)
{
	sqlite3_close(app);
}

struct tsql_client *fake_open(void)
{
	struct tsql_client *client = NULL;
	struct err err;
	sqlite3 *db;
	int r;

	setenv("TZ", "UTC", 1); /* dates print with the local offset */
	tzset();
	r = sqlite3_open(":memory:", &db);

	assert(r == SQLITE_OK);
	r = tsql_register_sqlite(db);
	assert(r == 0);
	r = sqlite3_exec(db, schema, NULL, NULL, NULL);
	assert(r == SQLITE_OK);
	r = tsql_session_open(db, &catalog, "SSISDB", "tester", db, close_db, &client, &err);
	assert(r == 0);
	return client;
}

struct sqlite3 *fake_db(struct tsql_client *client)
{
	return tsql_session_db((struct tsql_session *)client);
}

/* --- printing --- */

static int print_columns(void *ctx, const struct tsql_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(ctx, "%s%s", i ? "|" : "", columns[i].name);
	buf_addc(ctx, '\n');
	return 0;
}

static int print_row(void *ctx, const struct tsql_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_addc(ctx, '|');
		tsql_value_format(&values[i], ctx);
	}
	buf_addc(ctx, '\n');
	return 0;
}

static int print_done(void *ctx, int64_t rows)
{
	if (rows >= 0)
		buf_addf(ctx, "(%lld rows)\n", (long long)rows);
	return 0;
}

static int print_message(void *ctx, const struct tsql_message *m)
{
	if (m->severity > 0) {
		buf_addf(ctx, "Msg %d, Level %d, State %d, ", m->number, m->severity, m->state);
		if (m->procedure)
			buf_addf(ctx, "Procedure %s, ", m->procedure);
		buf_addf(ctx, "Line %d: ", m->line);
	}
	buf_addf(ctx, "%s\n", m->text);
	return 0;
}

int fake_run(struct tsql_client *client, const char *batch, struct buf *out)
{
	struct tsql_sink sink = { out, print_columns, print_row, print_done, print_message };

	return tsql_client_run(client, batch, NULL, 0, &sink, NULL);
}
