/* SPDX-License-Identifier: MIT */
/*
 * Splitting at GO. It looks at lines, but has to know where strings and
 * comments are open, because a GO inside them is text.
 */
#include "tsql/split.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	char quote;  /* ' " or ] while inside a string or quoted name, else 0 */
	int comment; /* depth of block comments */
};

/* Follow one line's text; leaves the state at its end. */
static void scan_line(struct scan *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i], next = i + 1 < len ? text[i + 1] : '\0';
		if (s->comment) {
			if (c == '*' && next == '/') {
				s->comment--;
				i++;
			} else if (c == '/' && next == '*') {
				s->comment++;
				i++;
			}
		} else if (s->quote) {
			if (c == s->quote && next == s->quote)
				i++;
			else if (c == s->quote)
				s->quote = '\0';
		} else if (c == '-' && next == '-') {
			return;
		} else if (c == '/' && next == '*') {
			s->comment++;
			i++;
		} else if (c == '\'' || c == '"') {
			s->quote = c;
		} else if (c == '[') {
			s->quote = ']';
		}
	}
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
	struct scan state = { 0 };
	size_t begin = 0;
	int line = 1, begin_line = 1;

	*ret = (struct tsql_batches){ 0 };
	for (size_t at = 0; at < len; line++) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
		size_t next = at + line_len + (end != NULL);
		int count = state.quote || state.comment ? 0 : go_count(text + at, line_len);
		if (count) {
			add_batch(ret, (struct tsql_batch){ text + begin, at - begin, count, begin_line, true });
			begin = next;
			begin_line = line + 1;
		} else {
			scan_line(&state, text + at, line_len);
		}
		at = next;
	}
	add_batch(ret, (struct tsql_batch){ text + begin, len - begin, 1, begin_line, false });
}

void tsql_batches_release(struct tsql_batches *batches)
{
	vec_release(batches);
}
