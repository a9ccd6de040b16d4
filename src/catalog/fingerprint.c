/* SPDX-License-Identifier: MIT */
/* Host keys: what "type base64" lines are, and their SHA256 fingerprints as ssh-keygen -l prints them. */
#include "catalog/fingerprint.h"

#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define KEY_TEXT_MAX 8192

/* One line: type and base64 text, borrowed. */
struct key_line {
	const char *type, *base64;
	size_t type_len, base64_len;
};

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r");
}

/* Read a line at *text and move it on. 1 = a key, 0 = blank or comment, -1 = neither. */
static int next_line(const char **text, struct key_line *ret)
{
	const char *p = skip_blanks(*text);

	*text += strcspn(*text, "\n");
	if (**text)
		(*text)++;
	if (!*p || *p == '\n' || *p == '#')
		return 0;
	ret->type = p;
	ret->type_len = strcspn(p, " \t\r\n");
	p = skip_blanks(p + ret->type_len);
	ret->base64 = p;
	ret->base64_len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
	return ret->base64_len >= 4 && ret->base64_len % 4 == 0 && ret->base64_len < KEY_TEXT_MAX &&
		    strchr(" \t\r\n", ret->base64[ret->base64_len])
	    ? 1
	    : -1;
}

/* The key's bytes, which begin with the length and text of its type. Returns their number, 0 = not a key. */
static size_t decode_key(const struct key_line *line, unsigned char *blob)
{
	int len = EVP_DecodeBlock(blob, (const unsigned char *)line->base64, (int)line->base64_len);

	for (size_t i = line->base64_len; len > 0 && line->base64[i - 1] == '='; i--)
		len--;
	if (len < 4 + (int)line->type_len || blob[0] || blob[1] ||
	    (size_t)blob[2] * 256 + blob[3] != line->type_len ||
	    memcmp(blob + 4, line->type, line->type_len) != 0)
		return 0;
	return (size_t)len;
}

int host_keys_parse(const char *text, struct buf *ret, struct err *err)
{
	unsigned char blob[KEY_TEXT_MAX];
	struct key_line line;
	int number = 0;

	while (*text) {
		int kind = next_line(&text, &line);

		number++;
		if (kind < 0 || (kind == 1 && decode_key(&line, blob) == 0))
			return err_set(err, ERR_INVALID,
			    "line %d is not a host key of the form \"type base64\"", number);
		if (kind == 0)
			continue;
		if (ret->len)
			buf_addc(ret, '\n');
		buf_add(ret, line.type, line.type_len);
		buf_addc(ret, ' ');
		buf_add(ret, line.base64, line.base64_len);
	}
	return 0;
}

void host_keys_fingerprints(const char *text, struct buf *ret)
{
	unsigned char blob[KEY_TEXT_MAX], digest[EVP_MAX_MD_SIZE], base64[64];
	unsigned int digest_len = 0;
	struct key_line line;

	while (*text) {
		size_t len = next_line(&text, &line) == 1 ? decode_key(&line, blob) : 0;

		if (len == 0 || !EVP_Digest(blob, len, digest, &digest_len, EVP_sha256(), NULL))
			continue;
		if (ret->len)
			buf_addc(ret, '\n');
		EVP_EncodeBlock(base64, digest, (int)digest_len);
		buf_addf(ret, "SHA256:%.*s", (int)strcspn((char *)base64, "="), (char *)base64);
	}
}

static void fn_fingerprints(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	const char *text = (const char *)sqlite3_value_text(args[0]);
	struct buf out = BUF_INIT;

	(void)count;
	if (text)
		host_keys_fingerprints(text, &out);
	sqlite3_result_text(ctx, out.data, (int)out.len, SQLITE_TRANSIENT);
	buf_release(&out);
}

int host_keys_register(struct sqlite3 *db)
{
	return sqlite3_create_function(db, "so_fingerprints", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
		   fn_fingerprints, NULL, NULL) == SQLITE_OK
	    ? 0
	    : -ERR_INTERNAL;
}
