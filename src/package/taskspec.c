/* SPDX-License-Identifier: MIT */
/* The task specification as JSON; the three tables are the format. */
#include "package/taskspec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/fields.h"

#define ITEMS_MAX 200000

#define SPEC(name) offsetof(struct taskspec, name)
static const struct field spec_fields[] = {
	{ "execution_id", FIELD_INT64, SPEC(execution_id), 1 },
	{ "attempt", FIELD_INT32, SPEC(attempt), 1 },
	{ "folder", FIELD_TEXT, SPEC(folder_name), 1 },
	{ "project", FIELD_TEXT, SPEC(project_name), 1 },
	{ "package", FIELD_TEXT, SPEC(package_name), 1 },
	{ "project_hash", FIELD_TEXT, SPEC(project_hash), 1 },
	{ "caller", FIELD_TEXT, SPEC(caller_name), 1 },
	{ "server", FIELD_TEXT, SPEC(server_name), 1 },
	{ "logging_level", FIELD_INT32, SPEC(logging_level), 1 },
	{ "custom_events", FIELD_INT64, SPEC(custom_events), 1 },
	{ "custom_profile", FIELD_INT64, SPEC(custom_profile), 1 },
	{ "dump_on_error", FIELD_BOOL, SPEC(dump_on_error), 1 },
	{ "dump_on_event", FIELD_BOOL, SPEC(dump_on_event), 1 },
	{ "dump_event_codes", FIELD_TEXT, SPEC(dump_event_codes), 1 },
	{ "validate_only", FIELD_BOOL, SPEC(validate_only), 1 },
};

#define VALUE(name) offsetof(struct taskspec_value, name)
static const struct field value_fields[] = {
	{ "object_type", FIELD_INT32, VALUE(object_type), 1 },
	{ "package", FIELD_TEXT, VALUE(package), 1 },
	{ "name", FIELD_TEXT, VALUE(name), 1 },
	{ "data_type", FIELD_TEXT, VALUE(data_type), 1 },
	{ "value", FIELD_TEXT, VALUE(value), 1 },
	{ "sensitive", FIELD_BOOL, VALUE(sensitive), 1 },
	{ "value_set", FIELD_BOOL, VALUE(value_set), 1 },
};

#define OVERRIDE(name) offsetof(struct taskspec_override, name)
static const struct field override_fields[] = {
	{ "path", FIELD_TEXT, OVERRIDE(path), 1 },
	{ "value", FIELD_TEXT, OVERRIDE(value), 1 },
	{ "sensitive", FIELD_BOOL, OVERRIDE(sensitive), 1 },
};

/* {"v":1,...}: the version comes first so that every other member can begin with a comma. */
static void encode_items(const char *key, const struct field *fields, size_t field_count,
    const void *items, size_t count, size_t size, struct buf *out)
{
	buf_addf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, i ? ",{" : "{");
		size_t start = out->len;
		fields_encode(fields, field_count, 1, (const char *)items + i * size, SIZE_MAX / 2, out);
		if (out->len > start && out->data[start] == ',') {
			memmove(out->data + start, out->data + start + 1, out->len - start);
			buf_truncate(out, out->len - 1);
		}
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

void taskspec_encode(const struct taskspec *spec, struct buf *out)
{
	buf_adds(out, "{\"v\":1");
	fields_encode(spec_fields, ARRAY_LEN(spec_fields), 1, spec, SIZE_MAX / 2, out);
	encode_items("values", value_fields, ARRAY_LEN(value_fields), spec->values, spec->value_count,
	    sizeof(*spec->values), out);
	encode_items("overrides", override_fields, ARRAY_LEN(override_fields), spec->overrides,
	    spec->override_count, sizeof(*spec->overrides), out);
	buf_addc(out, '}');
}

/* Decode an array member into a new array of structs that begins zeroed; *ret_count counts even half-built items. */
static int decode_items(const json_t *list, const struct field *fields, size_t field_count, size_t size,
    void **ret, size_t *ret_count, struct err *err)
{
	size_t count = json_array_size(list);
	int r = 0;

	if (list && !json_is_array(list))
		return err_set(err, ERR_INVALID, "a list of values is no array");
	if (count > ITEMS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d values", ITEMS_MAX);
	*ret = xcalloc(count + 1, size);
	*ret_count = count;
	for (size_t i = 0; i < count && r == 0; i++)
		r = fields_decode(fields, field_count, 1, json_array_get(list, i), 1,
		    (char *)*ret + i * size, err);
	return r;
}

static int check(const struct taskspec *spec, struct err *err)
{
	if (!spec->package_name && !spec->validate_only)
		return err_set(err, ERR_INVALID, "no package is named");
	for (size_t i = 0; i < spec->value_count; i++) {
		if (!spec->values[i].name || !spec->values[i].data_type)
			return err_set(err, ERR_INVALID, "a value has no name or data type");
	}
	for (size_t i = 0; i < spec->override_count; i++) {
		if (!spec->overrides[i].path)
			return err_set(err, ERR_INVALID, "an override has no path");
	}
	return 0;
}

static int decode_object(const json_t *json, struct taskspec *spec, struct err *err)
{
	void *values = NULL, *overrides = NULL;

	if (json_integer_value(json_object_get(json, "v")) != 1)
		return err_set(err, ERR_UNSUPPORTED, "unknown version");
	int r = fields_decode(spec_fields, ARRAY_LEN(spec_fields), 1, json, 1, spec, err);
	if (r == 0)
		r = decode_items(json_object_get(json, "values"), value_fields, ARRAY_LEN(value_fields),
		    sizeof(*spec->values), &values, &spec->value_count, err);
	spec->values = values;
	if (r == 0)
		r = decode_items(json_object_get(json, "overrides"), override_fields,
		    ARRAY_LEN(override_fields), sizeof(*spec->overrides), &overrides, &spec->override_count,
		    err);
	spec->overrides = overrides;
	return r < 0 ? r : check(spec, err);
}

int taskspec_decode(const char *text, size_t len, struct taskspec *ret, struct err *err)
{
	struct taskspec spec = { 0 };
	json_error_t fault;
	json_t *json = json_loadb(text, len, 0, &fault);

	if (!json)
		return err_set(err, ERR_INVALID, "task specification is not JSON: %s", fault.text);
	int r = decode_object(json, &spec, err);
	json_decref(json);
	if (r < 0) {
		taskspec_release(&spec);
		return err_prefix(err, "task specification");
	}
	*ret = spec;
	return 0;
}

static void secret_free(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

void taskspec_release(struct taskspec *spec)
{
	for (size_t i = 0; i < ARRAY_LEN(spec_fields); i++) {
		if (spec_fields[i].type == FIELD_TEXT)
			free(*(char **)((char *)spec + spec_fields[i].offset));
	}
	for (size_t i = 0; i < spec->value_count; i++) {
		free(spec->values[i].package);
		free(spec->values[i].name);
		free(spec->values[i].data_type);
		secret_free(spec->values[i].value);
	}
	free(spec->values);
	for (size_t i = 0; i < spec->override_count; i++) {
		free(spec->overrides[i].path);
		secret_free(spec->overrides[i].value);
	}
	free(spec->overrides);
	*spec = (struct taskspec){ 0 };
}
