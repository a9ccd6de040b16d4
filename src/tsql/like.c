/* SPDX-License-Identifier: MIT */
/* LIKE: %, _, [abc], [a-z], [^...], and an escape character; without case. */
#include "base/utf8.h"
#include "tsql/eval.h"

struct pattern {
	const char *at, *end;
	uint32_t escape; /* 0 = none */
};

static uint32_t next(const char **at, const char *end)
{
	size_t used;
	uint32_t c = utf8_decode(*at, (size_t)(end - *at), &used);

	*at += used;
	return c;
}

/* The set that begins after '['. Returns whether c is in it; sets *ret_after, or NULL when the set never closes. */
static bool in_set(const char *at, const char *end, uint32_t c, const char **ret_after)
{
	bool negated = at < end && *at == '^', in = false, first = true;

	*ret_after = NULL;
	if (negated)
		at++;
	while (at < end) {
		uint32_t low, high;
		if (*at == ']' && !first) {
			*ret_after = at + 1;
			return in != negated;
		}
		first = false;
		low = high = next(&at, end);
		if (end - at >= 2 && *at == '-' && at[1] != ']') {
			at++;
			high = next(&at, end);
		}
		low = utf8_fold(low);
		high = utf8_fold(high);
		in = in || (c >= low && c <= high);
	}
	return false;
}

/* Match one character against one pattern element; moves the pattern on. */
static bool match_one(struct pattern *p, uint32_t c)
{
	uint32_t want;

	if (*p->at == '_' && p->escape != '_') {
		p->at++;
		return true;
	}
	if (*p->at == '[' && p->escape != '[') {
		const char *after;
		bool in = in_set(p->at + 1, p->end, utf8_fold(c), &after);
		if (after) {
			p->at = after;
			return in;
		}
		return false;
	}
	want = next(&p->at, p->end);
	if (p->escape && want == p->escape && p->at < p->end)
		want = next(&p->at, p->end);
	return utf8_fold(want) == utf8_fold(c);
}

bool like_match(const char *text, size_t len, const char *pattern, size_t pattern_len, const char *escape,
    size_t escape_len)
{
	struct pattern p = { pattern, pattern + pattern_len, 0 };
	const char *t = text, *end = text + len;
	const char *star = NULL, *star_text = NULL;

	if (escape)
		p.escape = next(&escape, escape + escape_len);
	/* Greedy with one point to come back to: linear in text times pattern. */
	for (;;) {
		if (p.at < p.end && *p.at == '%' && p.escape != '%') {
			star = ++p.at;
			star_text = t;
			continue;
		}
		if (t == end) {
			while (p.at < p.end && *p.at == '%')
				p.at++;
			return p.at == p.end;
		}
		if (p.at < p.end) {
			const char *after = t;
			if (match_one(&p, next(&after, end))) {
				t = after;
				continue;
			}
		}
		/* blanks at the end of the text do not count against a pattern that has ended */
		if (p.at == p.end && !star) {
			while (t < end && *t == ' ')
				t++;
			return t == end;
		}
		if (!star)
			return false;
		p.at = star;
		next(&star_text, end);
		t = star_text;
	}
}
