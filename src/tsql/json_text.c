/* SPDX-License-Identifier: MIT */
/* A checking reader of JSON text and its paths: see json_text.h. */
#include "tsql/json_text.h"

#include <string.h>

#include "base/utf8.h"
#include "tsql/sqlerr.h"

/* --- reading --- */

struct reader {
	const char *at, *end;
	int depth;
};

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at)
		r->at++;
}

static bool read_hex4(struct reader *r)
{
	for (int i = 0; i < 4; i++, r->at++)
		if (r->at >= r->end || !*r->at || !strchr("0123456789abcdefABCDEF", *r->at))
			return false;
	return true;
}

static bool read_string(struct reader *r)
{
	if (r->at >= r->end || *r->at != '"')
		return false;
	for (r->at++; r->at < r->end && *r->at != '"'; ) {
		if ((unsigned char)*r->at < 0x20)
			return false;
		if (*r->at++ != '\\')
			continue;
		if (r->at >= r->end || !*r->at || !strchr("\"\\/bfnrtu", *r->at))
			return false;
		if (*r->at++ == 'u' && !read_hex4(r))
			return false;
	}
	if (r->at >= r->end)
		return false;
	r->at++;
	return true;
}

static bool read_digits(struct reader *r)
{
	const char *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > start;
}

static bool read_number(struct reader *r)
{
	if (r->at < r->end && *r->at == '-')
		r->at++;
	if (r->at < r->end && *r->at == '0')
		r->at++;
	else if (!read_digits(r))
		return false;
	if (r->at < r->end && *r->at == '.') {
		r->at++;
		if (!read_digits(r))
			return false;
	}
	if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
		r->at++;
		if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
			r->at++;
		return read_digits(r);
	}
	return true;
}

static bool read_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++, r->at++)
		if (r->at >= r->end || *r->at != word[i])
			return false;
	return true;
}

static bool read_value(struct reader *r, enum json_kind *ret);

/* What stands between the brackets. */
static bool read_members(struct reader *r, bool object)
{
	enum json_kind ignored;
	char close = object ? '}' : ']';

	r->at++;
	skip_blanks(r);
	if (r->at < r->end && *r->at == close) {
		r->at++;
		return true;
	}
	for (;;) {
		skip_blanks(r);
		if (object) {
			if (!read_string(r))
				return false;
			skip_blanks(r);
			if (r->at >= r->end || *r->at != ':')
				return false;
			r->at++;
			skip_blanks(r);
		}
		if (!read_value(r, &ignored))
			return false;
		skip_blanks(r);
		if (r->at >= r->end || (*r->at != ',' && *r->at != close))
			return false;
		if (*r->at++ == close)
			return true;
	}
}

static bool read_value(struct reader *r, enum json_kind *ret)
{
	bool ok;

	if (r->at >= r->end || r->depth >= JSON_DEPTH_MAX)
		return false;
	switch (*r->at) {
	case '{':
	case '[':
		*ret = *r->at == '{' ? JSON_OBJECT : JSON_ARRAY;
		r->depth++;
		ok = read_members(r, *ret == JSON_OBJECT);
		r->depth--;
		return ok;
	case '"':
		*ret = JSON_STRING;
		return read_string(r);
	case 't':
	case 'f':
		*ret = JSON_BOOL;
		return read_word(r, *r->at == 't' ? "true" : "false");
	case 'n':
		*ret = JSON_NULL;
		return read_word(r, "null");
	default:
		*ret = JSON_NUMBER;
		return read_number(r);
	}
}

bool json_text_read(const char *text, size_t len, struct json_slice *ret, const char **ret_bad)
{
	struct reader r = { text, text + len, 0 };
	bool ok;

	skip_blanks(&r);
	ret->at = r.at;
	ok = read_value(&r, &ret->kind);
	if (ok) {
		ret->len = (size_t)(r.at - ret->at);
		skip_blanks(&r);
		ok = r.at == r.end;
	}
	*ret_bad = r.at;
	return ok;
}

int json_text_parse(const char *text, size_t len, struct json_slice *ret, struct err *err)
{
	const char *bad;
	size_t used;

	if (json_text_read(text, len, ret, &bad))
		return 0;
	if (bad < text + len)
		utf8_decode(bad, (size_t)(text + len - bad), &used);
	else
		used = 0;
	return sql_error_full(err, 13609, 16, 4, "JSON text is not properly formatted. Unexpected character '%.*s' is found at position %zu.",
	    used ? (int)used : 1, used ? bad : ".", utf8_utf16_len(text, (size_t)(bad - text)));
}

/* --- walking --- */

void json_walk_start(struct json_walk *walk, const struct json_slice *container)
{
	bool open = container->kind == JSON_OBJECT || container->kind == JSON_ARRAY;

	walk->at = container->at + (open ? 1 : container->len);
	walk->end = container->at + container->len;
	walk->object = container->kind == JSON_OBJECT;
}

static void take_slice(struct reader *r, struct json_slice *ret)
{
	skip_blanks(r);
	ret->at = r->at;
	if (!read_value(r, &ret->kind))
		r->at = r->end; /* not met: the text was accepted */
	ret->len = (size_t)(r->at - ret->at);
}

bool json_walk_next(struct json_walk *walk, struct json_slice *ret_key, struct json_slice *ret_value)
{
	struct reader r = { walk->at, walk->end, 0 };

	skip_blanks(&r);
	if (r.at < r.end && *r.at == ',')
		r.at++;
	skip_blanks(&r);
	if (r.at >= r.end || *r.at == '}' || *r.at == ']')
		return false;
	memset(ret_key, 0, sizeof(*ret_key));
	if (walk->object) {
		take_slice(&r, ret_key);
		skip_blanks(&r);
		r.at++; /* the colon */
	}
	take_slice(&r, ret_value);
	walk->at = r.at;
	return true;
}

/* --- strings --- */

static uint32_t hex4(const char *at)
{
	char digits[5] = { at[0], at[1], at[2], at[3], '\0' };

	return (uint32_t)strtoul(digits, NULL, 16);
}

void json_text_unquote(const struct json_slice *string, struct buf *ret)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *at = string->at + 1, *end = string->at + string->len - 1;

	while (at < end) {
		const char *letter;
		uint32_t code;
		char c[4];
		if (*at != '\\') {
			buf_addc(ret, *at++);
			continue;
		}
		at++;
		letter = strchr(letters, *at);
		if (*at != 'u') {
			buf_addc(ret, letter ? meant[letter - letters] : *at);
			at++;
			continue;
		}
		code = hex4(at + 1);
		at += 5;
		if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
			uint32_t low = hex4(at + 2);
			if (low >= 0xDC00 && low < 0xE000) {
				code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
				at += 6;
			}
		}
		if (code == 0 || (code >= 0xD800 && code < 0xE000))
			code = 0xFFFD; /* text of ours holds neither */
		buf_add(ret, c, utf8_put(code, c));
	}
}

void json_text_quote(const char *text, size_t len, struct buf *ret)
{
	static const char special[] = "\"\\/\b\f\n\r\t", letters[] = "\"\\/bfnrt";

	buf_addc(ret, '"');
	for (size_t i = 0; i < len; i++) {
		const char *hit = text[i] ? strchr(special, text[i]) : NULL;
		if (hit)
			buf_addf(ret, "\\%c", letters[hit - special]);
		else if ((unsigned char)text[i] < 0x20)
			buf_addf(ret, "\\u%04x", (unsigned)text[i]);
		else
			buf_addc(ret, text[i]);
	}
	buf_addc(ret, '"');
}

/* --- paths --- */

static bool take_path_word(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0 || (*at)[n] != ' ')
		return false;
	*at += n;
	while (**at == ' ')
		++*at;
	return true;
}

int json_path_step(struct json_path *path, struct buf *name, size_t *ret_index, bool *ret_is_index)
{
	const char *at = path->at;

	buf_clear(name);
	*ret_is_index = *at == '[';
	if (*at == '\0')
		return 0;
	if (*at == '[') {
		size_t digits = strspn(++at, "0123456789");
		if (digits == 0 || digits > 9 || at[digits] != ']')
			return -1;
		*ret_index = strtoul(at, NULL, 10);
		path->at = at + digits + 1;
		return 1;
	}
	if (*at++ != '.')
		return -1;
	if (*at == '"') {
		struct reader r = { at, at + strlen(at), 0 };
		struct json_slice quoted = { JSON_STRING, at, 0 };
		if (!read_string(&r))
			return -1;
		quoted.len = (size_t)(r.at - at);
		json_text_unquote(&quoted, name);
		path->at = r.at;
		return 1;
	}
	while (*at && (*at == '_' || (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
		    (unsigned char)*at >= 0x80))
		buf_addc(name, *at++);
	path->at = at;
	return name->len ? 1 : -1;
}

int json_path_parse(const char *text, size_t len, struct json_path *ret, struct err *err)
{
	struct json_path walk;
	struct buf name = BUF_INIT;
	const char *at = text;
	size_t index;
	bool is_index;
	int r = 1;

	while (*at == ' ')
		at++;
	*ret = (struct json_path){ 0 };
	ret->append = take_path_word(&at, "append");
	ret->strict = take_path_word(&at, "strict");
	if (!ret->strict)
		take_path_word(&at, "lax");
	if (*at == '$') {
		ret->at = at + 1;
		walk = *ret;
		while ((r = json_path_step(&walk, &name, &index, &is_index)) > 0)
			;
		at = walk.at;
	} else {
		r = -1;
	}
	buf_release(&name);
	if (r < 0)
		return sql_error(err, 13607, "JSON path is not properly formatted. Unexpected character '%c' is found at position %zu.",
		    *at ? *at : '.', (size_t)(at - text) < len ? (size_t)(at - text) : len);
	return 0;
}

static bool find_member(const struct json_slice *in, const struct buf *name, size_t index, bool is_index, struct json_slice *ret)
{
	struct json_slice key, value;
	struct json_walk walk;
	struct buf text = BUF_INIT;
	size_t n = 0;
	bool found = false;

	if (in->kind != (is_index ? JSON_ARRAY : JSON_OBJECT))
		return false;
	json_walk_start(&walk, in);
	while (!found && json_walk_next(&walk, &key, &value)) {
		if (is_index) {
			found = n++ == index;
		} else {
			buf_clear(&text);
			json_text_unquote(&key, &text);
			found = text.len == name->len && memcmp(text.data, name->data, text.len) == 0;
		}
	}
	buf_release(&text);
	if (found)
		*ret = value;
	return found;
}

bool json_text_find(const struct json_slice *root, const struct json_path *path, struct json_slice *ret)
{
	struct json_path walk = *path;
	struct json_slice at = *root;
	struct buf name = BUF_INIT;
	size_t index = 0;
	bool is_index, found = true;

	while (found && json_path_step(&walk, &name, &index, &is_index) > 0)
		found = find_member(&at, &name, index, is_index, &at);
	buf_release(&name);
	if (found)
		*ret = at;
	return found;
}
