/* SPDX-License-Identifier: MIT */
/* scaleout deploy: an .ispac file into a folder of the catalog, by catalog.deploy_project. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/secret.h"
#include "package/project.h"

#define ISPAC_MAX ((size_t)256 * 1024 * 1024)

static int ensure_folder(struct cli *cli, struct tsql_client *client, const char *folder)
{
	struct tsql_param param = cli_param_text("@folder", folder);
	struct tsql_rowset rows;
	struct err err;
	int status = CLI_FAILED;

	if (tsql_client_query(client, "SELECT name FROM [SSISDB].[catalog].[folders] WHERE name = @folder",
	        &param, 1, 10, &rows, &err) < 0) {
		cli_fail(&err);
		goto out;
	}
	size_t found = rows.row_count;
	tsql_rowset_release(&rows);
	if (!found) {
		if (tsql_client_run(client, "EXEC [SSISDB].[catalog].[create_folder] @folder_name = @folder",
		        &param, 1, NULL, &err) < 0) {
			cli_fail(&err);
			goto out;
		}
		if (!cli->json)
			printf("made the folder %s\n", folder);
	}
	status = CLI_OK;
out:
	tsql_value_release(&param.value);
	return status;
}

static void print_messages(struct tsql_client *client, int64_t operation_id, FILE *out)
{
	struct tsql_param param = cli_param_int("@id", operation_id);
	struct tsql_rowset rows;

	if (tsql_client_query(client,
	        "SELECT message_type, message FROM [SSISDB].[catalog].[operation_messages] "
	        "WHERE operation_id = @id AND message_type >= 110 ORDER BY operation_message_id",
	        &param, 1, 1000, &rows, NULL) < 0)
		return;
	for (size_t i = 0; i < rows.row_count; i++) {
		char *text = cli_cell(&rows, i, "message");
		fprintf(out, "%s: ", cli_cell_int(&rows, i, "message_type", 0) >= 120 ? "error" : "warning");
		cli_print_text(out, text, strlen(text));
		fputc('\n', out);
		free(text);
	}
	tsql_rowset_release(&rows);
}

static int deploy_stream(struct cli *cli, struct tsql_client *client, const char *folder,
    const char *project, const struct buf *stream, const char *password)
{
	struct tsql_param params[] = {
		cli_param_text("@folder", folder),
		cli_param_text("@project", project),
		{ .name = "@stream", .decl = { .type = TSQL_VARBINARY, .length = TSQL_MAX },
		    .value = tsql_varbinary(stream->data, stream->len) },
		{ .name = "@operation_id", .decl = { .type = TSQL_BIGINT }, .value = tsql_null(TSQL_BIGINT),
		    .out = true },
		cli_param_text("@password", password ? password : ""),
	};
	struct err err;
	int status = CLI_OK;

	int r = tsql_client_run(client,
	    password
	        ? "EXEC [SSISDB].[scaleout].[deploy_project] @folder_name = @folder, @project_name = @project, "
	          "@project_stream = @stream, @operation_id = @operation_id OUTPUT, @password = @password"
	        : "EXEC [SSISDB].[catalog].[deploy_project] @folder_name = @folder, @project_name = @project, "
	          "@project_stream = @stream, @operation_id = @operation_id OUTPUT",
	    params, ARRAY_LEN(params) - !password, NULL, &err);
	bool have_id = !params[3].value.null;
	if (have_id)
		print_messages(client, params[3].value.i, stderr);
	if (r < 0)
		status = cli_fail(&err);
	else if (cli->json)
		printf("{\"folder\": \"%s\", \"operation_id\": %lld}\n", folder, (long long)params[3].value.i);
	cli_release_params(params, ARRAY_LEN(params));
	return status;
}

static void print_project(const struct project *project, const char *folder, const char *name)
{
	printf("deployed \\SSISDB\\%s\\%s: %zu package%s\n", folder, name, project->package_count,
	    project->package_count == 1 ? "" : "s");
	for (size_t i = 0; i < project->package_count; i++)
		printf("  \\SSISDB\\%s\\%s\\%s\n", folder, name, project->packages[i].name);
}

static int deploy_run(struct cli *cli, const struct cli_args *args)
{
	struct project *project = NULL;
	struct tsql_client *client = NULL;
	struct buf stream = BUF_INIT, password = BUF_INIT;
	struct err err;
	int status = CLI_FAILED;

	if (cli_need_words(args, 2, 2) != CLI_OK)
		return CLI_USAGE;
	bool protected = cli_opt(args, "password-file") != NULL;
	if (protected && (status = cli_read_secret(args, "password-file", &password)) != CLI_OK) {
		buf_wipe(&password);
		return status;
	}
	status = CLI_FAILED;
	const char *path = args->words.items[0];
	const char *folder = args->words.items[1];
	if (file_read(path, ISPAC_MAX, &stream, &err) < 0 ||
	    project_read(stream.data, stream.len, protected ? password.data : NULL, &project, &err) < 0) {
		if (!strstr(err.primary, path))
			err_prefix(&err, "%s", path);
		cli_fail(&err);
		goto out;
	}
	const char *name = cli_opt(args, "name") ? cli_opt(args, "name") : project->name;
	client = cli_connect(cli);
	if (!client || ensure_folder(cli, client, folder) != CLI_OK)
		goto out;
	status = deploy_stream(cli, client, folder, name, &stream, protected ? password.data : NULL);
	if (status == CLI_OK && !cli->json)
		print_project(project, folder, name);
out:
	tsql_client_close(client);
	project_free(project);
	buf_release(&stream);
	buf_wipe(&password);
	return status;
}

static const struct cli_option deploy_options[] = {
	{ "name", 0, "NAME", "project name (default: the one inside the file, which the catalog insists on)" },
	{ "password-file", 0, "FILE", "file whose first line is the password that protects the project; - = standard input" },
	{ 0 },
};

const struct cli_command cli_deploy_command = {
	.name = "deploy",
	.arguments = "[--password-file FILE] FILE.ispac FOLDER",
	.summary = "put a project into a folder of the catalog (made when missing)",
	.details = "A project of that name in the folder gets a new version; the older ones are kept.\n"
	           "Sensitive values that the file holds encrypted are left out, with a warning each.\n"
	           "With the password of protection level EncryptSensitiveWithPassword or EncryptAllWithPassword\n"
	           "they are opened, kept under the catalog's own key and given to each execution; the file\n"
	           "that workers get holds none of them.",
	.options = deploy_options,
	.run = deploy_run,
};
