/* SPDX-License-Identifier: MIT */
/*
 * scaleout dumps: the dumps that tries left, as they lie beside the catalog
 * after the master fetched them. The rows come from the catalog, the files
 * from the folder; one without the other is told.
 */
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"

static const char dumps_sql[] =
    "SELECT TOP (1000) t.execution_id, t.attempt, t.worker_name, t.dump_path, "
    "CONVERT(nvarchar(19), t.end_time, 120) AS end_time, e.package_name "
    "FROM [SSISDB].[scaleout].[execution_tries] AS t "
    "INNER JOIN [SSISDB].[catalog].[executions] AS e ON e.execution_id = t.execution_id "
    "WHERE t.dump_path IS NOT NULL AND (@id = 0 OR t.execution_id = @id) "
    "ORDER BY t.execution_id DESC, t.attempt DESC";

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Files of a dump's folder as {name, size}; NULL when the folder is not here. */
static json_t *list_files(const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, NULL, by_name);
	json_t *files = count < 0 ? NULL : json_array();
	struct stat st;

	for (int i = 0; i < count; i++) {
		char *path = path_join(folder, entries[i]->d_name);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			json_array_append_new(files, json_pack("{s:s, s:I}", "name", entries[i]->d_name, "size",
			    (json_int_t)st.st_size));
		free(path);
		free(entries[i]);
	}
	free(entries);
	return files;
}

static json_t *read_dump(const struct tsql_rowset *rows, size_t row)
{
	char *worker = cli_cell(rows, row, "worker_name"), *path = cli_cell(rows, row, "dump_path");
	char *time = cli_cell(rows, row, "end_time"), *package = cli_cell(rows, row, "package_name");
	json_t *files = list_files(path);
	json_t *object = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "execution_id",
	    (json_int_t)cli_cell_int(rows, row, "execution_id", 0), "attempt",
	    (json_int_t)cli_cell_int(rows, row, "attempt", 0), "package", package, "worker", worker, "end_time", time,
	    "folder", path);

	json_object_set_new(object, "files", files ? files : json_null());
	free(worker);
	free(path);
	free(time);
	free(package);
	return object;
}

static void print_text(const json_t *dump, const char *member)
{
	const json_t *value = json_object_get(dump, member);

	cli_print_text(stdout, json_string_value(value), json_string_length(value));
}

static void print_dump(const json_t *dump)
{
	const json_t *files = json_object_get(dump, "files"), *file;
	size_t i;

	printf("execution %lld, try %lld, ", (long long)json_integer_value(json_object_get(dump, "execution_id")),
	    (long long)json_integer_value(json_object_get(dump, "attempt")));
	print_text(dump, "package");
	fputs(", worker ", stdout);
	print_text(dump, "worker");
	fputs("\n  ", stdout);
	print_text(dump, "folder");
	puts(json_is_array(files) ? "" : "  (not here: deleted, or the catalog is another machine's)");
	json_array_foreach(files, i, file) {
		printf("  %10lld  ", (long long)json_integer_value(json_object_get(file, "size")));
		print_text(file, "name");
		putchar('\n');
	}
}

static int dumps_run(struct cli *cli, const struct cli_args *args)
{
	char *end = NULL;
	long long id = args->words.len ? strtoll(args->words.items[0], &end, 10) : 0;
	struct tsql_param param;
	struct tsql_rowset rows;
	struct err err;

	if (cli_need_words(args, 0, 1) != CLI_OK)
		return CLI_USAGE;
	if (end && (*end || id <= 0))
		return cli_usage(args, "'%s' is not an execution id", args->words.items[0]);
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	param = cli_param_int("@id", id);
	int r = tsql_client_query(client, dumps_sql, &param, 1, 1000, &rows, &err);
	tsql_client_close(client);
	if (r < 0)
		return cli_fail(&err);
	json_t *all = json_array();
	for (size_t i = 0; i < rows.row_count; i++)
		json_array_append_new(all, read_dump(&rows, i));
	tsql_rowset_release(&rows);
	if (cli->json) {
		char *text = json_dumps(all, JSON_INDENT(2));
		puts(text);
		free(text);
	} else {
		for (size_t i = 0; i < json_array_size(all); i++)
			print_dump(json_array_get(all, i));
		if (!json_array_size(all))
			puts("no dumps; an execution leaves one with: scaleout run --dump-on-errors");
	}
	json_decref(all);
	return CLI_OK;
}

static const struct cli_option no_options[] = { { 0 } };

const struct cli_command cli_dumps_command = {
	.name = "dumps",
	.arguments = "[ID]",
	.summary = "list the dumps that executions left",
	.details = "Newest first: execution, try, package, worker, the folder beside the catalog and its files. A .tmp file\n"
	           "is text with the state of the package; a .mdmp file is a core, which the worker's account and kernel\n"
	           "must allow (the execution's messages and \"worker check\" say when they do not).",
	.options = no_options,
	.run = dumps_run,
};
