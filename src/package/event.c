/* SPDX-License-Identifier: MIT */
/* Event records as lines of JSON; the table of members below is the format. */
#include "package/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/fields.h"
#include "package/flat.h"

/* Basic keeps everything but what only people who debug packages want. */
#define BASIC_LEAVES_OUT(type) \
	((type) == EVENT_CUSTOM || (type) == EVENT_DIAGNOSTIC || (type) == EVENT_DIAGNOSTIC_EX)
/* From a message type's bit in a custom level's mask to the bit of the same with context. */
#define CONTEXT_BIT_OFFSET 32

static const struct event_type_info types[] = {
	{ EVENT_UNKNOWN, "unknown", "", -1 },
	{ EVENT_PRE_VALIDATE, "pre-validate", "OnPreValidate", 4 },
	{ EVENT_POST_VALIDATE, "post-validate", "OnPostValidate", 5 },
	{ EVENT_PRE_EXECUTE, "pre-execute", "OnPreExecute", 2 },
	{ EVENT_POST_EXECUTE, "post-execute", "OnPostExecute", 3 },
	{ EVENT_STATUS_CHANGED, "status change", "OnExecStatusChanged", 1 },
	{ EVENT_PROGRESS, "progress", "OnProgress", 10 },
	{ EVENT_INFORMATION, "information", "OnInformation", 7 },
	{ EVENT_VARIABLE_CHANGED, "variable value changed", "OnVariableValueChanged", 0 },
	{ EVENT_DIAGNOSTIC, "diagnostic", "Diagnostic", 14 },
	{ EVENT_QUERY_CANCEL, "query cancel", "OnQueryCancel", 11 },
	{ EVENT_WARNING, "warning", "OnWarning", 6 },
	{ EVENT_ERROR, "error", "OnError", 8 },
	{ EVENT_TASK_FAILED, "task failed", "OnTaskFailed", 9 },
	{ EVENT_DIAGNOSTIC_EX, "diagnostic ex", "DiagnosticEx", 15 },
	{ EVENT_CUSTOM, "custom", "OnCustomEvent", 13 },
	{ EVENT_NON_DIAGNOSTIC, "non-diagnostic", "NonDiagnostic", 16 },
};

const struct event_type_info *event_type_info(int type)
{
	for (size_t i = 1; i < ARRAY_LEN(types); i++) {
		if (types[i].type == type)
			return &types[i];
	}
	return &types[0];
}

const struct event_type_info *event_type_by_name(const char *event_name)
{
	/* The catalog's documentation spells this one in full. */
	if (strcmp(event_name, "OnExecutionStatusChanged") == 0)
		return event_type_info(EVENT_STATUS_CHANGED);
	for (size_t i = 1; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].event_name, event_name) == 0)
			return &types[i];
	}
	return NULL;
}

const struct event_type_info *event_types(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(types);
	return types;
}

bool event_level_keeps(int level, int64_t custom_mask, int type)
{
	int bit = event_type_info(type)->mask_bit;

	switch (level) {
	case EVENT_LEVEL_BASIC:
		return !BASIC_LEAVES_OUT(type);
	case EVENT_LEVEL_PERFORMANCE:
		return type == EVENT_ERROR || type == EVENT_WARNING;
	case EVENT_LEVEL_VERBOSE:
		return true;
	case EVENT_LEVEL_LINEAGE:
		return !BASIC_LEAVES_OUT(type) || type == EVENT_DIAGNOSTIC_EX;
	case EVENT_LEVEL_CUSTOM:
		return bit >= 0
		    && ((uint64_t)custom_mask & (UINT64_C(1) << bit | UINT64_C(1) << (bit + CONTEXT_BIT_OFFSET)));
	default:
		return false;
	}
}

#define M (1u << EVENT_KIND_MESSAGE)
#define C (1u << EVENT_KIND_CONTEXT)
#define X (1u << EVENT_KIND_EXECUTABLE)
#define T (1u << EVENT_KIND_STATISTICS)
#define P (1u << EVENT_KIND_PHASE)
#define D (1u << EVENT_KIND_DATA)
#define N (1u << EVENT_KIND_COUNTER)
#define W (1u << EVENT_KIND_DUMP)
#define MEMBER(name) offsetof(struct event, name)

/* Besides these, every record begins with "s" (seq) and "k" (kind). */
static const struct field members[] = {
	{ "t", FIELD_INT64, MEMBER(time), M | D | X | W },
	{ "y", FIELD_INT32, MEMBER(type), M },
	{ "st", FIELD_INT32, MEMBER(source_type), M },
	{ "en", FIELD_TEXT, MEMBER(event_name), M },
	{ "m", FIELD_TEXT, MEMBER(message), M | W },
	{ "pn", FIELD_TEXT, MEMBER(package_name), M | X | P | D | T },
	{ "sn", FIELD_TEXT, MEMBER(source_name), M | C | X | P | D },
	{ "si", FIELD_TEXT, MEMBER(source_id), M | C | X },
	{ "sc", FIELD_TEXT, MEMBER(subcomponent_name), M | P },
	{ "pp", FIELD_TEXT, MEMBER(package_path), M | C | X },
	{ "ep", FIELD_TEXT, MEMBER(execution_path), M | T | P | D },
	{ "th", FIELD_INT64, MEMBER(thread_id), M },
	{ "c", FIELD_INT32, MEMBER(code), M },
	{ "d", FIELD_INT32, MEMBER(depth), C },
	{ "ct", FIELD_INT32, MEMBER(context_type), C },
	{ "n", FIELD_TEXT, MEMBER(property_name), C | N },
	{ "v", FIELD_TEXT, MEMBER(property_value), C | T },
	{ "xp", FIELD_TEXT, MEMBER(executable_path), T },
	{ "b", FIELD_INT64, MEMBER(start_time), T | P },
	{ "e", FIELD_INT64, MEMBER(end_time), T | P },
	{ "ms", FIELD_INT64, MEMBER(duration_ms), T },
	{ "r", FIELD_INT32, MEMBER(result), T },
	{ "ph", FIELD_TEXT, MEMBER(phase), P },
	{ "pi", FIELD_TEXT, MEMBER(path_id), D },
	{ "pa", FIELD_TEXT, MEMBER(path_name), D },
	{ "fc", FIELD_TEXT, MEMBER(source_component), D },
	{ "tc", FIELD_TEXT, MEMBER(dest_component), D },
	{ "rs", FIELD_INT64, MEMBER(rows_sent), D },
	{ "nv", FIELD_INT64, MEMBER(value), N },
};

static const char kind_letters[] = { 'm', 'c', 'x', 't', 'p', 'd', 'n', 'w' };
_Static_assert(sizeof(kind_letters) == EVENT_KIND_COUNT, "one letter per kind");

void event_encode(const struct event *event, struct buf *out)
{
	size_t start = out->len;

	for (size_t max_text = EVENT_LINE_MAX;; max_text /= 2) {
		buf_addf(out, "{\"s\":%lld,\"k\":\"%c\"", (long long)event->seq, kind_letters[event->kind]);
		fields_encode(members, ARRAY_LEN(members), 1u << event->kind, event, max_text, out);
		buf_adds(out, "}\n");
		if (out->len - start <= EVENT_LINE_MAX)
			return;
		buf_truncate(out, start);
	}
}

static bool kind_of(const char *text, enum event_kind *ret)
{
	if (!text || !text[0] || text[1])
		return false;
	const char *found = memchr(kind_letters, text[0], sizeof(kind_letters));
	if (found)
		*ret = (enum event_kind)(found - kind_letters);
	return found;
}

static int decode_object(const json_t *json, struct event *event, struct err *err)
{
	const json_t *seq = json_object_get(json, "s");

	if (!json_is_integer(seq) || json_integer_value(seq) < 1)
		return err_set(err, ERR_INVALID, "event record without a sequence number");
	event->seq = json_integer_value(seq);
	if (!kind_of(json_string_value(json_object_get(json, "k")), &event->kind))
		return err_set(err, ERR_INVALID, "event record %lld is of an unknown kind", (long long)event->seq);
	int r = fields_decode(members, ARRAY_LEN(members), 1u << event->kind, json, 0, event, err);
	return r < 0 ? err_prefix(err, "event record %lld", (long long)event->seq) : 0;
}

/* --- what event_encode writes, without jansson --- */

/* Records come in the order of the table: the search goes on behind the member that was found last. */
static const struct field *find_member(const char *key, unsigned use, size_t *from)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		size_t row = (*from + i) % ARRAY_LEN(members);
		if (strcmp(members[row].key, key) != 0)
			continue;
		*from = row + 1;
		return members[row].uses & use ? &members[row] : NULL;
	}
	return NULL;
}

static bool set_member(const struct field *f, const struct flat_member *value, struct event *event)
{
	void *place = (char *)event + f->offset;

	if ((f->type == FIELD_TEXT) != (value->text != NULL))
		return false;
	if (f->type == FIELD_TEXT)
		*(const char **)place = value->text;
	else if (f->type == FIELD_INT64)
		*(int64_t *)place = value->number;
	else if (f->type == FIELD_INT32 && value->number >= INT32_MIN && value->number <= INT32_MAX)
		*(int32_t *)place = (int32_t)value->number;
	else
		return false;
	return true;
}

/* False when the line is not in the form that event_encode gives it; it may be a record all the same. */
static bool decode_flat(char *line, size_t len, struct event *event)
{
	struct flat_member values[ARRAY_LEN(members) + 2];
	int count = flat_read(line, len, values, ARRAY_LEN(values));
	size_t from = 0;

	if (count < 2 || strcmp(values[0].key, "s") != 0 || values[0].text || values[0].number < 1 ||
	    strcmp(values[1].key, "k") != 0 || !values[1].text || !kind_of(values[1].text, &event->kind))
		return false;
	event->seq = values[0].number;
	for (int i = 2; i < count; i++) {
		const struct field *f = find_member(values[i].key, 1u << event->kind, &from);
		if (strcmp(values[i].key, "s") == 0 || strcmp(values[i].key, "k") == 0 ||
		    (f && !set_member(f, &values[i], event)))
			return false;
	}
	return true;
}

int event_decode(const char *line, size_t len, struct event *ret, struct err *err)
{
	struct event event = { 0 };
	json_error_t fault;

	if (len > EVENT_LINE_MAX)
		return err_set(err, ERR_LIMIT, "event record longer than 1 MiB");
	event.line = xmalloc(len + 1);
	memcpy(event.line, line, len);
	if (decode_flat(event.line, len, &event)) {
		*ret = event;
		return 0;
	}
	free(event.line);
	event = (struct event){ 0 };
	json_t *json = json_loadb(line, len, 0, &fault);
	if (!json)
		return err_set(err, ERR_INVALID, "event record is not JSON: %s", fault.text);
	int r = decode_object(json, &event, err);
	if (r < 0) {
		json_decref(json);
		return r;
	}
	event.storage = json;
	*ret = event;
	return 0;
}

void event_release(struct event *event)
{
	json_decref(event->storage);
	free(event->line);
	*event = (struct event){ 0 };
}
