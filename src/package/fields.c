/* SPDX-License-Identifier: MIT */
/* Writing is by hand, because the runtime writes an event per step; reading is jansson's. */
#include "package/fields.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define ELLIPSIS "\xE2\x80\xA6"

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_special(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_adds(out, "\\\"");
		break;
	case '\\':
		buf_adds(out, "\\\\");
		break;
	case '\n':
		buf_adds(out, "\\n");
		break;
	case '\t':
		buf_adds(out, "\\t");
		break;
	default:
		buf_addf(out, "\\u%04x", c);
	}
}

void json_add_text(struct buf *out, const char *text, size_t max_text)
{
	size_t len = strlen(text), start = out->len;

	buf_addc(out, '"');
	for (size_t i = 0, used; i < len; i += used) {
		if (out->len - start > max_text) {
			buf_adds(out, ELLIPSIS);
			break;
		}
		unsigned char c = (unsigned char)text[i];
		used = 0;
		while (i + used < len && used < 4096 && plain((unsigned char)text[i + used]))
			used++;
		if (used) {
			size_t room = max_text - (out->len - start);
			used = used > room ? room + 1 : used;
			buf_add(out, text + i, used);
		} else if (c < 0x80) {
			used = 1;
			add_special(out, c);
		} else {
			char utf8[4];
			buf_add(out, utf8, utf8_put(utf8_decode(text + i, len - i, &used), utf8));
		}
	}
	buf_addc(out, '"');
}

/* Not by buf_addf: a message has ten of them. */
static void add_key(struct buf *out, const char *key)
{
	buf_adds(out, ",\"");
	buf_adds(out, key);
	buf_adds(out, "\":");
}

static void add_integer(struct buf *out, const char *key, int64_t value)
{
	if (!value)
		return;
	add_key(out, key);
	buf_addi(out, value);
}

void fields_encode(const struct field *fields, size_t count, unsigned use, const void *object,
    size_t max_text, struct buf *out)
{
	for (const struct field *f = fields; f < fields + count; f++) {
		const void *member = (const char *)object + f->offset;
		if (!(f->uses & use))
			continue;
		if (f->type == FIELD_INT64) {
			add_integer(out, f->key, *(const int64_t *)member);
		} else if (f->type == FIELD_INT32) {
			add_integer(out, f->key, *(const int32_t *)member);
		} else if (f->type == FIELD_BOOL) {
			if (*(const bool *)member) {
				add_key(out, f->key);
				buf_adds(out, "true");
			}
		} else if (*(const char *const *)member) {
			add_key(out, f->key);
			json_add_text(out, *(const char *const *)member, max_text);
		}
	}
}

static bool decode_one(const struct field *f, const json_t *value, int copy, void *member)
{
	json_int_t n = json_integer_value(value);

	switch (f->type) {
	case FIELD_TEXT:
		if (!json_is_string(value))
			return false;
		if (copy)
			*(char **)member = xstrdup(json_string_value(value));
		else
			*(const char **)member = json_string_value(value);
		return true;
	case FIELD_BOOL:
		*(bool *)member = json_is_true(value);
		return json_is_boolean(value);
	case FIELD_INT32:
		*(int32_t *)member = (int32_t)n;
		return json_is_integer(value) && n >= INT32_MIN && n <= INT32_MAX;
	case FIELD_INT64:
		*(int64_t *)member = n;
		return json_is_integer(value);
	}
	return false;
}

int fields_decode(const struct field *fields, size_t count, unsigned use, const json_t *json,
    int copy, void *object, struct err *err)
{
	for (const struct field *f = fields; f < fields + count; f++) {
		const json_t *value = f->uses & use ? json_object_get(json, f->key) : NULL;
		if (!value || json_is_null(value))
			continue;
		if (!decode_one(f, value, copy, (char *)object + f->offset))
			return err_set(err, ERR_INVALID, "member \"%s\" has the wrong type", f->key);
	}
	return 0;
}
