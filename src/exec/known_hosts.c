/* SPDX-License-Identifier: MIT */
/*
 * Read here rather than by libssh2, whose reader knows neither patterns nor
 * @revoked, and cannot tell the type of a key on a hashed line.
 */
#include "exec/known_hosts.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/ssh_pattern.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)
#define SHA1_BYTES 20
#define SHA1_BASE64 28

/* "|1|salt|hash", both the base64 of 20 bytes. */
static bool hashed_match(const char *field, size_t len, const char *name)
{
	unsigned char salt[SHA1_BASE64], hash[SHA1_BASE64], ours[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (len != 3 + SHA1_BASE64 + 1 + SHA1_BASE64 || strncmp(field, "|1|", 3) != 0 ||
	    field[3 + SHA1_BASE64] != '|' ||
	    EVP_DecodeBlock(salt, (const unsigned char *)field + 3, SHA1_BASE64) < SHA1_BYTES ||
	    EVP_DecodeBlock(hash, (const unsigned char *)field + 4 + SHA1_BASE64, SHA1_BASE64) < SHA1_BYTES)
		return false;
	return HMAC(EVP_sha1(), salt, SHA1_BYTES, (const unsigned char *)name, strlen(name), ours, &n) &&
	    n == SHA1_BYTES && memcmp(hash, ours, SHA1_BYTES) == 0;
}

static bool names_match(const char *field, size_t len, const char *name)
{
	return len && field[0] == '|' ? hashed_match(field, len, name) : ssh_pattern_list(field, len, ",", name);
}

/* Split off the next word of a line. */
static bool next_word(const char **at, const char *end, const char **ret, size_t *ret_len)
{
	while (*at < end && (**at == ' ' || **at == '\t'))
		++*at;
	*ret = *at;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		++*at;
	*ret_len = (size_t)(*at - *ret);
	return *ret_len > 0;
}

/* What one line says. */
static enum known_host line_says(const char *line, const char *end, const char *name, const char *key)
{
	const char *names, *type, *base64;
	size_t names_len, type_len, base64_len, key_type = strcspn(key, " ");
	bool revoked = false;

	if (!next_word(&line, end, &names, &names_len) || names[0] == '#')
		return KNOWN_HOST_UNKNOWN;
	if (names[0] == '@') {
		revoked = names_len == 8 && strncmp(names, "@revoked", 8) == 0;
		if (!revoked || !next_word(&line, end, &names, &names_len))
			return KNOWN_HOST_UNKNOWN;
	}
	if (!names_match(names, names_len, name) || !next_word(&line, end, &type, &type_len) ||
	    !next_word(&line, end, &base64, &base64_len) || type_len != key_type || strncmp(type, key, type_len) != 0)
		return KNOWN_HOST_UNKNOWN;
	bool same = strlen(key + key_type + 1) == base64_len && strncmp(key + key_type + 1, base64, base64_len) == 0;
	if (revoked)
		return same ? KNOWN_HOST_REVOKED : KNOWN_HOST_UNKNOWN;
	return same ? KNOWN_HOST_SAME : KNOWN_HOST_OTHER;
}

enum known_host known_hosts_check(const char *path, const char *host, int port, const char *key, int *ret_line)
{
	struct buf text = BUF_INIT;
	enum known_host found = KNOWN_HOST_UNKNOWN;
	char *name = port == 22 ? xstrdup(host) : xasprintf("[%s]:%d", host, port);
	int number = 0;

	if (file_read(path, FILE_MAX, &text, NULL) < 0)
		buf_clear(&text);
	for (const char *line = text.data; *line && found != KNOWN_HOST_REVOKED;) {
		const char *end = strchrnul(line, '\n');
		enum known_host says = line_says(line, end, name, key);
		number++;
		/* One equal key is enough, a revoked one ends it. */
		if (says == KNOWN_HOST_REVOKED || says == KNOWN_HOST_SAME ||
		    (says == KNOWN_HOST_OTHER && found == KNOWN_HOST_UNKNOWN)) {
			found = says;
			*ret_line = number;
		}
		line = *end ? end + 1 : end;
	}
	free(name);
	buf_release(&text);
	return found;
}
