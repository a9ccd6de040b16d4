/* SPDX-License-Identifier: MIT */
/*
 * scaleout run: create_execution, set values, add workers, start_execution -
 * the same calls in the same order as the console's dialog and its script.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/queue.h"
#include "cli/path.h"
#include "cli/watch.h"

/* SQL types that the SSIS types accept, spec/catalog.md §3.13. */
static const struct {
	const char *ssis;
	struct tsql_decl decl;
} value_types[] = {
	{ "Boolean", { .type = TSQL_BIT } },
	{ "Byte", { .type = TSQL_TINYINT } },
	{ "SByte", { .type = TSQL_SMALLINT } },
	{ "Int16", { .type = TSQL_SMALLINT } },
	{ "Int32", { .type = TSQL_INT } },
	{ "Int64", { .type = TSQL_BIGINT } },
	{ "UInt32", { .type = TSQL_BIGINT } },
	{ "UInt64", { .type = TSQL_BIGINT } },
	{ "Single", { .type = TSQL_REAL } },
	{ "Double", { .type = TSQL_FLOAT } },
	{ "Decimal", { .type = TSQL_DECIMAL, .precision = 38, .scale = 10 } },
	{ "DateTime", { .type = TSQL_DATETIME2, .scale = 7 } },
	{ "String", { .type = TSQL_NVARCHAR, .length = TSQL_MAX } },
};

static const struct tsql_decl *decl_of(const char *ssis_type)
{
	for (size_t i = 0; i < ARRAY_LEN(value_types); i++) {
		if (!utf8_casecmp(ssis_type, value_types[i].ssis))
			return &value_types[i].decl;
	}
	return &value_types[ARRAY_LEN(value_types) - 1].decl;
}

static const struct {
	const char *prefix;
	int object_type;
} scopes[] = { { "$ServerOption::", 50 }, { "$Package::", 30 }, { "$Project::", 20 } };

/* Find the parameter among those of the execution; package before project when no scope is given. */
static int find_parameter(const struct tsql_rowset *known, const char *name, size_t len)
{
	int wanted = 0, found = -1;

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		size_t plen = strlen(scopes[i].prefix);
		if (len > plen && !utf8_ncasecmp(name, plen, scopes[i].prefix, plen)) {
			wanted = scopes[i].object_type;
			name += plen;
			len -= plen;
			break;
		}
	}
	for (size_t r = 0; r < known->row_count; r++) {
		char *candidate = cli_cell(known, r, "parameter_name");
		int type = (int)cli_cell_int(known, r, "object_type", 0);
		bool same = !utf8_ncasecmp(name, len, candidate, strlen(candidate));
		free(candidate);
		if (same && (!wanted || wanted == type) &&
		    (found < 0 || type == 30))
			found = (int)r;
	}
	return found;
}

static int set_value(struct tsql_client *client, int64_t execution_id, const struct tsql_rowset *known,
    const char *name, size_t name_len, const char *text, struct err *err)
{
	int row = find_parameter(known, name, name_len);
	struct tsql_value converted;

	if (row < 0) {
		err_set(err, ERR_NOT_FOUND, "the package has no parameter '%.*s'", (int)name_len, name);
		err_hint(err, "list them with: scaleout sql -Q \"SELECT object_type, parameter_name, data_type FROM "
		              "catalog.object_parameters\"");
		return -ERR_NOT_FOUND;
	}
	char *type = cli_cell(known, (size_t)row, "parameter_data_type");
	char *real_name = cli_cell(known, (size_t)row, "parameter_name");
	struct tsql_value given = tsql_nvarchar(text);
	int r = tsql_value_convert(&given, decl_of(type), &converted, err);
	tsql_value_release(&given);
	if (r < 0) {
		err_prefix(err, "parameter %s needs a value of type %s", real_name, type);
	} else {
		struct tsql_param params[] = {
			cli_param_int("@id", execution_id),
			cli_param_int("@type", cli_cell_int(known, (size_t)row, "object_type", 0)),
			cli_param_text("@name", real_name),
			{ .name = "@value", .decl = { .type = TSQL_VARIANT }, .value = converted },
		};
		if (tsql_type_is_text(converted.type))
			params[3].decl = (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = TSQL_MAX };
		r = tsql_client_run(client,
		    "EXEC [SSISDB].[catalog].[set_execution_parameter_value] @id, @object_type = @type, "
		    "@parameter_name = @name, @parameter_value = @value",
		    params, ARRAY_LEN(params), NULL, err);
		cli_release_params(params, ARRAY_LEN(params));
	}
	free(real_name);
	free(type);
	return r;
}

/* NAME=VALUE, or NAME=PATH with the value in the file (a secret stays out of argv); "-" is standard input. */
static int set_pair(struct tsql_client *client, int64_t id, const struct tsql_rowset *known,
    const char *pair, bool from_file, struct err *err)
{
	const char *equals = strchr(pair, '=');
	struct buf content = BUF_INIT;
	int r;

	if (!equals)
		return err_set(err, ERR_USAGE, "'%s' is not NAME=VALUE", pair);
	if (!from_file)
		return set_value(client, id, known, pair, (size_t)(equals - pair), equals + 1, err);
	r = file_read(strcmp(equals + 1, "-") ? equals + 1 : "/dev/stdin", 1 << 20, &content, err);
	while (r == 0 && content.len && strchr("\r\n", content.data[content.len - 1]))
		buf_truncate(&content, content.len - 1);
	if (r == 0)
		r = set_value(client, id, known, pair, (size_t)(equals - pair), content.data, err);
	buf_wipe(&content);
	return r;
}

static int set_all(struct tsql_client *client, int64_t id, const struct cli_args *args, struct err *err)
{
	struct tsql_param param = cli_param_int("@id", id);
	struct tsql_rowset known;
	int r = tsql_client_query(client,
	    "SELECT object_type, parameter_name, parameter_data_type "
	    "FROM [SSISDB].[catalog].[execution_parameter_values] WHERE execution_id = @id",
	    &param, 1, 100000, &known, err);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < args->given.len; i++) {
		const struct cli_given *given = &args->given.items[i];
		const char *option = given->option->name;
		if (!strcmp(option, "set") || !strcmp(option, "set-file")) {
			r = set_pair(client, id, &known, given->value, !strcmp(option, "set-file"), err);
		} else if (!strcmp(option, "logging-level")) {
			r = set_value(client, id, &known, "$ServerOption::LOGGING_LEVEL", 28, given->value, err);
		} else if (!strcmp(option, "dump-on-errors")) {
			r = set_value(client, id, &known, "$ServerOption::DUMP_ON_ERROR", 28, "1", err);
		}
	}
	tsql_rowset_release(&known);
	return r;
}

static int add_worker(struct tsql_client *client, int64_t id, const char *name, struct err *err)
{
	struct tsql_param params[] = { cli_param_int("@id", id), cli_param_text("@name", name) };
	struct tsql_rowset rows;
	int r = tsql_client_query(client,
	    "SELECT WorkerAgentId FROM [SSISDB].[catalog].[worker_agents] WHERE DisplayName = @name",
	    params, 2, 10, &rows, err);

	if (r == 0) {
		if (!rows.row_count) {
			r = err_set(err, ERR_NOT_FOUND, "there is no worker '%s'", name);
			err_hint(err, "list them with: scaleout worker list");
		} else {
			struct tsql_param call[] = { cli_param_int("@id", id),
				{ .name = "@worker", .decl = { .type = TSQL_UNIQUEIDENTIFIER },
				    .value = tsql_value_copy(tsql_rowset_get(&rows, 0, "WorkerAgentId")) } };
			r = tsql_client_run(client,
			    "EXEC [SSISDB].[catalog].[add_execution_worker] @id, @workeragent_id = @worker", call, 2,
			    NULL, err);
			cli_release_params(call, 2);
		}
		tsql_rowset_release(&rows);
	}
	cli_release_params(params, 2);
	return r;
}

static int find_reference(struct tsql_client *client, const struct cli_path *path, const char *name,
    int64_t *ret_id, struct err *err)
{
	const char *slash = strpbrk(name, "\\/");
	const char *environment = slash ? slash + 1 : name;
	char *folder = slash ? xstrndup(name, (size_t)(slash - name)) : NULL;
	struct tsql_param params[] = { cli_param_text("@folder", path->folder),
		cli_param_text("@project", path->project), cli_param_text("@environment", environment),
		cli_param_text("@environment_folder", folder && strcmp(folder, ".") ? folder : NULL) };
	struct tsql_rowset rows;
	int r = tsql_client_query(client,
	    "SELECT r.reference_id FROM [SSISDB].[catalog].[environment_references] r "
	    "JOIN [SSISDB].[catalog].[projects] p ON p.project_id = r.project_id "
	    "JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = p.folder_id "
	    "WHERE f.name = @folder AND p.name = @project AND r.environment_name = @environment "
	    "AND (@environment_folder IS NULL AND r.environment_folder_name IS NULL "
	    "OR r.environment_folder_name = @environment_folder)",
	    params, ARRAY_LEN(params), 10, &rows, err);

	if (r == 0) {
		if (!rows.row_count)
			r = err_set(err, ERR_NOT_FOUND, "the project %s has no reference to the environment %s",
			    path->project, name);
		else
			*ret_id = cli_cell_int(&rows, 0, "reference_id", 0);
		tsql_rowset_release(&rows);
	}
	cli_release_params(params, ARRAY_LEN(params));
	free(folder);
	return r;
}

static int create(struct tsql_client *client, const struct cli_path *path, const struct cli_args *args,
    int64_t *ret_id, struct err *err)
{
	int64_t reference = 0;
	int r = 0;

	if (cli_opt(args, "environment"))
		r = find_reference(client, path, cli_opt(args, "environment"), &reference, err);
	if (r < 0)
		return r;
	struct tsql_param params[] = {
		cli_param_text("@package", path->package),
		cli_param_text("@folder", path->folder),
		cli_param_text("@project", path->project),
		cli_param_int("@reference", reference),
		cli_param_int("@any", !cli_opt(args, "worker")),
		cli_param_int("@scaleout", !cli_flag(args, "server")),
		{ .name = "@execution_id", .decl = { .type = TSQL_BIGINT }, .value = tsql_null(TSQL_BIGINT),
		    .out = true },
	};
	if (!reference) {
		tsql_value_release(&params[3].value);
		params[3].value = tsql_null(TSQL_BIGINT);
	}
	r = tsql_client_run(client,
	    "EXEC [SSISDB].[catalog].[create_execution] @package_name = @package, "
	    "@execution_id = @execution_id OUTPUT, @folder_name = @folder, @project_name = @project, "
	    "@use32bitruntime = False, @reference_id = @reference, @useanyworker = @any, "
	    "@runinscaleout = @scaleout",
	    params, ARRAY_LEN(params), NULL, err);
	if (r == 0)
		*ret_id = params[6].value.i;
	cli_release_params(params, ARRAY_LEN(params));
	return r;
}

static int prepare_and_start(struct tsql_client *client, const struct cli_path *path,
    const struct cli_args *args, long retry, int64_t *ret_id, struct err *err)
{
	int r = create(client, path, args, ret_id, err);

	if (r == 0)
		r = set_all(client, *ret_id, args, err);
	for (size_t i = 0; r == 0 && i < args->given.len; i++) {
		if (!strcmp(args->given.items[i].option->name, "worker"))
			r = add_worker(client, *ret_id, args->given.items[i].value, err);
	}
	if (r == 0)
		r = cli_set_wishes(client, args, *ret_id, err);
	if (r < 0)
		return r;
	struct tsql_param params[] = { cli_param_int("@id", *ret_id), cli_param_int("@retry", retry) };
	r = tsql_client_run(client, "EXEC [SSISDB].[catalog].[start_execution] @id, @retry_count = @retry",
	    params, 2, NULL, err);
	cli_release_params(params, 2);
	return r;
}

/* What the catalog had to say when it took the execution: that no worker may run it, say. */
static void print_notes(struct tsql_client *client, int64_t id)
{
	struct tsql_param param = cli_param_int("@id", id);
	struct tsql_rowset rows;
	struct err err;

	if (tsql_client_query(client, "SELECT message FROM [SSISDB].[catalog].[event_messages] WHERE operation_id = @id "
				      "AND message_source_type = 20 ORDER BY event_message_id", &param, 1, 1, &rows, &err) == 0) {
		for (size_t i = 0; i < rows.row_count; i++) {
			char *text = cli_cell(&rows, i, "message");
			fprintf(stderr, "scaleout run: %s\n", text);
			free(text);
		}
		tsql_rowset_release(&rows);
	}
	cli_release_params(&param, 1);
}

static int run_run(struct cli *cli, const struct cli_args *args)
{
	struct cli_path path = { 0 };
	struct err err;
	long retry = 0, timeout = 0;
	int64_t id = 0;
	int status = CLI_FAILED;

	if (cli_need_words(args, 1, 1) != CLI_OK)
		return CLI_USAGE;
	if (!cli_opt_int(args, "retry", 0, 1000, &retry) || !cli_opt_int(args, "timeout", 0, 31536000, &timeout))
		return CLI_USAGE;
	if (!cli_path_parse(args->words.items[0], &path))
		return cli_usage(args, "'%s' is not \\SSISDB\\folder\\project\\package.dtsx", args->words.items[0]);
	if (!path.package) {
		cli_path_release(&path);
		return cli_usage(args, "'%s' names no package; \\SSISDB\\folder\\project\\package.dtsx does",
		    args->words.items[0]);
	}
	if (cli_flag(args, "server") && cli_opt(args, "worker")) {
		cli_path_release(&path);
		return cli_usage(args, "--server runs on this machine, so --worker has no meaning with it");
	}
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		goto out;
	if (prepare_and_start(client, &path, args, retry, &id, &err) < 0) {
		cli_fail(&err);
		if (id)
			fprintf(stderr, "  execution %lld was created but not started\n", (long long)id);
		goto out;
	}
	if (cli->json)
		printf("{\"execution_id\": %lld}\n", (long long)id);
	else
		printf("Execution ID: %lld\n", (long long)id);
	fflush(stdout);
	print_notes(client, id);
	status = CLI_OK;
	if (cli->ensure_master(cli->catalog_path, 10000, &err) < 0) {
		status = cli_fail(&err);
		goto out;
	}
	if (cli_flag(args, "wait"))
		status = cli_watch(cli, client, id, timeout);
out:
	tsql_client_close(client);
	cli_path_release(&path);
	return status;
}

static const struct cli_option run_options[] = {
	{ "worker", 0, "NAME", "a worker that may run it (repeat for more; without any, every worker may)" },
	{ "retry", 0, "N", "try again up to N times after a failure" },
	CLI_WISH_OPTIONS,
	{ "set", 0, "NAME=VALUE", "value of a parameter: name, $Project::name, $Package::name, CM.manager.property" },
	{ "set-file", 0, "NAME=PATH", "the same with the value read from a file, for secrets (- = standard input)" },
	{ "environment", 0, "[FOLDER\\]NAME", "use the project's reference to this environment" },
	{ "logging-level", 0, "N", "0 none, 1 basic, 2 performance, 3 verbose" },
	{ "dump-on-errors", 0, NULL, "leave a dump when an error happens" },
	{ "server", 0, NULL, "run on this machine, not in Scale Out" },
	{ "wait", 'w', NULL, "wait for the end; exit status 0 only when it succeeded" },
	{ "timeout", 0, "SECONDS", "stop waiting after so long (the execution goes on)" },
	{ 0 },
};

const struct cli_command cli_run_command = {
	.name = "run",
	.arguments = "'\\SSISDB\\folder\\project\\package.dtsx' [--worker NAME]... [--retry N] [--wait]",
	.summary = "run a package in Scale Out",
	.options = run_options,
	.run = run_run,
};
