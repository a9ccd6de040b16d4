/* SPDX-License-Identifier: MIT */
/* Matching without recursion: a star that does not fit takes one more character and tries again. */
#include "exec/ssh_pattern.h"

#include <ctype.h>
#include <string.h>

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool pattern_match(const char *pattern, size_t len, const char *text)
{
	size_t at = 0, star = len;
	const char *mark = NULL;

	while (*text) {
		if (at < len && pattern[at] == '*') {
			star = at++;
			mark = text;
		} else if (at < len && (pattern[at] == '?' || same(pattern[at], *text))) {
			at++;
			text++;
		} else if (mark) {
			at = star + 1;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (at < len && pattern[at] == '*')
		at++;
	return at == len;
}

bool ssh_pattern_list(const char *list, size_t len, const char *separators, const char *text)
{
	bool found = false;

	for (size_t at = 0; at < len;) {
		size_t n = 0;
		while (at + n < len && !strchr(separators, list[at + n]))
			n++;
		bool negated = n && list[at] == '!';
		if (n > negated && pattern_match(list + at + negated, n - negated, text)) {
			if (negated)
				return false;
			found = true;
		}
		at += n + 1;
	}
	return found;
}
