/* SPDX-License-Identifier: MIT */
/* The table of sections, and reading them one after the other; see details.h. */
#include "tui/details.h"

#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/text.h"

#define ROWS_MAX 5000

/* --- catalog properties --- */

static const struct catalog_choice yes_no[] = { { "TRUE", "True" }, { "FALSE", "False" } };
static const struct catalog_choice levels[] = { { "0", "None" }, { "1", "Basic" }, { "2", "Performance" },
	{ "3", "Verbose" }, { "4", "RuntimeLineage" } };
static const struct catalog_choice modes[] = { { "0", "Server" }, { "1", "Scale Out" } };
static const struct catalog_choice encryption[] = { { "1", "Per execution" }, { "2", "Per project" } };

#define CHOICES(list) list, ARRAY_LEN(list), 0, 0
#define NUMBER(low, high) NULL, 0, low, high
#define READ_ONLY NULL, 0, 0, 0

/* In the order of the product's dialog. */
static const struct catalog_property catalog_property_table[] = {
	{ "ENCRYPTION_ALGORITHM", "Encryption Algorithm Name", READ_ONLY },
	{ "OPERATION_CLEANUP_ENABLED", "Clean Logs Periodically", CHOICES(yes_no) },
	{ "RETENTION_WINDOW", "Retention Period (days)", NUMBER(1, INT32_MAX) },
	{ "VERSION_CLEANUP_ENABLED", "Periodically Remove Old Versions", CHOICES(yes_no) },
	{ "MAX_PROJECT_VERSIONS", "Maximum Number of Versions per Project", NUMBER(1, 9999) },
	{ "SERVER_LOGGING_LEVEL", "Server-wide Default Logging Level", CHOICES(levels) },
	{ "SERVER_CUSTOMIZED_LOGGING_LEVEL", "Server-wide Customized Logging Level", READ_ONLY },
	{ "DEFAULT_EXECUTION_MODE", "Server-wide Default Execution Mode", CHOICES(modes) },
	{ "IS_SCALEOUT_ENABLED", "Scale Out Feature Is Enabled", READ_ONLY },
	{ "VALIDATION_TIMEOUT", "Validation Timeout (seconds)", NUMBER(1, INT32_MAX) },
	{ "SERVER_OPERATION_ENCRYPTION_LEVEL", "Operation Encryption Level", CHOICES(encryption) },
	{ "SCHEMA_VERSION", "Schema Version", READ_ONLY },
	{ "SCHEMA_BUILD", "Schema Build", READ_ONLY },
};

const struct catalog_property *catalog_property_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(catalog_property_table); i++) {
		if (strcmp(catalog_property_table[i].name, name) == 0)
			return &catalog_property_table[i];
	}
	return NULL;
}

static void set_text(char **place, const char *text)
{
	char *copy = xstrdup(text);

	free(*place);
	*place = copy;
}

static void dress_catalog_property(struct detail_line *line)
{
	const struct catalog_property *property = catalog_property_find(line->key);

	if (!property)
		return;
	set_text(&line->label, property->label);
	line->number = property - catalog_property_table;
	for (size_t i = 0; i < property->choice_count; i++) {
		if (strcmp(property->choices[i].value, line->raw) == 0)
			set_text(&line->value, property->choices[i].word);
	}
	if (strcmp(line->key, "RETENTION_WINDOW") == 0 && strcmp(line->raw, "-1") == 0)
		set_text(&line->value, "infinite");
}

static int by_number(const void *a, const void *b)
{
	const struct detail_line *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* --- the sections --- */

#define TEXT_OF(column) "CONVERT(nvarchar(4000), " column ")"
/* What is used: the variable, the server's value, or the design's; flags as DETAIL_ has them. */
#define PARAMETER_COLUMNS \
	"CASE WHEN value_type = N'R' THEN N'variable ' + referenced_variable_name WHEN sensitive = 1 THEN N'******' " \
	"WHEN value_set = 1 THEN " TEXT_OF("default_value") " WHEN required = 1 THEN N'(required)' " \
	"ELSE " TEXT_OF("design_default_value") " END AS value, parameter_name AS [key], " \
	"CASE WHEN value_type = N'R' THEN referenced_variable_name WHEN sensitive = 1 THEN NULL " \
	"WHEN value_set = 1 THEN " TEXT_OF("default_value") " ELSE " TEXT_OF("design_default_value") " END AS raw, " \
	"data_type AS extra, object_type AS number, CASE WHEN sensitive = 1 THEN 1 ELSE 0 END + " \
	"CASE WHEN required = 1 THEN 4 ELSE 0 END + CASE WHEN value_type = N'R' THEN 8 ELSE 0 END + " \
	"CASE WHEN value_set = 1 THEN 16 ELSE 0 END AS flags, object_name AS container"

#define VALIDATION \
	"CASE validation_status WHEN N'S' THEN N'succeeded' WHEN N'F' THEN N'failed' ELSE N'never' END AS Validated, " \
	"CONVERT(nvarchar(19), last_validation_time, 120) AS [Last validation]"

static const struct detail_type types[] = {
	{ .kind = NODE_CATALOGS, .heading = "Catalog", .one_row = true,
	    .sql = "SELECT (SELECT COUNT(*) FROM [SSISDB].[catalog].[folders]) AS Folders, "
		"(SELECT COUNT(*) FROM [SSISDB].[catalog].[projects]) AS Projects, "
		"(SELECT COUNT(*) FROM [SSISDB].[catalog].[packages]) AS Packages, "
		"(SELECT COUNT(*) FROM [SSISDB].[catalog].[environments]) AS Environments, "
		"(SELECT COUNT(*) FROM [SSISDB].[scaleout].[workers]) AS Workers" },
	{ .kind = NODE_SSISDB, .heading = "Catalog Properties", .edit = EDIT_CATALOG_PROPERTY,
	    .sql = "SELECT property_name AS label, property_value AS value, property_name AS [key], property_value AS raw "
		"FROM [SSISDB].[catalog].[catalog_properties] ORDER BY property_name",
	    .none = "(only members of ssis_admin and sysadmin see them)", .dress = dress_catalog_property },
	{ .kind = NODE_FOLDER, .heading = "Description", .edit = EDIT_DESCRIPTION,
	    .sql = "SELECT N'Text' AS label, description AS value, N'Description' AS [key], description AS raw "
		"FROM [SSISDB].[catalog].[folders] WHERE folder_id = @id" },
	{ .kind = NODE_ENVIRONMENT, .heading = "Description", .edit = EDIT_DESCRIPTION,
	    .sql = "SELECT N'Text' AS label, description AS value, N'Description' AS [key], description AS raw "
		"FROM [SSISDB].[catalog].[environments] WHERE environment_id = @id" },
	{ .kind = NODE_PROJECT, .heading = "Deployment", .one_row = true,
	    .sql = "SELECT object_version_lsn AS [Project version], CONVERT(nvarchar(19), last_deployed_time, 120) AS Deployed, "
		"deployed_by_name AS [Deployed by], " VALIDATION " FROM [SSISDB].[catalog].[projects] WHERE project_id = @id" },
	{ .kind = NODE_PROJECT, .heading = "Parameters", .edit = EDIT_PARAMETER,
	    .sql = "SELECT object_name + N': ' + parameter_name AS label, " PARAMETER_COLUMNS
		" FROM [SSISDB].[catalog].[object_parameters] WHERE project_id = @id "
		"ORDER BY object_type, object_name, parameter_name",
	    .none = "(none)" },
	{ .kind = NODE_PROJECT, .heading = "References", .edit = EDIT_REFERENCE,
	    .sql = "SELECT environment_name AS label, CASE WHEN reference_type = N'R' THEN N'.' ELSE environment_folder_name END "
		"AS value, environment_name AS [key], environment_folder_name AS extra, reference_id AS number "
		"FROM [SSISDB].[catalog].[environment_references] WHERE project_id = @id "
		"ORDER BY environment_folder_name, environment_name",
	    .none = "(none; Ins adds one)" },
	{ .kind = NODE_PROJECT, .heading = "Versions", .edit = EDIT_VERSION,
	    .sql = "SELECT CASE WHEN v.object_version_lsn = p.object_version_lsn THEN N'* ' ELSE N'  ' END + "
		"CONVERT(nvarchar(20), v.object_version_lsn) AS label, CONVERT(nvarchar(19), v.created_time, 120) + "
		"N' by ' + v.created_by + CASE WHEN v.last_restored_time IS NULL THEN N'' ELSE N', restored ' + "
		"CONVERT(nvarchar(19), v.last_restored_time, 120) + N' by ' + v.restored_by END AS value, "
		"v.object_version_lsn AS number, p.object_version_lsn AS raw, "
		"CASE WHEN v.object_version_lsn = p.object_version_lsn THEN 2 ELSE 0 END AS flags "
		"FROM [SSISDB].[catalog].[object_versions] v "
		"JOIN [SSISDB].[catalog].[projects] p ON p.project_id = v.object_id "
		"WHERE v.object_id = @id ORDER BY v.object_version_lsn DESC",
	    .none = "(none)" },
	{ .kind = NODE_PACKAGE, .heading = "Validation", .one_row = true,
	    .sql = "SELECT " VALIDATION " FROM [SSISDB].[catalog].[packages] WHERE package_id = @id" },
	{ .kind = NODE_PACKAGE, .heading = "Parameters", .edit = EDIT_PARAMETER,
	    .sql = "SELECT o.parameter_name AS label, " PARAMETER_COLUMNS
		" FROM [SSISDB].[catalog].[object_parameters] o "
		"JOIN [SSISDB].[catalog].[packages] k ON k.project_id = o.project_id AND k.name = o.object_name "
		"WHERE k.package_id = @id AND o.object_type = 30 ORDER BY o.parameter_name",
	    .none = "(none)" },
	{ .kind = NODE_ENVIRONMENT, .heading = "Variables", .edit = EDIT_VARIABLE,
	    .sql = "SELECT name + N' (' + type + N')' AS label, CASE WHEN sensitive = 1 THEN N'******' "
		"ELSE " TEXT_OF("value") " END AS value, name AS [key], "
		"CASE WHEN sensitive = 1 THEN NULL ELSE " TEXT_OF("value") " END AS raw, type AS extra, "
		"CASE WHEN sensitive = 1 THEN 1 ELSE 0 END AS flags "
		"FROM [SSISDB].[catalog].[environment_variables] WHERE environment_id = @id ORDER BY name",
	    .none = "(none; Ins adds one)" },
	{ .kind = NODE_SCALE_OUT, .heading = "Workers", .one_row = true,
	    .sql = "SELECT COUNT(*) AS Registered, ISNULL(SUM(CASE WHEN IsEnabled = 1 THEN 1 ELSE 0 END), 0) AS Enabled, "
		"ISNULL(SUM(CASE WHEN IsOnline = 1 THEN 1 ELSE 0 END), 0) AS Online, ISNULL(SUM(Running), 0) AS Running, "
		"(SELECT executions FROM [SSISDB].[scaleout].[execution_counts] WHERE status = 5) AS Waiting "
		"FROM [SSISDB].[scaleout].[workers]" },
	{ .kind = NODE_MASTER, .heading = "Master",
	    .sql = "SELECT property_name AS label, property_value AS value "
		"FROM [SSISDB].[catalog].[master_properties] ORDER BY property_name",
	    .none = "(there has never been one)" },
	{ .kind = NODE_QUEUE, .heading = "Queue", .one_row = true,
	    .sql = "SELECT CASE WHEN is_paused = 1 THEN N'paused' ELSE N'open' END AS State, reason AS Reason, "
		"changed_by AS [Changed by], changed_time AS Changed, "
		"(SELECT executions FROM [SSISDB].[scaleout].[execution_counts] WHERE status = 5) AS Waiting, "
		"(SELECT executions FROM [SSISDB].[scaleout].[execution_counts] WHERE status = 2) AS Running "
		"FROM [SSISDB].[scaleout].[queue_state]" },
};

static const struct detail_type *next_type(enum node_kind kind, size_t *at)
{
	while (*at < ARRAY_LEN(types) && types[*at].kind != kind)
		++*at;
	return *at < ARRAY_LEN(types) ? &types[*at] : NULL;
}

bool details_exist(enum node_kind kind)
{
	size_t at = 0;

	return next_type(kind, &at) != NULL;
}

/* --- reading --- */

void detail_line_release(struct detail_line *line)
{
	free(line->label);
	free(line->value);
	free(line->key);
	free(line->raw);
	free(line->extra);
	free(line->container);
	*line = (struct detail_line){ 0 };
}

#define CLEAR_LINES(lines) \
	do { \
		for (size_t line_ = 0; line_ < (lines).len; line_++) \
			detail_line_release(&(lines).items[line_]); \
		(lines).len = 0; \
	} while (0)

static void add_text_line(struct details *d, const struct detail_type *type, bool heading, const char *label,
    const char *value)
{
	struct detail_line line = { .type = type, .heading = heading, .label = xstrdup(label), .value = xstrdup(value),
		.key = xstrdup(""), .raw = xstrdup(""), .extra = xstrdup(""), .container = xstrdup("") };

	vec_push(&d->fresh, line);
}

static void add_row(struct details *d, const struct detail_type *type, const struct tsql_rowset *rows, size_t row)
{
	struct detail_line line = { .type = type, .label = cell_text(rows, row, "label"),
		.value = cell_text(rows, row, "value"), .key = cell_raw(rows, row, "key"), .raw = cell_raw(rows, row, "raw"),
		.extra = cell_raw(rows, row, "extra"), .container = cell_raw(rows, row, "container"),
		.number = cell_int(rows, row, "number", 0),
		.flags = (unsigned)cell_int(rows, row, "flags", 0) };

	if (type->dress)
		type->dress(&line);
	vec_push(&d->fresh, line);
}

static void add_columns(struct details *d, const struct detail_type *type, const struct tsql_rowset *rows)
{
	for (size_t i = 0; rows->row_count && i < rows->column_count; i++) {
		char *value = cell_text(rows, 0, rows->columns[i].name);

		if (*value)
			add_text_line(d, type, false, rows->columns[i].name, value);
		free(value);
	}
}

static void take(struct details *d, const struct detail_type *type, const struct tsql_rowset *rows)
{
	size_t first;

	if (rows->row_count == 0 && !type->none)
		return;
	add_text_line(d, type, true, type->heading, "");
	first = d->fresh.len;
	if (rows->row_count == 0)
		add_text_line(d, type, false, type->none, "");
	else if (type->one_row)
		add_columns(d, type, rows);
	for (size_t i = 0; i < rows->row_count && !type->one_row; i++)
		add_row(d, type, rows, i);
	if (type->dress && d->fresh.len > first)
		qsort(d->fresh.items + first, d->fresh.len - first, sizeof(*d->fresh.items), by_number);
}

static void finish(struct details *d)
{
	CLEAR_LINES(d->lines);
	free(d->lines.items);
	d->lines.items = d->fresh.items;
	d->lines.len = d->fresh.len;
	d->lines.cap = d->fresh.cap;
	memset(&d->fresh, 0, sizeof(d->fresh));
	d->loaded = true;
}

static void read_next(struct details *d); /* it and arrived call each other */

static void arrived(void *ctx, const struct job_result *result)
{
	struct details *d = ctx;

	if (result->r < 0)
		d->err = result->err;
	else
		take(d, &types[d->next], &result->rows);
	d->next++;
	read_next(d);
}

static void read_next(struct details *d)
{
	const struct detail_type *type = next_type(d->kind, &d->next);
	struct job_params params = { 0 };

	if (!type) {
		finish(d);
		return;
	}
	job_params_bigint(&params, "@id", d->id);
	jobs_submit(d->app->jobs, JOB_FRONT, &d->slot, type->sql, &params, ROWS_MAX, arrived, d);
}

void details_begin(struct details *d, struct app *app, enum node_kind kind, int64_t id)
{
	d->app = app;
	CLEAR_LINES(d->fresh);
	d->kind = kind;
	d->id = id;
	d->next = 0;
	d->begun = true;
	err_clear(&d->err);
	read_next(d);
}

void details_clear(struct details *d)
{
	if (d->app)
		jobs_cancel(d->app->jobs, &d->slot);
	CLEAR_LINES(d->lines);
	CLEAR_LINES(d->fresh);
	d->begun = d->loaded = false;
}

void details_release(struct details *d)
{
	details_clear(d);
	vec_release(&d->lines);
	vec_release(&d->fresh);
}
