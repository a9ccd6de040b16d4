/* SPDX-License-Identifier: MIT */
/* Hops and places as text. A host's name may hold anything but blanks; it never reaches a shell. */
#include "exec/jump.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PORT_MAX 65535

static bool port_parse(const char *text, int *ret)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < 1 || value > PORT_MAX)
		return false;
	*ret = (int)value;
	return true;
}

static bool word_good(const char *text, size_t len)
{
	if (len == 0 || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127)
			return false;
	return true;
}

int place_parse(const char *text, char **ret_user, char **ret_host, int *ret_port, struct err *err)
{
	const char *rest = strncmp(text, "ssh://", 6) == 0 ? text + 6 : text;
	const char *at = strrchr(rest, '@'), *host = at ? at + 1 : rest;
	size_t user_len = at ? (size_t)(at - rest) : 0, host_len = strlen(host);
	const char *port = NULL;
	int number = 0;

	if (*host == '[') {
		const char *close = strchr(host, ']');
		host_len = close ? (size_t)(close - ++host) : 0;
		port = close && close[1] == ':' ? close + 2 : NULL;
		if (close && close[1] && !port)
			host_len = 0;
	} else if (strchr(host, ':') == strrchr(host, ':') && strchr(host, ':')) {
		/* Two colons or more without brackets are an IPv6 address. */
		host_len = strcspn(host, ":");
		port = host + host_len + 1;
	}
	if (!word_good(host, host_len) || (at && !word_good(rest, user_len)) || (port && !port_parse(port, &number))) {
		err_set(err, ERR_INVALID, "'%s' is no machine", text);
		err_hint(err, "write [user@]host[:port]; an IPv6 address with a port in brackets: [::1]:22");
		return -ERR_INVALID;
	}
	*ret_user = xstrndup(rest, user_len);
	*ret_host = xstrndup(host, host_len);
	*ret_port = number;
	return 0;
}

char *place_format(const char *host, int port)
{
	return strchr(host, ':') ? xasprintf("[%s]:%d", host, port) : xasprintf("%s:%d", host, port);
}

bool jump_hop_last(const char *lines, struct jump_hop *ret, char **ret_before)
{
	size_t len = strlen(lines);

	while (len && lines[len - 1] == '\n')
		len--;
	size_t begin = len;
	while (begin && lines[begin - 1] != '\n')
		begin--;
	char *line = xstrndup(lines + begin, len - begin);
	char *key = strchr(line, ' ');
	char *blank = key ? strchr(key + 1, ' ') : NULL;
	char *identity = blank ? strchr(blank + 1, ' ') : NULL;
	bool good = false;
	if (blank) {
		*key++ = '\0';
		if (identity)
			*identity++ = '\0';
		good = place_parse(line, &ret->user, &ret->host, &ret->port, NULL) == 0;
	}
	if (good) {
		ret->host_key = xstrdup(key);
		ret->identity = xstrdup(identity ? identity : "");
		*ret_before = xstrndup(lines, begin);
	}
	free(line);
	return good;
}

void jump_hop_release(struct jump_hop *hop)
{
	free(hop->user);
	free(hop->host);
	free(hop->host_key);
	free(hop->identity);
	*hop = (struct jump_hop){ 0 };
}
