/* SPDX-License-Identifier: MIT */
/*
 * Splitting at GO. It looks at lines, but has to know where strings and
 * comments are open, because a GO inside them is text.
 */
#include "tsql/split.h"

#include <stdlib.h>
#include <string.h>

size_t tsql_scan_step(struct tsql_scan *s, const char *text, size_t len, size_t at)
{
	char c = text[at], next = at + 1 < len ? text[at + 1] : '\0';

	if (s->line_comment) {
		s->line_comment = c != '\n';
	} else if (s->comment) {
		if ((c == '*' && next == '/') || (c == '/' && next == '*')) {
			s->comment += c == '*' ? -1 : 1;
			return 2;
		}
	} else if (s->quote) {
		if (c == s->quote && next == s->quote)
			return 2;
		if (c == s->quote)
			s->quote = '\0';
	} else if (c == '-' && next == '-') {
		s->line_comment = true;
		return 2;
	} else if (c == '/' && next == '*') {
		s->comment++;
		return 2;
	} else if (c == '\'' || c == '"') {
		s->quote = c;
	} else if (c == '[') {
		s->quote = ']';
	}
	return 1;
}

void tsql_scan_line(struct tsql_scan *s, const char *text, size_t len)
{
	for (size_t at = 0; at < len;)
		at += tsql_scan_step(s, text, len, at);
	s->line_comment = false;
}

bool tsql_scan_is_clear(const struct tsql_scan *s)
{
	return !s->quote && !s->comment && !s->line_comment;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/* The count of a GO line, or 0 when the line is something else. */
static int go_count(const char *line, size_t len)
{
	size_t i = 0;
	long count = 0;

	while (i < len && is_blank(line[i]))
		i++;
	if (i + 2 > len || (line[i] | 32) != 'g' || (line[i + 1] | 32) != 'o')
		return 0;
	i += 2;
	size_t after = i;
	while (i < len && is_blank(line[i]))
		i++;
	if (i < len && i == after && strncmp(line + i, "--", 2))
		return 0;
	while (i < len && line[i] >= '0' && line[i] <= '9' && count < 1000000)
		count = count * 10 + (line[i++] - '0');
	while (i < len && is_blank(line[i]))
		i++;
	if (i < len && (i + 1 >= len || line[i] != '-' || line[i + 1] != '-'))
		return 0;
	return count ? (int)count : 1;
}

static void add_batch(struct tsql_batches *ret, struct tsql_batch batch)
{
	for (size_t i = 0; i < batch.len; i++) {
		if (!is_blank(batch.text[i])) {
			vec_push(ret, batch);
			return;
		}
	}
}

void tsql_split_batches(const char *text, size_t len, struct tsql_batches *ret)
{
	struct tsql_scan state = { 0 };
	size_t begin = 0;
	int line = 1, begin_line = 1;

	*ret = (struct tsql_batches){ 0 };
	for (size_t at = 0; at < len; line++) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
		size_t next = at + line_len + (end != NULL);
		int count = tsql_scan_is_clear(&state) ? go_count(text + at, line_len) : 0;
		if (count) {
			add_batch(ret, (struct tsql_batch){ text + begin, at - begin, count, begin_line, true });
			begin = next;
			begin_line = line + 1;
		} else {
			tsql_scan_line(&state, text + at, line_len);
		}
		at = next;
	}
	add_batch(ret, (struct tsql_batch){ text + begin, len - begin, 1, begin_line, false });
}

void tsql_batches_release(struct tsql_batches *batches)
{
	vec_release(batches);
}
