/* SPDX-License-Identifier: MIT */
/* What all sub-commands share: reading options, saying errors, printing rows. */
#include "cli/args.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/table.h"

#define CONFIRM_TRIES 3

const char *cli_opt(const struct cli_args *args, const char *name)
{
	for (size_t i = args->given.len; i > 0; i--) {
		const struct cli_given *given = &args->given.items[i - 1];
		if (!strcmp(given->option->name, name))
			return given->value ? given->value : "";
	}
	return NULL;
}

bool cli_flag(const struct cli_args *args, const char *name)
{
	return cli_opt(args, name) != NULL;
}

bool cli_opt_int(const struct cli_args *args, const char *name, long min, long max, long *ret)
{
	const char *text = cli_opt(args, name);
	char *end;

	if (!text)
		return true;
	long value = strtol(text, &end, 10);
	if (!*text || *end || value < min || value > max) {
		cli_usage(args, "--%s needs a whole number from %ld to %ld, not '%s'", name, min, max, text);
		return false;
	}
	*ret = value;
	return true;
}

int cli_usage(const struct cli_args *args, const char *fmt, ...)
{
	va_list list;

	fprintf(stderr, "scaleout %s: ", args->command->name);
	va_start(list, fmt);
	vfprintf(stderr, fmt, list);
	va_end(list);
	fprintf(stderr, "\nusage: scaleout %s %s\ntry: scaleout %s --help\n", args->command->name,
	    args->command->arguments, args->command->name);
	return CLI_USAGE;
}

int cli_fail(const struct err *err)
{
	fflush(stdout);
	fputs("scaleout: ", stderr);
	cli_print_text(stderr, err->primary, strlen(err->primary));
	fputc('\n', stderr);
	if (err->detail[0]) {
		fputs("  ", stderr);
		cli_print_text(stderr, err->detail, strlen(err->detail));
		fputc('\n', stderr);
	}
	if (err->hint[0])
		fprintf(stderr, "  hint: %s\n", err->hint);
	return CLI_FAILED;
}

int cli_need_words(const struct cli_args *args, size_t min, size_t max)
{
	if (args->words.len < min)
		return cli_usage(args, "something is missing");
	if (args->words.len > max)
		return cli_usage(args, "'%s' is too much", args->words.items[max]);
	return CLI_OK;
}

struct tsql_client *cli_connect(struct cli *cli)
{
	struct tsql_client *client = NULL;
	struct err err;

	if (cli->connector.connect(cli->connector.ctx, &client, &err) < 0) {
		cli_fail(&err);
		return NULL;
	}
	return client;
}

void cli_print_text(FILE *out, const char *text, size_t len)
{
	size_t used;

	for (size_t at = 0; at < len; at += used) {
		uint32_t code = utf8_decode(text + at, len - at, &used);
		if (code == '\n' || code == '\t')
			fputc((int)code, out);
		else if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0))
			fprintf(out, "\\x%02x", (unsigned)code);
		else if (code == UTF8_INVALID)
			fputs("\xEF\xBF\xBD", out);
		else
			fwrite(text + at, 1, used, out);
	}
}

static json_t *value_json(const struct tsql_value *value)
{
	if (value->null)
		return json_null();
	if (value->type == TSQL_BIT)
		return json_boolean(value->i);
	if (tsql_type_is_integer(value->type))
		return json_integer(value->i);
	if (value->type == TSQL_FLOAT || value->type == TSQL_REAL)
		return json_real(value->f);
	struct buf text = BUF_INIT;
	tsql_value_format(value, &text);
	json_t *json = json_stringn(text.data, text.len);
	buf_release(&text);
	return json ? json : json_null();
}

char *cli_rows_json(const struct tsql_rowset *rows)
{
	json_t *array = json_array();

	for (size_t r = 0; r < rows->row_count; r++) {
		json_t *object = json_object();
		for (size_t c = 0; c < rows->column_count; c++)
			json_object_set_new(object, rows->columns[c].name,
			    value_json(&rows->cells[r * rows->column_count + c]));
		json_array_append_new(array, object);
	}
	char *text = json_dumps(array, JSON_INDENT(2));
	json_decref(array);
	return text ? text : xstrdup("[]");
}

void cli_print_rows(const struct cli *cli, const struct tsql_rowset *rows)
{
	if (!cli->json) {
		cli_print_table(rows, cli_terminal_columns(stdout));
		return;
	}
	char *text = cli_rows_json(rows);
	puts(text);
	free(text);
}

int cli_query_print(struct cli *cli, struct tsql_client *client, const char *batch,
    struct tsql_param *params, size_t param_count)
{
	struct tsql_rowset rows;
	struct err err;

	if (tsql_client_query(client, batch, params, param_count, 1000000, &rows, &err) < 0)
		return cli_fail(&err);
	cli_print_rows(cli, &rows);
	tsql_rowset_release(&rows);
	return CLI_OK;
}

char *cli_cell(const struct tsql_rowset *rows, size_t row, const char *column)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);
	struct buf text = BUF_INIT;

	if (value && !value->null)
		tsql_value_format(value, &text);
	return buf_detach(&text);
}

int64_t cli_cell_int(const struct tsql_rowset *rows, size_t row, const char *column, int64_t fallback)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);

	return value && !value->null && tsql_type_is_integer(value->type) ? value->i : fallback;
}

struct tsql_param cli_param_text(const char *name, const char *text)
{
	return (struct tsql_param){ .name = name, .decl = { .type = TSQL_NVARCHAR, .length = TSQL_MAX },
		.value = tsql_nvarchar(text) };
}

struct tsql_param cli_param_int(const char *name, int64_t value)
{
	return (struct tsql_param){ .name = name, .decl = { .type = TSQL_BIGINT }, .value = tsql_bigint(value) };
}

void cli_release_params(struct tsql_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&params[i].value);
}

static const char *const status_names[] = { "", "created", "running", "canceled", "failed", "pending",
	"ended unexpectedly", "succeeded", "stopping", "completed" };

const char *cli_status_name(int64_t status)
{
	return status >= 1 && status < (int64_t)ARRAY_LEN(status_names) ? status_names[status] : "unknown";
}

int cli_status_number(const char *text)
{
	for (size_t i = 1; i < ARRAY_LEN(status_names); i++) {
		char digit[2] = { (char)('0' + i), '\0' };
		if (!utf8_casecmp(text, status_names[i]) || !strcmp(text, digit))
			return (int)i;
	}
	return -1;
}

bool cli_status_is_final(int64_t status)
{
	return status == 3 || status == 4 || status == 6 || status == 7 || status == 9;
}

bool cli_confirm(const char *fmt, ...)
{
	char *answer = NULL;
	size_t size = 0;
	bool yes = false, understood = false;
	va_list list;

	if (!isatty(0))
		return false;
	for (int i = 0; i < CONFIRM_TRIES && !understood; i++) {
		va_start(list, fmt);
		vfprintf(stderr, fmt, list);
		va_end(list);
		fputs(i ? " Please type yes or no: " : " [yes/no] ", stderr);
		if (getline(&answer, &size, stdin) < 0)
			break;
		answer[strcspn(answer, "\r\n")] = '\0';
		yes = !utf8_casecmp(answer, "yes") || !utf8_casecmp(answer, "y");
		understood = yes || !utf8_casecmp(answer, "no") || !utf8_casecmp(answer, "n");
	}
	free(answer);
	return yes;
}
