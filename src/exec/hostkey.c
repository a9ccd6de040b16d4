/* SPDX-License-Identifier: MIT */
/* Host keys: the blob starts with a length and the type's name, as the SSH wire has it. */
#include "exec/hostkey.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

#define KEY_MAX 8192 /* bytes of a blob */

static const char *const good_types[] = { "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521" };

static size_t type_len(const unsigned char *blob, size_t len)
{
	size_t n = len < 4 ? 0 : (size_t)blob[0] << 24 | (size_t)blob[1] << 16 | (size_t)blob[2] << 8 | blob[3];

	return n > 0 && n <= 64 && n <= len - 4 ? n : 0;
}

char *hostkey_line(const void *blob, size_t len)
{
	size_t n = type_len(blob, len);
	unsigned char text[KEY_MAX / 3 * 4 + 8];

	if (!n || len > KEY_MAX)
		return NULL;
	EVP_EncodeBlock(text, blob, (int)len);
	return xasprintf("%.*s %s", (int)n, (const char *)blob + 4, text);
}

void hostkey_fingerprint(const void *blob, size_t len, char text[FINGERPRINT_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char base64[64] = "";
	unsigned n = 0;

	if (EVP_Digest(blob, len, digest, &n, EVP_sha256(), NULL) == 1)
		EVP_EncodeBlock(base64, digest, (int)n);
	base64[strcspn((char *)base64, "=")] = '\0';
	snprintf(text, FINGERPRINT_SIZE, "SHA256:%.43s", base64);
}

/* Walk the lines: each call gives the next type and key text; false at the end. */
static bool next_line(const char **at, const char **ret_type, size_t *ret_type_len, const char **ret_key,
    size_t *ret_key_len)
{
	while (**at) {
		const char *line = *at;
		size_t len = strcspn(line, "\n");
		*at = line + len + (line[len] == '\n');
		size_t type = strcspn(line, " \n");
		if (type == 0 || type >= len)
			continue;
		*ret_type = line;
		*ret_type_len = type;
		*ret_key = line + type + 1;
		*ret_key_len = strcspn(*ret_key, " \r\n");
		return true;
	}
	return false;
}

/* Bytes of a base64 text; 0 when malformed. */
static size_t decode(const char *text, size_t len, unsigned char blob[KEY_MAX])
{
	if (len == 0 || len % 4 || len / 4 * 3 > KEY_MAX)
		return 0;
	int n = EVP_DecodeBlock(blob, (const unsigned char *)text, (int)len);
	for (size_t i = len; n > 0 && i > 0 && text[i - 1] == '='; i--)
		n--;
	return n > 0 ? (size_t)n : 0;
}

bool hostkey_accepted(const char *lines, const void *blob, size_t len)
{
	const char *type, *key;
	size_t type_size, key_size;
	unsigned char known[KEY_MAX];

	while (next_line(&lines, &type, &type_size, &key, &key_size)) {
		if (decode(key, key_size, known) == len && len && memcmp(known, blob, len) == 0)
			return true;
	}
	return false;
}

char *hostkey_fingerprints(const char *lines)
{
	struct buf text = BUF_INIT;
	const char *type, *key;
	size_t type_size, key_size;
	unsigned char blob[KEY_MAX];
	char fingerprint[FINGERPRINT_SIZE];

	while (next_line(&lines, &type, &type_size, &key, &key_size)) {
		hostkey_fingerprint(blob, decode(key, key_size, blob), fingerprint);
		buf_addf(&text, "%s%s", text.len ? ", " : "", fingerprint);
	}
	return text.len ? buf_detach(&text) : xstrdup("none");
}

bool hostkey_type_good(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(good_types); i++)
		if (strcmp(type, good_types[i]) == 0)
			return true;
	return false;
}

char *hostkey_methods(const char *lines)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(good_types); i++) {
		const char *at = lines, *type, *key;
		size_t type_size, key_size;
		bool wanted = !*lines;
		while (!wanted && next_line(&at, &type, &type_size, &key, &key_size))
			wanted = strlen(good_types[i]) == type_size && strncmp(type, good_types[i], type_size) == 0;
		if (wanted)
			buf_addf(&text, "%s%s", text.len ? "," : "", good_types[i]);
	}
	return text.len ? buf_detach(&text) : NULL;
}
