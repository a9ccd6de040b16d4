/* SPDX-License-Identifier: MIT */
/*
 * The Execute dialog's model. The order of calls in a batch and the way they
 * are written follow the example in the product's documentation
 * (spec/console.md §2.2), so that scripts look as people know them.
 */
#include "tui/form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tui/text.h"

/* SSIS types as T-SQL declarations. */
static const struct {
	const char *name;
	struct tsql_decl decl;
} data_types[] = {
	{ "Boolean", { .type = TSQL_BIT } },
	{ "Byte", { .type = TSQL_TINYINT } },
	{ "DateTime", { .type = TSQL_DATETIME2, .scale = 7 } },
	{ "Decimal", { .type = TSQL_DECIMAL, .precision = 38, .scale = 10 } },
	{ "Double", { .type = TSQL_FLOAT } },
	{ "Int16", { .type = TSQL_SMALLINT } },
	{ "Int32", { .type = TSQL_INT } },
	{ "Int64", { .type = TSQL_BIGINT } },
	{ "SByte", { .type = TSQL_SMALLINT } },
	{ "Single", { .type = TSQL_REAL } },
	{ "UInt16", { .type = TSQL_INT } },
	{ "UInt32", { .type = TSQL_BIGINT } },
	{ "UInt64", { .type = TSQL_DECIMAL, .precision = 20 } },
};
/* String, and whatever else may come. */
static const struct tsql_decl text_decl = { .type = TSQL_NVARCHAR, .length = 4000 };

static const struct tsql_decl *decl_of(const char *data_type)
{
	for (size_t i = 0; i < ARRAY_LEN(data_types); i++) {
		if (strcasecmp(data_types[i].name, data_type) == 0)
			return &data_types[i].decl;
	}
	return &text_decl;
}

void form_init(struct form *form, bool scale_out)
{
	*form = (struct form){ .scale_out = scale_out, .any_worker = true };
}

void form_value_release(struct form_value *value)
{
	free(value->name);
	free(value->data_type);
	free(value->standard);
	free(value->description);
	tsql_value_release(&value->value);
}

static void release_package(struct form_package *package)
{
	for (size_t i = 0; i < package->values.len; i++)
		form_value_release(&package->values.items[i]);
	vec_release(&package->values);
	for (size_t i = 0; i < package->references.len; i++)
		free(package->references.items[i].label);
	vec_release(&package->references);
	while (package->overrides.len)
		form_override_remove(package, package->overrides.len - 1);
	vec_release(&package->overrides);
	free(package->folder);
	free(package->project);
	free(package->package);
}

void form_override_set(struct form_package *package, const char *path, const char *value, bool sensitive)
{
	struct form_override added = { xstrdup(path), xstrdup(value), sensitive };

	for (size_t i = 0; i < package->overrides.len; i++) {
		if (strcmp(package->overrides.items[i].path, path) == 0) {
			form_override_remove(package, i);
			break;
		}
	}
	vec_push(&package->overrides, added);
}

void form_override_remove(struct form_package *package, size_t index)
{
	struct form_override *gone = &package->overrides.items[index];

	free(gone->path);
	mem_wipe(gone->value, strlen(gone->value));
	free(gone->value);
	package->overrides.len--;
	memmove(gone, gone + 1, (package->overrides.len - index) * sizeof(*gone));
}

void form_release(struct form *form)
{
	for (size_t i = 0; i < form->packages.len; i++)
		release_package(&form->packages.items[i]);
	vec_release(&form->packages);
	for (size_t i = 0; i < form->workers.len; i++) {
		struct form_worker *worker = &form->workers.items[i];

		free(worker->id);
		free(worker->name);
		free(worker->machine);
		free(worker->account);
		free(worker->state);
	}
	vec_release(&form->workers);
}

struct form_package *form_add_package(struct form *form, int64_t project_id, const char *folder,
    const char *project, const char *package)
{
	struct form_package added = { .project_id = project_id, .folder = xstrdup(folder),
		.project = xstrdup(project), .package = xstrdup(package), .logging_level = 1 };

	vec_push(&form->packages, added);
	return &form->packages.items[form->packages.len - 1];
}

size_t form_checked(const struct form *form)
{
	size_t count = 0;

	for (size_t i = 0; i < form->packages.len; i++)
		count += form->packages.items[i].checked;
	return count;
}

/* --- values --- */

int form_value_edit(struct form_value *value, const char *text, struct err *err)
{
	struct tsql_value typed = tsql_nvarchar(text), converted;
	int r = tsql_value_convert(&typed, decl_of(value->data_type), &converted, err);

	tsql_value_release(&typed);
	if (r < 0)
		return err_prefix(err, "%s (%s)", value->name, value->data_type);
	tsql_value_release(&value->value);
	value->value = converted;
	value->edited = true;
	return 0;
}

void form_value_reset(struct form_value *value)
{
	tsql_value_release(&value->value);
	value->edited = false;
}

void form_value_text(const struct form_value *value, struct buf *ret)
{
	if (value->sensitive)
		return;
	if (!value->edited)
		buf_adds(ret, value->standard);
	else if (value->value.type == TSQL_BIT)
		buf_adds(ret, value->value.i ? "True" : "False");
	else
		tsql_value_format(&value->value, ret);
}

void form_value_shown(const struct form_value *value, struct buf *ret)
{
	struct buf text = BUF_INIT;

	if (value->sensitive)
		buf_adds(ret, value->edited || value->has_standard ? "******" : "");
	else {
		form_value_text(value, &text);
		text_clean(text.data, text.len, ret);
	}
	buf_release(&text);
	if (!value->edited && value->required && !value->has_standard)
		buf_adds(ret, "(required)");
}

/* --- check --- */

static int check_package(const struct form_package *package, struct err *err)
{
	for (size_t i = 0; i < package->values.len; i++) {
		const struct form_value *value = &package->values.items[i];

		if (value->required && !value->edited && !value->has_standard) {
			err_set(err, ERR_INVALID, "%s: parameter %s needs a value", package->package, value->name);
			err_hint(err, "set it on the page Package Selection, tab %s",
			    value->is_connection ? "Connection Managers" : "Parameters");
			return -ERR_INVALID;
		}
		if (value->bound && !value->edited && !package->reference_id) {
			err_set(err, ERR_INVALID, "%s: parameter %s is bound to an environment variable", package->package,
			    value->name);
			err_hint(err, "choose an environment on the tab Advanced, or give the parameter a value");
			return -ERR_INVALID;
		}
	}
	return 0;
}

int form_check(const struct form *form, struct err *err)
{
	bool worker = false;

	if (form_checked(form) == 0)
		return err_set(err, ERR_INVALID, "no package is ticked");
	for (size_t i = 0; i < form->packages.len; i++) {
		if (form->packages.items[i].checked && check_package(&form->packages.items[i], err) < 0)
			return -ERR_INVALID;
	}
	for (size_t i = 0; i < form->workers.len; i++)
		worker |= form->workers.items[i].checked;
	if (form->scale_out && !form->any_worker && !worker) {
		err_set(err, ERR_INVALID, "no machine is ticked");
		err_hint(err, "tick machines on the page Machine Selection, or allow any computer to run");
		return -ERR_INVALID;
	}
	return 0;
}

/* --- T-SQL --- */

/* N'it''s' */
static void add_name(struct buf *ret, const char *text)
{
	struct tsql_value value = tsql_nvarchar(text);

	tsql_value_literal(&value, ret);
	tsql_value_release(&value);
}

static void add_create(const struct form *form, const struct form_package *package, struct buf *ret)
{
	buf_adds(ret, "Declare @execution_id bigint\n"
		      "EXEC [SSISDB].[catalog].[create_execution] @package_name=");
	add_name(ret, package->package);
	buf_adds(ret, ", @execution_id=@execution_id OUTPUT, @folder_name=");
	add_name(ret, package->folder);
	buf_adds(ret, ", @project_name=");
	add_name(ret, package->project);
	buf_addf(ret, ", @use32bitruntime=%s, @reference_id=", package->use_32_bit ? "True" : "False");
	if (package->reference_id)
		buf_addf(ret, "%lld", (long long)package->reference_id);
	else
		buf_adds(ret, "Null");
	if (form->scale_out)
		buf_addf(ret, ", @useanyworker=%s, @runinscaleout=True\n", form->any_worker ? "True" : "False");
	else
		buf_adds(ret, ", @runinscaleout=False\n");
	buf_adds(ret, "Select @execution_id\n");
}

static void add_set(struct buf *ret, int object_type, const char *name, const char *variable)
{
	buf_addf(ret, "EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  "
		      "@object_type=%d, @parameter_name=", object_type);
	add_name(ret, name);
	buf_addf(ret, ", @parameter_value=%s\n", variable);
}

static void add_value(const struct form_value *value, int *number, int *secrets, struct buf *ret,
    struct job_params *params)
{
	char variable[32];

	if (value->sensitive) {
		snprintf(variable, sizeof(variable), "@secret%d", (*secrets)++);
		buf_addf(ret, "-- %s holds the sensitive value; it is passed beside the script\n", variable);
		if (params)
			job_params_add(params, variable, tsql_value_copy(&value->value));
	} else {
		snprintf(variable, sizeof(variable), "@var%d", (*number)++);
		buf_addf(ret, "DECLARE %s ", variable);
		tsql_decl_format(decl_of(value->data_type), ret);
		buf_adds(ret, " = ");
		tsql_value_literal(&value->value, ret);
		buf_addc(ret, '\n');
	}
	add_set(ret, value->object_type, value->name, variable);
}

static void add_options(const struct form_package *package, int *number, struct buf *ret)
{
	char variable[32];

	snprintf(variable, sizeof(variable), "@var%d", (*number)++);
	buf_addf(ret, "DECLARE %s smallint = %d\n", variable, package->logging_level);
	add_set(ret, 50, "LOGGING_LEVEL", variable);
	if (!package->dump_on_error)
		return;
	snprintf(variable, sizeof(variable), "@var%d", (*number)++);
	buf_addf(ret, "DECLARE %s bit = 1\n", variable);
	add_set(ret, 50, "DUMP_ON_ERROR", variable);
}

/* A sensitive value is no text of the batch: it is a parameter. */
static void add_override(const struct form_override *override, int *secrets, struct buf *ret, struct job_params *params)
{
	char variable[32] = "";

	if (override->sensitive) {
		snprintf(variable, sizeof(variable), "@secret%d", (*secrets)++);
		buf_addf(ret, "-- %s holds the sensitive value; it is passed beside the script\n", variable);
		if (params)
			job_params_text(params, variable, override->value);
	}
	buf_adds(ret, "EXEC [SSISDB].[catalog].[set_execution_property_override_value] @execution_id,  @property_path=");
	add_name(ret, override->path);
	buf_adds(ret, ", @property_value=");
	if (override->sensitive)
		buf_adds(ret, variable);
	else
		add_name(ret, override->value);
	buf_addf(ret, ", @sensitive=%s\n", override->sensitive ? "True" : "False");
}

void form_batch(const struct form *form, const struct form_package *package, struct buf *ret,
    struct job_params *params)
{
	int number = 0, secrets = 0;

	add_create(form, package, ret);
	add_options(package, &number, ret);
	for (size_t i = 0; i < package->values.len; i++) {
		if (package->values.items[i].edited)
			add_value(&package->values.items[i], &number, &secrets, ret, params);
	}
	for (size_t i = 0; i < package->overrides.len; i++)
		add_override(&package->overrides.items[i], &secrets, ret, params);
	for (size_t i = 0; form->scale_out && !form->any_worker && i < form->workers.len; i++) {
		if (!form->workers.items[i].checked)
			continue;
		buf_adds(ret, "EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=");
		add_name(ret, form->workers.items[i].id);
		buf_addc(ret, '\n');
	}
	buf_adds(ret, "EXEC [SSISDB].[catalog].[start_execution] @execution_id");
	if (form->scale_out)
		buf_addf(ret, ",  @retry_count=%u", package->retry_count);
	buf_addc(ret, '\n');
}

void form_script(const struct form *form, struct buf *ret)
{
	for (size_t i = 0; i < form->packages.len; i++) {
		if (!form->packages.items[i].checked)
			continue;
		form_batch(form, &form->packages.items[i], ret, NULL);
		buf_adds(ret, "GO\n\n");
	}
}
