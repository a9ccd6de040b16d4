/* SPDX-License-Identifier: MIT */
/* scaleout validate: validate_project or validate_package, the wait for its end, and its messages. */
#include <limits.h>
#include <stdlib.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/path.h"
#include "cli/watch.h"

static int create(struct tsql_client *client, const struct cli_path *path, const char *scope,
    int64_t reference, int64_t *ret_id, struct err *err)
{
	struct tsql_param params[] = {
		cli_param_text("@folder", path->folder),
		cli_param_text("@project", path->project),
		cli_param_text("@package", path->package),
		cli_param_text("@scope", scope),
		cli_param_int("@reference", reference),
		{ .name = "@validation_id", .decl = { .type = TSQL_BIGINT }, .value = tsql_null(TSQL_BIGINT),
		    .out = true },
	};
	int r = tsql_client_run(client,
	    path->package
	        ? "EXEC [SSISDB].[catalog].[validate_package] @folder_name = @folder, @project_name = @project, "
	          "@package_name = @package, @validation_id = @validation_id OUTPUT, "
	          "@environment_scope = @scope, @reference_id = @reference"
	        : "EXEC [SSISDB].[catalog].[validate_project] @folder_name = @folder, @project_name = @project, "
	          "@validate_type = 'F', @validation_id = @validation_id OUTPUT, "
	          "@environment_scope = @scope, @reference_id = @reference",
	    params, ARRAY_LEN(params), NULL, err);
	if (r == 0)
		*ret_id = params[5].value.i;
	cli_release_params(params, ARRAY_LEN(params));
	return r;
}

static int validate_run(struct cli *cli, const struct cli_args *args)
{
	struct cli_path path = { 0 };
	struct err err;
	long timeout = 0, reference = 0;
	int64_t id = 0, result = 0;
	int status = CLI_FAILED;

	if (cli_need_words(args, 1, 1) != CLI_OK || !cli_opt_int(args, "timeout", 0, 31536000, &timeout) ||
	    !cli_opt_int(args, "reference", 1, LONG_MAX, &reference))
		return CLI_USAGE;
	if (reference && cli_flag(args, "all-environments"))
		return cli_usage(args, "--reference is one environment, --all-environments are all of them");
	if (!cli_path_parse(args->words.items[0], &path))
		return cli_usage(args, "'%s' is not \\SSISDB\\folder\\project or \\SSISDB\\folder\\project\\package.dtsx",
		    args->words.items[0]);
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		goto out;
	const char *scope = reference ? "S" : cli_flag(args, "all-environments") ? "A" : "D";
	if (create(client, &path, scope, reference, &id, &err) < 0 ||
	    cli->ensure_master(cli->catalog_path, 10000, &err) < 0) {
		cli_fail(&err);
		goto out;
	}
	if (!cli->json)
		printf("Validation ID: %lld\n", (long long)id);
	fflush(stdout);
	status = cli_wait(cli, client, id, timeout, &result);
	if (cli->json)
		printf("{\"validation_id\": %lld, \"status\": \"%s\", \"messages\": ", (long long)id,
		    cli_status_name(result));
	if (cli_print_messages(cli, client, id) < 0)
		status = CLI_FAILED;
	if (cli->json)
		puts("}");
	if (status == CLI_OK && result != 7)
		status = CLI_FAILED;
out:
	tsql_client_close(client);
	cli_path_release(&path);
	return status;
}

static const struct cli_option validate_options[] = {
	{ "reference", 0, "ID", "with the values of this environment reference" },
	{ "all-environments", 0, NULL, "every environment reference of the project must have what the packages need" },
	{ "timeout", 0, "SECONDS", "stop waiting after so long (the validation goes on)" },
	{ 0 },
};

const struct cli_command cli_validate_command = {
	.name = "validate",
	.arguments = "'\\SSISDB\\folder\\project[\\package.dtsx]' [--reference ID]",
	.summary = "validate a package or all packages of a project, and print the messages",
	.details = "Waits for the end; the exit status is 0 only when everything has passed. Without the name of\n"
	           "the catalog in front, three names are a package: folder/project/package.dtsx.\n"
	           "The catalog property VALIDATION_TIMEOUT ends a validation that takes too long.",
	.options = validate_options,
	.run = validate_run,
};
